"""Requests about buckets and files (transcript `storage`)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import Field

from interactions_sdk.identifiers import validate_id
from interactions_sdk.models.row import ID
from interactions_sdk.wire import query
from interactions_sdk.wire.call import Call, ResponseModel, parse_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "StoredFile",
    "delete_file",
    "download_file",
    "file_url",
    "get_bucket",
    "get_file",
    "list_files",
    "parse_file_link",
    "upload_file",
]

_BUCKET = "/storage/buckets/{bucket}"
_FILES = _BUCKET + "/files"
_FILE = _FILES + "/{file}"
_LINK = re.compile(r"/storage/buckets/([^/?#]+)/files/([^/?#]+)/view(?:[?#].*)?\Z")
_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}")
_FORBIDDEN_FILENAME_CHARS = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


class StoredFile(ResponseModel):
    """A file as Appwrite returns it, with its size in bytes."""

    id: str = Field(validation_alias="$id")
    name: str
    mime_type: str
    size: int = Field(validation_alias="sizeOriginal")


class StoredFiles(ResponseModel):
    """Files as Appwrite lists them."""

    files: list[StoredFile]


_read_file = StoredFile.__pydantic_validator__.validate_json
_read_files = StoredFiles.__pydantic_validator__.validate_json


def get_bucket(bucket: str) -> Call[None]:
    """Ask whether a bucket exists; a `SchemaError` means that it does not."""
    return Call("GET", _BUCKET, _bucket_path(bucket), parse_nothing)


def upload_file(
    bucket: str, file_id: str, name: str, content: bytes, permissions: Sequence[str]
) -> Call[StoredFile]:
    """Upload a file of 1 byte or more in one request; a second one is answered 409."""
    boundary = hashlib.sha256(content).hexdigest()
    fields = [("fileId", validate_id(file_id, "file id"))]
    fields += [(f"permissions[{place}]", granted) for place, granted in enumerate(permissions)]
    written = name.translate(_FORBIDDEN_FILENAME_CHARS)
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields
    ) + (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{written}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return Call("POST", _FILES, f"{_bucket_path(bucket)}/files", _read_file, body, headers)


def get_file(bucket: str, file_id: str) -> Call[StoredFile]:
    """Read the metadata of a file."""
    return Call("GET", _FILE, _file_path(bucket, file_id), _read_file)


def list_files(bucket: str, file_ids: Sequence[str]) -> Call[StoredFiles]:
    """Read the metadata of 1 to 100 files; those that do not exist are left out."""
    queries = [query.equal(ID, *file_ids), query.limit(len(file_ids))]
    parts = [f"queries%5B%5D={quote(text)}" for text in query.encode_queries(queries)]
    path = f"{_bucket_path(bucket)}/files?{'&'.join(parts)}"
    return Call("GET", _FILES, path, _read_files)


def download_file(bucket: str, file_id: str) -> Call[bytes]:
    """Read the content of a file."""
    path = f"{_file_path(bucket, file_id)}/download"
    # Without it, the body may be a page of a proxy or of a network that asks for a login.
    return Call("GET", f"{_FILE}/download", path, bytes, expected_header="content-disposition")


def delete_file(bucket: str, file_id: str) -> Call[None]:
    """Delete a file."""
    return Call("DELETE", _FILE, _file_path(bucket, file_id), parse_nothing)


def file_url(endpoint: str, project: str, bucket: str, file_id: str) -> str:
    """Return the URL at which a browser can open a file, if its user may read it.

    Example:
        >>> file_url("https://cloud.appwrite.io/v1", "crm", "attachments", "f1")
        'https://cloud.appwrite.io/v1/storage/buckets/attachments/files/f1/view?project=crm'
    """
    return f"{endpoint}{_file_path(bucket, file_id)}/view?project={quote(project)}"


def parse_file_link(link: str) -> tuple[str, str] | None:
    """Return the bucket and the ID of the file to which a link points, on whatever server.

    Example:
        >>> parse_file_link("https://old.example/v1/storage/buckets/b/files/f1/view?project=p")
        ('b', 'f1')
        >>> parse_file_link("https://example.com/offer.pdf") is None
        True
    """
    found = _LINK.search(link)
    if found is None or not (_ID.fullmatch(found[1]) and _ID.fullmatch(found[2])):
        return None
    return found[1], found[2]


def _bucket_path(bucket: str) -> str:
    return f"/storage/buckets/{validate_id(bucket, 'bucket id')}"


def _file_path(bucket: str, file_id: str) -> str:
    return f"{_bucket_path(bucket)}/files/{validate_id(file_id, 'file id')}"
