"""Requests about users (https://appwrite.io/docs/references/cloud/server-rest/users)."""

from __future__ import annotations

from pydantic import Field

from interactions_sdk.identifiers import check_id
from interactions_sdk.wire.call import Answer, Call

__all__ = ["Membership", "MembershipList", "User", "get_user", "list_memberships"]

_USER = "/users/{user}"
_MEMBERSHIPS = _USER + "/memberships"


class User(Answer):
    """An Appwrite user: its id, to the letter, and which labels it carries."""

    id: str = Field(validation_alias="$id")
    labels: list[str]


class Membership(Answer):
    """A user's membership of a team."""

    team_id: str
    roles: list[str]
    confirm: bool = True


class MembershipList(Answer):
    """A user's memberships."""

    memberships: list[Membership]


_read_user = User.__pydantic_validator__.validate_json
_read_memberships = MembershipList.__pydantic_validator__.validate_json


def get_user(user_id: str) -> Call[User]:
    """Read one user (transcript `users`)."""
    return Call("GET", _USER, f"/users/{check_id(user_id, 'user id')}", _read_user)


def list_memberships(user_id: str) -> Call[MembershipList]:
    """Read the teams that a user belongs to."""
    path = f"/users/{check_id(user_id, 'user id')}/memberships"
    return Call("GET", _MEMBERSHIPS, path, _read_memberships)
