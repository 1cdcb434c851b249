"""Calls of a user about itself."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from interactions_sdk.embedded.access import tokens
from interactions_sdk.embedded.services import users
from interactions_sdk.embedded.values.responses import Answer, AppwriteError, answer

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import Call
    from interactions_sdk.embedded.services.users import User


def _self(call: Call) -> User:
    if not call.actor.user_id:
        raise AppwriteError("user_unauthorized")
    return users.user(call.connection, call.actor.user_id)


def get(call: Call) -> Answer:
    """Show the user that calls."""
    return answer(_self(call).answered())


def get_prefs(call: Call) -> Answer:
    """Show what the user that calls prefers."""
    return answer(json.loads(_self(call).prefs))


def create_jwt(call: Call) -> Answer:
    """Sign a JWT for the user that calls."""
    _self(call)
    own = {"userId": call.actor.user_id}
    params = {"duration": call.params.get("duration"), "sessionId": call.actor.session_id}
    return users.create_jwt(replace(call, path=own, params=params))


def create_email_session(call: Call) -> Answer:
    """Open a session for whoever knows an address and its password."""
    email = call.required("email")
    password = call.required("password")
    found = call.connection.execute(
        "SELECT id, password FROM _users WHERE email = ?", (str(email).lower(),)
    ).fetchone()
    if not found or not found[1] or not tokens.password_matches(str(password), found[1]):
        raise AppwriteError("user_invalid_credentials")
    if not users.user(call.connection, found[0]).status:
        raise AppwriteError("user_blocked")
    opened = users.open_session(call, found[0], "email")
    return answer(opened, 201)


def list_sessions(call: Call) -> Answer:
    """List the sessions of the user that calls."""
    shown = users.sessions_of(call, _self(call).id)
    return answer({"total": len(shown), "sessions": shown})


def _session_id(call: Call) -> str:
    asked = call.path["sessionId"]
    return call.actor.session_id if asked == "current" else asked


def get_session(call: Call) -> Answer:
    """Show one session of the user that calls."""
    wanted = _session_id(call)
    for session in users.sessions_of(call, _self(call).id):
        if session["$id"] == wanted:
            return answer(session)
    raise AppwriteError("user_session_not_found")


def delete_session(call: Call) -> Answer:
    """Close one session of the user that calls."""
    return users.close_session(call, _self(call).id, _session_id(call))
