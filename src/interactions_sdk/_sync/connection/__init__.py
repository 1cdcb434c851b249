# Generated from src/interactions_sdk/_async/connection/__init__.py by scripts/unasync.py; do not edit.
"""Sending requests, and reading rows and writing transactions with them."""
