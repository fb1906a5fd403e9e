"""What the steps need from outside. Every verb may be repeated. StorageUnavailableError means: try again later."""
