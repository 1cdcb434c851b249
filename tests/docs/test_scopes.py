"""The scopes that the checklist asks for are those of the routes that are called."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from appwrite.services.teams import Teams
from appwrite.services.users import Users

from interactions_sdk import InteractionCreate, InteractionsClient, InteractionUpdate, Settings
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.embedded.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk import RequestEvent

DUE = datetime(2998, 1, 1, tzinfo=UTC)
CHECKLIST = Path(__file__).parents[2] / "docs" / "how-to" / "production.md"


def without_names(route: str) -> str:
    """Return a route without the names of its ids, which are the server's own."""
    return re.sub(r"\{\w+\}", "{}", route)


SCOPE_OF = {(route.method, without_names(route.path)): route.scopes[0] for route in ROUTES}


def told() -> dict[str, set[str]]:
    """Return the scopes of the page's table, by what they are for."""
    rows = re.findall(r"^\| ([^|]+) \| (`\w+\.\w+`.*) \|$", CHECKLIST.read_text(), re.MULTILINE)
    return {job: set(re.findall(r"`([\w.]+)`", scopes)) for job, scopes in rows}


class Watcher:
    """Notes which scopes requests need."""

    def __init__(self) -> None:
        self.scopes: set[str] = set()

    def __call__(self, event: RequestEvent) -> None:
        """Note a request."""
        self.scopes.add(SCOPE_OF[event.method, without_names(event.route)])

    def needed_for(self, job: Callable[[], object]) -> set[str]:
        """Return the scopes that a job needs."""
        self.scopes = set()
        job()
        return self.scopes


def client_of(
    server: EmbeddedAppwrite, watcher: Watcher, settings: Settings | None = None
) -> InteractionsClient:
    """Return a client whose requests are watched."""
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=settings,
        on_request=watcher,
    )


def test_a_key_with_these_scopes_does_it(tmp_path: Path) -> None:
    """No scope is missing, and none is too many."""
    watcher = Watcher()
    rows, users, team, reading, making, websocket, files, bucket = told().values()
    with EmbeddedAppwrite() as server:
        crm = client_of(server, watcher)
        ada, root = crm.as_user("ada"), crm.as_admin("root")

        assert {SCOPE_OF["POST", "/users/{}/jwts"]} == websocket, "watch makes a JWT"
        assert making == watcher.needed_for(crm.schema.apply)
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
