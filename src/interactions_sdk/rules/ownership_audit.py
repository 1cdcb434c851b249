"""Problems of rows that may be forged, as text; nothing here sends a request.

Anyone may have written the IDs in these rows, so they are shown as Python literals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.identifiers import CREATED, audit_row_id, is_id
from interactions_sdk.rules.audit_log import DRAFTED_ACTION, fingerprint
from interactions_sdk.rules.deletions import DELETIONS
from interactions_sdk.rules.interactions import to_row
from interactions_sdk.rules.ownership import is_owned_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.models.audit import AuditEntry
    from interactions_sdk.models.customer import Customer
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["audit_entry_problem", "customer_problem", "interaction_problem"]

_CREATE_ACTIONS = frozenset({"interaction.created", "interaction.reconciled"})


def customer_problem(customer: Customer) -> str | None:
    """Return a problem if a customer's user may not read the record."""
    if customer.user_id and not is_id(customer.user_id):
        return (
            f"The customer {customer.id!r} has the user_id {customer.user_id!r}, which is not an "
            "Appwrite ID: no user can be meant."
        )
    if not customer.user_id or is_owned_by(customer.permissions, customer.user_id):
        return None
    return (
        f"The customer {customer.id!r} cannot be read by its user {customer.user_id!r}: run "
        f"crm.customers.reconcile({customer.id!r})."
    )


def interaction_problem(interaction: CustomerInteraction, owner: str | None) -> str | None:
    """Return a problem if an interaction does not belong to its customer.

    Args:
        interaction: The interaction.
        owner: The customer's user; None if the customer does not exist.
    """
    if is_owned_by(interaction.permissions, owner):
        return _id_problem(interaction)
    claim = f"The interaction {interaction.id!r} claims the customer {interaction.customer_id!r}"
    if owner is None:
        return f"{claim}, who does not exist."
    if not owner:
        return f"{claim}, who has no user."
    granted = ", ".join(interaction.permissions) or "nothing at all"
    return (
        f"{claim}, whose user {owner!r} cannot read it (it grants {granted}). "
        f"{_likely_cause(interaction)} If all rows of this customer are genuine, "
        f"crm.customers.reassign({interaction.customer_id!r}, to={owner!r}) lets the user read "
        "them."
    )


def _likely_cause(interaction: CustomerInteraction) -> str:
    if any('("user:' in permission for permission in interaction.permissions):
        return (
            "It was written for another user: the customer was given to somebody else without "
            "crm.customers.reassign(), or the other user claims it."
        )
    return (
        "This is so for rows that were migrated or written by another program with an API key, and "
        "for rows whose permissions a user has removed."
    )


def _id_problem(interaction: CustomerInteraction) -> str | None:
    names = {"user_id": interaction.user_id, "created_by": interaction.created_by}
    strange = [f"{key} {name!r}" for key, name in names.items() if name and not is_id(name)]
    if not strange:
        return None
    return (
        f"The interaction {interaction.id!r} has the {' and the '.join(strange)}, which is not an "
        "Appwrite ID: someone who may write the row put this text there."
    )


def audit_entry_problem(
    entry: AuditEntry,
    *,
    interaction: CustomerInteraction | None,
    owner: str | None,
    is_admin: bool | None,
    has_creation: bool = True,
) -> str | None:
    """Return a problem if an audit row contradicts other data.

    Args:
        entry: The audit row.
        interaction: The interaction that it is about; None if it does not exist.
        owner: The user of the customer that it names; None if the customer does not exist.
        has_creation: Whether another audit row reports that the interaction was created.
        is_admin: Whether the user that it names is an admin; None if this is not known.
    """
    reasons = [
        *_format_problems(entry),
        *_interaction_problems(entry, interaction),
        *_deletion_problems(entry, interaction, has_creation=has_creation),
        *_author_problems(entry, owner, is_admin=is_admin),
    ]
    if not reasons:
        return None
    return f"The audit row {entry.id!r} ({entry.action!r}) {', and '.join(reasons)}."


def _format_problems(entry: AuditEntry) -> Iterator[str]:
    if not is_id(entry.user_id):
        yield f"has the user_id {entry.user_id!r}, which is not an Appwrite ID"
    if entry.permissions:
        yield f"grants {', '.join(entry.permissions)}, where this library grants nothing"
    builds_on = CREATED if entry.action in _CREATE_ACTIONS else entry.fingerprint
    is_derived = entry.action in _CREATE_ACTIONS or entry.action == DRAFTED_ACTION
    if is_derived and entry.id != audit_row_id(entry.entity_id, str(builds_on)):
        yield f"does not have the ID that follows from the interaction {entry.entity_id!r}"


def _interaction_problems(
    entry: AuditEntry, interaction: CustomerInteraction | None
) -> Iterator[str]:
    if interaction is None:
        return
    if entry.customer_id not in (None, interaction.customer_id):
        yield (
            f"names the customer {entry.customer_id!r} for an interaction that claims "
            f"{interaction.customer_id!r}"
        )
    is_unchanged = interaction.created_at == interaction.updated_at
    is_of_the_draft = entry.action in _CREATE_ACTIONS and is_unchanged
    if is_of_the_draft and entry.fingerprint != fingerprint(to_row(interaction)):
        yield f"belongs to a different draft than the interaction {interaction.id!r}"


def _deletion_problems(
    entry: AuditEntry, interaction: CustomerInteraction | None, *, has_creation: bool
) -> Iterator[str]:
    if entry.action not in DELETIONS:
        return
    if interaction is not None:
        yield f"claims that the interaction {interaction.id!r}, which exists, was deleted"
    elif not has_creation:
        yield (
            f"claims that the interaction {entry.entity_id!r} was deleted, whose creation no audit "
            "row reports: it may never have existed"
        )


def _author_problems(
    entry: AuditEntry, owner: str | None, *, is_admin: bool | None
) -> Iterator[str]:
    if owner is not None and entry.user_id != owner and is_admin is False:
        yield (
            f"claims to be from {entry.user_id!r}, who is neither the user of the customer "
            f"{entry.customer_id!r} nor an admin"
        )
