"""Commands for signed-in users, and for tables that users write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionsClient
from tests.users import INTERACTIONS, SESSIONS, People

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Run


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
    """Return a server over HTTP, which the environment names."""
    people = People.start()
    with people.server.serve() as running:
        monkeypatch.setenv("APPWRITE_ENDPOINT", running.endpoint)
        monkeypatch.setenv("APPWRITE_PROJECT_ID", people.server.project)
        yield people
    people.server.close()


@pytest.fixture
def crm(people: People) -> InteractionsClient:
    """Return a client with the key, with a customer record for Ada."""
    crm = InteractionsClient(
        "http://embedded/v1",
        people.server.project,
        api_key=people.server.api_key,
        settings=SESSIONS,
        transport=people.server.transport,
    )
    crm.customers.ensure("ada")
    return crm


@pytest.mark.parametrize("variable", ["APPWRITE_JWT", "APPWRITE_SESSION"])
def test_a_user_logs_and_looks_without_saying_who(
    run: Run,
    people: People,
    crm: InteractionsClient,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    """The signed-in user is the default for all commands."""
    secret = people.jwt("ada") if "JWT" in variable else people.session("ada")["secret"]
    monkeypatch.setenv(variable, secret)

    assert "interactions log call 'First call'\n" in run("timeline")
    run("log", "call", "Renewal")

    assert ["Renewal"] == [each.subject for each in crm.as_user("ada").iterate()]
    assert "Renewal" in run("timeline", "ada")
    assert secret not in run("timeline", "eve", code=3)
    assert "needs a client with an API key" in run("reconcile", code=2)
    assert "needs a client with an API key" in run("schema", "check", code=2)


def test_two_secrets_are_one_too_many(
    run: Run, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names both variables."""
    monkeypatch.setenv("APPWRITE_API_KEY", people.server.api_key)
    monkeypatch.setenv("APPWRITE_JWT", people.jwt("ada"))
    assert "APPWRITE_API_KEY and APPWRITE_JWT are set" in run("schema", "plan", code=2)


def test_tables_are_opened_and_looked_after(
    run: Run, people: People, crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened tables have no missing changes, and forged rows fail `audit-ownership`."""
    monkeypatch.setenv("APPWRITE_API_KEY", people.server.api_key)
    assert "Nothing is missing" in run("schema", "plan", "--user-sessions")
    assert "Nothing is missing" in run("schema", "apply", "--user-sessions", "--dry-run")
    assert "Nothing is missing" in run("schema", "apply", "--user-sessions")
    assert "schema is correct" in run("schema", "check", "--user-sessions")
    run("schema", "check", code=1)
    assert "No ownership problems found" in run("schema", "audit-ownership")

    customer = crm.customers.get_by_user_id("ada")
    row = {"customerId": customer.id, "interactionType": "call", "direction": "inbound"}
    body = {"rowId": "forged", "data": {**row, "userId": "ada"}}
    people.as_user("eve", "POST", INTERACTIONS, body)

    run("schema", "audit-ownership", code=1)


def test_a_right_to_read_is_counted(
    run: Run, people: People, crm: InteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`reconcile` prints the number of records whose users got read permission."""
    monkeypatch.setenv("APPWRITE_API_KEY", people.server.api_key)
    monkeypatch.setenv("INTERACTIONS_USER_SESSIONS", "true")
    customer = crm.customers.get_by_user_id("ada")
    people.key(
        "PATCH", f"/tablesdb/console-db/tables/customers/rows/{customer.id}", {"permissions": []}
    )

    assert "granted (would be)" in run("reconcile", "--dry-run")
    assert "Read permissions granted" in run("reconcile")
    assert "granted" not in run("reconcile")
