"""Sending requests, and what is built directly on it."""
