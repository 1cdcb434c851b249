"""The reports, one per file."""
