"""How the customer's two dates follow its interactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["Contact", "moves_follow_up", "must_look_up_follow_up", "new_dates"]


@dataclass(frozen=True, slots=True)
class Contact:
    """What happened to a customer, as far as its dates are concerned.

    Attributes:
        at: When the interaction was; None where none was added.
        follow_up: When its next action is due, if one is.
        look_up_follow_up: Whether the earliest open date must be read anew, because one may have
            gone.
    """

    at: datetime | None = None
    follow_up: datetime | None = None
    look_up_follow_up: bool = False

    def and_then(self, other: Contact) -> Contact:
        """Return what this contact and another one come to together."""
        return Contact(
            _latest(self.at, other.at),
            _earliest(self.follow_up, other.follow_up),
            self.look_up_follow_up or other.look_up_follow_up,
        )


def must_look_up_follow_up(customer: Customer, contact: Contact, now: datetime) -> bool:
    """Tell whether the earliest open date must be read to know the next follow-up.

    A date that is already past is not trusted: other programs write these rows, too, and may have
    done what was due.
    """
    if contact.look_up_follow_up:
        return True
    current = customer.next_follow_up_at
    return contact.follow_up is not None and current is not None and current <= now


def new_dates(
    customer: Customer, contact: Contact, earliest_open: datetime | None = None
) -> tuple[datetime | None, datetime | None]:
    """Return the last contact and the next follow-up as they should be.

    `lastContactAt` never moves back. `nextFollowUpAt` is the earliest open date: as it was looked
    up, or, on a create, the earlier of itself and the new one.

    Args:
        customer: The customer as it was read.
        contact: What happened.
        earliest_open: The earliest open date, where it was looked up.
    """
    last_contact_at = _latest(customer.last_contact_at, contact.at)
    if earliest_open is not None or contact.look_up_follow_up:
        return last_contact_at, earliest_open
    return last_contact_at, _earliest(customer.next_follow_up_at, contact.follow_up)


def moves_follow_up(before: CustomerInteraction, after: CustomerInteraction | None) -> bool:
    """Tell whether a change may have moved the customer's earliest open date."""
    return _open_date(before) != _open_date(after)


def _open_date(interaction: CustomerInteraction | None) -> datetime | None:
    if interaction is None or not interaction.is_open_follow_up:
        return None
    return interaction.next_action_date


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((date for date in (one, other) if date is not None), default=None)


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((date for date in (one, other) if date is not None), default=None)
