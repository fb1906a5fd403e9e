"""``python -m leads``."""

from leads.program import main

if __name__ == "__main__":
    main()
