"""What a reconciliation repaired."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Reconciliation"]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a reconciliation repaired.

    Attributes:
        customers_checked: How many customers were checked.
        dates_updated: How many of them had outdated dates.
        audit_rows_added: How many missing audit rows were written.
        read_permissions_granted: How many users got permission to read their customer record, which
            they need to use their own sessions (`Settings(user_sessions=True)`).
    """

    customers_checked: int = 0
    dates_updated: int = 0
    audit_rows_added: int = 0
    read_permissions_granted: int = 0

    def __add__(self, other: Reconciliation) -> Reconciliation:
        return Reconciliation(
            self.customers_checked + other.customers_checked,
            self.dates_updated + other.dates_updated,
            self.audit_rows_added + other.audit_rows_added,
            self.read_permissions_granted + other.read_permissions_granted,
        )
