"""A user with two customer records, which a table without a unique index allows."""

from __future__ import annotations

from typing import Literal

import pytest

from interactions_sdk import AsyncInteractionsClient, SchemaError
from interactions_sdk.wire.call import Call, parse_nothing, to_json

pytestmark = pytest.mark.anyio

TABLES = "/tablesdb/console-db/tables"
PROBLEM = "The user 'ada' has 2 customer records, 'first' and 'second': merge them (set customerId"


async def send(
    crm: AsyncInteractionsClient,
    method: Literal["POST", "PATCH", "DELETE"],
    path: str,
    body: object = None,
) -> None:
    """Send a request as another program would."""
    content = None if body is None else to_json(body)
    await crm._connection.send(Call(method, TABLES + path, TABLES + path, parse_nothing, content))


@pytest.fixture
async def crm(acrm: AsyncInteractionsClient) -> AsyncInteractionsClient:
    """Return a client whose user Ada has two customer records, each with an interaction."""
    await send(acrm, "DELETE", "/customers/indexes/userId")
    index = {"key": "users", "type": "key", "columns": ["userId"]}
    await send(acrm, "POST", "/customers/indexes", index)
    root = acrm.as_admin("root")
    for name in ("first", "second"):
        await send(acrm, "POST", "/customers/rows", {"rowId": name, "data": {"userId": "ada"}})
        await root.log_call(name, customer_id=name)
    for name in ("without-a-user", "without-a-user-either"):
        await send(acrm, "POST", "/customers/rows", {"rowId": name, "data": {"userId": ""}})
    return acrm


async def test_every_lookup_by_user_is_refused(crm: AsyncInteractionsClient) -> None:
    """The error names both records, whichever of them the client has read last."""
    await crm.customers.ensure("bob")
    ada = crm.as_user("ada")
    for name in ("first", "second"):
        await crm.customers.get(name)
        with pytest.raises(SchemaError) as caught:
            await ada.find()
        assert str(caught.value).startswith(PROBLEM)
        assert (str(caught.value),) == caught.value.problems
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            await ada.log_call("Whose?")
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            await crm.customers.get_by_user_id("ada")
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            await crm.customers.ensure("ada")
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            await crm.customers.create("ada")
        with pytest.raises(SchemaError, match="'first' and 'second'"):
            bob = await crm.customers.get_by_user_id("bob")
            await crm.customers.reassign(bob.id, to="ada")


async def test_check_reports_such_users(crm: AsyncInteractionsClient) -> None:
    """`check()` reports users with two records, but not records without a user."""
    problems = await crm.schema.check()

    assert 1 == len(problems)
    assert problems[0].startswith(PROBLEM)


async def test_merged_records_are_one(crm: AsyncInteractionsClient) -> None:
    """After the requests that the message suggests, no problem is reported."""
    await send(
        crm,
        "PATCH",
        "/customer_interactions/rows",
        {
            "data": {"customerId": "first"},
            "queries": ['{"method":"equal","attribute":"customerId","values":["second"]}'],
        },
    )
    await send(
        crm,
        "PATCH",
        "/audit_logs/rows",
        {
            "data": {"customerId": "first"},
            "queries": ['{"method":"equal","attribute":"customerId","values":["second"]}'],
        },
    )
    await send(crm, "DELETE", "/customers/rows/second")
    await crm.customers.reconcile("first")

    assert [] == await crm.schema.check()
    assert [] == [each async for each in crm.schema.audit_ownership()]
    page = await crm.as_user("ada").find()
    assert ["second", "first"] == [each.subject for each in page.items]
    customer = await crm.customers.get_by_user_id("ada")
    assert page.items[0].created_at == customer.last_contact_at


async def test_a_record_given_to_another_user_is_no_longer_in_the_way(
    crm: AsyncInteractionsClient,
) -> None:
    """The second solution that the message suggests: one record is given to another user."""
    await crm.customers.reassign("second", to="bob")

    assert ["first"] == [each.subject async for each in crm.as_user("ada").iterate()]
    assert ["second"] == [each.subject async for each in crm.as_user("bob").iterate()]
