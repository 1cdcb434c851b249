"""Values as Appwrite reads, stores and returns them."""
