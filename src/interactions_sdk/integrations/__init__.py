"""Connections to what services already use, built on the public API only."""
