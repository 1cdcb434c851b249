# Generated from src/interactions_sdk/_async/connection/project.py by scripts/unasync.py; do not edit.
"""The Appwrite project of one client: its connection, its tables, and cached reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from interactions_sdk.caching import CustomerReadCache
from interactions_sdk.wire.tables import tables_for

if TYPE_CHECKING:
    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.models.page import Page
    from interactions_sdk.settings import Settings
    from interactions_sdk.wire.tables import Tables

__all__ = ["Project"]


@dataclass(frozen=True, slots=True)
class Project:
    """The shared context of everything that reads or writes rows.

    Attributes:
        connection: The connection.
        settings: The settings.
        tables: The tables named by the settings.
        read_cache: Cached reads about single customers.
    """

    connection: Connection
    settings: Settings
    tables: Tables
    read_cache: CustomerReadCache[Page[CustomerInteraction]]

    @classmethod
    def of(cls, connection: Connection, settings: Settings) -> Self:
        """Return a project with empty caches."""
        return cls(
            connection,
            settings,
            tables_for(settings),
            CustomerReadCache(ttl=settings.cache_ttl, size=settings.cache_size),
        )
