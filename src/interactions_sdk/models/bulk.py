"""The results of many drafts, stored in little more memory than their IDs need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args, overload

from interactions_sdk.errors import InteractionsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BULK_STATUSES", "BulkError", "BulkItem", "BulkResult", "BulkStatus", "CompactIdList"]

_MAX_LISTED_FAILURES = 3
_MAX_ID_LENGTH = 36
_NO_ID = b"\0"


class CompactIdList(Sequence["str | None"]):
    """A list of IDs that needs 36 bytes for each, less than half of what a `list` needs.

    Example:
        >>> ids = CompactIdList(["ada-1", None])
        >>> ids[0], ids[1], ids == ["ada-1", None]
        ('ada-1', None, True)
    """

    def __init__(self, ids: Sequence[str | None] = ()) -> None:
        self._bytes = bytearray()
        for row_id in ids:
            self.append(row_id)

    def append(self, row_id: str | None) -> None:
        """Append the ID of a row, 1 to 36 characters, or None for a row that was not written."""
        self._bytes += (row_id or "").encode("ascii").ljust(_MAX_ID_LENGTH, _NO_ID)

    def __len__(self) -> int:
        return len(self._bytes) // _MAX_ID_LENGTH

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[str | None]: ...
    def __getitem__(self, index: int | slice) -> str | list[str | None] | None:
        if isinstance(index, slice):
            return [self[each] for each in range(len(self))[index]]
        begin = range(len(self))[index] * _MAX_ID_LENGTH
        return self._bytes[begin : begin + _MAX_ID_LENGTH].rstrip(_NO_ID).decode("ascii") or None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CompactIdList):
            return self._bytes == other._bytes
        if isinstance(other, (list, tuple)):
            return list(self) == list(cast("Sequence[object]", other))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it can be appended to, like a list

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


BulkStatus = Literal["new", "already_there", "changed_since"]
BULK_STATUSES: tuple[BulkStatus, ...] = get_args(BulkStatus)
"""The statuses of interactions, by the numbers in `BulkResult.statuses`."""


@dataclass(frozen=True, slots=True)
class BulkItem:
    """The result of one draft.

    Attributes:
        index: The draft's index in the input, from 0.
        id: The interaction's ID if it was written, otherwise None.
        error: Why it was not written, otherwise None. If its `may_have_landed` is true, the draft
            may have been written anyway, with the ID `error.interaction_id`.
        status: Whether the interaction is new, existed already, or existed and has been changed
            since; None if the draft was not written.
    """

    index: int
    id: str | None = None
    error: Exception | None = None
    status: BulkStatus | None = None


@dataclass(frozen=True, slots=True, repr=False)
class BulkResult(Sequence[BulkItem]):
    """The results of the drafts that were taken from the input, in input order.

    It is a sequence of items, which are created on access.

    Attributes:
        ids: The ID of each draft's interaction; None if it was not written.
        errors: Why drafts were not written, by their index in the input.
        statuses: The index in `BULK_STATUSES` for each draft, one byte each.

    Example:
        >>> result = BulkResult(["ada-1", None], {1: ValueError("no customer")})
        >>> [item.id or item.error for item in result]
        ['ada-1', ValueError('no customer')]
    """

    ids: Sequence[str | None]
    errors: Mapping[int, Exception]
    statuses: Sequence[int] = b""

    @property
    def items(self) -> Sequence[BulkItem]:
        """One for each draft that was read from the input."""
        return self

    @property
    def failed(self) -> list[BulkItem]:
        """The drafts that were not written."""
        return [self[index] for index in sorted(self.errors)]

    def raise_for_failures(self) -> None:
        """Raise if any draft was not written.

        Raises:
            BulkError: The message lists the first failures; `error.result` is this result.
        """
        failed = self.failed
        if not failed:
            return
        named = "; ".join(
            f"draft {item.index}: {item.error}" for item in failed[:_MAX_LISTED_FAILURES]
        )
        more = len(failed) - _MAX_LISTED_FAILURES
        message = f"{len(failed)} of {len(self)} drafts were not written. {named}"
        raise BulkError(f"{message}; and {more} more." if more > 0 else message, result=self)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> BulkItem: ...
    @overload
    def __getitem__(self, index: slice) -> list[BulkItem]: ...
    def __getitem__(self, index: int | slice) -> BulkItem | list[BulkItem]:
        if isinstance(index, slice):
            return [self[each] for each in range(len(self))[index]]
        index = range(len(self))[index]
        row_id = self.ids[index]
        is_known = row_id is not None and index < len(self.statuses)
        status = BULK_STATUSES[self.statuses[index]] if is_known else None
        return BulkItem(index, row_id, self.errors.get(index), status)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} drafts, {len(self.errors)} failed>"


class BulkError(InteractionsError):
    """Some drafts of a bulk write were not written.

    Attributes:
        result: The result of each draft, in input order.
    """

    def __init__(self, message: str, *, result: BulkResult) -> None:
        super().__init__(message)
        self.result = result


BulkError.__module__ = "interactions_sdk"  # the module from which users import it
