"""What a reconciliation repaired."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Reconciliation"]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a reconciliation repaired.

    Attributes:
        customers: How many customers were looked at.
        dates_moved: How many of them had their dates moved.
        audit_rows_written: How many interactions had no audit row and have one now.
        rights_granted: How many customers were let read their own record, which users need who
            act with sessions of their own (`Settings(user_sessions=True)`).
    """

    customers: int = 0
    dates_moved: int = 0
    audit_rows_written: int = 0
    rights_granted: int = 0

    def __add__(self, other: Reconciliation) -> Reconciliation:
        return Reconciliation(
            self.customers + other.customers,
            self.dates_moved + other.dates_moved,
            self.audit_rows_written + other.audit_rows_written,
            self.rights_granted + other.rights_granted,
        )
