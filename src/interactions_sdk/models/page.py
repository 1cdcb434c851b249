"""One page of results."""

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
    """A page of items, and the cursor of the next page.

    Attributes:
        items: The items, in the requested order.
        next_cursor: Pass this as `after=` to get the next page; None on the last page.
        total: The total number; None unless it was requested.
        unverified: How many rows were ignored while this page was read, since they do not belong
            to the customer that they name; with `include_unverified=True`, how many of the items
            they are.
    """

    items: Sequence[T]
    next_cursor: str | None = None
    total: int | None = None
    unverified: int = 0

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
