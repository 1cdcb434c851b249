"""The reports, one a file."""
