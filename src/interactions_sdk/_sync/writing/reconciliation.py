# Generated from src/interactions_sdk/_async/writing/reconciliation.py by scripts/unasync.py; do not edit.
"""Repairing what failures and other programs left behind."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._sync.connection.rows import OLDEST_FIRST, iterate_pages
from interactions_sdk._sync.writing.audit_log import missing_audit_rows, write_audit_row
from interactions_sdk._sync.writing.customer_dates import too_many_conflicts
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import ConflictError
from interactions_sdk.models.reconciliation import Reconciliation
from interactions_sdk.rules.customer_dates import ContactUpdate
from interactions_sdk.rules.operations import to_column_value
from interactions_sdk.rules.ownership import read_permission
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from interactions_sdk._sync.access.customers import CustomerStore
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk._sync.writing.customer_dates import CustomerDates
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["Reconciler"]

_BATCH_SIZE = 100

logger = logging.getLogger("interactions_sdk")


class Reconciler:
    """Repairs customers, one after the other."""

    def __init__(self, project: Project, customers: CustomerStore, dates: CustomerDates) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._tables = project.tables
        self._customers = customers
        self._dates = dates

    def reconcile(self, customer: Customer) -> Reconciliation:
        """Repair a customer that was just read."""
        past_contact, audit_rows_added = self._survey(customer, writes=True)
        granted = self.grant_read(customer)
        readable = self._back_from_the_future(granted, past_contact)
        touched = self._dates.update_or_raise(
            readable, ContactUpdate(past_contact, recompute_follow_up=True), is_fresh=True
        )
        return Reconciliation(
            customers_checked=1,
            dates_updated=int(touched.updated_at != granted.updated_at),
            audit_rows_added=audit_rows_added,
            read_permissions_granted=int(readable.permissions != customer.permissions),
        )

    def _back_from_the_future(self, customer: Customer, past_contact: datetime | None) -> Customer:
        """Move `lastContactAt` back to the last interaction, if it is in the future.

        Other programs, and earlier versions, may have set it with an interaction dated in the
        future. Later contacts would not be shown until that date.
        """
        last_contact_at = customer.last_contact_at
        if last_contact_at is None or not _is_later(last_contact_at, utc_now()):
            return customer
        change = wire.update_row(
            self._tables.customers,
            customer.id,
            {self._settings.customer_columns.last_contact_at: to_column_value(past_contact)},
            if_unmodified_since=customer.updated_at,
        )
        logger.warning(
            "lastContactAt of customer %s was in the future (%s) and was moved back to %s",
            customer.id,
            last_contact_at.isoformat(),
            past_contact and past_contact.isoformat(),
            extra={"interactions_sdk": {"customer_id": customer.id}},
        )
        return self._customers.cache(self._connection.send(change))

    def dry_run(self, customer: Customer) -> Reconciliation:
        """Return what `reconcile` would repair."""
        past_contact, audit_rows_missing = self._survey(customer, writes=False)
        contact = ContactUpdate(past_contact, recompute_follow_up=True)
        columns = self._dates.changed_columns(customer, contact, recomputes=True, is_fresh=True)
        return Reconciliation(
            customers_checked=1,
            dates_updated=int(bool(columns) or _is_later(customer.last_contact_at, utc_now())),
            audit_rows_added=audit_rows_missing,
            read_permissions_granted=int(
                self._wanted_permissions(customer) != customer.permissions
            ),
        )

    def _survey(self, customer: Customer, *, writes: bool) -> tuple[datetime | None, int]:
        """Return the last contact up to now, and the number of audit rows that were missing."""
        past_contact: datetime | None = None
        now = utc_now()
        missing = 0
        for own in self._pages_of(customer):
            past = [each.created_at for each in own if each.created_at <= now]
            past_contact = past[-1] if past else past_contact
            rows = missing_audit_rows(self._connection, self._tables, own)
            missing += len(rows)
            if writes and self._tables.audit is not None:
                for row in rows:
                    write_audit_row(self._connection, self._tables.audit, row)
        return past_contact, missing

    def _pages_of(self, customer: Customer) -> Iterator[list[CustomerInteraction]]:
        """Yield non-empty pages of the interactions of exactly this customer, oldest first."""
        pages = iterate_pages(
            self._connection,
            self._tables.interactions,
            [query.equal("customerId", customer.id)],
            OLDEST_FIRST,
            page_size=_BATCH_SIZE,
        )
        for page in pages:
            own = [
                interaction for interaction in page if self._dates.belongs_to(interaction, customer)
            ]
            if own:
                yield own

    def grant_read(self, customer: Customer) -> Customer:
        """Let the user of a record read it, where users authenticate themselves."""
        for _ in range(self._settings.customer_update_attempts):
            wanted = self._wanted_permissions(customer)
            if self._connection.is_user or wanted == customer.permissions:
                return customer
            change = wire.update_row(
                self._tables.customers,
                customer.id,
                {"$permissions": wanted},
                if_unmodified_since=customer.updated_at,
            )
            try:
                return self._customers.cache(self._connection.send(change))
            except ConflictError:
                customer = self._customers.get(customer.id)
        raise too_many_conflicts(customer, self._settings)

    def _wanted_permissions(self, customer: Customer) -> list[str]:
        if not self._settings.user_sessions or not customer.user_id:
            return customer.permissions
        own = read_permission(customer.user_id)
        granted = customer.permissions
        return granted if own in granted else [*granted, own]


def _is_later(time: datetime | None, now: datetime) -> bool:
    return time is not None and time > now
