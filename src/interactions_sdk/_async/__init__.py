"""The asynchronous client. `scripts/unasync.py` generates the synchronous version from it."""
