# Generated from src/interactions_sdk/_async/writing/__init__.py by scripts/unasync.py; do not edit.
"""Writing interactions, customer dates and audit entries."""
