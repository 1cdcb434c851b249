# Generated from src/interactions_sdk/_async/privacy.py by scripts/unasync.py; do not edit.
"""Exporting and erasing all data about one customer."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from interactions_sdk import wire
from interactions_sdk._sync.connection.rows import (
    OLDEST_FIRST,
    batched,
    find_row,
    iterate_pages,
    iterate_rows,
)
from interactions_sdk._sync.connection.transactions import commit_operations
from interactions_sdk._sync.writing.refusals import require_admin
from interactions_sdk.datetimes import utc_now
from interactions_sdk.errors import (
    BadRequestError,
    ConflictError,
    CustomerNotFoundError,
    InteractionsError,
    NotFoundError,
    SchemaError,
)
from interactions_sdk.identifiers import is_attachment_id_of, new_row_id, validate_id
from interactions_sdk.models.row import CREATED_AT, ID
from interactions_sdk.rules.attachments import attachment_links
from interactions_sdk.rules.audit_log import change_entry
from interactions_sdk.rules.change_details import without_text
from interactions_sdk.rules.deletions import ERASED
from interactions_sdk.rules.operations import Operation
from interactions_sdk.rules.ownership import is_owned_by
from interactions_sdk.transfer.archive_files import ArchiveFiles
from interactions_sdk.transfer.archive_rows import RawRow, to_interaction, to_row
from interactions_sdk.transfer.redaction import redacted_columns
from interactions_sdk.transfer.results import ErasureResult, out_of_reach
from interactions_sdk.wire import query, storage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.access.customers import CustomerStore
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk.transfer.archive_rows import StoredRow
    from interactions_sdk.wire import Table
    from interactions_sdk.wire.query import Query

__all__ = ["Privacy", "ErasureMode"]

logger = logging.getLogger("interactions_sdk")

ErasureMode = Literal["delete", "redact"]

_ERASE_BATCH_SIZE = wire.MAX_OPERATIONS - 1
"""One operation of a transaction is for the audit rows."""
_LOOKUP_BATCH_SIZE = 50
_MAX_PASSES = 10


@dataclass(frozen=True, slots=True)
class _AttachedFile:
    interaction_id: str
    bucket: str
    id: str
    link: str


@dataclass(slots=True)
class _ErasedFiles:
    """The attached files of an erasure; `blocked` are interactions whose files are kept."""

    deleted: int = 0
    left: list[str] = field(default_factory=list[str])
    blocked: set[str] = field(default_factory=set[str])


class Privacy:
    """Exports and erases customers for one admin."""

    def __init__(self, project: Project, *, access: Access, customers: CustomerStore) -> None:
        self._project = project
        self._connection = project.connection
        self._settings = project.settings
        self._access = access
        self._read_cache = project.read_cache
        self._known = customers
        database = project.settings.database_id
        self._customers = wire.Table(database, project.settings.customers_table, RawRow)
        self._interactions = wire.Table(database, project.settings.interactions_table, RawRow)
        audit = project.settings.audit_table
        self._audit = None if audit is None else wire.Table(database, audit, RawRow)

    def export_customer(self, customer_id: str) -> dict[str, Any]:
        """Return all data; see `InteractionRepository.export_customer`."""
        validate_id(customer_id, "customer id")
        self._verify("export a customer", customer_id)
        customer = self._customer(customer_id)
        interactions = [
            row for page in self._pages(customer_id) for row in page if self._is_own(row, customer)
        ]
        audit = self._audit_rows(customer_id, [str(row[ID]) for row in interactions])
        if customer is None and not interactions and not audit:
            raise CustomerNotFoundError(f"No data found for customer '{customer_id}'.")
        files = [file for file in self._read_files(interactions)]
        return {
            "customer": customer,
            "interactions": interactions,
            "audit": audit,
            "files": files,
        }

    def erase_customer(
        self, customer_id: str, mode: ErasureMode, archive: str | Path | None
    ) -> ErasureResult:
        """Erase all data; see `InteractionRepository.erase_customer`."""
        self._connection.require_api_key("erase_customer")
        if mode not in {"delete", "redact"}:
            raise BadRequestError(f"mode must be 'delete' or 'redact', not {mode!r}.")
        validate_id(customer_id, "customer id")
        self._verify("erase a customer", customer_id)
        files = _ErasedFiles()
        archived = 0
        if archive is not None:
            archived = self._erase_from_archive(archive, customer_id, mode, files)
        erased = self._erase_interactions(customer_id, mode, files)
        self._erase_audit_texts(customer_id)
        is_complete = mode == "delete" and not files.left
        customer = is_complete and self._customer(customer_id) is not None
        if customer or erased or archived:
            facts = {"mode": mode, "interactions": erased, "archived": archived}
            self._finish(customer_id, facts, deletes=customer)
        if customer:
            # What others have written since the last pass; they undo what they write now.
            erased += self._erase_interactions(customer_id, mode, files)
            self._erase_audit_texts(customer_id)
        return ErasureResult(
            erased,
            archived,
            customer,
            files=files.deleted,
            files_left=tuple(files.left),
            out_of_reach=out_of_reach(has_archive=archive is not None),
        )

    def _verify(self, action: str, customer_id: str) -> None:
        require_admin(self._project, self._access, action, customer_id)

    def _is_own(self, row: StoredRow, customer: StoredRow | None) -> bool:
        """Return whether a row that names the customer is not forged."""
        if not self._settings.user_sessions:
            return True
        owner = (customer or {}).get(self._settings.customer_columns.user_id)
        return is_owned_by(to_interaction(row).permissions, str(owner or ""))

    def _customer(self, customer_id: str) -> StoredRow | None:
        row = find_row(self._connection, self._customers, customer_id)
        return to_row(row) if row is not None and row.id == customer_id else None

    def _pages(self, customer_id: str) -> Iterator[list[StoredRow]]:
        """Yield exactly the customer's interactions."""
        pages = iterate_pages(
            self._connection,
            self._interactions,
            [query.equal("customerId", customer_id)],
            OLDEST_FIRST,
            page_size=_ERASE_BATCH_SIZE,
        )
        for page in pages:
            rows = map(to_row, page)
            yield [row for row in rows if row.get("customerId") == customer_id]

    def _audit_rows(self, customer_id: str, ids: Sequence[str]) -> list[StoredRow]:
        """Return the audit rows of a customer, including those that name only an interaction."""
        if self._audit is None:
            return []
        found: dict[str, StoredRow] = {}
        about = {customer_id, *ids}
        for row in self._all(self._audit, query.equal("customerId", customer_id)):
            if row.get("customerId") == customer_id:
                found[str(row[ID])] = row
        for batch in batched(sorted(about), _LOOKUP_BATCH_SIZE):
            for row in self._all(self._audit, query.equal("entityId", *batch)):
                if row.get("entityId") in about:
                    found[str(row[ID])] = row
        return sorted(found.values(), key=lambda row: str(row[CREATED_AT]))

    def _all(self, table: Table[RawRow], condition: Query) -> list[StoredRow]:
        rows = iterate_rows(
            self._connection,
            table,
            [condition],
            OLDEST_FIRST,
            page_size=self._settings.page_size,
        )
        return [to_row(row) for row in rows]

    def _read_files(self, rows: Sequence[StoredRow]) -> Iterator[dict[str, object]]:
        """Yield the attached files; for a missing file, only the data from its link."""
        for file in _attached_files(rows):
            known = {"$id": file.id, "interactionId": file.interaction_id, "link": file.link}
            try:
                described = self._connection.send(storage.get_file(file.bucket, file.id))
                download = storage.download_file(file.bucket, file.id)
                content = self._connection.send(download)
            except (NotFoundError, SchemaError):
                logger.warning(
                    "attached file %s does not exist",
                    file.id,
                    extra={"interactions_sdk": {"file_id": file.id, "bucket": file.bucket}},
                )
                yield {**known, "missing": True}
                continue
            yield {
                **known,
                "name": described.name,
                "mimeType": described.mime_type,
                "base64": b64encode(content).decode(),
            }

    def _delete_files(self, rows: Sequence[StoredRow], files: _ErasedFiles) -> list[StoredRow]:
        """Delete the attached files of rows, in whatever bucket their links name.

        Returns:
            The rows whose files were deleted; other rows keep their links.
        """
        blocked: set[str] = set()
        for file in _attached_files(rows):
            try:
                self._connection.send(storage.delete_file(file.bucket, file.id))
                files.deleted += 1
            except (NotFoundError, SchemaError):
                continue
            except InteractionsError as error:
                blocked.add(file.interaction_id)
                files.left.append(file.link)
                logger.warning(
                    "attached file %s was not deleted (%s); its interaction is kept. Run "
                    "erase_customer() again",
                    file.link,
                    type(error).__name__,
                    extra={
                        "interactions_sdk": {
                            "file_id": file.id,
                            "bucket": file.bucket,
                            "interaction_id": file.interaction_id,
                            "failure": type(error).__name__,
                        }
                    },
                )
        files.blocked |= blocked
        return [row for row in rows if row[ID] not in blocked]

    def _erase_interactions(self, customer_id: str, mode: ErasureMode, files: _ErasedFiles) -> int:
        """Erase interactions until none is left."""
        erased = 0
        for _ in range(_MAX_PASSES):
            left = False
            for rows in self._pages(customer_id):
                todo = [
                    row
                    for row in rows
                    if row[ID] not in files.blocked and (mode == "delete" or redacted_columns(row))
                ]
                left = left or bool(todo)
                erased += self._erase(customer_id, self._delete_files(todo, files), mode)
            if not left:
                return erased
        raise ConflictError(
            f"Others keep writing to customer '{customer_id}' while it is erased.",
            hint="Stop the other writers and run it again.",
        )

    def _erase_audit_texts(self, customer_id: str) -> None:
        """Remove text that people wrote from the audit log."""
        if self._audit is None:
            return
        pages = iterate_pages(
            self._connection,
            self._audit,
            [query.equal("customerId", customer_id)],
            OLDEST_FIRST,
            page_size=_ERASE_BATCH_SIZE,
        )
        for page in pages:
            rows = [row for row in map(to_row, page) if row.get("customerId") == customer_id]
            operations = [
                Operation("update", self._audit.id, str(row[ID]), {"details": kept})
                for row in rows
                if (kept := without_text(row.get("details"))) != row.get("details")
            ]
            if operations:
                commit_operations(self._connection, self._settings.database_id, operations)

    def _erase(
        self,
        customer_id: str,
        rows: Sequence[StoredRow],
        mode: ErasureMode,
        *,
        claims: bool = True,
    ) -> int:
        """Erase rows together with their audit rows; rows changed by others wait for the next pass.

        Args:
            customer_id: The customer.
            rows: The rows.
            mode: Whether to delete or to redact them.
            claims: Whether the audit rows have the IDs that any change of the same state would
                have, so nobody archives a row that is erased.

        Returns:
            The number of erased rows.
        """
        if not rows:
            return 0
        operations = [self._operation(row, mode) for row in rows]
        if self._audit is not None:
            action = ERASED if mode == "delete" else "interaction.redacted"
            entries = [self._erasure_entry(action, row, claims=claims) for row in rows]
            operations.append(Operation("bulkCreate", self._audit.id, None, entries))
        try:
            with self._read_cache.invalidate_after(customer_id):
                commit_operations(self._connection, self._settings.database_id, operations)
        except (ConflictError, NotFoundError):
            if len(rows) == 1:
                if claims and self._is_blocked(rows[0]):
                    return self._erase(customer_id, rows, mode, claims=False)
                return 0
            half = (len(rows) + 1) // 2
            return sum([self._erase(customer_id, batch, mode) for batch in batched(rows, half)])
        return len(rows)

    def _is_blocked(self, row: StoredRow) -> bool:
        """Return whether an audit row is in the way of an unchanged row, so nobody can change it.

        Then nobody can archive it either, and it is erased without claiming it.
        """
        if self._audit is None:
            return False
        claim = self._erasure_entry(ERASED, row, claims=True)
        blocking = find_row(self._connection, self._audit, str(claim[ID]))
        now = find_row(self._connection, self._interactions, str(row[ID]))
        return blocking is not None and now is not None and to_row(now) == row

    def _erase_from_archive(
        self, archive: str | Path, customer_id: str, mode: ErasureMode, files: _ErasedFiles
    ) -> int:
        """Erase a customer from the files of an archive, each of which is replaced atomically."""
        archive_files = ArchiveFiles(archive)
        erased = 0
        for path in archive_files.find():
            if customer_id not in archive_files.values(path, "customer_id"):
                continue
            rows = archive_files.read(path)
            own = [row for row in rows if row.get("customerId") == customer_id]
            erasable = {str(row[ID]) for row in self._delete_files(own, files)}
            kept = [_redact_row(row, mode) if row[ID] in erasable else row for row in rows]
            changed = sum(before != after for before, after in zip(rows, kept, strict=True))
            if changed:
                archive_files.replace(path, [row for row in kept if row is not None])
            erased += changed
        return erased

    def _operation(self, row: StoredRow, mode: ErasureMode) -> Operation:
        row_id = str(row[ID])
        if mode == "delete":
            return Operation("delete", self._interactions.id, row_id)
        return Operation("update", self._interactions.id, row_id, redacted_columns(row))

    def _erasure_entry(self, action: str, row: StoredRow, *, claims: bool) -> dict[str, object]:
        table, user_id = self._settings.audit_table, self._access.user_id
        entry = change_entry(str(table), to_interaction(row), action=action, user_id=user_id).row
        return entry if claims else {**entry, ID: new_row_id(utc_now())}

    def _audit_entry(
        self, action: str, entity_id: str, customer_id: str, details: str | None = None
    ) -> dict[str, object]:
        return {
            ID: new_row_id(utc_now()),
            "action": action,
            "userId": self._access.user_id,
            "entityId": entity_id,
            "customerId": customer_id,
            "details": details,
        }

    def _finish(self, customer_id: str, facts: Mapping[str, object], *, deletes: bool) -> None:
        """Record that the customer was erased, and delete the customer record."""
        operations = [Operation("delete", self._customers.id, customer_id)] if deletes else []
        if self._audit is not None:
            entry = self._audit_entry(
                "customer.erased", customer_id, customer_id, json.dumps(facts)
            )
            operations.append(Operation("bulkCreate", self._audit.id, None, [entry]))
        try:
            if operations:
                self._commit_at_last(operations)
        finally:
            self._known.invalidate(customer_id)

    def _commit_at_last(self, operations: Sequence[Operation]) -> None:
        """Commit operations, and retry while someone else updates the customer's dates."""
        for _ in range(_MAX_PASSES - 1):
            with suppress(ConflictError):
                commit_operations(self._connection, self._settings.database_id, operations)
                return
        commit_operations(self._connection, self._settings.database_id, operations)


def _attached_files(rows: Sequence[StoredRow]) -> Iterator[_AttachedFile]:
    """Yield the files that were attached to interactions, by the links in their rows.

    Anyone who may change an interaction may write any link into it, so only files whose ID was
    derived from the interaction are included.
    """
    for interaction in map(to_interaction, rows):
        for link in attachment_links(interaction):
            parsed = storage.parse_file_link(link)
            if parsed is not None and is_attachment_id_of(interaction.id, parsed[1]):
                yield _AttachedFile(interaction.id, *parsed, link)


def _redact_row(row: StoredRow, mode: ErasureMode) -> StoredRow | None:
    if mode == "delete":
        return None
    redacted = {**row, **redacted_columns(row)}
    return {name: value for name, value in redacted.items() if value is not None}
