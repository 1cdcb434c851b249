"""What awaits. The synchronous half is generated from it by `scripts/unasync.py`."""
