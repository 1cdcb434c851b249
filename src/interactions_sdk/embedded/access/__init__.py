"""Actors, tokens and permissions."""
