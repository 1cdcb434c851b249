"""What became of many drafts, in as little memory as their ids take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, overload

from interactions_sdk.errors import BulkError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["BulkItem", "BulkResult", "IdList"]

_NAMED_FAILURES = 3
_LONGEST_ID = 36
_NO_ID = b"\0"


class IdList(Sequence["str | None"]):
    """Ids one after the other, in 36 bytes each, where a list takes more than twice that.

    Example:
        >>> ids = IdList(["ada-1", None])
        >>> ids[0], ids[1], ids == ["ada-1", None]
        ('ada-1', None, True)
    """

    def __init__(self, ids: Sequence[str | None] = ()) -> None:
        self._bytes = bytearray()
        for row_id in ids:
            self.append(row_id)

    def append(self, row_id: str | None) -> None:
        """Add the id of a row, 1 to 36 characters, or None for a row that was not written."""
        self._bytes += (row_id or "").encode("ascii").ljust(_LONGEST_ID, _NO_ID)

    def __len__(self) -> int:
        return len(self._bytes) // _LONGEST_ID

    @overload
    def __getitem__(self, place: int) -> str | None: ...
    @overload
    def __getitem__(self, place: slice) -> list[str | None]: ...
    def __getitem__(self, place: int | slice) -> str | list[str | None] | None:
        places = range(len(self))[place]
        return self._at(places) if isinstance(places, int) else [self._at(each) for each in places]

    def _at(self, place: int) -> str | None:
        begin = place * _LONGEST_ID
        return self._bytes[begin : begin + _LONGEST_ID].rstrip(_NO_ID).decode("ascii") or None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, IdList):
            return self._bytes == other._bytes
        if isinstance(other, (list, tuple)):
            return list(self) == list(cast("Sequence[object]", other))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it can be appended to, like a list

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


@dataclass(frozen=True, slots=True)
class BulkItem:
    """What became of one draft.

    Attributes:
        index: The draft's place in the input, from 0.
        id: The interaction's id where it was written, else None.
        error: Why it was not written, else None. Where its `may_have_landed` is set, the draft may
            have been written all the same, with the id `error.interaction_id`.
    """

    index: int
    id: str | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True, repr=False)
class BulkResult(Sequence[BulkItem]):
    """What became of the drafts that were taken from the input, in input order.

    It is a sequence of items, each of which is made when it is looked at.

    Attributes:
        ids: The id of each draft's interaction, None where it was not written.
        errors: Why drafts were not written, by their place in the input.

    Example:
        >>> result = BulkResult(["ada-1", None], {1: ValueError("no customer")})
        >>> [item.id or item.error for item in result]
        ['ada-1', ValueError('no customer')]
    """

    ids: Sequence[str | None]
    errors: Mapping[int, Exception]

    @property
    def items(self) -> Sequence[BulkItem]:
        """One for each draft that was taken from the input."""
        return self

    @property
    def failed(self) -> list[BulkItem]:
        """The drafts that were not written."""
        return [self[index] for index in sorted(self.errors)]

    def raise_for_failures(self) -> None:
        """Raise if any draft was not written.

        Raises:
            BulkError: It names the first failures and holds this result.
        """
        failed = self.failed
        if not failed:
            return
        named = "; ".join(f"draft {item.index}: {item.error}" for item in failed[:_NAMED_FAILURES])
        more = len(failed) - _NAMED_FAILURES
        message = f"{len(failed)} of {len(self)} drafts were not written. {named}"
        raise BulkError(f"{message}; and {more} more." if more > 0 else message, result=self)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> BulkItem: ...
    @overload
    def __getitem__(self, place: slice) -> list[BulkItem]: ...
    def __getitem__(self, place: int | slice) -> BulkItem | list[BulkItem]:
        places = range(len(self))[place]
        return self._at(places) if isinstance(places, int) else [self._at(each) for each in places]

    def _at(self, index: int) -> BulkItem:
        return BulkItem(index, self.ids[index], self.errors.get(index))

    def __iter__(self) -> Iterator[BulkItem]:
        return map(self._at, range(len(self)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} drafts, {len(self.errors)} failed>"
