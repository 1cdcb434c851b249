# Generated from src/interactions_sdk/_async/customer_reader.py by scripts/unasync.py; do not edit.
"""Reading lists of customers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ConfigDict

from interactions_sdk import wire
from interactions_sdk._sync.connection.rows import MAX_PAGE_SIZE
from interactions_sdk.caching import Cache
from interactions_sdk.cursors import Position, decode_cursor, encode_cursor, read_time
from interactions_sdk.customer_filters import (
    TEXT_FIELDS,
    CustomerFilter,
    parse_customer_order,
)
from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.page import Page
from interactions_sdk.models.row import ID, SEQUENCE, Row
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from interactions_sdk._sync.access.account import Account
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk.customer_filters import CustomerOrder
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.wire import SequencedRowList
    from interactions_sdk.wire.query import Query

__all__ = ["CustomerReader"]

_GROWTH = 5
_COLUMNS_TTL = 60.0
_COLUMNS = "columns"


class _AnyRow(Row):
    """A row with whatever columns its table has."""

    model_config = ConfigDict(extra="allow", defer_build=True)


class _Listing(NamedTuple):
    """A list of customers: the filter, the order, and whose record it is restricted to."""

    filter: CustomerFilter
    order: CustomerOrder
    owner: str | None

    @property
    def needed_fields(self) -> set[str]:
        """The fields whose columns the list cannot do without."""
        return self.filter.needed_fields | ({"name"} if self.order.sort == "name" else set())


class CustomerReader:
    """Reads the customers of a project, page by page.

    A customers table may lack the text columns that the settings name. Its schema is not requested,
    because many keys may not read it: if the server rejects a query, the columns are taken from one
    of the table's rows.
    """

    def __init__(self, project: Project, account: Account) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._table = project.tables.customers
        self._account = account
        self._fields: Cache[str, tuple[str, ...]] = Cache(ttl=_COLUMNS_TTL, size=1)

    def find(
        self,
        customer_filter: CustomerFilter,
        order: CustomerOrder,
        *,
        limit: int,
        after: str | None,
        with_total: bool = False,
    ) -> Page[Customer]:
        """Return a page that can read the next one; see `Customers.find`."""
        scope = order.scope(customer_filter)
        position = decode_cursor(after, scope, _reader(order)) if after is not None else None
        listing = _Listing(customer_filter, order, self._owner())
        # One more than requested shows whether there is a next page.
        found = self._read(listing, limit + 1, position)
        next_cursor = encode_cursor(found[limit - 1][1], scope) if len(found) > limit else None
        page = Page(
            items=tuple(customer for customer, _ in found[:limit]),
            next_cursor=next_cursor,
            total=self.count(customer_filter) if with_total else None,
        )
        return page.followed_by(
            partial(self.find, customer_filter, order, limit=limit, after=next_cursor)
        )

    def iterate(self, customer_filter: CustomerFilter, order: CustomerOrder) -> Iterator[Customer]:
        """Yield all customers; see `Customers.iterate`."""
        listing = _Listing(customer_filter, order, self._owner())
        size = self._settings.page_size
        position: Position | None = None
        while True:
            found = self._read(listing, size, position)
            for customer, _ in found:
                yield customer
            if len(found) < size:
                return
            position = found[-1][1]
            size = max(size, min(size * _GROWTH, MAX_PAGE_SIZE))

    def count(self, customer_filter: CustomerFilter) -> int:
        """Return the number of customers; see `Customers.count`."""
        order = parse_customer_order("created", None, self._settings.customer_columns)
        listing = _Listing(customer_filter, order, self._owner())
        if listing.owner is None:
            one_id = [query.select(ID), query.limit(1)]
            total = (self._send(listing, one_id, with_total=True)).total
            if total < query.MAX_LIMIT:
                return total
        only_needed = query.select(ID, self._settings.customer_columns.user_id)
        counted = 0
        position: Position | None = None
        while True:
            page = self._list(listing, query.MAX_LIMIT, position, only_needed)
            counted += len(page)
            if len(page) < query.MAX_LIMIT:
                return counted
            position = page[-1][1]

    def _owner(self) -> str | None:
        """Return the only user whose record may be read; None for all records.

        With an API key, the program decides. For an authenticated user who is not an admin,
        Appwrite's rows are compared again, exactly.
        """
        if not self._connection.is_user or self._account.is_admin():
            return None
        return self._account.user_id

    def _read(
        self, listing: _Listing, limit: int, after: Position | None
    ) -> list[tuple[Customer, Position]]:
        """Return customers with their positions: those with a value first, then the others.

        Databases sort nulls differently, so customers without a value are requested separately.
        """
        customer_filter, order = listing.filter, listing.order
        found: list[tuple[Customer, Position]] = []
        if after is None or after.value is not None:
            found = self._list(listing, limit, after)
        if len(found) < limit and not order.excludes_nulls(customer_filter):
            after = after if after is not None and after.value is None else None
            found += self._list(listing, limit - len(found), after, with_value=False)
        if not found and self._connection.is_user:
            self._account.refresh()  # for a session that has ended, all tables are empty
        return found

    def _list(
        self,
        listing: _Listing,
        limit: int,
        after: Position | None,
        *more: Query,
        with_value: bool = True,
    ) -> list[tuple[Customer, Position]]:
        order = listing.order
        in_order = query.descending if order.descending else query.ascending
        queries: list[Query] = [*more]
        if order.has_nulls:
            queries.append((query.is_not_null if with_value else query.is_null)(order.column))
        if after is not None:
            queries += after.after_queries(order.column, descending=order.descending)
        if with_value:
            queries.append(in_order(order.column))
        queries += [in_order(SEQUENCE), query.limit(limit)]
        rows = self._send(listing, queries)
        found = [
            (customer, Position(order.value_of(customer), sequence))
            for customer, sequence in zip(rows.rows, rows.sequences, strict=True)
        ]
        if listing.owner is None:
            return found
        return [each for each in found if each[0].user_id == listing.owner]

    def _send(
        self, listing: _Listing, queries: list[Query], *, with_total: bool = False
    ) -> SequencedRowList[Customer]:
        """Send a list request, and repeat it without optional columns that the table lacks."""
        cached = self._fields.get(_COLUMNS)
        fields = self._configured_fields if cached is None else cached
        try:
            return self._list_rows(listing, fields, queries, with_total=with_total)
        except BadRequestError as error:
            if not listing.needed_fields and not listing.filter.words:
                raise
            existing = self._existing_fields()
            if existing is None:
                return wire.SequencedRowList(total=0, rows=[])
            missing = listing.needed_fields.difference(existing)
            if missing:
                field = min(missing)
                column = getattr(self._settings.customer_columns, field)
                raise BadRequestError(
                    f"The table `{self._table.id}` has no column `{column}`.",
                    hint=f"Set INTERACTIONS_CUSTOMER_COLUMNS__{field.upper()}, or "
                    f'Settings(customer_columns=CustomerColumns({field}="...")), and run '
                    "crm.schema.apply(), which creates it if it is missing.",
                ) from error
            if existing == fields:
                raise
        return self._list_rows(listing, existing, queries, with_total=with_total)

    def _list_rows(
        self,
        listing: _Listing,
        fields: tuple[str, ...],
        queries: list[Query],
        *,
        with_total: bool,
    ) -> SequencedRowList[Customer]:
        columns = self._settings.customer_columns
        own = [] if listing.owner is None else [query.equal(columns.user_id, listing.owner)]
        all_queries = [*own, *listing.filter.queries(columns, fields), *queries]
        return self._connection.send(
            wire.list_sequenced_rows(self._table, all_queries, with_total=with_total)
        )

    @property
    def _configured_fields(self) -> tuple[str, ...]:
        columns = self._settings.customer_columns
        return tuple(each for each in TEXT_FIELDS if getattr(columns, each) is not None)

    def _existing_fields(self) -> tuple[str, ...] | None:
        """Return the fields whose columns the table has; None if it is empty."""
        table = wire.Table(self._table.database_id, self._table.id, _AnyRow)
        rows = (self._connection.send(wire.list_rows(table, [query.limit(1)]))).rows
        if not rows:
            return None
        present = rows[0].model_extra or {}
        columns = self._settings.customer_columns
        existing = tuple(
            each for each in self._configured_fields if getattr(columns, each) in present
        )
        self._fields.put(_COLUMNS, existing)
        return existing


def _reader(order: CustomerOrder) -> Callable[[Any], datetime | str | None]:
    """Return the function that reads the value of a cursor."""

    def read(value: Any) -> datetime | str | None:  # noqa: ANN401 - JSON of whoever made it
        if value is None and order.has_nulls:
            return None
        if order.sort != "name":
            return read_time(value)
        if not isinstance(value, str):
            raise TypeError(value)
        return value

    return read
