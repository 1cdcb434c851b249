"""The documented scopes are those that the requests need."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from appwrite.services.tables_db import TablesDB
from appwrite.services.teams import Teams
from appwrite.services.users import Users

from interactions_sdk import (
    AsyncInteractionsClient,
    InteractionCreate,
    InteractionsClient,
    InteractionUpdate,
    Settings,
)
from interactions_sdk._async.schema import AsyncSchema
from interactions_sdk._sync.schema import Schema
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded.routes import ROUTES
from interactions_sdk.errors import error_from_response
from interactions_sdk.scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk import RequestEvent

DUE = datetime(2998, 1, 1, tzinfo=UTC)
CHECKLIST = Path(__file__).parents[2] / "docs" / "how-to" / "production.md"


def without_names(route: str) -> str:
    """Return a route without the names of its IDs, which are the server's."""
    return re.sub(r"\{\w+\}", "{}", route)


SCOPE_OF = {(route.method, without_names(route.path)): route.scopes[0] for route in ROUTES}


NEEDED = {job: set(scopes) for job, scopes in SCOPES.items()}


def scopes_in(text: str) -> set[str]:
    """Return the scopes in a text."""
    return set(re.findall(r"\b[a-z]+\.(?:read|write)\b", text))


def test_the_page_names_the_scopes_of_the_list() -> None:
    """The page has the same jobs and scopes, in the same order."""
    rows = re.findall(r"^\| ([^|]+) \| (`\w+\.\w+`.*) \|$", CHECKLIST.read_text(), re.MULTILINE)

    assert [
        (job, ", ".join(f"`{each}`" for each in scopes)) for job, scopes in SCOPES.items()
    ] == rows


def test_docstrings_name_the_scopes_of_the_list() -> None:
    """The docstrings of the clients and of the schema name the scopes that they need."""
    rows, users, *_ = NEEDED.values()
    for client in (InteractionsClient, AsyncInteractionsClient):
        assert rows | users == scopes_in(client.__doc__ or "")
    for schema in (Schema, AsyncSchema):
        assert NEEDED["call `schema.apply`"] == scopes_in(schema.__doc__ or "")


def test_the_error_names_the_scopes_of_the_list() -> None:
    """Scopes that every key needs come first, and no unnecessary ones are named."""
    error = error_from_response(401, "user_unauthorized", "The current user is not authorized")
    rows, users, *_ = NEEDED.values()
    first, schema, files = str(error).split(";")

    assert rows | users == scopes_in(first)
    assert NEEDED["call `schema.apply`"] - rows == scopes_in(schema)
    assert NEEDED["attach and open files"] == scopes_in(files)


class Watcher:
    """Records the scopes that requests need."""

    def __init__(self) -> None:
        self.scopes: set[str] = set()

    def __call__(self, event: RequestEvent) -> None:
        """Record a request."""
        self.scopes.add(SCOPE_OF[event.method, without_names(event.route)])

    def needed_for(self, job: Callable[[], object]) -> set[str]:
        """Return the scopes that a function needs."""
        self.scopes = set()
        job()
        return self.scopes


def client_of(
    server: EmbeddedAppwrite, watcher: Watcher, settings: Settings | None = None
) -> InteractionsClient:
    """Return a client whose requests are recorded."""
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=settings,
        on_request=watcher,
    )


def test_the_privacy_page_names_the_scopes_for_attachments() -> None:
    """The page names the scopes of an export and an erasure, with and without files."""
    watcher = Watcher()
    rows, users, *_ = NEEDED.values()
    page = (CHECKLIST.parent / "privacy.md").read_text()
    table = page.partition("## Scopes of the API key")[2].partition("##")[0]
    always, exporting, erasing = map(scopes_in, re.findall(r"^\| .*`.*$", table, re.MULTILINE))
    with EmbeddedAppwrite() as server:
        crm = client_of(server, watcher, Settings(attachments_bucket="files"))
        crm.schema.apply()
        registered = Users(crm.appwrite)
        registered.create("ada")
        registered.create("root")
        registered.update_labels("root", ["superadmin"])
        customer = crm.customers.ensure("ada")
        call = crm.as_user("ada").log_call("Offer")

        def export() -> None:
            client_of(server, watcher, crm.settings).as_admin("root").export_customer(customer.id)

        def erase() -> None:
            client_of(server, watcher, crm.settings).as_admin("root").erase_customer(customer.id)

        assert watcher.needed_for(export) <= always == rows | users
        crm.as_user("ada").attach(call.id, b"Dear Ada", name="offer.txt")
        assert always | exporting == watcher.needed_for(export) | always
        assert always | erasing == watcher.needed_for(erase)


def make_own_customers(crm: InteractionsClient) -> None:
    """Create a customers table with a row, like an application before it uses the library."""
    tables = TablesDB(crm.appwrite)
    tables.create("console-db", "The console")
    tables.create_table("console-db", "customers", "Customers")
    tables.create_integer_column("console-db", "customers", "age", required=False)
    tables.create_row("console-db", "customers", "first", {"age": 40})


def test_a_key_with_these_scopes_does_it(tmp_path: Path) -> None:
    """The scopes of each job are sufficient and necessary."""
    watcher = Watcher()
    rows, users, team, reading, making, websocket, files, bucket = NEEDED.values()
    with EmbeddedAppwrite() as server:
        crm = client_of(server, watcher)
        ada, root = crm.as_user("ada"), crm.as_admin("root")

        assert {SCOPE_OF["POST", "/users/{}/jwts"]} == websocket, "watch makes a JWT"
        with EmbeddedAppwrite() as empty:
            first = set(watcher.needed_for(client_of(empty, watcher).schema.apply))
        make_own_customers(crm)
        assert making == first | watcher.needed_for(crm.schema.apply)
        assert reading == watcher.needed_for(lambda: (crm.schema.plan(), crm.schema.check()))

        registered = Users(crm.appwrite)
        registered.create("ada")
        registered.create("root")
        registered.update_labels("root", ["superadmin"])
        customer = crm.customers.ensure("ada")
        assert users == watcher.needed_for(lambda: (ada.count(), root.count())) - rows

        def work() -> None:
            draft = InteractionCreate(interaction_type="call", customer_id=customer.id)
            root.create_many([draft, draft])
            call = ada.log_call("Renewal", next_action_date=datetime(2998, 1, 1, tzinfo=UTC))
            ada.update(call.id, InteractionUpdate(outcome="busy"))
            ada.follow_ups.complete(ada.log_task("Offer", next_action_date=DUE).id)
            list(root.follow_ups.due())
            root.archive(datetime(2999, 1, 1, tzinfo=UTC), tmp_path)
            crm.customers.reconcile()

        assert rows == watcher.needed_for(work)

        by_team = client_of(server, watcher, Settings(admin_role="team:staff"))
        Teams(crm.appwrite).create("staff", "Staff")
        assert team == watcher.needed_for(by_team.schema.check) - reading

        kept = client_of(server, watcher, Settings(attachments_bucket="files"))
        made = watcher.needed_for(lambda: (kept.schema.apply(), kept.schema.check()))
        assert bucket == made - making

        def attach() -> None:
            repo = kept.as_user("ada")
            call = repo.log_call("Offer")
            attached = repo.attach(call.id, b"Dear Ada", name="offer.txt").metadata
            assert attached is not None
            assert attached.attachments is not None
            repo.read_attachment(call.id, attached.attachments[0])
            repo.detach(call.id, attached.attachments[0])

        assert files == watcher.needed_for(attach) - rows - users
