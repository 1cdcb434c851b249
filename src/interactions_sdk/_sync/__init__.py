# Generated from src/interactions_sdk/_async/__init__.py by scripts/unasync.py; do not edit.
"""What awaits. The synchronous half is generated from it by `scripts/unasync.py`."""
