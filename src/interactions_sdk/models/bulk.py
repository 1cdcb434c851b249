"""What became of many drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from interactions_sdk.errors import BulkError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["BulkItem", "BulkResult"]

_NAMED_FAILURES = 3


@dataclass(frozen=True, slots=True)
class BulkItem:
    """What became of one draft.

    Attributes:
        index: The draft's place in the input, from 0.
        id: The interaction's id where it was written, else None.
        error: Why it was not written, else None.
    """

    index: int
    id: str | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of the drafts, in input order.

    Attributes:
        items: One for each draft that was taken from the input.
    """

    items: Sequence[BulkItem]

    @property
    def ids(self) -> list[str | None]:
        """The id of each draft's interaction, None where it was not written."""
        return [item.id for item in self.items]

    @property
    def failed(self) -> list[BulkItem]:
        """The drafts that were not written."""
        return [item for item in self.items if item.error is not None]

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
        message = f"{len(failed)} of {len(self.items)} drafts were not written. {named}"
        raise BulkError(f"{message}; and {more} more." if more > 0 else message, result=self)

    def __iter__(self) -> Iterator[BulkItem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
