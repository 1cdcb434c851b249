"""What only an admin may do, and the audit row of anybody else who tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk._async.access.access import AsyncAdminAccess
from interactions_sdk._async.writing.audit_log import write_refusal
from interactions_sdk.errors import PermissionDeniedError

if TYPE_CHECKING:
    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject

__all__ = ["verify_admin"]


async def verify_admin(
    project: AsyncProject, access: AsyncAccess, tried: str, entity_id: str = ""
) -> None:
    """Refuse whoever is no admin, and write down that it was tried.

    Args:
        project: The project.
        access: The acting user.
        tried: What is to be done, for the audit log.
        entity_id: What it is about.

    Raises:
        PermissionDeniedError: The acting user is no admin.
    """
    try:
        _refuse_others(access, tried)
        await access.verify()
    except PermissionDeniedError:
        await write_refusal(project, tried=tried, by=access.user_id, entity_id=entity_id)
        raise


def _refuse_others(access: AsyncAccess, tried: str) -> None:
    if not isinstance(access, AsyncAdminAccess):
        raise PermissionDeniedError(
            f"User '{access.user_id}' may not {tried}: only an admin may.",
            hint="Use crm.as_admin() with a user who is one.",
        )
