from __future__ import annotations

import pytest

from interactions_sdk.models.audit import AuditEntry
from interactions_sdk.models.drafts import InteractionCreate
from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.row import Row, column_name
from interactions_sdk.schema import Column, ExpectedTable, Index, expected_schema
from interactions_sdk.settings import CustomerColumns, Settings


def table(name: str, settings: Settings | None = None) -> ExpectedTable:
    """Return the expected table with this ID."""
    found = {table.id: table for table in expected_schema(settings or Settings()).tables}
    return found[name]


def column(table: ExpectedTable, key: str) -> Column:
    """Return the table's column with this name."""
    return next(column for column in table.columns if column.key == key)


def test_the_interactions_table_is_the_documents() -> None:
    """Types, sizes and order of the 15 columns are the specification's; four are required."""
    rows = [
        (column.key, column.type, column.size, column.required)
        for column in table("customer_interactions").columns
    ]

    assert [
        ("customerId", "string", 128, True),
        ("interactionType", "enum", 50, True),
        ("subject", "string", 200, False),
        ("description", "string", 5000, False),
        ("userId", "string", 128, True),
        ("contactMethod", "enum", 50, False),
        ("direction", "enum", 20, True),
        ("duration", "integer", 0, False),
        ("outcome", "enum", 50, False),
        ("nextAction", "string", 500, False),
        ("nextActionDate", "datetime", 0, False),
        ("relatedEntityType", "string", 50, False),
        ("relatedEntityId", "string", 128, False),
        ("metadata", "string", 5000, False),
        ("createdBy", "string", 128, False),
    ] == rows


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("interactionType", InteractionType),
        ("contactMethod", ContactMethod),
        ("direction", Direction),
        ("outcome", Outcome),
    ],
)
def test_enum_columns_take_the_values_of_the_enums(key: str, values: type[Outcome]) -> None:
    """An enum column has exactly the values of the enum."""
    assert tuple(values) == column(table("customer_interactions"), key).elements


def test_ten_indexes_are_made_on_interactions() -> None:
    """The specification has eight; `subject` and a customer's newest interactions are added."""
    indexes = table("customer_interactions").indexes

    assert [
        "customerId",
        "interactionType",
        "subject",
        "userId",
        "contactMethod",
        "direction",
        "outcome",
        "nextActionDate",
        "createdAt",
        "customerId_createdAt",
    ] == [index.key for index in indexes]
    assert indexes[-2] == Index("createdAt", "$createdAt", "DESC")
    assert ("customerId", "$createdAt") == indexes[-1].columns
    assert {"key"} == {index.type for index in indexes}


def test_only_admins_have_rights_on_whole_tables() -> None:
    """Only the admin role has permissions on the table; rows have those of their owners."""
    interactions = table("customer_interactions", Settings(admin_role="team:staff/lead"))

    assert (
        'create("team:staff/lead")',
        'read("team:staff/lead")',
        'update("team:staff/lead")',
        'delete("team:staff/lead")',
    ) == interactions.permissions
    assert interactions.row_security


def test_nobody_can_be_let_into_the_audit_log_by_its_rows() -> None:
    """Only admins can read the audit log; without row security, permissions of rows do nothing."""
    audit = table("audit_logs")

    assert ('read("label:superadmin")',) == audit.permissions
    assert not audit.row_security
    assert ["entityId", "customerId", "userId_createdAt"] == [index.key for index in audit.indexes]


def test_customers_columns_bear_the_names_of_the_settings() -> None:
    """Columns have the names in the settings, and those without a name are left out."""
    names = CustomerColumns(
        user_id="owner", last_contact_at="seen", next_follow_up_at="due", name=None, phone="tel"
    )
    customers = table("customers", Settings(customer_columns=names))

    assert ["owner", "seen", "due", "email", "tel"] == [column.key for column in customers.columns]
    assert {"email": True, "tel": False} == {
        column.key: column.optional for column in customers.columns[3:]
    }
    assert Index("owner", "owner", "ASC", "unique") == customers.indexes[0]
    assert ["seen", "due"] == [index.key for index in customers.indexes[1:]]


def test_without_audit_table_none_is_expected() -> None:
    """`audit_table=None` turns the audit log off."""
    tables = expected_schema(Settings(audit_table=None)).tables

    assert ["customer_interactions", "customers"] == [table.id for table in tables]


@pytest.mark.parametrize(
    ("name", "model"), [("customer_interactions", CustomerInteraction), ("audit_logs", AuditEntry)]
)
def test_every_field_has_its_column(name: str, model: type[Row]) -> None:
    """The fields of the models and the columns of the tables are the same."""
    fields = {column_name(field) for field in model.model_fields} - {
        column_name(field) for field in Row.model_fields
    }

    assert fields == {column.key for column in table(name).columns}


@pytest.mark.parametrize(
    ("key", "limit"),
    [
        ("customer_id", 128),
        ("subject", 200),
        ("description", 5000),
        ("next_action", 500),
        ("related_entity_type", 50),
        ("related_entity_id", 128),
    ],
)
def test_drafts_hold_no_more_than_their_columns(key: str, limit: int) -> None:
    """The maximum length of a draft's text is the size of its column."""
    field = InteractionCreate.model_json_schema()["properties"][key]["anyOf"][0]

    assert field["maxLength"] == limit
    assert limit == column(table("customer_interactions"), column_name(key)).size
