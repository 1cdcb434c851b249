from __future__ import annotations

from typing import Any

import pytest

from interactions_sdk.embedded.values import multipart
from tests.embedded.http_client import Talk, query

BUCKET = "/storage/buckets/b"
FORM = {"content-type": "multipart/form-data; boundary=limit"}


def form(**fields: str | tuple[str, bytes]) -> bytes:
    """Return the body of a form."""
    written = b""
    for name, value in fields.items():
        named, content = (
            (f'name="{name}"', value.encode())
            if isinstance(value, str)
            else (f'name="{name}"; filename="{value[0]}"', value[1])
        )
        head = f"--limit\r\nContent-Disposition: form-data; {named}\r\n\r\n"
        written += head.encode() + content + b"\r\n"
    return written + b"--limit--\r\n"


@pytest.fixture
def bucket(talk: Talk) -> Talk:
    """Create a bucket to which users may upload files."""
    sent = {"bucketId": "b", "name": "b", "permissions": ['create("users")'], "fileSecurity": True}
    talk.good("POST", "/storage/buckets", sent)
    return talk


def upload(talk: Talk, file_id: str, name: str = "a.txt", content: bytes = b"text") -> Any:
    """Upload a file."""
    body = form(fileId=file_id, file=(name, content))
    return talk.good("POST", f"{BUCKET}/files", body, headers=FORM)


def test_buckets_are_listed_and_changed(bucket: Talk) -> None:
    """A bucket's options can be changed; its size is the total of its files."""
    upload(bucket, "f")
    listed = bucket.good("GET", "/storage/buckets", queries=(query("equal", "name", "B"),))
    assert [("b", 4)] == [(each["$id"], each["totalSize"]) for each in listed["buckets"]]
    changed = bucket.good("PUT", BUCKET, {"name": "c", "enabled": False, "encryption": False})
    assert ("c", ['create("users")']) == (changed["name"], changed["$permissions"])
    assert "storage_bucket_not_found" == bucket.guest().refused("GET", f"{BUCKET}/files/f")[1]
    wrong = bucket.refused("PUT", BUCKET, {"name": "c", "compression": "zip"})[2]
    assert "Invalid `compression` param: Value must be one of (none, gzip, zstd)" == wrong
    assert 4 == bucket.good("GET", f"{BUCKET}/files/f")["sizeActual"]


def test_user_owns_its_file(bucket: Talk) -> None:
    """Only the user who uploaded a file may read, change and delete it."""
    ann, bob = bucket.user("ann"), bucket.user("bob")
    file = upload(ann, "unique()", 'a"b\u00e9.txt'.replace('"', "%22"))
    path = f"{BUCKET}/files/{file['$id']}"
    assert ([file["$id"]], 0) == (
        [each["$id"] for each in ann.good("GET", f"{BUCKET}/files")["files"]],
        bob.good("GET", f"{BUCKET}/files")["total"],
    )
    assert (200, b"text") == ann("GET", f"{path}/view")
    renamed = ann.good("PUT", path, {"name": "c.txt", "permissions": ['read("users")']})
    assert ("c.txt", ['read("users")']) == (renamed["name"], renamed["$permissions"])
    assert "user_unauthorized" == ann.refused("PUT", path, {"name": "d.txt"})[1]
    assert "c.txt" == bob.good("GET", path)["name"]
    kept = bucket.good("PUT", path, {"permissions": ['read("users")']})
    assert kept == bucket.good("PUT", path, {}) | {"$updatedAt": kept["$updatedAt"]}
    assert ("c.txt", ['read("users")']) == (kept["name"], kept["$permissions"])


def test_bucket_without_file_security(talk: Talk) -> None:
    """Without file security, the bucket's permissions apply to all files."""
    sent = {"bucketId": "b", "name": "b", "permissions": ['read("users")']}
    talk.good("POST", "/storage/buckets", sent)
    upload(talk, "f")
    user = talk.user("ann")
    assert "f" == user.good("GET", f"{BUCKET}/files/f")["$id"]
    assert 1 == user.good("GET", f"{BUCKET}/files")["total"]
    for path in (f"{BUCKET}/files/f", f"{BUCKET}/files"):
        assert "user_unauthorized" == talk.guest().refused("GET", path)[1]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (form(file=("a.txt", b"x")), (400, 'Param "fileId" is not optional.')),
        (form(fileId="?", file=("a.txt", b"x")), (400, "Invalid `fileId` param: Parameter must")),
        (form(fileId="f", file=("a.txt", b"")), (400, "File size not allowed")),
        (
            form(fileId="f", file=("a.txt", b"x"), **{"permissions[]": "*"}),
            (400, "Invalid `permissions` param: Wildcard permission"),
        ),
    ],
)
def test_upload_refusals(bucket: Talk, body: bytes, expected: tuple[int, str]) -> None:
    """An invalid upload is rejected."""
    status, _, message = bucket.refused("POST", f"{BUCKET}/files", body, headers=FORM)
    assert (expected[0], True) == (status, message.startswith(expected[1])), message


def test_chunks_are_not_covered(bucket: Talk) -> None:
    """Chunked uploads return 501."""
    headers = FORM | {"content-range": "bytes 0-1/2"}
    assert 501 == bucket.refused("POST", f"{BUCKET}/files", form(fileId="f"), headers=headers)[0]


def test_user_grants_only_roles_it_has(bucket: Talk) -> None:
    """A user may grant permissions only to roles that they have."""
    ann = bucket.user("ann")
    body = form(fileId="f", file=("a.txt", b"x"), **{"permissions[]": 'read("user:bob")'})
    assert "user_unauthorized" == ann.refused("POST", f"{BUCKET}/files", body, headers=FORM)[1]
    upload(ann, "f")
    sent = {"permissions": ['read("user:bob")']}
    assert "user_unauthorized" == ann.refused("PUT", f"{BUCKET}/files/f", sent)[1]


def test_form_that_is_none() -> None:
    """A form without a boundary has no parts, and a part without a name is ignored."""
    assert [] == multipart.parse("multipart/form-data", b"x")
    nameless = b"--limit\r\nX: y\r\n\r\nz\r\n--limit--"
    assert [] == multipart.parse("multipart/form-data; boundary=limit", nameless)
