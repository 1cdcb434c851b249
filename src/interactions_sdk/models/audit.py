"""The audit log: who wrote what, and when."""

from __future__ import annotations

from typing import Annotated

from interactions_sdk.models.row import DefaultOnInvalid, Row

__all__ = ["AuditEntry"]


class AuditEntry(Row):
    """An entry of the audit log.

    Attributes:
        action: What was done, such as `interaction.created`.
        user_id: Who did it.
        entity_id: The ID of the interaction.
        customer_id: The customer that it belongs to.
        fingerprint: The hash of the draft that was written, by which a retry is recognised.
        details: Details, as JSON text.
    """

    action: Annotated[str, DefaultOnInvalid("")] = ""
    user_id: Annotated[str, DefaultOnInvalid("")] = ""
    entity_id: Annotated[str, DefaultOnInvalid("")] = ""
    customer_id: Annotated[str | None, DefaultOnInvalid(None)] = None
    fingerprint: Annotated[str | None, DefaultOnInvalid(None)] = None
    details: Annotated[str | None, DefaultOnInvalid(None)] = None
