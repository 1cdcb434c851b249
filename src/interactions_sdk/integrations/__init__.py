"""Connections to what services already use, each imported only when it is used."""
