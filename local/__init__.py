"""What one machine needs to develop and try the app: commands, Azurite, a small functions host."""
