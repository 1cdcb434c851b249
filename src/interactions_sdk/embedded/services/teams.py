"""Calls on teams and memberships (transcript `permissions-team`)."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from interactions_sdk.embedded.database.attributes import collated
from interactions_sdk.embedded.database.query_parser import Condition
from interactions_sdk.embedded.services import listings, users
from interactions_sdk.embedded.values.datetimes import now, now_later_than
from interactions_sdk.embedded.values.identifiers import unique
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    Answer,
    AppwriteError,
    JsonObject,
    answer,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import Call

_LONGEST_ROLE = 81
_MOST_ROLES = 100
_OWNER = "owner"

_MEMBERSHIPS = {key: attribute for key, attribute in listings.NAMED.items() if key != "name"} | {
    "userId": collated("userId", '"user"'),
    "teamId": collated("teamId", "team"),
    "roles": collated("roles", "roles"),
}


def _team(call: Call) -> tuple[str, str, str, str, str]:
    """Find the team of a call: id, name, prefs, created, updated; a user finds its own."""
    team_id = call.path["teamId"]
    found = call.connection.execute(
        "SELECT id, name, prefs, created, updated FROM _teams WHERE id = ?", (team_id,)
    ).fetchone()
    if found is None or not call.actor.may([f"team:{found[0]}"]):
        raise AppwriteError("team_not_found")
    team: tuple[str, str, str, str, str] = found
    return team


def _owned_team(call: Call) -> str:
    """Find the team of a call that changes it, which its owners may."""
    team_id = _team(call)[0]
    if not call.actor.may([f"team:{team_id}/{_OWNER}"]):
        raise AppwriteError("user_unauthorized")
    return team_id


def _answered(call: Call, team: tuple[str, str, str, str, str]) -> JsonObject:
    team_id, name, prefs, created, updated = team
    total = call.connection.execute(
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


def create(call: Call) -> Answer:
    """Make a team; a user that makes one owns it."""
    team_id = call.new_id("teamId")
    name = call.name()
    moment = now()
    try:
        call.connection.execute(
            "INSERT INTO _teams (id, name, prefs, created, updated) VALUES (?, ?, '{}', ?, ?)",
            (team_id, name, moment, moment),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("team_already_exists") from error
    if call.actor.user_id:
        _join(call, team_id, call.actor.user_id, [_OWNER])
    return answer(_answered(call, (team_id, name, "{}", moment, moment)), 201)


def get(call: Call) -> Answer:
    """Show a team."""
    return answer(_answered(call, _team(call)))


def list_teams(call: Call) -> Answer:
    """List the teams that the actor may see."""
    own = Condition(
        '(? OR id IN (SELECT team FROM _memberships WHERE "user" = ?))',
        [call.actor.is_key, call.actor.user_id],
    )
    total, found = listings.listed(call, "_teams", listings.NAMED, own, searched=("id", "name"))
    shown = [
        _answered(call, row)
        for (sequence,) in found
        for row in call.connection.execute(
            "SELECT id, name, prefs, created, updated FROM _teams WHERE sequence = ?", (sequence,)
        ).fetchall()
    ]
    return answer({"total": total, "teams": shown})


def update_name(call: Call) -> Answer:
    """Name a team."""
    team_id = _owned_team(call)
    call.connection.execute(
        "UPDATE _teams SET name = ?, updated = ? WHERE id = ?",
        (call.name(), now_later_than(_team(call)[4]), team_id),
    )
    return answer(_answered(call, _team(call)))


def delete(call: Call) -> Answer:
    """Delete a team and its memberships."""
    team_id = _owned_team(call)
    call.connection.execute("DELETE FROM _memberships WHERE team = ?", (team_id,))
    call.connection.execute("DELETE FROM _teams WHERE id = ?", (team_id,))
    return NO_CONTENT


def _roles(call: Call) -> list[str]:
    call.required("roles")
    return call.texts("roles", _MOST_ROLES, _LONGEST_ROLE)


def _join(call: Call, team_id: str, user_id: str, roles: list[str]) -> str:
    moment = now()
    call.connection.execute(
        'INSERT INTO _memberships (id, team, "user", roles, created, updated)'
        " VALUES (?, ?, ?, ?, ?, ?)"
        ' ON CONFLICT ("user", team) DO UPDATE SET roles = excluded.roles,'
        " updated = excluded.updated",
        (unique(), team_id, user_id, json.dumps(roles), moment, moment),
    )
    found = call.connection.execute(
        'SELECT id FROM _memberships WHERE team = ? AND "user" = ?', (team_id, user_id)
    ).fetchone()
    return str(found[0])


def create_membership(call: Call) -> Answer:
    """Put a user into a team; with the API key it is a member at once."""
    roles = _roles(call)
    team_id = _team(call)[0]
    user_id = call.text("userId", "", 36)
    email = call.text("email", "", 320)
    if not user_id and not email:
        message = "At least one of userId, email, or phone is required"
        raise AppwriteError("general_argument_invalid", message=message)
    if not call.actor.is_key:
        raise AppwriteError("general_not_implemented", "Inviting to a team by email")
    found = call.connection.execute(
        "SELECT id FROM _users WHERE id = ? OR (? = '' AND email = ?)",
        (user_id, user_id, email.lower()),
    ).fetchone()
    if found is None:
        raise AppwriteError("user_not_found")
    membership_id = _join(call, team_id, found[0], roles)
    return answer(_membership(call, team_id, membership_id), 201)


def _membership(call: Call, team_id: str, membership_id: str) -> JsonObject:
    found = call.connection.execute(
        'SELECT id, created, updated, "user", roles FROM _memberships WHERE team = ? AND id = ?',
        (team_id, membership_id),
    ).fetchone()
    if found is None:
        raise AppwriteError("membership_not_found")
    member_id, created, updated, user_id, roles = found
    member = users.user(call.connection, user_id)
    team = call.connection.execute("SELECT name FROM _teams WHERE id = ?", (team_id,)).fetchone()
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


def get_membership(call: Call) -> Answer:
    """Show a membership."""
    return answer(_membership(call, _team(call)[0], call.path["membershipId"]))


def list_memberships(call: Call) -> Answer:
    """List the members of a team."""
    team_id = _team(call)[0]
    return _memberships(call, Condition("team = ?", [team_id]))


def list_user_memberships(call: Call) -> Answer:
    """List the teams that a user is in."""
    member = users.user(call.connection, call.path["userId"])
    return _memberships(call, Condition('"user" = ?', [member.id]))


def _memberships(call: Call, among: Condition) -> Answer:
    total, found = listings.listed(call, "_memberships", _MEMBERSHIPS, among)
    shown = [
        _membership(call, *row)
        for (sequence,) in found
        for row in call.connection.execute(
            "SELECT team, id FROM _memberships WHERE sequence = ?", (sequence,)
        ).fetchall()
    ]
    return answer({"total": total, "memberships": shown})


def update_membership(call: Call) -> Answer:
    """Give a member other roles."""
    roles = _roles(call)
    team_id = _owned_team(call)
    membership_id = call.path["membershipId"]
    before = _membership(call, team_id, membership_id)
    call.connection.execute(
        "UPDATE _memberships SET roles = ?, updated = ? WHERE id = ?",
        (json.dumps(roles), now_later_than(before["$updatedAt"]), before["$id"]),
    )
    return answer(_membership(call, team_id, membership_id))


def delete_membership(call: Call) -> Answer:
    """Take a member out of a team; a member may go by itself."""
    team_id = _team(call)[0]
    membership = _membership(call, team_id, call.path["membershipId"])
    if not call.actor.may([f"team:{team_id}/{_OWNER}", f"user:{membership['userId']}"]):
        raise AppwriteError("user_unauthorized")
    call.connection.execute("DELETE FROM _memberships WHERE id = ?", (membership["$id"],))
    return NO_CONTENT
