"""The role of admins: `Settings.admin_role`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from interactions_sdk.errors import PermissionDeniedError

if TYPE_CHECKING:
    from interactions_sdk.settings import Settings

__all__ = ["AdminRole", "missing_team", "not_an_admin"]


@dataclass(frozen=True, slots=True)
class AdminRole:
    """A label of a user, or a membership of a team.

    Attributes:
        kind: `label` or `team`.
        name: The label; or the team's ID, or the ID and the role in the team, as `ID/ROLE`.
    """

    kind: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a role in the format of `Settings.admin_role`.

        Example:
            >>> AdminRole.parse("team:support/lead").team_id
            'support'
        """
        kind, name = text.split(":", maxsplit=1)
        return cls(kind, name)

    @property
    def is_label(self) -> bool:
        """Whether it is a label of the user."""
        return self.kind == "label"

    @property
    def team_id(self) -> str:
        """The team, if it is a membership."""
        return self.name.partition("/")[0]


def missing_team(settings: Settings) -> str:
    """Describe the problem if the team of the admin role does not exist.

    Example:
        >>> from interactions_sdk.settings import Settings
        >>> missing_team(Settings(admin_role="team:staff/lead"))
        "The team 'staff' of the setting admin_role does not exist, and whoever creates it ..."
    """
    team = AdminRole.parse(settings.admin_role).team_id
    return (
        f"The team {team!r} of the setting admin_role does not exist, and whoever creates it "
        "becomes an admin: create it in the Appwrite console first, or change the setting."
    )


def not_an_admin(user_id: str, settings: Settings) -> PermissionDeniedError:
    """Return the error for a user who acts as an admin without being one."""
    return PermissionDeniedError(
        f"User '{user_id}' is not an admin.",
        hint=f"Admins need the role {settings.admin_role} in Appwrite.",
    )
