"""The only part of the product that knows Azure and SMTP."""
