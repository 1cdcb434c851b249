"""Checking that the team whose members are admins exists.

Any user may create a team with any unused ID, and becomes its member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.errors import NotFoundError
from interactions_sdk.rules.admin_role import AdminRole, missing_team

if TYPE_CHECKING:
    from interactions_sdk._async.connection.connection import AsyncConnection
    from interactions_sdk.settings import Settings

__all__ = ["find_admin_team_problem"]


async def find_admin_team_problem(connection: AsyncConnection, settings: Settings) -> str | None:
    """Describe the problem if the admin role is that of a team that does not exist.

    Raises:
        PermissionDeniedError: The API key may not read teams.
    """
    role = AdminRole.parse(settings.admin_role)
    if role.is_label:
        return None
    from interactions_sdk.wire.teams import get_team  # noqa: PLC0415 - most have a label

    try:
        team = await connection.send(get_team(role.team_id))
    except NotFoundError:
        return missing_team(settings)
    return None if team.id == role.team_id else missing_team(settings)
