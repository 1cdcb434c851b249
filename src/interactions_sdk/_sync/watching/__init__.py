# Generated from src/interactions_sdk/_async/watching/__init__.py by scripts/unasync.py; do not edit.
"""Reporting changes as they happen."""
