"""The command `leads doctor`, on a real storage account."""
