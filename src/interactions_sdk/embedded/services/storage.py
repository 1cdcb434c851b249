"""Calls on buckets and files (transcript `storage`)."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from interactions_sdk.embedded.access import permissions
from interactions_sdk.embedded.access.permissions import (
    CREATE,
    DELETE,
    READ,
    ROW_ACTIONS,
    TABLE_ACTIONS,
    UPDATE,
)
from interactions_sdk.embedded.database.attributes import INTEGER, attribute, collated_attribute
from interactions_sdk.embedded.database.query_sql import Condition
from interactions_sdk.embedded.services import listings
from interactions_sdk.embedded.services.context import invalid_param, new_id
from interactions_sdk.embedded.values import multipart
from interactions_sdk.embedded.values.datetimes import now, now_later_than
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    AppwriteError,
    JsonObject,
    Response,
    json_response,
)

if TYPE_CHECKING:
    from interactions_sdk.embedded.services.context import RequestContext
    from interactions_sdk.embedded.values.versions import Version

_BUCKET_COLUMNS = "sequence, id, options, created, updated"
_MAX_FILE_SIZE = 5_000_000_000
_MAX_EXTENSIONS, _MAX_EXTENSION_LENGTH = 100, 64
_COMPRESSIONS = ("none", "gzip", "zstd")

_BUCKETS = {key: value for key, value in listings.NAMED.items() if key != "name"} | {
    "name": collated_attribute("name", "json_extract(options, '$.name')")
}
_FILES = listings.NAMED | {
    "signature": collated_attribute("signature", "signature"),
    "mimeType": collated_attribute("mimeType", "mime_type"),
    "sizeOriginal": attribute("sizeOriginal", INTEGER, "size"),
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as the file keeps it."""

    sequence: int
    id: str
    options: JsonObject
    created: str
    updated: str

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> Bucket:
        """Make a bucket of its row."""
        return cls(row[0], row[1], json.loads(row[2]), row[3], row[4])

    def granted(self, action: str) -> list[str]:
        """Return the roles to which the bucket grants an action on all of its files."""
        return permissions.roles_with(self.options["$permissions"], action)

    def answered(self, total_size: int) -> JsonObject:
        """Show the bucket."""
        return {
            "$id": self.id,
            "$createdAt": self.created,
            "$updatedAt": self.updated,
            **self.options,
            "totalSize": total_size,
        }


def _bucket(context: RequestContext) -> Bucket:
    row = context.connection.execute(
        f"SELECT {_BUCKET_COLUMNS} FROM _buckets WHERE id = ?",  # noqa: S608 - a constant
        (context.path["bucketId"],),
    ).fetchone()
    if row is None:
        raise AppwriteError("storage_bucket_not_found")
    bucket = Bucket.of(row)
    if not bucket.options["enabled"] and not context.actor.is_key:
        raise AppwriteError("storage_bucket_not_found")
    return bucket


def _shown(context: RequestContext, bucket: Bucket) -> JsonObject:
    total = context.connection.execute(
        "SELECT coalesce(sum(size), 0) FROM _files WHERE bucket = ?", (bucket.sequence,)
    ).fetchone()[0]
    return bucket.answered(total)


def _options(context: RequestContext, old: JsonObject | None = None) -> JsonObject:
    granted = context.permissions(TABLE_ACTIONS)
    if granted is None:
        granted = cast("list[str]", old["$permissions"]) if old else []
    extensions = context.str_list_param(
        "allowedFileExtensions", _MAX_EXTENSIONS, _MAX_EXTENSION_LENGTH
    )
    compression = context.str_param("compression", "none", 10)
    if compression not in _COMPRESSIONS:
        raise invalid_param("compression", f"Value must be one of ({', '.join(_COMPRESSIONS)})")
    size = context.int_param("maximumFileSize", _MAX_FILE_SIZE, 1, _MAX_FILE_SIZE)
    return {
        "$permissions": granted,
        "fileSecurity": context.bool_param("fileSecurity", default=False),
        "name": context.name_param(),
        "enabled": context.bool_param("enabled", default=True),
        "maximumFileSize": size,
        "allowedFileExtensions": extensions,
        "compression": compression,
        "encryption": context.bool_param("encryption", default=True),
        "antivirus": context.bool_param("antivirus", default=True),
        "transformations": context.bool_param("transformations", default=True),
    }


def create_bucket(context: RequestContext) -> Response:
    """Make a bucket."""
    bucket_id = context.new_id("bucketId")
    options = _options(context)
    timestamp = now()
    try:
        context.connection.execute(
            "INSERT INTO _buckets (id, options, created, updated) VALUES (?, ?, ?, ?)",
            (bucket_id, json.dumps(options), timestamp, timestamp),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("storage_bucket_already_exists") from error
    return json_response(Bucket(0, bucket_id, options, timestamp, timestamp).answered(0), 201)


def get_bucket(context: RequestContext) -> Response:
    """Show a bucket."""
    return json_response(_shown(context, _bucket(context)))


def list_buckets(context: RequestContext) -> Response:
    """List buckets."""
    total, rows = listings.list_resources(context, "_buckets", _BUCKET_COLUMNS, _BUCKETS)
    shown = [_shown(context, Bucket.of(row)) for row in rows]
    return json_response({"total": total, "buckets": shown})


def update_bucket(context: RequestContext) -> Response:
    """Change a bucket; what is not given is as in a new one, except the permissions."""
    bucket = _bucket(context)
    options = _options(context, bucket.options)
    context.connection.execute(
        "UPDATE _buckets SET options = ?, updated = ? WHERE sequence = ?",
        (json.dumps(options), now_later_than(bucket.updated), bucket.sequence),
    )
    return json_response(_shown(context, _bucket(context)))


def delete_bucket(context: RequestContext) -> Response:
    """Delete a bucket and its files."""
    bucket = _bucket(context)
    context.connection.execute("DELETE FROM _files WHERE bucket = ?", (bucket.sequence,))
    context.connection.execute("DELETE FROM _buckets WHERE sequence = ?", (bucket.sequence,))
    return NO_CONTENT


_FILE_COLUMNS = "sequence, id, name, permissions, mime_type, signature, size, created, updated"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is kept, without its content."""

    sequence: int
    id: str
    name: str
    permissions: list[str]
    mime_type: str
    signature: str
    size: int
    created: str
    updated: str

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> File:
        """Make a file of its row."""
        sequence, file_id, name, granted, *rest = row
        return cls(sequence, file_id, name, json.loads(granted), *rest)

    def to_json(self, bucket: Bucket, version: Version) -> JsonObject:
        """Show the file."""
        # Appwrite keeps an encrypted file as base64.
        encrypted = bucket.options["encryption"]
        return {
            "$id": self.id,
            "bucketId": bucket.id,
            "$createdAt": self.created,
            "$updatedAt": self.updated,
            "$permissions": self.permissions,
            "name": self.name,
            **({"folder": "", "key": self.name} if version.file_keys else {}),
            "signature": self.signature,
            "mimeType": self.mime_type,
            "sizeOriginal": self.size,
            "sizeActual": (self.size + 2) // 3 * 4 if encrypted else self.size,
            "chunksTotal": 1,
            "chunksUploaded": 1,
            "encryption": encrypted,
            "compression": bucket.options["compression"],
        }


def _load_file(context: RequestContext, bucket: Bucket, file_id: str) -> File | None:
    row = context.connection.execute(
        f"SELECT {_FILE_COLUMNS} FROM _files WHERE bucket = ? AND id = ?",  # noqa: S608 - a constant
        (bucket.sequence, file_id),
    ).fetchone()
    return None if row is None else File.of(row)


def _file(context: RequestContext, bucket: Bucket, action: str) -> File:
    """Find a file that the actor may do something with.

    A file that may not be read is not there; one that may not be changed says so.
    """
    may = context.actor.has_role(bucket.granted(action))
    if not may and not bucket.options["fileSecurity"]:
        context.actor.require_role(action, bucket.granted(action))
    file = _load_file(context, bucket, context.path["fileId"])
    granted = permissions.roles_with(file.permissions, action) if file else []
    if file is None or (action == READ and not may and not context.actor.has_role(granted)):
        raise AppwriteError("storage_file_not_found")
    if not may:
        context.actor.require_role(action, granted)
    return file


def create_file(context: RequestContext) -> Response:
    """Keep an uploaded file."""
    bucket = _bucket(context)
    context.actor.require_role(CREATE, bucket.granted(CREATE))
    if "content-range" in context.headers:
        raise AppwriteError("general_not_implemented", "Uploading a file in chunks")
    form = multipart.parse(context.headers.get("content-type", ""), context.body)
    sent_id = next((part.content.decode() for part in form if part.name == "fileId"), None)
    file_id = new_id("fileId", sent_id)
    granted = _granted(context, form)
    upload = next((part for part in form if part.filename is not None), None)
    if upload is None:
        raise AppwriteError("storage_file_empty")
    name = cast("str", upload.filename)
    extensions = bucket.options["allowedFileExtensions"]
    if extensions and name.rpartition(".")[2].lower() not in extensions:
        raise AppwriteError("storage_file_type_unsupported")
    size = len(upload.content)
    if not 0 < size <= bucket.options["maximumFileSize"]:
        raise AppwriteError("storage_invalid_file_size")
    timestamp = now()
    import mimetypes  # noqa: PLC0415 - few servers keep files, and every one is to start at once

    mime_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    signature = hashlib.md5(upload.content, usedforsecurity=False).hexdigest()
    try:
        context.connection.execute(
            "INSERT INTO _files (bucket, id, name, permissions, mime_type, signature, size,"
            " content, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(bucket.sequence, file_id, name, json.dumps(granted), mime_type, signature),
                *(size, upload.content, timestamp, timestamp),
            ),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("storage_file_already_exists") from error
    made = File(0, file_id, name, granted, mime_type, signature, size, timestamp, timestamp)
    return json_response(made.to_json(bucket, context.version), 201)


def _granted(context: RequestContext, form: list[multipart.Part]) -> list[str]:
    sent = [part.content.decode() for part in form if part.name.startswith("permissions[")]
    if wrong := permissions.validation_error(sent, ROW_ACTIONS):
        raise invalid_param("permissions", f"{wrong} or null")
    granted = permissions.expand(sent, ROW_ACTIONS)
    if not granted and context.actor.user_id:
        granted = permissions.owner_permissions(context.actor.user_id)
    if not context.actor.is_key:
        permissions.require_held_roles(granted, context.actor.roles)
    return granted


def get_file(context: RequestContext) -> Response:
    """Show a file."""
    bucket = _bucket(context)
    return json_response(_file(context, bucket, READ).to_json(bucket, context.version))


def list_files(context: RequestContext) -> Response:
    """List the files of a bucket that the actor may read."""
    bucket = _bucket(context)
    among = Condition("bucket = ?", [bucket.sequence])
    if not context.actor.has_role(bucket.granted(READ)):
        if not bucket.options["fileSecurity"]:
            context.actor.require_role(READ, bucket.granted(READ))
        readable = json.dumps([f'read("{role}")' for role in context.actor.roles])
        own = (
            "EXISTS (SELECT value FROM json_each(permissions)"
            " INTERSECT SELECT value FROM json_each(?))"
        )
        among = among.and_(Condition(own, [readable]))
    total, rows = listings.list_resources(
        context, "_files", _FILE_COLUMNS, _FILES, among=among, searched=("id", "name")
    )
    shown = [File.of(row).to_json(bucket, context.version) for row in rows]
    return json_response({"total": total, "files": shown})


def update_file(context: RequestContext) -> Response:
    """Rename a file, or grant others than before."""
    bucket = _bucket(context)
    file = _file(context, bucket, UPDATE)
    granted = context.permissions(ROW_ACTIONS)
    if granted is None:
        granted = file.permissions
    elif not context.actor.is_key:
        permissions.require_held_roles(granted, context.actor.roles)
    name = context.str_param("name", file.name, 255)
    changed = replace(file, name=name, permissions=granted, updated=now_later_than(file.updated))
    context.connection.execute(
        "UPDATE _files SET name = ?, permissions = ?, updated = ? WHERE sequence = ?",
        (name, json.dumps(granted), changed.updated, file.sequence),
    )
    return json_response(changed.to_json(bucket, context.version))


def get_content(disposition: str, context: RequestContext) -> Response:
    """Give a file's content, to be saved (`attachment`) or shown (`inline`)."""
    file = _file(context, _bucket(context), READ)
    content: bytes = context.connection.execute(
        "SELECT content FROM _files WHERE sequence = ?", (file.sequence,)
    ).fetchone()[0]
    name = file.name.encode("ascii", "replace").decode().replace('"', "'")
    headers = {
        "content-disposition": f'{disposition}; filename="{name}"',
        # A page that somebody uploaded must not run as one of this server's.
        "content-security-policy": "script-src 'none'",
        "x-content-type-options": "nosniff",
    }
    return Response(200, content, file.mime_type, headers)


def delete_file(context: RequestContext) -> Response:
    """Delete a file."""
    file = _file(context, _bucket(context), DELETE)
    context.connection.execute("DELETE FROM _files WHERE sequence = ?", (file.sequence,))
    return NO_CONTENT
