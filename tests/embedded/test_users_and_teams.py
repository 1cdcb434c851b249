"""Users, sessions, accounts, teams and memberships."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from tests.embedded.http_client import Talk, query

ANN = "/users/ann"


def test_users_are_listed(talk: Talk) -> None:
    """Users can be listed, filtered and searched."""
    talk.user("ann")
    talk.good("POST", "/users", {"userId": "bob", "phone": "+123", "name": "Bob"})
    assert 2 == talk.good("GET", "/users")["total"]
    for asked in (query("equal", "phone", "+123"), query("contains", "name", "BO")):
        assert ["bob"] == [u["$id"] for u in talk.good("GET", "/users", queries=(asked,))["users"]]
    assert ["ann"] == [u["$id"] for u in talk.good("GET", "/users", search="ANN@")["users"]]


@pytest.mark.parametrize(
    ("call", "body", "expected"),
    [
        ("PATCH name", {"name": "Ann"}, {"name": "Ann"}),
        ("PATCH verification", {"emailVerification": True}, {"emailVerification": True}),
        ("PATCH prefs", {"prefs": {"a": 1}}, {"a": 1}),
        ("PUT labels", {"labels": ["a", "a"]}, {"labels": ["a"]}),
    ],
)
def test_user_is_changed(
    talk: Talk, call: str, body: dict[str, Any], expected: dict[str, Any]
) -> None:
    """The properties of a user can be changed."""
    talk.user("ann")
    method, path = call.split()
    assert expected.items() <= talk.good(method, f"{ANN}/{path}", body).items()
    assert talk.good("GET", f"{ANN}/prefs") == body.get("prefs", {})


def test_verified_user_has_the_role(talk: Talk) -> None:
    """A verified user has the role `users/verified`."""
    user = talk.user("ann")
    talk.good("PATCH", f"{ANN}/verification", {"emailVerification": "true"})
    talk.row("r", ['read("users/verified")'], text="x")
    assert ["r"] == user.ids()


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/users", {"userId": "a", "phone": "1"}, "Invalid `phone` param: Phone number must"),
        ("/users", {"userId": "a", "name": 5}, "Invalid `name` param: Value must be a valid"),
        (
            f"{ANN}/jwts",
            {"duration": 3601},
            "Invalid `duration` param: Value must be a valid range",
        ),
        (f"{ANN}/jwts", {"duration": "x"}, "Invalid `duration` param: Value must be a valid range"),
    ],
)
def test_user_refusals(talk: Talk, path: str, body: dict[str, Any], expected: str) -> None:
    """Invalid users are rejected with Appwrite's message."""
    talk.user("ann")
    assert talk.refused("POST", path, body)[2].startswith(expected)


def test_flag_that_is_none(talk: Talk) -> None:
    """A boolean parameter must be true or false."""
    talk.user("ann")
    message = talk.refused("PATCH", f"{ANN}/status", {"status": "maybe"})[2]
    assert "Invalid `status` param: Value must be a valid boolean" == message


def test_session_signs_in(talk: Talk) -> None:
    """A session's secret authenticates its user, as a header or cookie, until it is deleted."""
    talk.user("ann")
    opened = talk.good("POST", f"{ANN}/sessions", {})
    by_header = Talk(talk.server, {"x-appwrite-session": opened["secret"]})
    by_cookie = Talk(talk.server, {"cookie": f"a_session_embedded={opened['secret']}"})
    assert ["ann", "ann"] == [
        each.good("GET", "/account")["$id"] for each in (by_header, by_cookie)
    ]
    assert {} == by_header.good("GET", "/account/prefs")
    assert by_header.good("GET", "/account/sessions/current")["current"]
    assert 1 == by_header.good("GET", "/account/sessions")["total"]
    jwt = by_header.good("POST", "/account/jwts", {})["jwt"]
    by_jwt = Talk(talk.server, {"x-appwrite-jwt": jwt})
    assert "ann" == by_jwt.good("GET", "/account")["$id"]
    other = talk.good("POST", f"{ANN}/sessions", {})["$id"]
    assert 2 == talk.good("GET", f"{ANN}/sessions")["total"]
    assert "user_session_not_found" == by_header.refused("GET", "/account/sessions/none")[1]
    by_header.good("DELETE", f"/account/sessions/{other}")
    talk.good("DELETE", f"{ANN}/sessions/{opened['$id']}")
    assert "user_session_not_found" == talk.refused("DELETE", f"{ANN}/sessions/gone")[1]
    for each in (by_header, by_jwt):
        assert "general_unauthorized_scope" == each.refused("GET", "/account")[1]


def test_sessions_end(talk: Talk) -> None:
    """A session expires after a year, and all sessions of a user can be deleted together."""
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False) as clock:
        talk.user("ann")
        secret = talk.good("POST", f"{ANN}/sessions", {})["secret"]
        user = Talk(talk.server, {"x-appwrite-session": secret})
        clock.shift(366 * 24 * 3600)
        assert 401 == user.refused("GET", "/account")[0]
    talk.good("DELETE", f"{ANN}/sessions")
    assert 0 == talk.good("GET", f"{ANN}/sessions")["total"]


@pytest.mark.parametrize("session", ["none", "e30=", "W10="])
def test_session_that_is_none(talk: Talk, session: str) -> None:
    """With an invalid session, the request is made as a guest."""
    guest = Talk(talk.server, {"x-appwrite-session": session})
    assert "general_unauthorized_scope" == guest.refused("GET", "/account")[1]


def test_email_session(talk: Talk) -> None:
    """An email address and its password create a session."""
    talk.user("ann")
    guest = talk.guest()
    sent = {"email": "ANN@example.com", "password": "long enough"}
    secret = guest.good("POST", "/account/sessions/email", sent)["secret"]
    user = Talk(talk.server, {"x-appwrite-session": secret})
    assert "ann" == user.good("GET", "/account")["$id"]
    for wrong in ({"password": "wrong one"}, {"email": "no@body.at"}):
        refused = guest.refused("POST", "/account/sessions/email", sent | wrong)
        assert "user_invalid_credentials" == refused[1]
    talk.good("PATCH", f"{ANN}/status", {"status": False})
    assert "user_blocked" == guest.refused("POST", "/account/sessions/email", sent)[1]


@pytest.mark.parametrize(
    ("jwt", "expected"),
    [
        ("nonsense", "Failed to verify JWT. Invalid token: Incomplete segments"),
        ("a.b.c", "Failed to verify JWT. Invalid token: Signature failed"),
    ],
)
def test_jwt_that_is_none(talk: Talk, jwt: str, expected: str) -> None:
    """An invalid JWT is rejected."""
    user = Talk(talk.server, {"x-appwrite-jwt": jwt})
    assert (401, "user_jwt_invalid", expected) == user.refused("GET", "/account")


def test_jwt_ends(talk: Talk) -> None:
    """A JWT expires after 15 minutes."""
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False) as clock:
        user = talk.user("ann")
        clock.shift(901)
        expected = "Failed to verify JWT. Invalid token: Expired"
        assert expected == user.refused("GET", "/account")[2]


@pytest.mark.parametrize(("of", "outlives"), [(None, True), ("recent", False), ("its id", False)])
def test_jwt_and_sessions(talk: Talk, of: str | None, *, outlives: bool) -> None:
    """A JWT ends with the session it was created for, if one was named."""
    talk.user("ann")
    opened = talk.good("POST", f"{ANN}/sessions", {})["$id"]
    named = {} if of is None else {"sessionId": opened if of == "its id" else of}
    jwt = talk.good("POST", f"{ANN}/jwts", named)["jwt"]
    talk.good("DELETE", f"{ANN}/sessions/{opened}")
    status, _ = Talk(talk.server, {"x-appwrite-jwt": jwt})("GET", "/account")
    assert outlives == (status == 200)


def test_jwt_of_a_deleted_user(talk: Talk) -> None:
    """The JWT of a deleted user is invalid."""
    user = talk.user("ann")
    talk.good("DELETE", ANN)
    assert "general_unauthorized_scope" == user.refused("GET", "/account")[1]


def test_key_has_no_account(talk: Talk) -> None:
    """An API key has no account."""
    assert "user_unauthorized" == talk.refused("GET", "/account")[1]


def test_guests_open_no_sessions_of_others(talk: Talk) -> None:
    """Only an API key can create sessions for users."""
    talk.user("ann")
    refused = talk.guest().refused("POST", f"{ANN}/sessions", {})
    assert (401, "general_unauthorized_scope") == refused[:2]


def test_team_of_a_user(talk: Talk) -> None:
    """The user who creates a team owns it, and nobody else sees it."""
    ann, bob = talk.user("ann"), talk.user("bob")
    ann.good("POST", "/teams", {"teamId": "unique()", "name": "Team"})
    [team] = ann.good("GET", "/teams")["teams"]
    path = f"/teams/{team['$id']}"
    assert (1, 0) == (team["total"], bob.good("GET", "/teams")["total"])
    assert "team_not_found" == bob.refused("GET", path)[1]
    assert "Renamed" == ann.good("PUT", path, {"name": "Renamed"})["name"]
    invited = ann.refused("POST", f"{path}/memberships", {"email": "x@y.zz", "roles": []})
    assert 501 == invited[0]
    sent = {"email": "bob@example.com", "roles": ["agent"]}
    joined = talk.good("POST", f"{path}/memberships", sent)
    assert ("bob", "Renamed") == (joined["userId"], joined["teamName"])
    assert "user_unauthorized" == bob.refused("PUT", path, {"name": "Mine"})[1]
    member = f"{path}/memberships/{joined['$id']}"
    assert ["boss"] == talk.good("PATCH", member, {"roles": ["boss"]})["roles"]
    assert ["boss"] == bob.good("GET", member)["roles"]
    assert 2 == bob.good("GET", f"{path}/memberships")["total"]
    assert [team["$id"]] == [
        each["teamId"] for each in talk.good("GET", "/users/bob/memberships")["memberships"]
    ]
    [first, _] = bob.good("GET", f"{path}/memberships")["memberships"]
    assert "user_unauthorized" == bob.refused("DELETE", f"{path}/memberships/{first['$id']}")[1]
    bob.good("DELETE", member)
    assert "membership_not_found" == talk.refused("GET", member)[1]
    ann.good("DELETE", path)
    assert 0 == talk.good("GET", "/teams")["total"]


def test_team_refusals(talk: Talk) -> None:
    """Invalid teams and members are rejected."""
    talk.good("POST", "/teams", {"teamId": "staff", "name": "Staff"})
    assert (
        "team_already_exists" == talk.refused("POST", "/teams", {"teamId": "staff", "name": "x"})[1]
    )
    path = "/teams/staff/memberships"
    message = talk.refused("POST", path, {"roles": []})[2]
    assert "At least one of userId, email, or phone is required" == message
    assert "user_not_found" == talk.refused("POST", path, {"userId": "none", "roles": []})[1]
    assert 'Param "roles" is not optional.' == talk.refused("POST", path, {"userId": "a"})[2]
