"""A key with exactly the documented scopes is sufficient for everything.

Keys are created in the Appwrite console only, so the real server's key comes from the environment.
"""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest
from appwrite.services.tables_db import TablesDB

from interactions_sdk import (
    ConfigurationError,
    InteractionCreate,
    InteractionsClient,
    InteractionUpdate,
    PermissionDeniedError,
    SchemaError,
    Settings,
)
from interactions_sdk.scopes import SCOPES
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.conftest import Server

ALL_SCOPES = sorted({scope for scopes in SCOPES.values() for scope in scopes})
DUE = datetime(2998, 1, 1, tzinfo=UTC)


class World(NamedTuple):
    """Data for a program with such a key.

    Attributes:
        server: The server, with a key for everything.
        key: A key with exactly the documented scopes.
        settings: The settings: users are verified, and files are attached.
        crm: A client with this key.
        users: Two users.
        admin: A user who is an admin.
    """

    server: Server
    key: str
    settings: Settings
    crm: InteractionsClient
    users: tuple[str, str]
    admin: str


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """Return a key with exactly these scopes; the embedded server has one key for everything."""
    if server.is_embedded:
        return server.key
    if "APPWRITE_SCOPED_API_KEY" not in os.environ:
        pytest.skip(f"set APPWRITE_SCOPED_API_KEY to a key of the scopes {', '.join(ALL_SCOPES)}")
    return os.environ["APPWRITE_SCOPED_API_KEY"]


@pytest.fixture(scope="module")
def world(server: Server, key: str) -> Iterator[World]:
    """Return users, and a database with an application's customers table."""
    tag = secrets.token_hex(6)
    users = [f"{name}{tag}" for name in ("ada", "bob", "root")]
    settings = Settings(database_id=f"live{tag}", attachments_bucket=f"files{tag}")
    with ExitStack() as stack:
        for user in users:
            stack.enter_context(server.deleting(f"/users/{user}"))
            server.request("POST", "/users", {"userId": user, "email": f"{user}@example.com"})
        server.request("PUT", f"/users/{users[2]}/labels", {"labels": ["superadmin"]})
        stack.enter_context(server.deleting(f"/storage/buckets/{settings.attachments_bucket}"))
        stack.enter_context(server.deleting(f"/tablesdb/{settings.database_id}"))
        owner = stack.enter_context(
            InteractionsClient(server.endpoint, server.project, api_key=server.key)
        )
        make_own_customers(server, TablesDB(owner.appwrite), settings.database_id)
        crm = stack.enter_context(
            InteractionsClient(server.endpoint, server.project, api_key=key, settings=settings)
        )
        yield World(server, key, settings, crm, (users[0], users[1]), users[2])


def make_own_customers(server: Server, tables: TablesDB, database: str) -> None:
    """Create a customers table with a row, like an application before it uses the library."""
    tables.create(database, "The console")
    tables.create_table(database, "customers", "Customers")
    tables.create_integer_column(database, "customers", "age", required=False)
    wait_until(lambda: is_available(server, database, "age"))
    tables.create_row(database, "customers", "first", {"age": 40})


def is_available(server: Server, database: str, column: str) -> bool:
    """Return whether a column of the customers table is available."""
    path = f"/tablesdb/{database}/tables/customers/columns/{column}"
    return bool(server.request("GET", path)["status"] == "available")


def test_these_scopes_are_enough(world: World, tmp_path: Path) -> None:
    """The scopes are sufficient for the schema, users, admins, files and privacy."""
    crm, (ada_id, bob_id) = world.crm, world.users
    assert crm.schema.plan()
    crm.schema.apply()
    assert [] == [each for each in crm.schema.check() if not each.startswith("Advice:")]

    customer = crm.customers.ensure(ada_id)
    ada, root = crm.as_user(ada_id), crm.as_admin(world.admin)
    with root.watch(interval=0.2) as changes:
        call = ada.log_call("Renewal", next_action_date=DUE)
        assert call.id == next(changes).interaction.id
    draft = InteractionCreate(interaction_type="call", customer_id=customer.id)
    root.create_many([draft, draft]).raise_for_failures()
    ada.update(call.id, InteractionUpdate(description="Annual plan"))
    ada.follow_ups.complete(call.id)
    assert (3, []) == (root.count(customer_id=customer.id), list(root.follow_ups.due()))

    attached = ada.attach(call.id, b"Dear Ada", name="offer.txt").metadata
    assert attached is not None
    assert b"Dear Ada" == ada.read_attachment(call.id, attached.attachments[0])
    ada.detach(call.id, attached.attachments[0])
    ada.attach(call.id, b"Dear Ada", name="offer.txt")
    assert 3 == len(root.export_customer(customer.id)["interactions"])
    assert bob_id == crm.customers.reassign(customer.id, to=bob_id).user_id
    assert 1 == crm.customers.reconcile(customer.id).customers_checked
    root.erase_customer(customer.id)
    assert 0 == root.count(customer_id=customer.id)

    crm.customers.ensure(ada_id)
    ada.log_call("Archived")
    root.archive(datetime(2999, 1, 1, tzinfo=UTC), tmp_path)
    assert 0 == ada.count()


def test_an_admin_role_of_a_team_is_looked_up(world: World) -> None:
    """The scopes allow reading memberships and the team."""
    server, team = world.server, f"team{secrets.token_hex(6)}"
    settings = world.settings.model_copy(update={"admin_role": f"team:{team}"})
    with (
        server.deleting(f"/teams/{team}"),
        InteractionsClient(
            server.endpoint, server.project, api_key=world.key, settings=settings
        ) as crm,
    ):
        with pytest.raises(ConfigurationError, match=f"team '{team}' .* does not exist"):
            crm.as_admin(world.admin).count()
        server.request("POST", "/teams", {"teamId": team, "name": "Staff"})
        with pytest.raises(PermissionDeniedError, match="is not an admin"):
            crm.as_admin(world.admin).count()


def test_a_relationship_is_refused_before_anything_is_written(world: World) -> None:
    """A real server has relationships; the embedded one returns 501."""
    server, name = world.server, f"rel{secrets.token_hex(6)}"
    with (
        server.deleting(f"/tablesdb/{name}"),
        InteractionsClient(server.endpoint, server.project, api_key=server.key) as owner,
    ):
        tables = TablesDB(owner.appwrite)
        tables.create(name, "With a relationship")
        tables.create_table(name, "customers", "Customers")
        tables.create_table(name, "people", "People")
        path = f"/tablesdb/{name}/tables/customers/columns/relationship"
        body = {"relatedTableId": "people", "type": "manyToOne", "key": "userId"}
        if server.is_embedded:
            with pytest.raises(httpx.HTTPStatusError, match="501"):
                server.request("POST", path, body)
            return
        server.request("POST", path, body)
        wait_until(lambda: is_available(server, name, "userId"))
        settings = Settings(database_id=name)
        with InteractionsClient(
            server.endpoint, server.project, api_key=server.key, settings=settings
        ) as crm:
            with pytest.raises(SchemaError, match="`userId` of the table `customers` is a rel"):
                crm.schema.apply()
            assert ["customers", "people"] == sorted(
                each.id for each in tables.list_tables(name).tables
            )
            problems = [each for each in crm.schema.check() if "`userId`" in each]

        assert [True] == ["is a relationship" in each for each in problems if "customers" in each]
