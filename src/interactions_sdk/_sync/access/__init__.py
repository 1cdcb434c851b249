# Generated from src/interactions_sdk/_async/access/__init__.py by scripts/unasync.py; do not edit.
"""Acting users, and what they may see and change."""
