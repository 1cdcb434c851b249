# Generated from tests/_async/access/test_duplicate_customers.py by scripts/unasync.py; do not edit.
"""A user with two customer records, which a table without a unique index allows."""

from __future__ import annotations

from typing import Literal

import pytest

from interactions_sdk import InteractionsClient, SchemaError
from interactions_sdk.wire.call import Call, parse_nothing, to_json

TABLES = "/tablesdb/console-db/tables"
PROBLEM = "The user 'ada' has 2 customer records, 'first' and 'second': merge them (set customerId"


def send(
    crm: InteractionsClient,
    method: Literal["POST", "PATCH", "DELETE"],
    path: str,
    body: object = None,
) -> None:
    """Send a request as another program would."""
    content = None if body is None else to_json(body)
    crm._connection.send(Call(method, TABLES + path, TABLES + path, parse_nothing, content))


@pytest.fixture
def crm(crm: InteractionsClient) -> InteractionsClient:
    """Return a client whose user Ada has two customer records, each with an interaction."""
    send(crm, "DELETE", "/customers/indexes/userId")
    index = {"key": "users", "type": "key", "columns": ["userId"]}
    send(crm, "POST", "/customers/indexes", index)
    root = crm.as_admin("root")
    for name in ("first", "second"):
        send(crm, "POST", "/customers/rows", {"rowId": name, "data": {"userId": "ada"}})
        root.log_call(name, customer_id=name)
    for name in ("without-a-user", "without-a-user-either"):
        send(crm, "POST", "/customers/rows", {"rowId": name, "data": {"userId": ""}})
    return crm


def test_every_lookup_by_user_is_refused(crm: InteractionsClient) -> None:
    """The error names both records, whichever of them the client has read last."""
    crm.customers.ensure("bob")
    ada = crm.as_user("ada")
    for name in ("first", "second"):
        crm.customers.get(name)
        with pytest.raises(SchemaError) as caught:
            ada.find()
        assert str(caught.value).startswith(PROBLEM)
        assert (str(caught.value),) == caught.value.problems
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            ada.log_call("Whose?")
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            crm.customers.get_by_user_id("ada")
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            crm.customers.ensure("ada")
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            crm.customers.create("ada")
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            bob = crm.customers.get_by_user_id("bob")
            crm.customers.reassign(bob.id, to="ada")


def test_check_reports_such_users(crm: InteractionsClient) -> None:
    """`check()` reports users with two records, but not records without a user."""
    problems = crm.schema.check()

    assert 1 == len(problems)
    assert problems[0].startswith(PROBLEM)


def test_merged_records_are_one(crm: InteractionsClient) -> None:
    """After the requests that the message suggests, no problem is reported."""
    send(
        crm,
        "PATCH",
        "/customer_interactions/rows",
        {
            "data": {"customerId": "first"},
            "queries": ['{"method":"equal","attribute":"customerId","values":["second"]}'],
        },
    )
    send(
        crm,
        "PATCH",
        "/audit_logs/rows",
        {
            "data": {"customerId": "first"},
            "queries": ['{"method":"equal","attribute":"customerId","values":["second"]}'],
        },
    )
    send(crm, "DELETE", "/customers/rows/second")
    crm.customers.reconcile("first")

    assert [] == crm.schema.check()
    assert [] == [each for each in crm.schema.audit_ownership()]
    page = crm.as_user("ada").find()
    assert ["second", "first"] == [each.subject for each in page.items]
    customer = crm.customers.get_by_user_id("ada")
    assert page.items[0].created_at == customer.last_contact_at


def test_a_record_given_to_another_user_is_no_longer_in_the_way(
    crm: InteractionsClient,
) -> None:
    """The second solution that the message suggests: one record is given to another user."""
    crm.customers.reassign("second", to="bob")

    assert ["first"] == [each.subject for each in crm.as_user("ada").iterate()]
    assert ["second"] == [each.subject for each in crm.as_user("bob").iterate()]
