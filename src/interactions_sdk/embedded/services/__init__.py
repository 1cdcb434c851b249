"""One module per Appwrite service."""
