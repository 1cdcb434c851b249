"""Requests about users (https://appwrite.io/docs/references/cloud/server-rest/users)."""

from __future__ import annotations

from urllib.parse import urlencode

from pydantic import Field

from interactions_sdk.identifiers import validate_id
from interactions_sdk.wire import query
from interactions_sdk.wire.call import Call, ResponseModel, to_json

__all__ = [
    "Jwt",
    "Membership",
    "MembershipList",
    "User",
    "create_jwt",
    "get_account",
    "get_user",
    "list_members",
    "list_memberships",
]

_ACCOUNT = "/account"
_MEMBERS = "/teams/{team}/memberships"
_USER = "/users/{user}"
_JWTS = _USER + "/jwts"
_MEMBERSHIPS = _USER + "/memberships"


class User(ResponseModel):
    """An Appwrite user: its exact ID, and its labels."""

    id: str = Field(validation_alias="$id")
    labels: list[str]


class Membership(ResponseModel):
    """A user's membership of a team."""

    team_id: str
    roles: list[str]
    confirm: bool = True
    user_id: str | None = None

    def belongs_to(self, user_id: str) -> bool:
        """Return whether it belongs to this user; without IDs, it is the requested one."""
        return self.user_id in (None, user_id)

    def has_role(self, role: str) -> bool:
        """Return whether it gives a role: `TEAM` or `TEAM/ROLE`."""
        team_id, _, name = role.partition("/")
        return self.confirm and self.team_id == team_id and (not name or name in self.roles)


class MembershipList(ResponseModel):
    """A user's memberships."""

    memberships: list[Membership]


class Jwt(ResponseModel):
    """A JWT that lets its bearer act as a user for 15 minutes; it is never shown."""

    jwt: str = Field(repr=False)


_read_jwt = Jwt.__pydantic_validator__.validate_json
_read_user = User.__pydantic_validator__.validate_json
_read_memberships = MembershipList.__pydantic_validator__.validate_json


def get_account() -> Call[User]:
    """Read the authenticated user."""
    return Call("GET", _ACCOUNT, _ACCOUNT, _read_user)


def list_members(team_id: str, user_id: str) -> Call[MembershipList]:
    """Read a user's memberships of a team, which members may do."""
    queries = query.encode_queries([query.equal("userId", validate_id(user_id, "user id"))])
    path = f"/teams/{validate_id(team_id, 'team id')}/memberships"
    parameters = urlencode([("queries[]", text) for text in queries])
    return Call("GET", _MEMBERS, f"{path}?{parameters}", _read_memberships)


def get_user(user_id: str) -> Call[User]:
    """Read one user (transcript `users`)."""
    return Call("GET", _USER, f"/users/{validate_id(user_id, 'user id')}", _read_user)


def list_memberships(user_id: str) -> Call[MembershipList]:
    """Read the teams that a user belongs to."""
    path = f"/users/{validate_id(user_id, 'user id')}/memberships"
    return Call("GET", _MEMBERSHIPS, path, _read_memberships)


def create_jwt(user_id: str) -> Call[Jwt]:
    """Create a JWT of a user, which leaves nothing behind (transcript `users`)."""
    path = f"/users/{validate_id(user_id, 'user id')}/jwts"
    return Call("POST", _JWTS, path, _read_jwt, to_json({}))
