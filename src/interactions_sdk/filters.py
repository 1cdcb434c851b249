"""Filters of interactions: as queries for the server, and exact, on the rows it returns.

Appwrite's equality ignores case, accents and trailing spaces (transcript `list-equality`), so a
filter is applied twice: by the server, to find rows quickly, and here, exactly.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict, TypeVar, cast

from pydantic import BaseModel

from interactions_sdk.arguments import check_keywords, check_text, describe, suggestion
from interactions_sdk.calendars import TimeLike, parse_time
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.models.row import CREATED_AT, Row, column_name
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from datetime import datetime
    from enum import StrEnum

    from interactions_sdk.calendars import TimeZone
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire.query import Query

__all__ = [
    "AuditFilters",
    "ChangeFilters",
    "InteractionFilters",
    "OneOrMany",
    "RowFilter",
    "parse_audit_filters",
    "parse_filters",
]

OneOrMany = str | Sequence[str]
RowT = TypeVar("RowT", bound=Row)

_ENUM_FIELDS: Mapping[str, type[StrEnum]] = {
    "interaction_type": InteractionType,
    "contact_method": ContactMethod,
    "direction": Direction,
    "outcome": Outcome,
}


@dataclass(frozen=True, slots=True)
class RowFilter:
    """A filter of interactions, or of entries in the audit log.

    Attributes:
        equals: The values that each field may have; an empty tuple matches no row.
        text: A text that the subject or the description contains.
        since: The earliest `created_at`, inclusive.
        until: The latest `created_at`, exclusive.
    """

    equals: tuple[tuple[str, tuple[str, ...]], ...] = ()
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def customer_ids(self) -> tuple[str, ...] | None:
        """The requested customers, or None for all."""
        return dict(self.equals).get("customer_id")

    @property
    def single_customer(self) -> str | None:
        """The only requested customer, or None if there may be several."""
        customer_ids = self.customer_ids
        return customer_ids[0] if customer_ids is not None and len(customer_ids) == 1 else None

    def restrict_to(self, customer_ids: tuple[str, ...] | None) -> RowFilter:
        """Return the filter restricted to these customers; None leaves it unchanged."""
        if customer_ids is None:
            return self
        others = tuple(part for part in self.equals if part[0] != "customer_id")
        return replace(self, equals=(("customer_id", customer_ids), *others))

    @property
    def matches_nothing(self) -> bool:
        """Whether some field may have no value, so no row can match."""
        return any(not values for _, values in self.equals)

    @property
    def is_exact_server_side(self) -> bool:
        """Whether the server returns exactly the matching rows."""
        return all(
            name in _ENUM_FIELDS and set(_ENUM_FIELDS[name]).issuperset(values)
            for name, values in self.equals
        )

    @property
    def columns(self) -> list[str]:
        """The columns that `filter` compares."""
        return [column_name(name) for name, _ in self.equals]

    def queries(self) -> list[Query]:
        """Return the filter as Appwrite's queries, without order and limit."""
        queries = [query.equal(column_name(name), *values) for name, values in self.equals]
        if self.text is not None:
            queries.append(
                query.or_(
                    query.contains("subject", self.text), query.contains("description", self.text)
                )
            )
        if self.since is not None:
            queries.append(query.greater_than_equal(CREATED_AT, self.since))
        if self.until is not None:
            queries.append(query.less_than(CREATED_AT, self.until))
        return queries

    def filter(self, rows: list[RowT]) -> list[RowT]:
        """Return those of the server's rows that match exactly."""
        for name, values in self.equals:
            rows = [each for each in rows if getattr(each, name) in values]
        return rows

    def matches(
        self, interaction: CustomerInteraction, *, unknown: Collection[str] = frozenset()
    ) -> bool:
        """Return whether a row matches that was not found with the server's filter.

        Times are compared as well. `text`, which only the server can compare, is not, and neither
        are the fields whose values are `unknown`.
        """
        if not all(
            name in unknown or getattr(interaction, name) in values for name, values in self.equals
        ):
            return False
        if "created_at" in unknown:
            return True
        created = interaction.created_at
        return (self.since is None or created >= self.since) and (
            self.until is None or created < self.until
        )

    def fingerprint(self) -> str:
        """Return a short hash, by which a cursor recognizes its filter."""
        times = [time and format_datetime(time) for time in (self.since, self.until)]
        text = json.dumps([self.equals, self.text, times])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class ChangeFilters(TypedDict, total=False):
    """The filters of `watch`. Each takes one value or several.

    Attributes:
        customer_id: The customer or customers.
        interaction_type: The type or types.
        user_id: The user or users who performed it.
        contact_method: The method or methods.
        direction: The direction.
        outcome: The outcome or outcomes.
        related_entity: A type such as `invoice`, or a type and an ID.
        text: Text in the subject or the description, ignoring case and accents.
        until: The end of the `created_at` range, exclusive: an aware datetime, a date (the start
            of its day in `Settings.time_zone`), or either as ISO 8601 text.
    """

    customer_id: OneOrMany | None
    interaction_type: OneOrMany | None
    user_id: OneOrMany | None
    contact_method: OneOrMany | None
    direction: OneOrMany | None
    outcome: OneOrMany | None
    related_entity: str | tuple[str, str] | None
    text: str | None
    until: TimeLike | None


class InteractionFilters(ChangeFilters, total=False):
    """The filters of `find`, `iterate`, `count` and others. Each takes one value or several.

    Attributes:
        customer_id: The customer or customers.
        interaction_type: The type or types.
        user_id: The user or users who performed it.
        contact_method: The method or methods.
        direction: The direction.
        outcome: The outcome or outcomes.
        related_entity: A type such as `invoice`, or a type and an ID.
        text: Text in the subject or the description, ignoring case and accents.
        since: The start of the `created_at` range, inclusive; accepts the same values as `until`.
        until: The end of the `created_at` range, exclusive: an aware datetime, a date (the start
            of its day in `Settings.time_zone`), or either as ISO 8601 text.
    """

    since: TimeLike | None


class AuditFilters(TypedDict, total=False):
    """The filters of `crm.audit`. Each takes one value or several.

    Attributes:
        entity: The ID or IDs of the interactions, or customers, that something was done to.
        customer: The customer or customers.
        actor: The user or users who did it.
        action: The action or actions, such as `interaction.updated`.
        since: The start of the time range, inclusive; accepts the same values as `until`.
        until: The end of the time range, exclusive: an aware datetime, a date (the start of its
            day in `Settings.time_zone`), or either as ISO 8601 text.
    """

    entity: OneOrMany | None
    customer: OneOrMany | None
    actor: OneOrMany | None
    action: OneOrMany | None
    since: TimeLike | None
    until: TimeLike | None


_AUDIT_FIELDS = {
    "entity": "entity_id",
    "customer": "customer_id",
    "actor": "user_id",
    "action": "action",
}


def parse_audit_filters(filters: AuditFilters, *, tz: TimeZone | None = None) -> RowFilter:
    """Return the filter of the audit log for a user's arguments.

    Raises:
        BadRequestError: A filter is unknown or has a value of the wrong type, a time has no zone,
            or `since` is later than `until`.
    """
    check_keywords(filters, AuditFilters.__annotations__, "filter")
    since, until = _parse_span(filters.get("since"), filters.get("until"), tz)
    equals = tuple(
        (field, _values(name, value))
        for name, field in _AUDIT_FIELDS.items()
        if (value := filters.get(name)) is not None
    )
    return RowFilter(equals, None, since, until)


def open_follow_up_queries() -> list[query.Query]:
    """Return the queries for open follow-ups.

    A null outcome counts as open: `notEqual` alone would leave those rows out (transcript
    `list-null-and-or`), and they are most of the open follow-ups.
    """
    return [
        query.is_not_null("nextActionDate"),
        query.or_(query.is_null("outcome"), query.not_equal("outcome", Outcome.RESOLVED.value)),
    ]


def parse_filters(
    filters: ChangeFilters | InteractionFilters, *, tz: TimeZone | None = None
) -> RowFilter:
    """Return the filter for a user's arguments.

    Raises:
        BadRequestError: A filter is unknown or has a value of the wrong type, an enum has no such
            value, a time has no zone, `since` is later than `until`, the text is empty, or
            `related_entity` is neither a type nor a type and an ID.
    """
    check_keywords(filters, InteractionFilters.__annotations__, "filter")
    values = cast("InteractionFilters", filters)
    text = values.get("text")
    began, ended = _parse_span(values.get("since"), values.get("until"), tz)
    if text is not None:
        check_text(text, "text")
    equals = [
        (field, _values(field, value))
        for field in _EQUALITY_FIELDS
        if (value := values.get(field)) is not None
    ]
    equals += _parse_related_entity(values.get("related_entity"))
    return RowFilter(tuple(equals), text, began, ended)


def _parse_span(
    since: TimeLike | None, until: TimeLike | None, tz: TimeZone | None
) -> tuple[datetime | None, datetime | None]:
    began = None if since is None else parse_time(since, "since", tz)
    ended = None if until is None else parse_time(until, "until", tz)
    if began is not None and ended is not None and began > ended:
        raise BadRequestError(
            f"since must not be later than until: {began.isoformat()} is later than "
            f"{ended.isoformat()}."
        )
    return began, ended


_EQUALITY_FIELDS = (
    *("customer_id", "interaction_type", "user_id"),
    *("contact_method", "direction", "outcome"),
)


def _values(name: str, value: object) -> tuple[str, ...]:
    """Return the values of a filter, each once, if the field can have them."""
    is_one = isinstance(value, str | bytes | Mapping | BaseModel)
    is_many = isinstance(value, Iterable) and not is_one
    values = cast("Iterable[object]", value) if is_many else cast("Iterable[object]", (value,))
    return tuple(dict.fromkeys(_value(name, each) for each in values))


def _value(name: str, value: object) -> str:
    kind = _ENUM_FIELDS.get(name)
    if kind is None:
        if not isinstance(value, str) and isinstance(getattr(value, "id", None), str):
            raise BadRequestError(f"{name} must be a string, not {describe(value)}: pass its id.")
        return check_text(value, name)
    word = value if isinstance(value, str) else ""
    if word in set(kind):
        return str(word)
    others = [field for field, other in _ENUM_FIELDS.items() if word in set(other)]
    hint = (
        f" {describe(value)} is a value of {others[0]}."
        if others
        else suggestion(value, map(str, kind))
    )
    raise BadRequestError(f"{name} must be one of {', '.join(kind)}, not {describe(value)}.{hint}")


def _parse_related_entity(
    entity: str | tuple[str, str] | None,
) -> list[tuple[str, tuple[str, ...]]]:
    if entity is None:
        return []
    names = ("related_entity_type", "related_entity_id")
    texts = _strings(entity)
    if not texts or (len(texts) != len(names) and not isinstance(entity, str)):
        raise BadRequestError(
            'related_entity must be a type, "invoice", or a type and an id, ("invoice", "I-1"), '
            f"not {_describe_parts(entity)}."
        )
    return [(name, (text,)) for name, text in zip(names, texts, strict=False)]


def _strings(entity: object) -> list[str]:
    """Return the parts, if all of them are non-empty texts."""
    parts: object = [entity] if isinstance(entity, str) else entity
    if not isinstance(parts, tuple | list):
        return []
    values = cast("Sequence[object]", parts)
    texts = [value for value in values if isinstance(value, str) and value]
    return texts if len(texts) == len(values) else []


def _describe_parts(entity: object) -> str:
    if not isinstance(entity, tuple | list):
        return describe(entity)
    return f"({', '.join(map(describe, cast('Sequence[object]', entity)))})"
