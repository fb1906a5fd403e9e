"""The tables, a file each: its store, and its rows."""
