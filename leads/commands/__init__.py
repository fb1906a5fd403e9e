"""One file for each command. A command reads what was typed, calls one step, and prints."""
