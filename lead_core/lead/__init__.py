"""What a lead is, and who is the same person. Pure: no clock, no network, no environment."""
