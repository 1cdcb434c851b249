"""Limits of a call, its total time and the size of its response; certificates it trusts."""

from __future__ import annotations

import gzip
import hashlib
import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme
from appwrite.client import Client
from cryptography.x509 import Name, NameAttribute, load_pem_x509_certificate
from cryptography.x509.name import _ASN1Type

from interactions_sdk import (
    APIConnectionError,
    APITimeoutError,
    AsyncInteractionsClient,
    CertificateError,
    ConfigurationError,
    ResponseTooLargeError,
    RetryPolicy,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from interactions_sdk.transport.hooks import RequestEvent

pytestmark = pytest.mark.anyio

KEY = "standard_c0ffee"
AT_ONCE = RetryPolicy(retries=0)
ROWS = b'{"total":0,"rows":[]}'


class Handler(BaseHTTPRequestHandler):
    """Answers every request with an empty list, and records its headers."""

    def do_GET(self) -> None:
        """Send an empty list."""
        self.server.seen.append(dict(self.headers))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(ROWS)))
        self.end_headers()
        self.wfile.write(ROWS)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serving(authority: trustme.CA | None = None) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Yield the endpoint of a server and the headers that it receives; with a CA, it uses https."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen: list[dict[str, str]] = []
    server.seen = seen  # type: ignore[attr-defined]
    if authority is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    scheme = "https" if authority else "http"
    try:
        yield f"{scheme}://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


@contextmanager
def dripping(head: bytes) -> Iterator[str]:
    """Yield the endpoint of a server that endlessly sends one byte every 20 ms."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    is_over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            connection.recv(65_536)
            try:
                connection.sendall(head)
                while not is_over.wait(0.02):
                    connection.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        is_over.set()
        thread.join(timeout=10)
        listener.close()


async def ask(crm: AsyncInteractionsClient) -> None:
    """Send one request for rows."""
    async with crm:
        await crm.as_admin("root").count()


def client(endpoint: str, **options: object) -> AsyncInteractionsClient:
    """Return a client that verifies no users."""
    settings = Settings(verify_users=False)
    return AsyncInteractionsClient(
        endpoint,
        "crm",
        api_key=KEY,
        **{"settings": settings, "retry": AT_ONCE, **options},  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", b"HTTP/1.1 200 OK\r\nx-slow: "],
)
async def test_a_server_that_drips_is_given_up(head: bytes) -> None:
    """The time limit applies to the whole response, even if every byte arrives in time."""
    with dripping(head) as endpoint:
        began = monotonic()
        with pytest.raises(APITimeoutError, match=r"not answer completely within 0\.\d* s"):
            await ask(client(endpoint, timeout=0.3))
        assert monotonic() - began < 5


async def test_retries_count_against_the_time_of_a_call() -> None:
    """Retries count towards the timeout of a call."""

    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    began = monotonic()
    with pytest.raises(APIConnectionError):
        await ask(
            client(
                "http://crm.example/v1",
                timeout=0.05,
                retry=RetryPolicy(initial_delay=30, max_delay=30),
                transport=httpx.MockTransport(refuse),
            )
        )
    assert monotonic() - began < 5


def answer(content: bytes, **headers: str) -> httpx.MockTransport:
    """Return a transport that gives every request the same response."""
    return httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, content=content))


@pytest.mark.parametrize("is_packed", [True, False])
async def test_an_answer_that_is_too_large_is_given_up(*, is_packed: bool) -> None:
    """The limit applies to the decompressed size, and the request is not retried."""
    body = b" " * 3_000_000 + ROWS
    packed = gzip.compress(body) if is_packed else body
    headers = {"content-encoding": "gzip"} if is_packed else {}
    settings = Settings(verify_users=False, max_response_bytes=1_000_000)
    with pytest.raises(ResponseTooLargeError, match=r"1,000,000 bytes \(Settings.max_response"):
        await ask(
            client(
                "http://crm.example/v1",
                settings=settings,
                transport=answer(packed, **headers),
                retry=RetryPolicy(),
            )
        )
    assert len(packed) < 4_000_000
    await ask(client("http://crm.example/v1", transport=answer(packed, **headers)))


async def test_a_private_authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An untrusted certificate raises an error that names the setting; a CA file is trusted."""
    authority = trustme.CA()
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    with serving(authority) as (endpoint, _):
        await expect_refusal(endpoint)
        await ask(client(endpoint, verify=path))
        await ask(client(endpoint, verify=False))
        await ask(client(endpoint, verify=ssl.create_default_context(cafile=str(path))))
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        await ask(client(endpoint))
    with pytest.raises(ConfigurationError, match="holds no certificates"):
        client("https://crm.example/v1", verify=tmp_path / "missing.pem")


async def test_a_folder_of_authorities(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a folder, OpenSSL finds a certificate only by the hash of its subject."""
    authority = trustme.CA()
    (tmp_path / "trusted").mkdir()
    (tmp_path / "misnamed").mkdir()
    certificate = authority.cert_pem.bytes()
    (tmp_path / "trusted" / f"{subject_hash(certificate)}.0").write_bytes(certificate)
    (tmp_path / "misnamed" / "0a1b2c3d.0").write_bytes(certificate)
    with serving(authority) as (endpoint, _):
        await ask(client(endpoint, verify=tmp_path / "trusted"))
        await expect_refusal(endpoint, verify=tmp_path / "misnamed")
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)  # it would take precedence
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "misnamed"))
        await expect_refusal(endpoint)
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "trusted"))
        await ask(client(endpoint))


async def expect_refusal(endpoint: str, **options: object) -> None:
    """Expect an error that names the setting, after one attempt, whatever the retry policy."""
    attempts: list[RequestEvent] = []
    patient = RetryPolicy(wait_out_outages=True)
    with pytest.raises(CertificateError, match="SSL_CERT_FILE or SSL_CERT_DIR") as refused:
        await ask(client(endpoint, retry=patient, on_request=attempts.append, **options))
    assert not refused.value.may_have_landed
    assert 1 == len(attempts)


def subject_hash(certificate: bytes) -> str:
    """Return the name that `openssl rehash` gives a certificate (X509_NAME_hash_ex)."""
    canonical = b"".join(
        Name(
            [
                NameAttribute(
                    each.oid, " ".join(str(each.value).lower().split()), _ASN1Type.UTF8String
                )
            ]
        )
        .public_bytes()
        .removeprefix(b"0")[1:]
        for each in load_pem_x509_certificate(certificate).subject
    )
    digest = hashlib.sha1(canonical, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


async def test_the_official_client_keeps_what_it_was_given() -> None:
    """The official client keeps its headers and its certificate settings."""
    with serving(trustme.CA()) as (endpoint, seen):
        official = (
            Client()
            .set_endpoint(endpoint)
            .set_project("crm")
            .set_key(KEY)
            .set_locale("de")
            .set_self_signed()
            .add_header("X-Trace", "abc")
            .add_header("x-appwrite-impersonate-user-id", "ada")
        )
        crm = AsyncInteractionsClient.from_appwrite(
            official, settings=Settings(verify_users=False), retry=AT_ONCE
        )
        await ask(crm)
    headers = {name.lower(): value for name, value in seen[0].items()}
    assert ("de", "abc", "ada") == (
        headers["x-appwrite-locale"],
        headers["x-trace"],
        headers["x-appwrite-impersonate-user-id"],
    )
    assert headers["user-agent"].startswith("interactions-sdk/")
    assert "x-sdk-name" not in headers


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        (None, None, 60),
        (None, Settings(timeout=7), 7),
        (3, Settings(timeout=7), 3),
        (httpx.Timeout(9), None, None),
        (httpx.Timeout(9), Settings(), None),
        (httpx.Timeout(9), Settings(timeout=7), 7),
    ],
)
async def test_where_the_time_of_a_call_comes_from(
    given: float | httpx.Timeout | None, settings: Settings | None, expected: float | None
) -> None:
    """The argument takes precedence over the settings; partial timeouts set no total limit."""
    crm = AsyncInteractionsClient(
        "http://crm.example/v1", "crm", api_key=KEY, settings=settings, timeout=given
    )
    assert expected == crm._connection._deadline
    await crm.aclose()
