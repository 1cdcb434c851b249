"""Calls on teams and memberships (transcript `permissions-team`)."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, TypeAlias

from interactions_sdk.embedded.database.attributes import collated_attribute
from interactions_sdk.embedded.database.query_sql import Condition
from interactions_sdk.embedded.services import listings, users
from interactions_sdk.embedded.values.datetimes import now, now_later_than
from interactions_sdk.embedded.values.identifiers import unique
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    AppwriteError,
    JsonObject,
    Response,
    json_response,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import RequestContext

_MAX_ROLE_LENGTH = 81
_MAX_ROLES = 100
_OWNER = "owner"

_TEAM_COLUMNS = "id, name, prefs, created, updated"
_Team: TypeAlias = tuple[str, str, str, str, str]
"""The values of these columns."""

_MEMBERSHIPS = {key: attribute for key, attribute in listings.NAMED.items() if key != "name"} | {
    "userId": collated_attribute("userId", '"user"'),
    "teamId": collated_attribute("teamId", "team"),
    "roles": collated_attribute("roles", "roles"),
}


def _team(context: RequestContext) -> _Team:
    """Find the team of a call; a user finds its own."""
    team: _Team | None = context.connection.execute(
        f"SELECT {_TEAM_COLUMNS} FROM _teams WHERE id = ?",  # noqa: S608 - a constant
        (context.path["teamId"],),
    ).fetchone()
    if team is None or not context.actor.has_role([f"team:{team[0]}"]):
        raise AppwriteError("team_not_found")
    return team


def _owned_team(context: RequestContext) -> str:
    """Find the team of a call that changes it, which its owners may."""
    team_id = _team(context)[0]
    if not context.actor.has_role([f"team:{team_id}/{_OWNER}"]):
        raise AppwriteError("user_unauthorized")
    return team_id


def _answered(context: RequestContext, team: _Team) -> JsonObject:
    team_id, name, prefs, created, updated = team
    total = context.connection.execute(
        "SELECT count(*) FROM _memberships WHERE team = ?", (team_id,)
    ).fetchone()[0]
    return {
        "$id": team_id,
        "$createdAt": created,
        "$updatedAt": updated,
        "name": name,
        "total": total,
        "prefs": json.loads(prefs),
    }


def create(context: RequestContext) -> Response:
    """Make a team; a user that makes one owns it."""
    team_id = context.new_id("teamId")
    name = context.name_param()
    timestamp = now()
    try:
        context.connection.execute(
            "INSERT INTO _teams (id, name, prefs, created, updated) VALUES (?, ?, '{}', ?, ?)",
            (team_id, name, timestamp, timestamp),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("team_already_exists") from error
    if context.actor.user_id:
        _join(context, team_id, context.actor.user_id, [_OWNER])
    return json_response(_answered(context, (team_id, name, "{}", timestamp, timestamp)), 201)


def get(context: RequestContext) -> Response:
    """Show a team."""
    return json_response(_answered(context, _team(context)))


def list_teams(context: RequestContext) -> Response:
    """List the teams that the actor may see."""
    own = Condition(
        '(? OR id IN (SELECT team FROM _memberships WHERE "user" = ?))',
        [context.actor.is_key, context.actor.user_id],
    )
    total, rows = listings.list_resources(
        context, "_teams", _TEAM_COLUMNS, listings.NAMED, among=own, searched=("id", "name")
    )
    shown = [_answered(context, row) for row in rows]
    return json_response({"total": total, "teams": shown})


def update_name(context: RequestContext) -> Response:
    """Name a team."""
    team_id = _owned_team(context)
    context.connection.execute(
        "UPDATE _teams SET name = ?, updated = ? WHERE id = ?",
        (context.name_param(), now_later_than(_team(context)[4]), team_id),
    )
    return json_response(_answered(context, _team(context)))


def delete(context: RequestContext) -> Response:
    """Delete a team and its memberships."""
    team_id = _owned_team(context)
    context.connection.execute("DELETE FROM _memberships WHERE team = ?", (team_id,))
    context.connection.execute("DELETE FROM _teams WHERE id = ?", (team_id,))
    return NO_CONTENT


def _roles(context: RequestContext) -> list[str]:
    context.required_param("roles")
    return context.str_list_param("roles", _MAX_ROLES, _MAX_ROLE_LENGTH)


def _join(context: RequestContext, team_id: str, user_id: str, roles: list[str]) -> str:
    timestamp = now()
    context.connection.execute(
        'INSERT INTO _memberships (id, team, "user", roles, created, updated)'
        " VALUES (?, ?, ?, ?, ?, ?)"
        ' ON CONFLICT ("user", team) DO UPDATE SET roles = excluded.roles,'
        " updated = excluded.updated",
        (unique(), team_id, user_id, json.dumps(roles), timestamp, timestamp),
    )
    row = context.connection.execute(
        'SELECT id FROM _memberships WHERE team = ? AND "user" = ?', (team_id, user_id)
    ).fetchone()
    return str(row[0])


def create_membership(context: RequestContext) -> Response:
    """Put a user into a team; with the API key it is a member at once."""
    roles = _roles(context)
    team_id = _team(context)[0]
    user_id = context.str_param("userId", "", 36)
    email = context.str_param("email", "", 320)
    if not user_id and not email:
        message = "At least one of userId, email, or phone is required"
        raise AppwriteError("general_argument_invalid", message=message)
    if not context.actor.is_key:
        raise AppwriteError("general_not_implemented", "Inviting to a team by email")
    user = context.connection.execute(
        "SELECT id FROM _users WHERE id = ? OR (? = '' AND email = ?)",
        (user_id, user_id, email.lower()),
    ).fetchone()
    if user is None:
        raise AppwriteError("user_not_found")
    membership_id = _join(context, team_id, user[0], roles)
    return json_response(_membership(context, team_id, membership_id), 201)


def _membership(context: RequestContext, team_id: str, membership_id: str) -> JsonObject:
    row = context.connection.execute(
        'SELECT id, created, updated, "user", roles FROM _memberships WHERE team = ? AND id = ?',
        (team_id, membership_id),
    ).fetchone()
    if row is None:
        raise AppwriteError("membership_not_found")
    member_id, created, updated, user_id, roles = row
    member = users.get_user(context.connection, user_id)
    team = context.connection.execute("SELECT name FROM _teams WHERE id = ?", (team_id,)).fetchone()
    return {
        "$id": member_id,
        "$createdAt": created,
        "$updatedAt": updated,
        "userId": member.id,
        "userName": member.name,
        "userEmail": member.email or "",
        "userPhone": member.phone or "",
        "teamId": team_id,
        "teamName": team[0],
        "invited": created,
        "joined": created,
        "confirm": True,
        "mfa": False,
        "userAccessedAt": "",
        "roles": json.loads(roles),
    }


def get_membership(context: RequestContext) -> Response:
    """Show a membership."""
    return json_response(_membership(context, _team(context)[0], context.path["membershipId"]))


def list_memberships(context: RequestContext) -> Response:
    """List the members of a team."""
    team_id = _team(context)[0]
    return _memberships(context, Condition("team = ?", [team_id]))


def list_user_memberships(context: RequestContext) -> Response:
    """List the teams that a user is in."""
    member = users.get_user(context.connection, context.path["userId"])
    return _memberships(context, Condition('"user" = ?', [member.id]))


def _memberships(context: RequestContext, among: Condition) -> Response:
    total, rows = listings.list_resources(
        context, "_memberships", "team, id", _MEMBERSHIPS, among=among
    )
    shown = [_membership(context, *row) for row in rows]
    return json_response({"total": total, "memberships": shown})


def update_membership(context: RequestContext) -> Response:
    """Give a member other roles."""
    roles = _roles(context)
    team_id = _owned_team(context)
    membership_id = context.path["membershipId"]
    before = _membership(context, team_id, membership_id)
    context.connection.execute(
        "UPDATE _memberships SET roles = ?, updated = ? WHERE id = ?",
        (json.dumps(roles), now_later_than(before["$updatedAt"]), before["$id"]),
    )
    return json_response(_membership(context, team_id, membership_id))


def delete_membership(context: RequestContext) -> Response:
    """Take a member out of a team; a member may go by itself."""
    team_id = _team(context)[0]
    membership = _membership(context, team_id, context.path["membershipId"])
    if not context.actor.has_role([f"team:{team_id}/{_OWNER}", f"user:{membership['userId']}"]):
        raise AppwriteError("user_unauthorized")
    context.connection.execute("DELETE FROM _memberships WHERE id = ?", (membership["$id"],))
    return NO_CONTENT
