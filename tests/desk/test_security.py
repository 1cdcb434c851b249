"""Protection of the desk against hostile pages, networks and customers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from interactions_sdk import (
    AsyncInteractionsClient,
    ConfigurationError,
    CustomerInteraction,
    InteractionMetadata,
    RetryPolicy,
)
from interactions_sdk.desk import Admin, User, desk
from interactions_sdk.desk.pages import ROUTES
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.testing import Fault, FaultyTransport
from tests.desk.pages import BASE, Surfer
from tests.desk.test_events import Listener
from tests.hostile_text import CORPUS, HTML

if TYPE_CHECKING:
    from starlette.requests import Request

    from tests.desk.conftest import Office
    from tests.desk.pages import Page

pytestmark = pytest.mark.anyio

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


async def _call(office: Office) -> CustomerInteraction:
    return await office.repo.log_call("Renewal", customer_id=office.ada.id)


async def test_pages_run_and_load_nothing_of_others(office: Office, root: Surfer) -> None:
    """All pages, including errors, have a strict policy and neither inline scripts nor caching."""
    call = await _call(office)
    paths = ["/", f"/customers/{office.ada.id}", f"/interactions/{call.id}", "/reports"]
    for path in [*paths, "/reports/by-type", "/settings", "/nowhere"]:
        page = await root.open(path)
        policy = dict(
            part.strip().split(" ", 1)
            for part in page.headers["content-security-policy"].split(";")
        )
        assert policy == POLICY, path
        assert "nosniff" == page.headers["x-content-type-options"]
        assert "DENY" == page.headers["x-frame-options"]
        assert "no-store" == page.headers["cache-control"]
        assert "style" not in page.tags
        assert "style=" not in page.html
        assert 1 == page.tags.count("script"), path
        assert " on" not in page.html.replace(" on ", " ").replace(" one", " "), path


async def test_scripts_and_styles_are_kept_until_they_change(root: Surfer) -> None:
    """Their URLs contain a hash of the content."""
    page = await root.open("/")
    address = page.html.split('rel="stylesheet" href="')[1].split('"')[0]

    style = await root.open(address)

    assert "text/css" in style.headers["content-type"]
    assert "immutable" in style.headers["cache-control"]
    assert 404 == (await root.open(address.replace("desk.css", "base.html"))).status


async def test_the_cookie_is_for_this_desk_only(office: Office) -> None:
    """The cookie is HTTP-only, same-site and, over HTTPS, secure."""
    for base, is_secure in ((BASE, False), ("https://desk.example", True)):
        surfer = Surfer(desk(office.crm, identify=lambda _: Admin("root")), base=base)
        cookie = (await surfer.open("/")).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert is_secure == ("secure" in cookie)
        assert "set-cookie" not in (await surfer.open("/")).headers


async def test_nothing_is_changed_by_a_get(office: Office, root: Surfer) -> None:
    """No page changes anything when it is opened."""
    due = datetime.now(UTC) + timedelta(hours=1)
    call = await office.repo.log_call("Renewal", customer_id=office.ada.id, next_action_date=due)
    await office.repo.attach(call.id, b"Dear Ada", name="a.txt")
    user = office.surfer(User("ada"))
    server: Any = office.crm._server
    before = server.snapshot()
    opened = 0
    for route in ROUTES:
        if route.method != "GET" or route.path == "/events":
            continue
        id = office.ada.id if route.path.startswith("/customers") else call.id
        path = route.path.replace("{number:int}", "0").format(id=id, name="week")
        surfer = user if path == "/me" else root
        assert 200 == (await surfer.open(path)).status, path
        assert before == server.snapshot(), path
        opened += 1
    assert opened >= 10
    async with Listener(desk(office.crm, identify=lambda _: Admin("root"))) as page:
        assert 200 == page.start["status"]
        heard = page.events()
        while ": watching\n\n" != await anext(heard):
            pass
    assert before == server.snapshot()
    await office.repo.update(call.id, outcome="successful")
    assert before != server.snapshot()


async def test_every_form_needs_its_token(office: Office, root: Surfer) -> None:
    """Without its token, a form is rejected, and can be submitted again."""
    call = await _call(office)
    await root.open("/")
    for route in ROUTES:
        if route.method != "POST":
            continue
        path = route.path.replace("{id}", call.id).replace("{number:int}", "0")
        for token in ("", "x" * 80, "ü"):
            answer = await root.http.post(path, data={"csrf": token, "subject": "<typed>"})
            assert 403 == answer.status_code, path
            assert "Please send this again" in answer.text
            assert "&lt;typed&gt;" in answer.text
    assert call == await office.repo.get(call.id)


async def test_what_was_typed_into_a_stale_form_is_sent_again(office: Office) -> None:
    """After a restart of the server, forms that were open can be submitted again."""
    old = office.surfer()
    page = await old.open(f"/customers/{office.ada.id}")
    form = page.form("/interactions")
    form.fields |= {"subject": "Renewal", "description": "One\n two"}
    new = office.surfer()
    new.http.cookies = old.http.cookies

    page = await new.send(page, form)
    assert 403 == page.status
    assert 0 == await office.repo.count()
    page = await new.send(page, page.form("/interactions"))

    assert "Logged." in page.text
    assert "One\n two" == (await office.repo.find()).items[0].description


async def test_a_token_is_for_one_browser_and_person(office: Office) -> None:
    """A token is valid only for its browser and person, even with a planted cookie."""
    secret = "a secret of all processes"
    root, eve = office.surfer(secret=secret), office.surfer(User("eve"), secret=secret)
    page, other = await root.open("/settings"), await eve.open("/settings")
    token = other.forms[0].fields["csrf"]
    data = {"csrf": token, "zone": "Europe/Rome"}

    assert 403 == (await root.http.post("/settings/zone", data=data)).status_code
    root.http.cookies = eve.http.cookies
    assert 403 == (await root.http.post("/settings/zone", data=data)).status_code
    assert page.status == other.status == 200


async def test_processes_with_one_secret_take_each_others_forms(office: Office) -> None:
    """Processes with the same secret accept each other's forms, as behind a load balancer."""
    first, second = (office.surfer(secret=b"0123456789abcdef") for _ in range(2))
    page = await first.open(f"/customers/{office.ada.id}")
    second.http.cookies = first.http.cookies

    assert "Logged." in (await second.send(page, page.form("/interactions"), subject="x")).text


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_a_form_of_another_site_is_refused(office: Office, root: Surfer, site: str) -> None:
    """Browsers send the origin of a form, which is checked."""
    page = await root.open(f"/customers/{office.ada.id}")
    root.http.headers["sec-fetch-site"] = site

    page = await root.send(page, page.form("/interactions"), subject="x")

    assert (403, True) == (page.status, "This form was sent from another site." in page.text)
    assert 0 == await office.repo.count()


async def test_bodies_are_limited(root: Surfer) -> None:
    """A body that is too large is rejected with 413."""
    await root.open("/")
    page = await root.http.post("/settings/zone", data={"csrf": "x" * 5_200_000})

    assert 413 == page.status_code


async def test_only_allowed_hosts_are_answered(office: Office) -> None:
    """Requests with another or no host name are rejected."""
    surfer = office.surfer(allowed_hosts=["desk.example", "[::1]"])
    for host, status in {
        "desk.example": 200,
        "DESK.example:8000": 200,
        "[::1]:8000": 200,
        "[::1]": 200,
        "evil.invalid": 421,
        "desk.example.evil.invalid:80": 421,
        "": 421,
    }.items():
        answer = await surfer.http.get("/", headers={"host": host})
        assert status == answer.status_code, host
        assert "content-security-policy" in answer.headers


async def test_starting_and_stopping_is_passed_on(office: Office) -> None:
    """Startup and shutdown events are passed to the application."""
    app = desk(office.crm, identify=lambda _: None)
    to_come = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> Any:
        return to_come.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await app({"type": "lifespan", "app": app}, receive, send)

    assert ["lifespan.startup.complete", "lifespan.shutdown.complete"] == sent


async def test_identify_decides_who_gets_in(office: Office) -> None:
    """`identify` may be asynchronous; without a person, the response is a 401 or a redirect."""
    assert 401 == (await office.surfer(None).open("/")).status
    sent = office.surfer(None, login_url="/login?next=/desk")
    sent.http.follow_redirects = False
    assert "/login?next=/desk" == (await sent.open("/")).headers["location"]

    async def later(request: Request) -> User:
        assert "curl" == request.headers["x-program"]
        return User("ada")

    surfer = Surfer(desk(office.crm, identify=later))
    surfer.http.headers["x-program"] = "curl"
    assert 200 == (await surfer.open("/")).status

    def forbid(_: Request) -> Admin:
        raise HTTPException(403, "Not in the office.")

    page = await Surfer(desk(office.crm, identify=forbid)).open("/")
    assert (403, True) == (page.status, "Not in the office." in page.text)
    wrong: Any = lambda _: "ada"  # noqa: E731 - what a user may write
    with_text = await Surfer(desk(office.crm, identify=wrong)).open("/")
    assert 500 == with_text.status


async def test_admins_only_where_appwrite_knows_them() -> None:
    """With verified users, an admin also needs the role in Appwrite."""
    with EmbeddedAppwrite() as server:
        async with AsyncInteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            transport=server.transport,
        ) as crm:
            await crm.schema.apply()
            page = await Surfer(desk(crm, identify=lambda _: Admin("eve"))).open("/")
    assert 404 == page.status
    assert "eve" in page.text


@pytest.mark.parametrize(("person", "is_told"), [(Admin("root"), True), (User("ada"), False)])
async def test_failures_do_not_tell_users_about_the_server(
    office: Office, person: Admin | User, *, is_told: bool
) -> None:
    """Only admins see the reason of a failure."""
    faulty = FaultyTransport(office.crm._server.transport, Fault.REFUSED)  # type: ignore[union-attr]
    async with AsyncInteractionsClient(
        "http://embedded/v1",
        "embedded",
        api_key="embedded",
        transport=faulty,
        retry=RetryPolicy(retries=0, wait_out_outages=False),
        settings=office.crm.settings,
    ) as crm:
        page = await Surfer(desk(crm, identify=lambda _: person)).open("/")

    assert (503, True) == (page.status, "The server does not respond" in page.text)
    assert is_told != ("No data appears to be lost." in page.text)


def test_arguments_that_contradict_each_other_are_refused(crm_arguments: dict[str, Any]) -> None:
    """Contradicting and invalid arguments are rejected before serving."""
    with pytest.raises(ConfigurationError):
        desk(**crm_arguments)


@pytest.fixture(
    params=[
        {"identify": lambda _: None, "acting_as": Admin("root")},
        {"identify": lambda _: None, "on_token": print},
        {"secret": "short"},
    ]
)
def crm_arguments(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return invalid arguments of `desk`."""
    return {"crm": AsyncInteractionsClient("http://x/v1", "p", api_key="k"), **request.param}


def test_a_client_of_a_user_is_refused() -> None:
    """A client of a signed-in user is rejected, since the desk needs an API key."""
    with pytest.raises(ConfigurationError, match="API key"):
        desk(AsyncInteractionsClient("http://x/v1", "p", session="s"))


async def test_it_works_under_a_path_of_another_application(office: Office) -> None:
    """Links, forms, redirects and cookies use the mount path."""
    app = FastAPI()
    app.mount("/crm/desk", desk(office.crm, identify=lambda _: Admin("root")))
    surfer = Surfer(app)

    page = await surfer.open("/crm/desk/")
    assert "Path=/crm/desk" in page.headers["set-cookie"]
    addresses = [*page.links.values(), *(form.action for form in page.forms if form.action)]
    assert all(
        urlsplit(each).path.startswith(("/crm/desk/", "#")) or each == "#main" for each in addresses
    )
    page = await surfer.open(f"/crm/desk/customers/{office.ada.id}")
    page = await surfer.send(page, page.form("/interactions"), subject="Renewal")
    assert "Logged." in page.text
    page = await surfer.open(page.links["Renewal"])
    assert 200 == page.status
    page = await surfer.open("/crm/desk/settings")
    page = await surfer.send(page, page.form("/settings/zone"), zone="Europe/Rome")
    assert "/crm/desk/settings" == page.url.path
    assert "Times in Europe/Rome" in page.text


async def test_times_are_in_the_persons_zone(office: Office) -> None:
    """The chosen time zone applies unless `identify` returns one; invalid ones are rejected."""
    surfer = office.surfer(Admin("root"))
    page = await surfer.open("/settings")
    assert "Times in UTC" in page.text
    assert "detect-zone" in page.html
    form = page.form("/settings/zone")
    assert 400 == (await surfer.send(page, form, zone="Nowhere/City")).status

    page = await surfer.send(page, form, zone="Asia/Tokyo")
    assert "Times in Asia/Tokyo" in page.text
    assert "detect-zone" not in page.html

    surfer.http.cookies.clear()
    surfer.http.cookies.set("interactions_desk_zone", "Nowhere/City")
    assert "Times in UTC" in (await surfer.open("/")).text
    known = await office.surfer(Admin("root", tz="Europe/Zurich")).open("/settings")
    assert "Europe/Zurich, your zone in your profile" in known.text


def _harmful(page: Page) -> list[str]:
    tags = {"iframe", "object", "embed", "base", "style", "svg", "math", "video"} & set(page.tags)
    links = [url for url in page.links.values() if urlsplit(url).scheme not in {"", "https"}]
    scripts = ["script"] * (page.tags.count("script") - 1)
    forms = [form.action for form in page.forms if form.action and "/" != form.action[0]]
    return [*tags, *links, *scripts, *forms]


async def test_what_a_customer_wrote_is_text(office: Office, root: Surfer) -> None:
    """Hostile text is escaped in every field of every page."""
    tables = "/tablesdb/console-db/tables/customer_interactions/rows"
    server: Any = office.crm._server
    raw = httpx.AsyncClient(
        base_url="http://embedded/v1",
        transport=server.transport,
        headers={"x-appwrite-project": server.project, "x-appwrite-key": server.api_key},
    )
    ids: list[str] = []
    for number, text in enumerate(CORPUS):
        short = text[:120]
        row = {
            "customerId": office.ada.id,
            "interactionType": "call",
            "subject": short,
            "description": text * 2,
            "userId": short,
            "createdBy": short,
            "direction": "inbound",
            "nextAction": short,
            "nextActionDate": "2026-05-04T09:00:00.000+00:00",
            "relatedEntityType": text[:40],
            "relatedEntityId": short,
            "metadata": InteractionMetadata(attachments=[text]).to_wire(),
        }
        body = {"rowId": f"hostile{number}", "data": row}
        answer = await raw.post(tables, json=body)
        assert 201 == answer.status_code, answer.text
        ids.append(answer.json()["$id"])

    timeline = await root.open(f"/customers/{office.ada.id}")
    assert "&lt;script&gt;" in timeline.html
    pages = [timeline, await root.open("/"), await root.open("/reports/activity")]
    pages += [await root.open(f"/interactions/{id}") for id in ids[:: len(ids) // 12]]
    for page in pages:
        assert 200 == page.status, page.url
        assert [] == _harmful(page), page.url
        assert not any(ord(each) < 32 and each not in "\t\n\r" for each in page.html)
    failed = await root.open("/interactions/" + "x" * 40)
    assert 400 == failed.status


async def test_harm_would_be_seen(office: Office, root: Surfer) -> None:
    """The check finds markup that is not escaped."""
    page = await root.open("/")
    for text in (HTML[0], HTML[12], HTML[17]):
        harmed = httpx.Response(200, text=page.html + text, request=page.response.request)
        assert _harmful(type(page)(harmed))
    assert json.dumps([]) == "[]"
    assert office.requests
