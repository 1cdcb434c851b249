# Generated from src/interactions_sdk/_async/__init__.py by scripts/unasync.py; do not edit.
"""The synchronous client. `scripts/unasync.py` generates the synchronous version from it."""
