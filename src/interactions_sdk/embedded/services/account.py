"""Requests of a user about their own account."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from interactions_sdk.embedded.access import tokens
from interactions_sdk.embedded.services import users
from interactions_sdk.embedded.values.responses import AppwriteError, Response, json_response

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import RequestContext
    from interactions_sdk.embedded.services.users import User


def _self(context: RequestContext) -> User:
    if not context.actor.user_id:
        raise AppwriteError("user_unauthorized")
    return users.get_user(context.connection, context.actor.user_id)


def get(context: RequestContext) -> Response:
    """Show the user that calls."""
    return json_response(_self(context).to_json())


def get_prefs(context: RequestContext) -> Response:
    """Show what the user that calls prefers."""
    return json_response(json.loads(_self(context).prefs))


def create_jwt(context: RequestContext) -> Response:
    """Sign a JWT for the user that calls."""
    _self(context)
    own = {"userId": context.actor.user_id}
    params = {"duration": context.params.get("duration"), "sessionId": context.actor.session_id}
    return users.create_jwt(replace(context, path=own, params=params))


def create_email_session(context: RequestContext) -> Response:
    """Open a session for whoever knows an address and its password."""
    email = context.required_param("email")
    password = context.required_param("password")
    found = context.connection.execute(
        "SELECT id, password FROM _users WHERE email = ?", (str(email).lower(),)
    ).fetchone()
    if not found or not found[1] or not tokens.verify_password(str(password), found[1]):
        raise AppwriteError("user_invalid_credentials")
    if not users.get_user(context.connection, found[0]).status:
        raise AppwriteError("user_blocked")
    opened = users.create_session_row(context, found[0], "email")
    return json_response(opened, 201)


def list_sessions(context: RequestContext) -> Response:
    """List the sessions of the user that calls."""
    shown = users.sessions_for(context, _self(context).id)
    return json_response({"total": len(shown), "sessions": shown})


def _session_id(context: RequestContext) -> str:
    asked = context.path["sessionId"]
    return context.actor.session_id if asked == "current" else asked


def get_session(context: RequestContext) -> Response:
    """Show one session of the user that calls."""
    wanted = _session_id(context)
    for session in users.sessions_for(context, _self(context).id):
        if session["$id"] == wanted:
            return json_response(session)
    raise AppwriteError("user_session_not_found")


def delete_session(context: RequestContext) -> Response:
    """Close one session of the user that calls."""
    return users.delete_session_row(context, _self(context).id, _session_id(context))
