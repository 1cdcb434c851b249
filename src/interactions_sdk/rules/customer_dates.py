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
    """What happened to a customer, as far as its dates are concerned.

    Attributes:
        at: When the interaction was; None where none was added.
        follow_up: When its next action is due, if one is.
        recompute_follow_up: Whether the earliest open date must be read again, because one may have
            gone.
        closed: The due date of an open follow-up that was completed, moved or deleted.
    """

    at: datetime | None = None
    follow_up: datetime | None = None
    recompute_follow_up: bool = False
    closed: datetime | None = None

    def merge(self, other: ContactUpdate) -> ContactUpdate:
        """Return what this contact and another one come to together."""
        return ContactUpdate(
            max_date(self.at, other.at),
            min_date(self.follow_up, other.follow_up),
            self.recompute_follow_up or other.recompute_follow_up,
            min_date(self.closed, other.closed),
        )


def contact_from(created: CustomerInteraction) -> ContactUpdate:
    """Return what a new interaction means for its customer."""
    return ContactUpdate(created.created_at, _open_date(created))


def must_recompute_follow_up(customer: Customer, contact: ContactUpdate, now: datetime) -> bool:
    """Return whether the earliest open date must be read to know the next follow-up.

    A date that is already past is not trusted: other programs write these rows, too, and may have
    done what was due.
    """
    if contact.recompute_follow_up:
        return True
    current = customer.next_follow_up_at
    return contact.follow_up is not None and current is not None and current <= now


RECOMPUTE_FOLLOW_UP = ContactUpdate(recompute_follow_up=True)
"""What a write means that an earlier call made: that call may have failed before the dates."""


def contact_from_change(
    before: CustomerInteraction, after: CustomerInteraction | None
) -> ContactUpdate:
    """Return what a change or a deletion means for the customer; nothing if no due date moved.

    Args:
        before: The interaction as the change found it.
        after: The interaction as the change left it; None for a deletion.
    """
    closed = _open_date(before)
    if closed == _open_date(after):
        return ContactUpdate()
    return ContactUpdate(recompute_follow_up=True, closed=closed)


def is_unseen(customer: Customer, closed: datetime) -> bool:
    """Return whether a customer does not show a follow-up that was open until now.

    Then whoever opened it has not updated the customer yet, and may be about to.
    """
    shown = customer.next_follow_up_at
    return shown is None or closed < shown


def _open_date(interaction: CustomerInteraction | None) -> datetime | None:
    if interaction is None or not interaction.is_open_follow_up:
        return None
    return interaction.next_action_date


def max_date(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two times, either of which may be unknown."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def min_date(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earlier of two times, either of which may be unknown."""
    if one is None or other is None:
        return one or other
    return min(one, other)
