# Generated from src/interactions_sdk/_async/attachments.py by scripts/unasync.py; do not edit.
"""Attachments: files that belong to interactions.

A file and its link are written one after the other. The ID of a file is derived from its
interaction, name and content, so repeating an interrupted call finds the same file and completes
it.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from interactions_sdk.arguments import check_type
from interactions_sdk.errors import (
    BadRequestError,
    ConfigurationError,
    ConflictError,
    InteractionsError,
    NotFoundError,
    file_errors,
    mark_possibly_applied,
)
from interactions_sdk.identifiers import attachment_id, is_attachment_id_of
from interactions_sdk.models.attachment import Attachment
from interactions_sdk.rules.attachments import add_link, attachment_links, remove_link
from interactions_sdk.wire import storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk._sync.writing.interactions import InteractionService
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import ColumnValue

__all__ = ["Attachments"]

logger = logging.getLogger("interactions_sdk")

_COUNTDOWN = range(3, -1, -1)
"""The attempts that are left, at each attempt."""
_MAX_NAME_LENGTH = 255


class Attachments:
    """The attachments that one acting user reads and writes."""

    def __init__(self, project: Project, *, records: InteractionService) -> None:
        self._connection = project.connection
        self._settings = project.settings
        self._interactions = records

    def attach(
        self, interaction_id: str, file: bytes | str | Path, name: str | None
    ) -> CustomerInteraction:
        """Upload a file and link it; see `InteractionRepository.attach`."""
        self._connection.require_api_key("attach")
        check_type(file, (bytes, str, Path), "file", "bytes or a path")
        bucket = self._bucket()
        with file_errors(file if isinstance(file, str | Path) else name):
            file_name, content = self._read_and_validate(file, name)
        current = self._interactions.get_for_update(interaction_id, "attach")
        file_id = attachment_id(current.id, file_name, hashlib.sha256(content).hexdigest())
        link = storage.file_url(
            self._connection.endpoint, self._connection.project, bucket, file_id
        )
        add_link(current, link)
        upload = storage.upload_file(bucket, file_id, file_name, content, current.permissions)
        is_uploaded = False
        try:
            try:
                self._connection.send(upload)
            except ConflictError as conflict:
                if conflict.type != "storage_file_already_exists":
                    raise
            is_uploaded = True
            return self._change(
                current, "attach", "interaction.attached", lambda now: add_link(now, link)
            )
        except InteractionsError as error:
            if not (is_uploaded or error.may_have_landed):
                raise  # rejected, so no file was stored
            outcome_unknown = is_uploaded and error.may_have_landed
            return self._after_failure(
                current.id, link, file_id, error, outcome_unknown=outcome_unknown
            )

    def _after_failure(
        self,
        interaction_id: str,
        link: str,
        file_id: str,
        error: InteractionsError,
        *,
        outcome_unknown: bool,
    ) -> CustomerInteraction:
        """Check whether the link was written anyway, and delete the file if not.

        If the link may still be written (`outcome_unknown`), a file without a link is better than a
        link without a file.
        """
        try:
            now = self._interactions.get(interaction_id)
        except NotFoundError:
            now, outcome_unknown = None, False
        except InteractionsError:
            now, outcome_unknown = None, True
        if now is not None and link in attachment_links(now):
            return now
        if outcome_unknown:
            error.add_note(
                "The file may have been uploaded without being linked. Attach it again to be sure."
            )
        else:
            self._delete_upload(file_id)
        raise error

    def _delete_upload(self, file_id: str) -> None:
        try:
            self._delete(file_id)
        except InteractionsError as error:
            logger.warning(
                "file %s was left without a link (%s)",
                file_id,
                type(error).__name__,
                extra={"interactions_sdk": {"file_id": file_id, "failure": type(error).__name__}},
            )

    def list_attachments(self, interaction_id: str) -> list[Attachment]:
        """Return the attachments; see `InteractionRepository.list_attachments`."""
        interaction = self._interactions.get(interaction_id)
        links = attachment_links(interaction)
        file_ids = {link: self._attached_file(interaction.id, link) for link in links}
        attached = [file_id for file_id in file_ids.values() if file_id is not None]
        files: dict[str, storage.StoredFile] = {}
        if attached:
            found = self._connection.send(storage.list_files(self._bucket(), attached))
            files = {file.id: file for file in found.files}
        return [_attachment(link, files.get(file_ids[link] or "")) for link in links]

    def read_attachment(self, interaction_id: str, link: str) -> bytes:
        """Return the content of a file; see `InteractionRepository.read_attachment`."""
        interaction = self._interactions.get(interaction_id)
        file_id = self._attached_file(interaction.id, link)
        if file_id is None or link not in attachment_links(interaction):
            raise BadRequestError(f"Interaction '{interaction_id}' has no such attachment: {link}")
        return self._connection.send(storage.download_file(self._bucket(), file_id))

    def detach(self, interaction_id: str, link: str) -> CustomerInteraction:
        """Remove a link and its file; see `InteractionRepository.detach`."""
        current = self._interactions.get_for_update(interaction_id, "detach")
        changed = self._change(
            current, "detach", "interaction.detached", lambda now: remove_link(now, link)
        )
        file_id = self._attached_file(current.id, link)
        if file_id is not None:
            with mark_possibly_applied():
                self._delete(file_id)
        return changed

    def _change(
        self,
        current: CustomerInteraction,
        action: str,
        audit_action: str,
        columns_of: Callable[[CustomerInteraction], dict[str, ColumnValue]],
    ) -> CustomerInteraction:
        """Change the links, again from the newer state if someone else has changed them."""
        has_landed = False
        for attempts_left in _COUNTDOWN:  # pragma: no branch - the last attempt ends it
            columns = columns_of(current)
            if not columns:
                break
            with mark_possibly_applied(applied=has_landed):
                try:
                    return self._interactions.update(current, columns, action=audit_action)
                except ConflictError as error:
                    if not attempts_left:
                        raise
                    has_landed = has_landed or error.may_have_landed
            with mark_possibly_applied(applied=has_landed):
                current = self._interactions.get_for_update(current.id, action)
        return current

    def _delete(self, file_id: str) -> None:
        try:
            self._connection.send(storage.delete_file(self._bucket(), file_id))
        except NotFoundError:
            logger.debug(
                "file %s is gone already", file_id, extra={"interactions_sdk": {"file_id": file_id}}
            )

    def _attached_file(self, interaction_id: str, link: str) -> str | None:
        """Return the file to which a link points, if it was attached to this interaction.

        Anyone who may change an interaction may write any link into it.
        """
        bucket, file_id = storage.parse_file_link(link) or ("", "")
        is_own = bucket == self._bucket() and is_attachment_id_of(interaction_id, file_id)
        return file_id if is_own else None

    def _bucket(self) -> str:
        if self._settings.attachments_bucket is None:
            raise ConfigurationError(
                'Attachments need a bucket: set Settings(attachments_bucket="attachments"), and '
                "create it with crm.schema.apply()."
            )
        return self._settings.attachments_bucket

    def _read_and_validate(self, file: bytes | str | Path, name: str | None) -> tuple[str, bytes]:
        """Return the name and the content of a file that the bucket accepts."""
        file_name = name or ("" if isinstance(file, bytes) else Path(file).name)
        is_text = file_name == file_name.encode(errors="ignore").decode()
        if not (is_text and 0 < len(file_name) <= _MAX_NAME_LENGTH):
            raise BadRequestError(
                f"name= must have 1 to {_MAX_NAME_LENGTH} characters of valid Unicode."
            )
        extensions = self._settings.attachments_allowed_extensions
        extension = Path(file_name).suffix.removeprefix(".").lower()
        if extensions and extension not in extensions:
            raise BadRequestError(
                f"Cannot attach {file_name!r}: allowed are {', '.join(extensions)}."
            )
        largest = self._settings.attachments_max_bytes
        content = file if isinstance(file, bytes) else _read_head(Path(file), largest + 1)
        if not content:
            raise BadRequestError(f"Cannot attach {file_name!r}: the file is empty.")
        if len(content) > largest:
            raise BadRequestError(
                f"Cannot attach {file_name!r}: the file has more than {largest:,} bytes, the "
                "maximum of Settings.attachments_max_bytes."
            )
        return file_name, content


def _attachment(link: str, file: storage.StoredFile | None) -> Attachment:
    if file is None:
        return Attachment(link=link)
    return Attachment(link=link, name=file.name, mime_type=file.mime_type, size=file.size)


def _read_head(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)
