"""What the marketplace sends, and how it is read. Pure."""
