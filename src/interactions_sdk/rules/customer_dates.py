"""How the customer's two dates follow its interactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = [
    "Contact",
    "contact_of",
    "earliest",
    "latest",
    "moves_follow_up",
    "must_look_up_follow_up",
]


@dataclass(frozen=True, slots=True)
class Contact:
    """What happened to a customer, as far as its dates are concerned.

    Attributes:
        at: When the interaction was; None where none was added.
        follow_up: When its next action is due, if one is.
        look_up_follow_up: Whether the earliest open date must be read again, because one may have
            gone.
    """

    at: datetime | None = None
    follow_up: datetime | None = None
    look_up_follow_up: bool = False

    def and_then(self, other: Contact) -> Contact:
        """Return what this contact and another one come to together."""
        return Contact(
            latest(self.at, other.at),
            earliest(self.follow_up, other.follow_up),
            self.look_up_follow_up or other.look_up_follow_up,
        )


def contact_of(created: CustomerInteraction) -> Contact:
    """Return what a new interaction means for its customer."""
    return Contact(created.created_at, _open_date(created))


def must_look_up_follow_up(customer: Customer, contact: Contact, now: datetime) -> bool:
    """Return whether the earliest open date must be read to know the next follow-up.

    A date that is already past is not trusted: other programs write these rows, too, and may have
    done what was due.
    """
    if contact.look_up_follow_up:
        return True
    current = customer.next_follow_up_at
    return contact.follow_up is not None and current is not None and current <= now


def moves_follow_up(before: CustomerInteraction, after: CustomerInteraction | None) -> bool:
    """Return whether a change may have moved the customer's earliest open date."""
    return _open_date(before) != _open_date(after)


def _open_date(interaction: CustomerInteraction | None) -> datetime | None:
    if interaction is None or not interaction.is_open_follow_up:
        return None
    return interaction.next_action_date


def latest(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two times, either of which may be unknown."""
    return max((date for date in (one, other) if date is not None), default=None)


def earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earlier of two times, either of which may be unknown."""
    return min((date for date in (one, other) if date is not None), default=None)
