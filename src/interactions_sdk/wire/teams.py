"""Requests about teams (https://appwrite.io/docs/references/cloud/server-rest/teams)."""

from __future__ import annotations

from pydantic import Field

from interactions_sdk.identifiers import validate_id
from interactions_sdk.wire.call import Call, ResponseModel, to_json

__all__ = ["Team", "create_team", "get_team"]

_TEAMS = "/teams"
_TEAM = _TEAMS + "/{team}"


class Team(ResponseModel):
    """A team."""

    id: str = Field(validation_alias="$id")


_read_team = Team.__pydantic_validator__.validate_json


def get_team(team_id: str) -> Call[Team]:
    """Read a team."""
    return Call("GET", _TEAM, f"{_TEAMS}/{validate_id(team_id, 'team id')}", _read_team)


def create_team(team_id: str) -> Call[Team]:
    """Create a team without members; its ID is its name."""
    body = to_json({"teamId": validate_id(team_id, "team id"), "name": team_id})
    return Call("POST", _TEAMS, _TEAMS, _read_team, body)
