"""No local variable in the traceback of any exception contains a secret."""

from __future__ import annotations

import asyncio
import copy
import io
import pickle
import traceback
from base64 import b64encode
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from rich.console import Console
from rich.traceback import Traceback
from typer.testing import CliRunner

from interactions_sdk import AsyncInteractionsClient, ConfigurationError, InteractionsClient
from interactions_sdk.cli.app import app
from interactions_sdk.environment import ConnectionSettings
from interactions_sdk.transport.credentials import Credential, make_credentials
from interactions_sdk.transport.secret_frames import SecretFrames
from tests.faults.operations import OPERATIONS, Operation
from tests.faults.scenarios import ATOMIC, Scene
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk.embedded import EmbeddedAppwrite

SECRET = "hidden7c1e5a0f93d2468"
"""The secret, which is in no local variable of this module's functions."""


class BrokenError(Exception):
    """An unexpected exception."""


def _group() -> BaseException:
    return BaseExceptionGroup("several", [ValueError("one"), KeyboardInterrupt()])


KINDS: dict[str, Callable[[], BaseException]] = {
    "interrupt": KeyboardInterrupt,
    "exit": SystemExit,
    "bug": BrokenError,
    "type": TypeError,
    "group": _group,
    "memory": MemoryError,
    "http": lambda: httpx.ReadError("lost"),
    "stream": httpx.StreamConsumed,
}
SHOWN_BY_RICH = {("interrupt", "key"), ("bug", "fetched")}  # it takes seconds
WAYS: dict[str, Callable[[], dict[str, Any]]] = {
    "key": lambda: {"api_key": SECRET},
    "jwt": lambda: {"jwt": SECRET},
    "fetched": lambda: {"jwt": lambda: SECRET},
    "session": lambda: {"session": SECRET},
}


class Broken(httpx.BaseTransport):
    """Reads the headers of a request, and raises an exception instead of sending it."""

    def __init__(
        self, inner: httpx.BaseTransport, make: Callable[[], BaseException], at: int
    ) -> None:
        self.inner, self.make, self.at = inner, make, at
        self.requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        headers = dict(request.headers)
        if self.requests == self.at:
            assert SECRET in str(headers.values())
            self._fail(headers, str(request.url))
        request.headers["X-Appwrite-Key"] = "embedded"
        for name in ("X-Appwrite-JWT", "X-Appwrite-Session"):
            request.headers.pop(name, None)
        return self.inner.handle_request(request)

    def _fail(self, headers: object, url: object) -> None:
        held = [headers, url]
        raise self.make() from ValueError(len(held))


def leaks(text: str) -> bool:
    """Return whether a text contains a secret, plain or encoded as HTTP sends a password."""
    return SECRET in text or b64encode(f"gate:{SECRET}".encode()).decode() in text


def frames(error: BaseException) -> str:
    """Return the frames and variables of an exception that Sentry shows."""
    seen = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(seen.format())


def shown(error: BaseException) -> str:
    """Return the output of Sentry and Rich for an exception."""
    rich = Console(file=io.StringIO(), width=500, record=True)
    rich.print(
        Traceback.from_exception(
            type(error),
            error,
            error.__traceback__,
            show_locals=True,
            extra_lines=0,
            locals_max_string=5000,
        )
    )
    return frames(error) + rich.export_text()


def _raised(act: Callable[[], object]) -> BaseException | None:
    try:
        act()
    except BaseException as error:  # noqa: BLE001 - every kind is meant
        return error
    return None


def _client(way: str, transport: httpx.BaseTransport, project: str) -> InteractionsClient:
    return InteractionsClient(
        f"http://gate:{SECRET}@embedded/v1",
        project,
        transport=transport,
        settings=ATOMIC,
        **WAYS[way](),
    )


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_no_operation_shows_a_secret(server: EmbeddedAppwrite, operation: Operation) -> None:
    """If each request of each operation raises an unexpected exception, no secret is shown."""
    kinds = [KeyboardInterrupt, BrokenError, SystemExit]
    for at in count(1):
        scene = Scene(server, operation.settings)
        operation.prepare(scene)
        broken = Broken(server.transport, kinds[at % 3], at)
        error = _raised(lambda: operation.run(_keyed(broken, server, operation), scene))  # noqa: B023
        if error is not None:
            assert not leaks(frames(error))
        if broken.requests < at:
            break
    assert at > 1


def _keyed(
    transport: httpx.BaseTransport, server: EmbeddedAppwrite, operation: Operation
) -> InteractionsClient:
    return InteractionsClient(
        f"http://gate:{SECRET}@embedded/v1",
        server.project,
        api_key=SECRET,
        transport=transport,
        settings=operation.settings,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_no_kind_of_exception_shows_a_secret(server: EmbeddedAppwrite, kind: str, way: str) -> None:
    """Keys, JWTs, sessions and a proxy's password are removed; files and lines stay."""
    broken = Broken(server.transport, KINDS[kind], at=1)
    crm = _client(way, broken, server.project)

    error = _raised(lambda: crm.customers.get("x"))

    assert error is not None
    assert not leaks(shown(error) if (kind, way) in SHOWN_BY_RICH else frames(error))
    if kind != "http":  # `http` becomes an error of the library
        assert "test_secret_locals.py" in frames(error)
        assert "_fail" in frames(error)


def test_the_search_would_find_it() -> None:
    """Both tools show a variable that contains the secret."""

    def act() -> None:
        held = [SECRET]
        raise BrokenError(len(held))

    error = _raised(act)

    assert error is not None
    assert 2 <= shown(error).count(SECRET)


@pytest.mark.parametrize("way", WAYS)
def test_a_real_connection_shows_no_secret(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The frames of httpcore are cleared when a request is interrupted while bytes are written."""
    monkeypatch.setattr("httpcore._backends.sync.SyncBackend.connect_tcp", _stream)
    crm = InteractionsClient(
        f"http://gate:{SECRET}@127.0.0.1:1/v1", "p", settings=ATOMIC, **WAYS[way]()
    )

    error = _raised(lambda: crm.customers.get("x"))

    assert isinstance(error, KeyboardInterrupt)
    assert "_send_request_headers" in frames(error)
    assert not leaks(frames(error))


class _Interrupted:
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        assert SECRET.encode() in buffer
        assert timeout is not None
        raise KeyboardInterrupt

    def close(self) -> None:
        """Do nothing."""

    def get_extra_info(self, info: str) -> None:
        """Return no information."""


def _stream(*_: object, **__: object) -> _Interrupted:
    return _Interrupted()


class _Waiting(httpx.AsyncBaseTransport):
    """Holds a request until its task is cancelled, or fails."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.is_asked = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers)
        self.is_asked.set()
        if self.error is not None:
            raise self.error
        await asyncio.sleep(60)
        raise AssertionError(headers)


def _async_client(way: str, transport: httpx.AsyncBaseTransport) -> AsyncInteractionsClient:
    return AsyncInteractionsClient(
        f"http://gate:{SECRET}@embedded/v1",
        "p",
        transport=transport,
        settings=ATOMIC,
        **WAYS[way](),
    )


@pytest.mark.parametrize("way", WAYS)
def test_a_cancelled_task_shows_no_secret(way: str) -> None:
    """The secret is neither in the task's own frames nor in those of the sending task."""

    async def cancelled() -> None:
        waiting = _Waiting()
        task = asyncio.ensure_future(_async_client(way, waiting).customers.get("x"))
        async with asyncio.timeout(LIMIT):
            await waiting.is_asked.wait()
        task.cancel()
        await task

    error = _raised(lambda: asyncio.run(cancelled()))

    assert isinstance(error, asyncio.CancelledError)
    assert not leaks(frames(error))


@pytest.mark.parametrize("kind", ["interrupt", "bug", "group"])
@pytest.mark.parametrize("way", WAYS)
def test_a_task_that_fails_shows_no_secret(way: str, kind: str) -> None:
    """Ctrl-C interrupts an event loop without waking those who wait for the task."""

    async def failing() -> None:
        await _async_client(way, _Waiting(KINDS[kind]())).customers.get("x")

    error = _raised(lambda: asyncio.run(failing()))

    assert error is not None
    assert not leaks(frames(error))


@pytest.mark.parametrize(
    "make",
    [
        lambda: InteractionsClient(f"http://gate:{SECRET}@/v1", "p", api_key="k"),
        lambda: InteractionsClient(f"gate:{SECRET}@host/v1", "p", api_key="k"),
        lambda: InteractionsClient(f"http://gate:{SECRET}@host/v1", "", api_key=SECRET),
        lambda: InteractionsClient("http://host/v1", "p", api_key=SECRET, jwt=SECRET),
        lambda: InteractionsClient("http://host/v1", "p", api_key=f"{SECRET}\n"),
        lambda: InteractionsClient("http://host/v1", "p", session=f"{SECRET}\u20ac"),
        lambda: InteractionsClient("http://host/v1", "p\n", api_key=SECRET),
    ],
)
def test_a_client_that_cannot_be_made_shows_no_secret(make: Callable[[], object]) -> None:
    """The error describes the problem without the secret."""
    error = _raised(make)

    assert isinstance(error, ConfigurationError)
    assert not leaks(frames(error))


@pytest.mark.parametrize("fetched", [lambda: f"{SECRET}\n", lambda: [SECRET], lambda: 1 / 0])
def test_a_jwt_that_cannot_be_sent_is_not_shown(
    server: EmbeddedAppwrite, fetched: Callable[[], object]
) -> None:
    """The variables of the function that fetched it are not shown either."""
    crm = InteractionsClient(
        "http://embedded/v1",
        server.project,
        jwt=fetched,  # type: ignore[arg-type] # some return no text
        transport=server.transport,
        settings=ATOMIC,
    )

    error = _raised(lambda: crm.customers.get("x"))

    assert error is not None
    assert not leaks(shown(error))


def test_what_holds_a_secret_is_neither_copied_nor_pickled_nor_shown() -> None:
    """`repr`, `vars`, `copy` and `pickle` of all objects with secrets reveal nothing."""
    crm = InteractionsClient(f"http://gate:{SECRET}@host/v1", "p", api_key=SECRET)
    credentials = make_credentials(jwt=SECRET)
    environment = ConnectionSettings(
        endpoint=f"http://gate:{SECRET}@host",  # type: ignore[arg-type] # as the environment has it
        project_id="p",
        api_key=SECRET,  # type: ignore[arg-type]
    )
    connection: Any = crm._connection
    holders = (crm, connection, connection._pool, credentials, credentials.static, environment)
    for holder in (*holders, crm.settings, crm.schema, crm.customers, crm.as_user("ada")):
        assert not leaks(repr(holder))
        assert not leaks(str(getattr(holder, "__dict__", "")))
    for act in (copy.copy, copy.deepcopy, pickle.dumps):
        for holder in (connection, credentials, credentials.static):
            with pytest.raises(TypeError, match="pickle"):
                act(holder)
    assert copy.copy(crm)._connection is connection
    for act, holder in ((copy.deepcopy, crm), (pickle.dumps, crm), (pickle.dumps, environment)):
        with pytest.raises(TypeError, match="pickle"):
            act(holder)
    assert not leaks(str(ConnectionSettings.model_json_schema()) + environment.model_dump_json())


def test_no_help_shows_what_the_environment_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--help` shows only defaults and the names of variables."""
    for name in ("API_KEY", "JWT", "SESSION", "ENDPOINT"):
        monkeypatch.setenv(f"APPWRITE_{name}", SECRET)
    monkeypatch.setenv("INTERACTIONS_SERVE_KEY", SECRET)
    for command in ("serve", "timeline"):
        said = CliRunner().invoke(app, [command, "--help"])
        assert 0 == said.exit_code
        assert not leaks(said.output)


def test_what_the_caller_handles_is_left_alone() -> None:
    """The variables of an earlier exception's frames are kept."""

    def first() -> None:
        kept = "kept"
        raise BrokenError(kept)

    def second() -> None:
        gone = "gone"
        raise BrokenError(gone)

    def act() -> None:
        try:
            first()
        except BrokenError:
            with SecretFrames():
                second()

    error = _raised(act)

    assert error is not None
    seen = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert seen.__context__ is not None
    assert {"kept": "'kept'"} == seen.__context__.stack[-1].locals
    assert not seen.stack[-1].locals


def test_an_exception_may_be_its_own_context() -> None:
    """A cycle of exceptions does not cause an endless loop."""
    one, two = BrokenError(), BrokenError()
    one.__cause__, two.__cause__ = two, one

    def act() -> None:
        with SecretFrames():
            raise one

    assert one is _raised(act)


def test_a_sign_in_shows_nothing() -> None:
    """The `repr` of a credential does not contain the secret."""
    assert "Credential(kind='key')" == repr(Credential("key", SECRET))
