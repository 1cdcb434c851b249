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
    row = context.connection.execute(
        "SELECT id, password, status FROM _users WHERE email = ?", (str(email).lower(),)
    ).fetchone()
    user_id, password_hash, is_active = row or ("", None, False)
    if not password_hash or not tokens.verify_password(str(password), password_hash):
        raise AppwriteError("user_invalid_credentials")
    if not is_active:
        raise AppwriteError("user_blocked")
    return json_response(users.create_session_row(context, user_id, "email"), 201)


def list_sessions(context: RequestContext) -> Response:
    """List the sessions of the user that calls."""
    shown = users.sessions_for(context, _self(context).id)
    return json_response({"total": len(shown), "sessions": shown})


def _session_id(context: RequestContext) -> str:
    session_id = context.path["sessionId"]
    return context.actor.session_id if session_id == "current" else session_id


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
