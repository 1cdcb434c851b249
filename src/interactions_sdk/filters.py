"""Which interactions are meant: as queries for the server, and exactly, on the rows it returns.

Appwrite's equality ignores case, accents and trailing spaces (transcript `list-equality`), so a
filter is applied twice: by the server, to find rows quickly, and here, to the letter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interactions_sdk import query
from interactions_sdk.datetimes import to_wire
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.row import wire_name

if TYPE_CHECKING:
    from datetime import datetime

    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.query import Query

__all__ = ["InteractionFilter", "OneOrMany", "interaction_filter"]

OneOrMany = str | Sequence[str]

_ENUMERATED = {"interaction_type", "contact_method", "direction", "outcome"}


@dataclass(frozen=True, slots=True)
class InteractionFilter:
    """Which interactions are meant.

    Attributes:
        equals: The values that each field may have; none at all means that no row fits.
        text: A text that the subject or the description contains.
        since: The earliest `created_at`, inclusive.
        until: The latest `created_at`, exclusive.
    """

    equals: tuple[tuple[str, tuple[str, ...]], ...] = ()
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def fits_nothing(self) -> bool:
        """Whether some field may have no value at all, so that there is nothing to ask for."""
        return any(not values for _, values in self.equals)

    @property
    def is_exact_on_the_server(self) -> bool:
        """Whether the server finds just the rows that fit."""
        return all(name in _ENUMERATED for name, _ in self.equals)

    @property
    def columns(self) -> list[str]:
        """The columns that `matches` looks at."""
        return [wire_name(name) for name, _ in self.equals]

    def queries(self) -> list[Query]:
        """Return the filter as Appwrite's queries, without order and limit."""
        queries = [query.equal(wire_name(name), *values) for name, values in self.equals]
        if self.text is not None:
            queries.append(
                query.any_of(
                    query.contains("subject", self.text), query.contains("description", self.text)
                )
            )
        if self.since is not None:
            queries.append(query.greater_or_equal(query.CREATED_AT, self.since))
        if self.until is not None:
            queries.append(query.less(query.CREATED_AT, self.until))
        return queries

    def matches(self, interaction: CustomerInteraction) -> bool:
        """Tell whether a row that the server found fits to the letter."""
        return all(getattr(interaction, name) in values for name, values in self.equals)

    def digest(self) -> str:
        """Return a short hash, by which a cursor knows its own filter."""
        times = [time and to_wire(time) for time in (self.since, self.until)]
        text = json.dumps([self.equals, self.text, times])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def interaction_filter(
    *,
    customer_id: OneOrMany | None = None,
    interaction_type: OneOrMany | None = None,
    user_id: OneOrMany | None = None,
    contact_method: OneOrMany | None = None,
    direction: OneOrMany | None = None,
    outcome: OneOrMany | None = None,
    related_entity: str | tuple[str, str] | None = None,
    text: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> InteractionFilter:
    """Make a filter of what a user typed.

    Args:
        customer_id: The customer or customers.
        interaction_type: The type or types.
        user_id: The user or users who performed it.
        contact_method: The method or methods.
        direction: The direction.
        outcome: The outcome or outcomes.
        related_entity: A type such as `invoice`, or a type and an id.
        text: A text that the subject or the description contains.
        since: The earliest `created_at`, aware, inclusive.
        until: The latest `created_at`, aware, exclusive.

    Raises:
        BadRequestError: A time has no zone, or the text is empty.
    """
    for name, time in (("since", since), ("until", until)):
        if time is not None and time.tzinfo is None:
            message = f"{name} needs a time zone: use datetime(..., tzinfo=UTC), for example."
            raise BadRequestError(message)
    if text is not None and not text:
        raise BadRequestError("text is empty: give what to look for, or leave it out.")
    entity = (related_entity,) if isinstance(related_entity, str) else related_entity or ()
    given = {
        "customer_id": customer_id,
        "interaction_type": interaction_type,
        "user_id": user_id,
        "contact_method": contact_method,
        "direction": direction,
        "outcome": outcome,
        **dict(zip(("related_entity_type", "related_entity_id"), entity, strict=False)),
    }
    equals = tuple((name, _many(value)) for name, value in given.items() if value is not None)
    return InteractionFilter(equals, text, since, until)


def _many(value: OneOrMany) -> tuple[str, ...]:
    values = (value,) if isinstance(value, str) else value
    return tuple(dict.fromkeys(str(each) for each in values))
