"""The columns of a customer that a program may write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.arguments import check_text
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from interactions_sdk.settings import CustomerColumns

__all__ = ["check_updated_columns", "contact_columns", "require_column"]


def contact_columns(texts: Mapping[str, str | None], columns: CustomerColumns) -> dict[str, object]:
    """Return the columns for the name, email address and phone number; None clears a column.

    Raises:
        BadRequestError: A value is not a text, is empty, or has no column.

    Example:
        >>> from interactions_sdk.settings import CustomerColumns
        >>> contact_columns({"name": "Ada", "phone": None}, CustomerColumns(name="fullName"))
        {'fullName': 'Ada', 'phone': None}
    """
    return {
        require_column(columns, field): None if text is None else check_text(text, field)
        for field, text in texts.items()
    }


def require_column(columns: CustomerColumns, field: str) -> str:
    """Return the name of a column that a customers table may lack.

    Raises:
        BadRequestError: There is no such column.
    """
    column: str | None = getattr(columns, field)
    if column is None:
        raise BadRequestError(
            f"Customers have no {field} here: Settings.customer_columns.{field} is None."
        )
    return column


def check_updated_columns(names: Iterable[str], columns: CustomerColumns) -> None:
    """Reject columns that an update must not change.

    Raises:
        BadRequestError: One of them is maintained by this library, or by Appwrite.
    """
    reasons = {
        columns.user_id: "use customers.reassign(), which moves the interactions as well",
        columns.last_contact_at: "it follows from the interactions; see customers.reconcile()",
        columns.next_follow_up_at: "it follows from the interactions; see customers.reconcile()",
    }
    for name in names:
        reason = "it is Appwrite's own" if name.startswith("$") else reasons.get(name)
        if reason is not None:
            raise BadRequestError(f"update cannot change `{name}`: {reason}.")
