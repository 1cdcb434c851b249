"""The customer's two dates, derived from its interactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = [
    "RECOMPUTE_FOLLOW_UP",
    "ContactUpdate",
    "contact_from",
    "contact_from_change",
    "is_unseen",
    "max_date",
    "min_date",
    "must_recompute_follow_up",
]


@dataclass(frozen=True, slots=True)
class ContactUpdate:
    """The effect of writes on a customer's dates.

    Attributes:
        at: The time of the new interaction; None if none was added.
        follow_up: When its next action is due, if it has one.
        recompute_follow_up: Whether the earliest open date must be read again, because one may have
            been closed.
        closed: The due date of an open follow-up that was completed, moved or deleted.
    """

    at: datetime | None = None
    follow_up: datetime | None = None
    recompute_follow_up: bool = False
    closed: datetime | None = None

    def merge(self, other: ContactUpdate) -> ContactUpdate:
        """Return the combined effect of two updates."""
        return ContactUpdate(
            max_date(self.at, other.at),
            min_date(self.follow_up, other.follow_up),
            self.recompute_follow_up or other.recompute_follow_up,
            min_date(self.closed, other.closed),
        )


def contact_from(created: CustomerInteraction) -> ContactUpdate:
    """Return the effect of a new interaction on its customer."""
    return ContactUpdate(created.created_at, _open_date(created))


def must_recompute_follow_up(customer: Customer, contact: ContactUpdate, now: datetime) -> bool:
    """Return whether the earliest open date must be read to know the next follow-up.

    A date in the past is not trusted, because other programs may have closed the follow-up.
    """
    if contact.recompute_follow_up:
        return True
    current = customer.next_follow_up_at
    return contact.follow_up is not None and current is not None and current <= now


RECOMPUTE_FOLLOW_UP = ContactUpdate(recompute_follow_up=True)
"""The effect of a write by an earlier call, which may have failed before it updated the dates."""


def contact_from_change(
    before: CustomerInteraction, after: CustomerInteraction | None
) -> ContactUpdate:
    """Return the effect of a change or deletion on the customer; none if no due date changed."""
    closed = _open_date(before)
    if closed == _open_date(after):
        return ContactUpdate()
    return ContactUpdate(recompute_follow_up=True, closed=closed)


def is_unseen(customer: Customer, closed: datetime) -> bool:
    """Return whether a customer's date does not yet reflect a follow-up that was open until now.

    If so, the client that opened it has not updated the customer yet, and may be about to.
    """
    shown = customer.next_follow_up_at
    return shown is None or closed < shown


def _open_date(interaction: CustomerInteraction | None) -> datetime | None:
    if interaction is None or not interaction.is_open_follow_up:
        return None
    return interaction.next_action_date


def max_date(*dates: datetime | None) -> datetime | None:
    """Return the latest of these times, any of which may be None."""
    return max((date for date in dates if date is not None), default=None)


def min_date(*dates: datetime | None) -> datetime | None:
    """Return the earliest of these times, any of which may be None."""
    return min((date for date in dates if date is not None), default=None)
