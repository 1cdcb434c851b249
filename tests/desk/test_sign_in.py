"""A desk for one person: a token that works once, like Jupyter's."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from interactions_sdk.desk import User, desk, sign_in
from tests.desk.pages import Surfer

if TYPE_CHECKING:
    from tests.desk.conftest import Office

pytestmark = pytest.mark.anyio

LOCAL = "http://127.0.0.1:8091"


async def test_a_token_opens_it_once(office: Office) -> None:
    """The link fills in the form, and another browser needs a new token."""
    tokens: list[str] = []
    app = desk(office.crm, on_token=tokens.append)
    surfer, other = Surfer(app, base=LOCAL), Surfer(app, base=LOCAL)
    assert "/login" == (await surfer.open("/")).url.path

    page = await surfer.open(f"/login?token={tokens[0]}")
    form = page.form("/login")
    assert tokens[0] == form.fields["token"]
    home = await surfer.send(page, form)

    assert (200, "/", True) == (home.status, home.url.path, "Sign out" in home.text)
    again = await other.send(page, form)
    assert (403, True) == (again.status, "was already used" in again.text)
    assert 2 == len(tokens)
    page = await other.send(page, form, token=f" {tokens[1]}\n")
    assert (200, "/") == (page.status, page.url.path)


async def test_signing_out_ends_the_session(office: Office) -> None:
    """After signing out, the cookie is invalid."""
    tokens: list[str] = []
    surfer = Surfer(desk(office.crm, on_token=tokens.append), base=LOCAL)
    page = await surfer.open(f"/login?token={tokens[0]}")
    page = await surfer.send(page, page.form("/login"))

    page = await surfer.send(page, page.form("/logout"))

    assert "/login" == page.url.path
    assert "/login" == (await surfer.open("/")).url.path


async def test_guessing_is_slowed_down(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """After five wrong tokens, every token is rejected for a minute."""
    tokens: list[str] = []
    surfer = Surfer(desk(office.crm, on_token=tokens.append), base=LOCAL)
    page = await surfer.open("/login")
    form = page.form("/login")
    now = 1000.0
    monkeypatch.setattr(sign_in, "monotonic", lambda: now)
    for _ in range(5):
        assert 403 == (await surfer.send(page, form, token="guess")).status
    locked = await surfer.send(page, form, token=tokens[0])
    assert (429, True) == (locked.status, "Wait a minute" in locked.text)
    now += 61
    assert 200 == (await surfer.send(page, form, token=tokens[0])).status


async def test_it_is_for_this_machine_only(office: Office) -> None:
    """Other machines and other host names are rejected."""
    app = desk(office.crm, on_token=lambda _: None)

    for address in ("192.0.2.7", "nobody"):
        far = Surfer(app, base=LOCAL, address=address)
        assert 403 == (await far.open("/login")).status
        assert 403 == (await far.open("/")).status
        assert 403 == (await far.http.post("/login", data={"token": "x"})).status_code
    for name in ("evil.invalid", "127.0.0.1.evil.invalid"):
        assert 421 == (await Surfer(app, base=f"http://{name}").open("/login")).status
    for name in ("localhost:8091", "[::1]:8091"):
        assert (
            200 == (await Surfer(app, base=f"http://{name}", address="::1").open("/login")).status
        )


async def test_another_site_cannot_sign_in(office: Office) -> None:
    """The origin of the form is checked."""
    surfer = Surfer(desk(office.crm, on_token=lambda _: None), base=LOCAL)
    surfer.http.headers["sec-fetch-site"] = "cross-site"

    assert 403 == (await surfer.http.post("/login", data={"token": "x"})).status_code


async def test_the_token_is_logged_where_nothing_else_takes_it(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """When run with `uvicorn`, the token is logged."""
    with caplog.at_level(logging.WARNING, "interactions_sdk"):
        app = desk(office.crm, acting_as=User("ada"))
    token = caplog.messages[-1].rpartition("=")[2]
    surfer = Surfer(app, base=LOCAL)

    page = await surfer.open(f"/login?token={token}")
    page = await surfer.send(page, page.form("/login"))

    assert "My record" in page.links


async def test_with_a_login_of_ones_own_there_is_no_token(office: Office, root: Surfer) -> None:
    """With `identify`, the login page does not exist."""
    assert 404 == (await root.open("/login")).status
    assert "Sign out" not in (await root.open("/")).text
    assert office.requests
