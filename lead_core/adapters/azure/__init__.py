"""Azure Storage: the account, its tables and its queue."""
