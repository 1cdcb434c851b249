"""Calls on buckets and files (transcript `storage`)."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
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
from interactions_sdk.embedded.database.attributes import INTEGER, collated, plain
from interactions_sdk.embedded.database.query_parser import Condition
from interactions_sdk.embedded.services import listings
from interactions_sdk.embedded.services.context import invalid, missing
from interactions_sdk.embedded.values import multipart
from interactions_sdk.embedded.values.datetimes import now, now_later_than
from interactions_sdk.embedded.values.identifiers import KEY_RULE, is_id, unique
from interactions_sdk.embedded.values.responses import (
    NO_CONTENT,
    Answer,
    AppwriteError,
    JsonObject,
    answer,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk.embedded.services.context import Call

_LARGEST_FILE = 5_000_000_000
_MOST_EXTENSIONS, _LONGEST_EXTENSION = 100, 64
_COMPRESSIONS = ("none", "gzip", "zstd")

_BUCKETS = {key: value for key, value in listings.NAMED.items() if key != "name"} | {
    "name": collated("name", "json_extract(options, '$.name')")
}
_FILES = listings.NAMED | {
    "signature": collated("signature", "signature"),
    "mimeType": collated("mimeType", "mime_type"),
    "sizeOriginal": plain("sizeOriginal", INTEGER, "size"),
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as the file keeps it."""

    sequence: int
    id: str
    options: JsonObject
    created: str
    updated: str

    def granted(self, action: str) -> list[str]:
        """Tell which roles the bucket grants an action on all of its files."""
        return permissions.roles_for(self.options["$permissions"], action)

    def answered(self, total_size: int) -> JsonObject:
        """Show the bucket."""
        return {
            "$id": self.id,
            "$createdAt": self.created,
            "$updatedAt": self.updated,
            **self.options,
            "totalSize": total_size,
        }


def _bucket(call: Call) -> Bucket:
    found = call.connection.execute(
        "SELECT sequence, id, options, created, updated FROM _buckets WHERE id = ?",
        (call.path["bucketId"],),
    ).fetchone()
    if found is None:
        raise AppwriteError("storage_bucket_not_found")
    bucket = Bucket(found[0], found[1], json.loads(found[2]), found[3], found[4])
    if not bucket.options["enabled"] and not call.actor.is_key:
        raise AppwriteError("storage_bucket_not_found")
    return bucket


def _shown(call: Call, bucket: Bucket) -> JsonObject:
    total = call.connection.execute(
        "SELECT coalesce(sum(size), 0) FROM _files WHERE bucket = ?", (bucket.sequence,)
    ).fetchone()[0]
    return bucket.answered(total)


def _options(call: Call, old: JsonObject | None = None) -> JsonObject:
    granted = call.permissions(TABLE_ACTIONS)
    if granted is None:
        granted = cast("list[str]", old["$permissions"]) if old else []
    extensions = call.texts("allowedFileExtensions", _MOST_EXTENSIONS, _LONGEST_EXTENSION)
    compression = call.text("compression", "none", 10)
    if compression not in _COMPRESSIONS:
        raise invalid("compression", f"Value must be one of ({', '.join(_COMPRESSIONS)})")
    size = call.whole_number("maximumFileSize", _LARGEST_FILE, 1, _LARGEST_FILE)
    return {
        "$permissions": granted,
        "fileSecurity": call.flag("fileSecurity", default=False),
        "name": call.name(),
        "enabled": call.flag("enabled", default=True),
        "maximumFileSize": size,
        "allowedFileExtensions": extensions,
        "compression": compression,
        "encryption": call.flag("encryption", default=True),
        "antivirus": call.flag("antivirus", default=True),
        "transformations": call.flag("transformations", default=True),
    }


def create_bucket(call: Call) -> Answer:
    """Make a bucket."""
    bucket_id = call.new_id("bucketId")
    options = _options(call)
    moment = now()
    try:
        call.connection.execute(
            "INSERT INTO _buckets (id, options, created, updated) VALUES (?, ?, ?, ?)",
            (bucket_id, json.dumps(options), moment, moment),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("storage_bucket_already_exists") from error
    return answer(Bucket(0, bucket_id, options, moment, moment).answered(0), 201)


def get_bucket(call: Call) -> Answer:
    """Show a bucket."""
    return answer(_shown(call, _bucket(call)))


def list_buckets(call: Call) -> Answer:
    """List buckets."""
    total, found = listings.listed(call, "_buckets", _BUCKETS)
    shown = [
        _shown(call, Bucket(row[0], row[1], json.loads(row[2]), row[3], row[4]))
        for (sequence,) in found
        for row in call.connection.execute(
            "SELECT sequence, id, options, created, updated FROM _buckets WHERE sequence = ?",
            (sequence,),
        ).fetchall()
    ]
    return answer({"total": total, "buckets": shown})


def update_bucket(call: Call) -> Answer:
    """Change a bucket; what it is not told is as in a new one, but for the permissions."""
    bucket = _bucket(call)
    options = _options(call, bucket.options)
    call.connection.execute(
        "UPDATE _buckets SET options = ?, updated = ? WHERE sequence = ?",
        (json.dumps(options), now_later_than(bucket.updated), bucket.sequence),
    )
    return answer(_shown(call, _bucket(call)))


def delete_bucket(call: Call) -> Answer:
    """Delete a bucket and its files."""
    bucket = _bucket(call)
    call.connection.execute("DELETE FROM _files WHERE bucket = ?", (bucket.sequence,))
    call.connection.execute("DELETE FROM _buckets WHERE sequence = ?", (bucket.sequence,))
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

    def answered(self, bucket: Bucket) -> JsonObject:
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
            "signature": self.signature,
            "mimeType": self.mime_type,
            "sizeOriginal": self.size,
            "sizeActual": (self.size + 2) // 3 * 4 if encrypted else self.size,
            "chunksTotal": 1,
            "chunksUploaded": 1,
            "encryption": encrypted,
            "compression": bucket.options["compression"],
        }


def _file_of(row: Sequence[Any]) -> File:
    sequence, file_id, name, granted, *rest = row
    return File(sequence, file_id, name, json.loads(granted), *rest)


def _files(call: Call, where: str, values: list[object]) -> list[File]:
    found = call.connection.execute(
        f"SELECT {_FILE_COLUMNS} FROM _files WHERE {where}",  # noqa: S608 - constants
        values,
    )
    return [_file_of(row) for row in found]


def _file(call: Call, bucket: Bucket, action: str) -> File:
    """Find a file that the actor may do something with.

    A file that may not be read is not there; one that may not be changed says so.
    """
    may = call.actor.may(bucket.granted(action))
    if not may and not bucket.options["fileSecurity"]:
        call.actor.refuse_unless(action, bucket.granted(action))
    found = _files(call, "bucket = ? AND id = ?", [bucket.sequence, call.path["fileId"]])
    granted = permissions.roles_for(found[0].permissions, action) if found else []
    if not found or (action == READ and not may and not call.actor.may(granted)):
        raise AppwriteError("storage_file_not_found")
    if not may:
        call.actor.refuse_unless(action, granted)
    return found[0]


def create_file(call: Call) -> Answer:
    """Keep an uploaded file."""
    bucket = _bucket(call)
    call.actor.refuse_unless(CREATE, bucket.granted(CREATE))
    if "content-range" in call.headers:
        raise AppwriteError("general_not_implemented", "Uploading a file in chunks")
    form = multipart.parts(call.headers.get("content-type", ""), call.body)
    file_id = _file_id(form)
    granted = _granted(call, form)
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
    moment = now()
    import mimetypes  # noqa: PLC0415 - few servers keep files, and every one is to start at once

    mime_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    signature = hashlib.md5(upload.content, usedforsecurity=False).hexdigest()
    try:
        call.connection.execute(
            "INSERT INTO _files (bucket, id, name, permissions, mime_type, signature, size,"
            " content, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(bucket.sequence, file_id, name, json.dumps(granted), mime_type, signature),
                *(size, upload.content, moment, moment),
            ),
        )
    except sqlite3.IntegrityError as error:
        raise AppwriteError("storage_file_already_exists") from error
    made = File(0, file_id, name, granted, mime_type, signature, size, moment, moment)
    return answer(made.answered(bucket), 201)


def _file_id(form: list[multipart.Part]) -> str:
    given = next((part.content.decode() for part in form if part.name == "fileId"), None)
    if given is None:
        raise missing("fileId")
    if given == "unique()":
        return unique()
    if not is_id(given):
        raise invalid("fileId", KEY_RULE)
    return given


def _granted(call: Call, form: list[multipart.Part]) -> list[str]:
    given = [part.content.decode() for part in form if part.name.startswith("permissions[")]
    wrong = permissions.objection(given, ROW_ACTIONS)
    if wrong:
        raise invalid("permissions", f"{wrong} or null")
    granted = permissions.aggregated(given, ROW_ACTIONS)
    if not granted and call.actor.user_id:
        granted = permissions.own(call.actor.user_id)
    if not call.actor.is_key:
        permissions.refuse_roles_not_held(granted, call.actor.roles)
    return granted


def get_file(call: Call) -> Answer:
    """Show a file."""
    bucket = _bucket(call)
    return answer(_file(call, bucket, READ).answered(bucket))


def list_files(call: Call) -> Answer:
    """List the files of a bucket that the actor may read."""
    bucket = _bucket(call)
    among = Condition("bucket = ?", [bucket.sequence])
    if not call.actor.may(bucket.granted(READ)):
        if not bucket.options["fileSecurity"]:
            call.actor.refuse_unless(READ, bucket.granted(READ))
        readable = json.dumps([f'read("{role}")' for role in call.actor.roles])
        own = (
            "EXISTS (SELECT value FROM json_each(permissions)"
            " INTERSECT SELECT value FROM json_each(?))"
        )
        among = among.joined(Condition(own, [readable]))
    total, found = listings.listed(call, "_files", _FILES, among, searched=("id", "name"))
    shown = [
        file.answered(bucket)
        for (sequence,) in found
        for file in _files(call, "sequence = ?", [sequence])
    ]
    return answer({"total": total, "files": shown})


def update_file(call: Call) -> Answer:
    """Rename a file, or grant others than before."""
    bucket = _bucket(call)
    file = _file(call, bucket, UPDATE)
    granted = call.permissions(ROW_ACTIONS)
    if granted is None:
        granted = file.permissions
    elif not call.actor.is_key:
        permissions.refuse_roles_not_held(granted, call.actor.roles)
    name = call.text("name", file.name, 255)
    call.connection.execute(
        "UPDATE _files SET name = ?, permissions = ?, updated = ? WHERE sequence = ?",
        (name, json.dumps(granted), now_later_than(file.updated), file.sequence),
    )
    changed = _files(call, "sequence = ?", [file.sequence])[0]
    return answer(changed.answered(bucket))


def download_file(call: Call) -> Answer:
    """Give a file's content, to be saved."""
    return _content(call, "attachment")


def view_file(call: Call) -> Answer:
    """Give a file's content, to be shown."""
    return _content(call, "inline")


def _content(call: Call, disposition: str) -> Answer:
    file = _file(call, _bucket(call), READ)
    content: bytes = call.connection.execute(
        "SELECT content FROM _files WHERE sequence = ?", (file.sequence,)
    ).fetchone()[0]
    name = file.name.encode("ascii", "replace").decode().replace('"', "'")
    headers = {
        "content-disposition": f'{disposition}; filename="{name}"',
        # A page that somebody uploaded must not run as one of this server's.
        "content-security-policy": "script-src 'none'",
        "x-content-type-options": "nosniff",
    }
    return Answer(200, content, file.mime_type, headers)


def delete_file(call: Call) -> Answer:
    """Delete a file."""
    file = _file(call, _bucket(call), DELETE)
    call.connection.execute("DELETE FROM _files WHERE sequence = ?", (file.sequence,))
    return NO_CONTENT
