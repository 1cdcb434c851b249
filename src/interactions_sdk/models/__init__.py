"""Frozen pydantic models without a connection."""
