"""Importing, exporting and archiving interactions."""
