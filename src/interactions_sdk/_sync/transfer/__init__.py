# Generated from src/interactions_sdk/_async/transfer/__init__.py by scripts/unasync.py; do not edit.
"""Importing, exporting and archiving interactions."""
