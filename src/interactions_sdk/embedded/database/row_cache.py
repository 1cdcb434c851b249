"""The row cache of a real Appwrite, which can keep the previous state of a row after a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from interactions_sdk.embedded.values.responses import JsonObject

RowChange: TypeAlias = "tuple[JsonObject | None, JsonObject]"
"""A row before a change, None if there was none, and after it."""

_Key: TypeAlias = tuple[str, ...]


class StaleRowCache:
    """Keeps the state before the last commit of every row that was read before.

    A real server does this by chance, if a read and a commit overlap; tests need it every time.
    A kept state is used only while the row is as the commit left it, so other writes need not clear
    it.
    """

    def __init__(self) -> None:
        self._read: set[_Key] = set()
        self._kept: dict[_Key, tuple[JsonObject, JsonObject]] = {}

    def read(self, row: JsonObject) -> JsonObject:
        """Return the response to a read of a row by its ID."""
        key = _row_key(row)
        self._read.add(key)
        before, after = self._kept.get(key, (row, row))
        return before if after == row else row

    def commit(self, changes: Iterable[RowChange]) -> None:
        """Keep the earlier states of rows that a transaction has changed."""
        for before, after in changes:
            key = _row_key(after)
            if before is not None and self.was_read(key):
                self._kept[key] = before, after

    def was_read(self, key: _Key) -> bool:
        """Return whether a row has been read by its ID."""
        return key in self._read

    def refuse(self, changes: Iterable[RowChange], *refused: str) -> None:
        """Forget the rows that a refused commit had changed, and the one that it was refused for.

        The latter is named by its database, its table and its ID.
        """
        for key in (_key(*refused), *(_row_key(after) for _, after in changes)):
            self._kept.pop(key, None)


def _row_key(row: JsonObject) -> _Key:
    return _key(row["$databaseId"], row["$tableId"], row["$id"])


def _key(*ids: str) -> _Key:
    return tuple(each.upper() for each in ids)
