"""Operations for admins only, and the audit rows of refused attempts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk._async.access.access import AsyncAdminAccess
from interactions_sdk._async.connection.rows import batched
from interactions_sdk._async.writing.audit_log import write_audit_row
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import InteractionsError, PermissionDeniedError
from interactions_sdk.rules.audit_log import refusal_entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from interactions_sdk._async.access.access import AsyncAccess
    from interactions_sdk._async.connection.project import AsyncProject

__all__ = ["audit_refusal", "audit_refusals", "require_admin"]

logger = logging.getLogger("interactions_sdk")


async def require_admin(
    project: AsyncProject, access: AsyncAccess, action: str, entity_id: str = ""
) -> None:
    """Reject a user who is not an admin, and audit the attempt."""
    try:
        _require_admin_access(access, action)
        await access.verify()
    except PermissionDeniedError:
        await audit_refusal(project, action=action, user_id=access.user_id, entity_id=entity_id)
        raise


def _require_admin_access(access: AsyncAccess, action: str) -> None:
    if not isinstance(access, AsyncAdminAccess):
        raise PermissionDeniedError(
            f"User '{access.user_id}' may not {action}: only an admin may.",
            hint="Use crm.as_admin() with an admin's user ID.",
        )


async def audit_refusal(
    project: AsyncProject, *, action: str, user_id: str, entity_id: str
) -> None:
    """Audit a refusal; if this fails, the failure is logged and the refusal still applies."""
    table = project.tables.audit
    if table is None:
        return
    refusal = refusal_entry(
        table.id, action=action, user_id=user_id, entity_id=entity_id, now=utc_now()
    )
    try:
        await write_audit_row(project.connection, table, refusal)
    except InteractionsError as error:
        logger.warning(
            "a refusal was not audited (%s)",
            type(error).__name__,
            extra={"interactions_sdk": {"failure": type(error).__name__}},
        )


async def audit_refusals(
    project: AsyncProject, *, action: str, user_id: str, entity_ids: Iterable[str]
) -> None:
    """Audit many refusals; if this fails, the failure is logged and they still apply."""
    table = project.tables.audit
    if table is None:
        return
    now = utc_now()
    for batch in batched(entity_ids):
        operations = [
            refusal_entry(table.id, action=action, user_id=user_id, entity_id=each, now=now)
            for each in batch
        ]
        try:
            await project.connection.send(
                wire.create_rows(table, [each.row for each in operations])
            )
        except InteractionsError as error:
            logger.warning(
                "refusals were not audited (%s)",
                type(error).__name__,
                extra={"interactions_sdk": {"failure": type(error).__name__}},
            )
