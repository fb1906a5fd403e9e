"""Read what the marketplace sends. Pure."""
