"""Incorrect calls for customer records; rows as in `tests.wrong_use.table`."""

from __future__ import annotations

from typing import Any, cast

from interactions_sdk import BadRequestError, UserNotFoundError
from tests.wrong_use.table import Row

__all__ = ["CUSTOMERS"]

NOBODY = "User 'typo' does not exist in Appwrite. Create the user first, or set "

CUSTOMERS: list[Row] = [
    Row(
        "search for nothing",
        lambda s: s.crm.customers.search(),
        BadRequestError,
        "Pass what to search for: search(text) or search(email=...).",
    ),
    Row(
        "search for an address that is no text",
        lambda s: s.crm.customers.search(email=cast("Any", 5)),
        BadRequestError,
        "email must be a non-empty string, not 5.",
    ),
    Row(
        "ensure for a user who does not exist",
        lambda s: s.with_settings().customers.ensure("typo"),
        UserNotFoundError,
        NOBODY,
    ),
    Row(
        "create for a user who does not exist",
        lambda s: s.with_settings().customers.create("typo"),
        UserNotFoundError,
        NOBODY,
    ),
    Row(
        "reassign to a user who does not exist",
        lambda s: s.with_settings().customers.reassign(s.customer.id, to="typo"),
        UserNotFoundError,
        NOBODY,
    ),
]
