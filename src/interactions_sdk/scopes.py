"""The scopes that an API key needs; errors, docstrings and pages agree with this list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SCOPES", "list_scopes"]

SCOPES: Mapping[str, tuple[str, ...]] = {
    "log, read, change, claim, import, export, archive": ("rows.read", "rows.write"),
    "verify acting users, and users for whom a customer record is created": ("users.read",),
    "use an admin role of a team (`team:...`)": ("teams.read",),
    "call `schema.plan`, `schema.check`": ("databases.read", "tables.read", "rows.read"),
    "call `schema.apply`": (
        "databases.read",
        "databases.write",
        "tables.read",
        "tables.write",
        "rows.read",
    ),
    "watch over the websocket, with a key (without this scope, `watch` polls)": ("users.write",),
    "attach and open files": ("files.read", "files.write"),
    "create and check the bucket for files": ("buckets.read", "buckets.write"),
}
"""The scopes that a key needs, by what the program does."""

_FIRST_JOBS = 2
"""The first jobs, which every program with a key does."""


def list_scopes() -> str:
    """Describe which scopes every key needs, and which only some keys need.

    Example:
        >>> list_scopes()
        'rows.read, rows.write, users.read; for crm.schema also databases.read, ...'
    """
    always = [scope for scopes in [*SCOPES.values()][:_FIRST_JOBS] for scope in scopes]
    schema = [scope for scope in SCOPES["call `schema.apply`"] if scope not in always]
    files = SCOPES["attach and open files"]
    return (
        f"{', '.join(always)}; for crm.schema also {', '.join(schema)}; for attachments also "
        f"{', '.join(files)}"
    )
