"""The tables of one client, with the models of their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, create_model

from interactions_sdk.models.audit import AuditEntry
from interactions_sdk.models.customer import Customer
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.settings import CustomerColumns, Settings
from interactions_sdk.wire.call import Table

__all__ = ["Tables", "tables_for"]

_NO_COLUMN = "$none"
"""No column can have this name."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables; the audit log may be turned off."""

    interactions: Table[CustomerInteraction]
    customers: Table[Customer]
    audit: Table[AuditEntry] | None


def tables_for(settings: Settings) -> Tables:
    """Return the tables that the settings name."""
    database = settings.database_id
    audit = settings.audit_table
    return Tables(
        interactions=Table(database, settings.interactions_table, CustomerInteraction),
        customers=Table(
            database, settings.customers_table, _customer_model(settings.customer_columns)
        ),
        audit=None if audit is None else Table(database, audit, AuditEntry),
    )


def _customer_model(columns: CustomerColumns) -> type[Customer]:
    """Return the model of a customer whose columns have these names."""
    if columns == CustomerColumns():
        return Customer
    renamed: dict[str, Any] = {
        field: Annotated[
            Customer.model_fields[field].rebuild_annotation(),
            _field(column, Customer.model_fields[field].default),
        ]
        for field, column in columns
    }
    return create_model("Customer", __base__=Customer, **renamed)


def _field(column: str | None, default: object) -> Any:  # noqa: ANN401 - as pydantic's own
    if column is None:  # the table may have a column with the name of the field
        return Field(default=default, validation_alias=_NO_COLUMN, exclude=True)
    return Field(default=default, validation_alias=column, serialization_alias=column)
