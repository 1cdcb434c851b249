"""The services of Appwrite, one module for each."""
