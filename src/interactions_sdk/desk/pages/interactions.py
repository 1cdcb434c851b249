"""One interaction: showing, changing and deleting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.exceptions import HTTPException

from interactions_sdk import Attachment, ConflictError, InteractionNotFoundError
from interactions_sdk.desk.forms import (
    EDITED_FIELDS,
    Fields,
    InvalidFormError,
    errors_by_field,
    read_changes,
    read_fields,
    stored_values,
)
from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.desk.rendering import page

if TYPE_CHECKING:
    from starlette.responses import Response

    from interactions_sdk import AuditEntry, CustomerInteraction
    from interactions_sdk.desk.visit import Visit

__all__ = ["ROUTES", "entry_page"]

_LOST_UPDATE = (
    "Someone else has changed this entry since you opened it. Choose for each field below, then "
    "save again."
)


@dataclass(frozen=True, slots=True)
class _Edit:
    """The content of the form for changes: what was typed or chosen instead, and the values before.

    Attributes:
        based_on: The `updated_at` of the values before.
    """

    values: dict[str, str]
    before: dict[str, str]
    based_on: str

    @classmethod
    def read(cls, visit: Visit) -> _Edit:
        before = {name: visit.sent(f"was.{name}").replace("\r\n", "\n") for name in EDITED_FIELDS}
        typed = read_fields(visit, EDITED_FIELDS)
        kept = {name: before[name] for name in typed if visit.sent(f"take.{name}") == "stored"}
        return cls({**typed, **kept}, before, visit.sent("updated_at"))


async def _show(visit: Visit) -> Response:
    """Show an interaction, or to admins the history of a deleted one."""
    try:
        interaction = await visit.repo.get(visit.id)
    except InteractionNotFoundError:
        if not visit.person.is_admin:
            raise
        return await _show_history(visit, status=404)
    return await entry_page(visit, interaction)


async def _show_history(visit: Visit, *, status: int = 200) -> Response:
    """Show the history of an interaction, even of a deleted one."""
    if not _has_audit_log(visit):
        raise HTTPException(404, "There is no audit log.")
    history = await visit.repo.history(visit.id)
    is_deleted = history[-1].action == "interaction.deleted"
    return page(visit, "history", status=status, history=history, is_deleted=is_deleted)


async def _history(visit: Visit, id: str) -> list[AuditEntry]:
    """Return the history below an entry.

    For users, it has its own page: the library reads the interaction again to check its owner, and
    a page should take at most six requests.
    """
    is_shown = visit.person.is_admin and _has_audit_log(visit)
    return await visit.repo.history(id) if is_shown else []


def _has_audit_log(visit: Visit) -> bool:
    return visit.crm.settings.audit_table is not None


async def entry_page(
    visit: Visit,
    interaction: CustomerInteraction,
    *,
    fields: Fields | None = None,
    follow_up: Fields | None = None,
    status: int = 200,
) -> Response:
    """Return the page of an interaction.

    The form for changes has `fields` (default: the stored values); those for a follow-up have
    `follow_up` (default: nothing).
    """
    stored = stored_values(interaction, visit.zone)
    return page(
        visit,
        "entry",
        status=status,
        entry=interaction,
        fields=fields or Fields(stored),
        follow_up=follow_up or Fields(),
        before=stored,
        names=await visit.crm.customers.names([interaction.customer_id]),
        history=await _history(visit, interaction.id),
        attachments=await _attachments(visit, interaction),
        has_audit_log=_has_audit_log(visit),
        can_attach=visit.crm.settings.attachments_bucket is not None,
    )


async def _attachments(visit: Visit, interaction: CustomerInteraction) -> list[Attachment]:
    links = interaction.metadata.attachments if interaction.metadata else []
    if not links or visit.crm.settings.attachments_bucket is None:
        return [Attachment(link=link) for link in links]
    return await visit.repo.list_attachments(interaction.id)


async def _change(visit: Visit) -> Response:
    interaction = await visit.repo.get(visit.id)
    edit = _Edit.read(visit)
    if interaction.updated_at.isoformat() != edit.based_on:
        return await _show_lost_update(visit, interaction, edit)
    try:
        update = read_changes(edit.values, edit.before, visit.zone)
        await visit.repo.update(interaction.id, update, if_unchanged_since=interaction.updated_at)
    except (InvalidFormError, ValidationError) as error:
        errors = errors_by_field(error) if isinstance(error, ValidationError) else error.errors
        fields = Fields(edit.values, errors)
        return await entry_page(visit, interaction, fields=fields, status=422)
    except ConflictError as error:
        newer = error.current or await visit.repo.get(interaction.id)
        return await _show_lost_update(visit, newer, edit)
    return visit.go(f"/interactions/{interaction.id}", notice="saved")


async def _show_lost_update(visit: Visit, current: CustomerInteraction, edit: _Edit) -> Response:
    """Show both versions of the fields that differ; other fields show the newer version."""
    newer = stored_values(current, visit.zone)
    mine = {name for name in EDITED_FIELDS if edit.values[name] != edit.before[name]}
    values = {name: edit.values[name] if name in mine else newer[name] for name in EDITED_FIELDS}
    stored = {name: newer[name] for name in mine if newer[name] != edit.values[name]}
    fields = Fields(values, stored=stored, message=_LOST_UPDATE)
    return await entry_page(visit, current, fields=fields, status=409)


async def _delete(visit: Visit) -> Response:
    interaction = await visit.repo.get(visit.id)
    await visit.repo.delete(interaction.id)
    return visit.go(f"/customers/{interaction.customer_id}", notice="deleted")


ROUTES = (
    PageRoute("GET", "/interactions/{id}", _show),
    PageRoute("GET", "/interactions/{id}/history", _show_history),
    PageRoute("POST", "/interactions/{id}", _change),
    PageRoute("POST", "/interactions/{id}/delete", _delete),
)
