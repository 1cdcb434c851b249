"""Filters and orders of customers, as queries for the server."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict, cast, get_args

from interactions_sdk.arguments import check_keywords, check_text, describe, suggestion
from interactions_sdk.calendars import TimeLike, parse_time
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.row import CREATED_AT
from interactions_sdk.rules.customer_columns import require_column
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from interactions_sdk.calendars import TimeZone
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.settings import CustomerColumns
    from interactions_sdk.wire.query import Query

__all__ = [
    "TEXT_FIELDS",
    "CustomerFilter",
    "CustomerFilters",
    "CustomerOrder",
    "CustomerSort",
    "parse_customer_filters",
    "parse_customer_order",
    "parse_search",
]

CustomerSort = Literal["created", "last_contact", "next_follow_up", "name"]
"""The value by which customers are sorted."""

TEXT_FIELDS = ("name", "email", "phone")
"""The fields that a customers table may lack."""

_MAX_WORDS = 20
_FIELDS: dict[CustomerSort, str] = {
    "created": "created_at",
    "last_contact": "last_contact_at",
    "next_follow_up": "next_follow_up_at",
    "name": "name",
}
_LATEST_FIRST = ("created", "last_contact")


class CustomerFilters(TypedDict, total=False):
    """The filters of `crm.customers.find`, `iterate` and `count`.

    Attributes:
        text: Text in the name, ignoring case and accents.
        no_contact_since: Customers without an interaction since then, including those who never had
            one: an aware datetime, a date (the start of its day in `Settings.time_zone`), or either
            as ISO 8601 text.
        follow_up_before: Customers whose next follow-up is due before then, including overdue ones;
            accepts the same values.
    """

    text: str | None
    no_contact_since: TimeLike | None
    follow_up_before: TimeLike | None


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """A filter of customers.

    Attributes:
        text: Text in the name.
        words: Words, each of which is in the name, the email address, the phone number or the user
            ID.
        email: The email address.
        no_contact_since: The time since when there was no contact.
        follow_up_before: The time before which the next follow-up is due.
    """

    text: str | None = None
    words: tuple[str, ...] = ()
    email: str | None = None
    no_contact_since: datetime | None = None
    follow_up_before: datetime | None = None

    def queries(self, columns: CustomerColumns, fields: Collection[str]) -> list[Query]:
        """Return the filter as Appwrite's queries, without order and limit.

        `fields` are the members of `TEXT_FIELDS` that the table has.
        """
        searched = [columns.user_id, *(str(getattr(columns, field)) for field in fields)]
        queries = [_any_contains(searched, word) for word in self.words]
        if self.text is not None:
            queries.append(query.contains(str(columns.name), self.text))
        if self.email is not None:
            queries.append(query.equal(str(columns.email), self.email))
        if self.no_contact_since is not None:
            last = columns.last_contact_at
            queries.append(
                query.or_(query.is_null(last), query.less_than(last, self.no_contact_since))
            )
        if self.follow_up_before is not None:
            queries.append(query.less_than(columns.next_follow_up_at, self.follow_up_before))
        return queries

    @property
    def needed_fields(self) -> set[str]:
        """The fields of `TEXT_FIELDS` without which no customer can be found."""
        values = {"name": self.text, "email": self.email}
        return {field for field, value in values.items() if value is not None}

    def fingerprint(self) -> str:
        """Return a short hash, by which a cursor recognizes its filter."""
        times = [
            time and format_datetime(time)
            for time in (self.no_contact_since, self.follow_up_before)
        ]
        text = json.dumps([self.text, self.words, times, *filter(None, [self.email])])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _any_contains(columns: list[str], word: str) -> Query:
    first, *others = (query.contains(column, word) for column in columns)
    return query.or_(first, *others) if others else first


@dataclass(frozen=True, slots=True)
class CustomerOrder:
    """A sort order of customers; those without a value come last in either direction.

    Attributes:
        sort: What they are sorted by.
        column: Its column.
        descending: Whether the latest date, or the last name in the alphabet, comes first.
    """

    sort: CustomerSort
    column: str
    descending: bool

    @property
    def has_nulls(self) -> bool:
        """Whether there may be customers without a value."""
        return self.sort != "created"

    def value_of(self, customer: Customer) -> datetime | str | None:
        """Return the value by which a customer is sorted."""
        value: datetime | str | None = getattr(customer, _FIELDS[self.sort])
        return value

    def excludes_nulls(self, customer_filter: CustomerFilter) -> bool:
        """Return whether the filter leaves no customer without a value."""
        return (
            not self.has_nulls
            or (self.sort == "next_follow_up" and customer_filter.follow_up_before is not None)
            or (self.sort == "name" and customer_filter.text is not None)
        )

    def scope(self, customer_filter: CustomerFilter) -> list[str]:
        """Return what a cursor must have in common with its page."""
        direction = "descending" if self.descending else "ascending"
        return ["customers", customer_filter.fingerprint(), self.sort, direction]


def parse_customer_filters(
    filters: CustomerFilters, columns: CustomerColumns, tz: TimeZone
) -> CustomerFilter:
    """Return the filter for a user's arguments; the day of a date begins in the zone.

    Raises:
        BadRequestError: A filter is unknown or has a value of the wrong type, or there is no column
            for it.
    """
    check_keywords(filters, CustomerFilters.__annotations__, "filter")
    text, since, before = map(filters.get, CustomerFilters.__annotations__)
    if text is not None:
        require_column(columns, "name")
    return CustomerFilter(
        text=None if text is None else check_text(text, "text"),
        no_contact_since=_time(since, "no_contact_since", tz),
        follow_up_before=_time(before, "follow_up_before", tz),
    )


def _time(value: object, name: str, tz: TimeZone) -> datetime | None:
    return None if value is None else parse_time(cast("TimeLike", value), name, tz)


def parse_search(text: object, email: object, columns: CustomerColumns) -> CustomerFilter:
    """Return the filter for a text of which every word must match, and for an email address.

    Raises:
        BadRequestError: Neither is given, there is no word in the text or more than 20, or there is
            no column for email addresses.
    """
    if text is None and email is None:
        raise BadRequestError("Pass what to search for: search(text) or search(email=...).")
    if email is not None:
        require_column(columns, "email")
    return CustomerFilter(
        words=() if text is None else _words(text),
        email=None if email is None else check_text(email, "email"),
    )


def _words(text: object) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(check_text(text, "text").split()))
    if not words:
        raise BadRequestError("text must contain a word to search for, not only spaces.")
    if len(words) > _MAX_WORDS:
        raise BadRequestError(f"text may contain at most {_MAX_WORDS} words, not {len(words)}.")
    return words


def parse_customer_order(
    order_by: object, descending: object, columns: CustomerColumns
) -> CustomerOrder:
    """Return the order for a user's arguments.

    Without a direction, it is the usual one: the latest contact and the newest customer first, the
    earliest follow-up first, names from A to Z.

    Raises:
        BadRequestError: The order is unknown, or there is no column for it.
    """
    sorts = get_args(CustomerSort)
    if order_by not in sorts:
        raise BadRequestError(
            f"order_by must be one of {', '.join(sorts)}, not {describe(order_by)}."
            f"{suggestion(order_by, sorts)}"
        )
    if not isinstance(descending, bool | None):
        raise BadRequestError(f"descending must be True or False, not {describe(descending)}.")
    sort = cast("CustomerSort", order_by)
    if sort == "name":
        require_column(columns, "name")
    column = CREATED_AT if sort == "created" else str(getattr(columns, _FIELDS[sort]))
    is_descending = sort in _LATEST_FIRST if descending is None else descending
    return CustomerOrder(sort, column, is_descending)
