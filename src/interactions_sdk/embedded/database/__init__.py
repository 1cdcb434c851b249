"""Rows, catalog and queries in SQLite."""
