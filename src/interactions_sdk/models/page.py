"""One page of an answer."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - pydantic and FastAPI read the annotation
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Page"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, and where the next ones begin.

    Attributes:
        items: The items, in the order that was asked for.
        next_cursor: What to give as `after=` for the next page, or None on the last one.
        total: How many there are in all; None unless it was asked for.
    """

    items: Sequence[T]
    next_cursor: str | None = None
    total: int | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
