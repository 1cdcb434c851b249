"""Where a page ended: opaque to users, the same after a restart, and tied to its filter."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from interactions_sdk import query
from interactions_sdk.datetimes import to_wire
from interactions_sdk.errors import BadRequestError
from interactions_sdk.identifiers import check_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk.query import Query

__all__ = ["Position", "read_cursor", "write_cursor"]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in an order by a time and, among rows of one time, by id.

    Appwrite's own cursors fail where the row is gone (transcript `list-order-page`); a place
    does not.

    Attributes:
        time: The time of the row that the page ended with.
        id: Its id.
    """

    time: datetime
    id: str

    def queries_after(self, column: str, *, descending: bool) -> list[Query]:
        """Return the query for what comes after this place.

        Args:
            column: The column of the time.
            descending: Whether the order is from the latest to the earliest.
        """
        beyond = query.less if descending else query.greater
        return [
            query.any_of(
                beyond(column, self.time),
                query.all_of(query.equal(column, self.time), beyond(query.ID, self.id)),
            )
        ]


def write_cursor(position: Position, belongs_to: Sequence[str]) -> str:
    """Write a place as an opaque text.

    Args:
        position: The place.
        belongs_to: What the pages have in common, such as the filter's digest and the order.
    """
    text = json.dumps([to_wire(position.time), position.id, *belongs_to], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, belongs_to: Sequence[str]) -> Position:
    """Read a place back.

    Raises:
        BadRequestError: It is no cursor, or it belongs to another filter or order.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        time, row_id, *owner = json.loads(text)
        position = Position(datetime.fromisoformat(time), check_id(row_id, "row id"))
        to_wire(position.time)
    except (ValueError, TypeError, BadRequestError) as error:
        message = "after= is not a cursor: give a page's next_cursor, unchanged."
        raise BadRequestError(message) from error
    if owner != list(belongs_to):
        message = "This cursor belongs to another filter or order: repeat those of its page."
        raise BadRequestError(message)
    return position
