"""Row IDs: validation, generation and derivation.

Ids are made here and not by the server, before the first attempt, so that a request sent twice
meets its own row instead of making a second one.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING

from interactions_sdk.arguments import describe
from interactions_sdk.errors import BadRequestError
from interactions_sdk.escaping.json_in_html import json_for_html

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "CREATED",
    "attachment_id",
    "audit_row_id",
    "customer_id_for_user",
    "id_from_choice",
    "id_from_key",
    "is_attachment_id_of",
    "is_id",
    "is_interaction_id_of",
    "new_interaction_id",
    "new_row_id",
    "readable_id",
    "validate_id",
]

CREATED = "created"
"""What the audit row of a create builds on: nothing earlier."""

_VALID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}")
_SEPARATOR = "\x1f"
_DIGEST_LENGTH = 32
_TAG_LENGTH = 8


def validate_id(value: object, what: str = "id") -> str:
    """Return the id if Appwrite takes it, before it can reach a path or a permission.

    Args:
        value: The id.
        what: The id's name in the message, such as `customer_id`.

    Returns:
        The id, unchanged.

    Raises:
        BadRequestError: `value` is not a string of 1 to 36 of `a-zA-Z0-9._-`, or starts with a
            special character (transcript `row-create`).

    Example:
        >>> validate_id("ada")
        'ada'
        >>> validate_id("../../audit_logs/rows/x")
        Traceback (most recent call last):
        ...
        interactions_sdk.BadRequestError: '../../audit_logs/rows/x' is not a valid id...
    """
    if not isinstance(value, str):
        hint = ": pass its id" if isinstance(getattr(value, "id", None), str) else ""
        raise BadRequestError(f"The {what} must be a string, not {describe(value)}{hint}.")
    if _VALID.fullmatch(value) is None:
        raise BadRequestError(
            f"{describe(value)} is not a valid {what}: use 1 to 36 of a-z, A-Z, 0-9, '.', '-' and "
            "'_', starting with a letter or digit."
        )
    return value


def is_id(value: str) -> bool:
    """Return whether Appwrite takes a value for an id.

    Example:
        >>> is_id("ada"), is_id("../ada")
        (True, False)
    """
    return _VALID.fullmatch(value) is not None


def readable_id(value: str) -> str:
    r"""Return an id as it is shown to people: anything else is escaped and flagged.

    Users who write with sessions of their own can put any text where an id belongs. Different
    texts are shown differently.

    Example:
        >>> readable_id("ada"), readable_id("<b>ada</b>")
        ('ada', '⚠ "\\u003cb\\u003eada\\u003c/b\\u003e"')
    """
    return value if not value or is_id(value) else f"\u26a0 {json_for_html(value)}"


def new_row_id(now: datetime) -> str:
    """Make a new row id that sorts by time: 12 hexadecimal digits of milliseconds, 20 at random.

    Args:
        now: The present, aware.

    Returns:
        32 lower-case hexadecimal digits (Appwrite's IDs ignore case).
    """
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(10)}"


def new_interaction_id(customer_id: str, now: datetime) -> str:
    """Make the row id of a new interaction: like `new_row_id`, but it ends with the customer's tag.

    Args:
        customer_id: The customer that the interaction belongs to.
        now: The present, aware.

    Returns:
        32 lower-case hexadecimal digits: 12 of milliseconds, 12 at random, and 8 of the tag.
    """
    return _tagged(customer_id, new_row_id(now))


def is_interaction_id_of(customer_id: str, value: str) -> bool:
    """Return whether an id was made for an interaction of this customer, by its tag.

    Example:
        >>> value = id_from_choice("customer_interactions", "c1", "call-1")
        >>> is_interaction_id_of("c1", value), is_interaction_id_of("c2", value)
        (True, False)
    """
    return value == _tagged(customer_id, value)


def id_from_choice(table: str, customer_id: str, chosen: str) -> str:
    """Make the row id that belongs to an id which a user has chosen: different for each customer.

    Args:
        table: The interactions table.
        customer_id: The customer that the interaction belongs to.
        chosen: The id that the user has chosen.
    """
    return _tagged(customer_id, _digest("id", table, customer_id, chosen))


def _tagged(customer_id: str, row_id: str) -> str:
    """Return an id with the customer's tag in place of its last digits."""
    head = row_id[: _DIGEST_LENGTH - _TAG_LENGTH]
    return head + _digest("interaction of", customer_id, head)[:_TAG_LENGTH]


def id_from_key(table: str, customer_id: str, key: str) -> str:
    """Make the row id that belongs to an idempotency key: the same in every process, for ever."""
    return _digest("key", table, customer_id, key)


def audit_row_id(interaction_id: str, version: str) -> str:
    """Make the id of an audit row from the interaction and the state that the change builds on.

    Two changes that build on the same state get the same id, so Appwrite lets one of them through
    (transcript `transaction-one-winner`).

    Args:
        interaction_id: The interaction's id.
        version: Its `$updatedAt` as it was read, or `CREATED` for a create.
    """
    return _digest("audit", interaction_id, version)


def customer_id_for_user(user_id: str) -> str:
    """Make the id of a user's customer record, the same whoever makes it first."""
    return _digest("customer", user_id)


def attachment_id(interaction_id: str, name: str, content_hash: str) -> str:
    """Make the id of an attached file: the first half from its interaction, the other from it."""
    half = _DIGEST_LENGTH // 2
    return _digest("files of", interaction_id)[:half] + _digest(name, content_hash)[:half]


def is_attachment_id_of(interaction_id: str, file_id: str) -> bool:
    """Return whether a file was attached to this interaction.

    Example:
        >>> file_id = attachment_id("call-1", "offer.pdf", "c4ca4238")
        >>> is_attachment_id_of("call-1", file_id), is_attachment_id_of("call-2", file_id)
        (True, False)
    """
    return file_id.startswith(_digest("files of", interaction_id)[: _DIGEST_LENGTH // 2])


def _digest(*parts: str) -> str:
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).hexdigest()[:_DIGEST_LENGTH]
