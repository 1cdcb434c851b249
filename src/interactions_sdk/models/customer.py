"""A customer record."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict

from interactions_sdk.models.row import DefaultOnInvalid, Row

__all__ = ["Customer"]


class Customer(Row):
    """A customer record; its other columns are kept in `model_extra`.

    Attributes:
        user_id: The self-service user that the record belongs to.
        last_contact_at: The time of the latest interaction, UTC.
        next_follow_up_at: When the earliest open follow-up is due, UTC.
        name: The customer's name; None if there is none, or the table has no such column.
        email: The email address, likewise.
        phone: The phone number, likewise.
    """

    model_config = ConfigDict(extra="allow")

    user_id: Annotated[str, DefaultOnInvalid("")] = ""
    last_contact_at: Annotated[datetime | None, DefaultOnInvalid(None)] = None
    next_follow_up_at: Annotated[datetime | None, DefaultOnInvalid(None)] = None
    name: Annotated[str | None, DefaultOnInvalid(None)] = None
    email: Annotated[str | None, DefaultOnInvalid(None)] = None
    phone: Annotated[str | None, DefaultOnInvalid(None)] = None

    @property
    def display_name(self) -> str:
        """The name to show: the name, or else the email address, the user ID or the ID.

        It is text that anyone may have typed, so escape it where it is shown.
        """
        return self.name or self.email or self.user_id or self.id
