"""Operations that need an API key, and why; clients authenticated as a user reject them at once."""

from __future__ import annotations

from typing import Literal

from interactions_sdk.errors import ConfigurationError

__all__ = ["ApiKeyOperation", "api_key_required"]

ApiKeyOperation = Literal[
    "as_admin().create",
    "archive",
    "attach",
    "bulk calls",
    "create_many",
    "customers.create",
    "customers.reassign",
    "customers.reconcile",
    "customers.update",
    "erase_customer",
    "history",
    "import",
    "occurred_at",
    "restore",
    "schema",
    "transaction().create_many",
]

_NO_BULK = "Appwrite accepts bulk requests only with an API key"
_NO_ROLE = "Appwrite lets users grant permissions only to roles they have"

_REASONS: dict[ApiKeyOperation, str] = {
    "as_admin().create": f"{_NO_ROLE}, so the customer's user could not read the interaction",
    "archive": f"{_NO_BULK}, and archiving deletes many rows at once",
    "attach": "users cannot add files to the bucket",
    "bulk calls": _NO_BULK,
    "create_many": _NO_BULK,
    "customers.create": f"users cannot create customers. {_NO_ROLE}",
    "customers.reassign": "users may not change customers",
    "customers.reconcile": "users cannot change customers or read the audit log",
    "customers.update": "users may not change customers",
    "erase_customer": f"{_NO_BULK}, and erasing audits many rows at once",
    "history": "users cannot read the audit log",
    "import": _NO_BULK,
    "occurred_at": "Appwrite accepts $createdAt only with an API key",
    "restore": f"{_NO_BULK}, and so is $createdAt",
    "schema": "users cannot read or change tables and permissions",
    "transaction().create_many": _NO_BULK,
}
"""Transcripts `permissions-row`, `permissions-user-bulk` and `permissions-transaction`."""


def api_key_required(what: ApiKeyOperation) -> ConfigurationError:
    """Return the error for a client without a key when an operation needs one.

    Example:
        >>> print(api_key_required("create_many"))
        create_many needs a client with an API key: Appwrite accepts bulk requests only with an...
    """
    return ConfigurationError(f"{what} needs a client with an API key: {_REASONS[what]}.")
