"""Integrations with other systems, each imported only when it is used."""
