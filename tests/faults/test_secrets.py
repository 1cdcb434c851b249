"""The API key is not shown anywhere, whatever fails."""

from __future__ import annotations

import io
import logging
import pickle
import traceback
from itertools import count
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    APIConnectionError,
    BulkResult,
    InteractionRepository,
    InteractionsClient,
    InteractionsError,
    PermissionDeniedError,
    RetryPolicy,
)
from interactions_sdk.testing import Fault, FaultyTransport
from tests.faults.operations import OPERATIONS, Operation
from tests.faults.scenarios import ATOMIC, KEY, QUICK, Scene, client_of
from tests.users import People

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.embedded import EmbeddedAppwrite


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """Return everything that any logger writes at the lowest level, with its fields."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.addFilter(lambda record: bool(text.write(f"{vars(record)}\n")))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(before)


def shown(error: BaseException) -> str:
    """Return everything that an error can show: traceback with locals, state, pickle."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts = [*whole.format(), repr(error), str(error), str(vars(error)), str(error.args)]
    parts.append(pickle.dumps(error).decode("latin-1"))
    return "\n".join(parts)


USUAL = {Fault.TIMEOUT_AFTER_WRITE, Fault.BAD_GATEWAY_BEFORE_WRITE, Fault.TRANSACTION_CONFLICT}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=fault.name, marks=[] if fault in USUAL else pytest.mark.slow)
        for fault in Fault
    ],
)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_key_is_nowhere(
    server: EmbeddedAppwrite, operation: Operation, fault: Fault, everything_logged: io.StringIO
) -> None:
    """No error, log or `repr` contains the key when an operation fails at any of its requests."""
    errors: list[Exception] = []
    for at in count(1):
        scene = Scene(server, operation.settings)
        operation.prepare(scene)
        transport = FaultyTransport(server.transport, fault, first=at, count=None)
        crm = client_of(server, operation.settings, transport)
        for error in _errors_of(operation, crm, scene):
            errors.append(error)
            assert KEY not in shown(error)
        for thing in (crm, crm.customers, crm.as_user("ada"), crm.schema, crm.settings, server):
            assert KEY not in repr(thing)
        if len(transport.requests) < at:
            break
    assert errors
    assert KEY not in everything_logged.getvalue()
    assert "interactions_sdk" in everything_logged.getvalue()


def _errors_of(operation: Operation, crm: InteractionsClient, scene: Scene) -> list[Exception]:
    """Return the raised error, or the errors in a bulk result."""
    try:
        result = operation.run(crm, scene)
    except InteractionsError as error:
        return [error]
    return list(result.errors.values()) if isinstance(result, BulkResult) else []


def test_the_search_would_find_it() -> None:
    """A traceback shows a local variable that contains the key."""

    def fail() -> None:
        header = KEY
        raise InteractionsError(f"{len(header)} characters")

    with pytest.raises(InteractionsError) as caught:
        fail()

    assert KEY in shown(caught.value)


def test_the_key_is_in_no_log_of_http(
    server: EmbeddedAppwrite, everything_logged: io.StringIO
) -> None:
    """Neither httpx nor the libraries below it log the headers."""
    with (
        server.serve() as running,
        InteractionsClient(
            running.endpoint, server.project, api_key=KEY, settings=ATOMIC, retry=QUICK
        ) as crm,
    ):
        crm.customers.ensure("over-http")
        call = crm.as_user("over-http").log_call("Renewal")

    with pytest.raises(APIConnectionError) as caught:
        crm_after_the_server(running.endpoint, server).customers.get(call.customer_id)

    assert KEY not in shown(caught.value)
    assert KEY not in everything_logged.getvalue()
    assert "httpcore" in everything_logged.getvalue()


def crm_after_the_server(endpoint: str, server: EmbeddedAppwrite) -> InteractionsClient:
    """Return a client of a server that is no longer served."""
    return InteractionsClient(
        endpoint, server.project, api_key=KEY, settings=ATOMIC, retry=RetryPolicy(retries=0)
    )


def test_a_client_is_not_pickled(server: EmbeddedAppwrite) -> None:
    """The pickle would contain the key."""
    crm = client_of(server, OPERATIONS[0].settings)

    for thing in (crm, crm.customers, crm.as_user("ada"), crm.transaction()):
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(thing)


def _refusal_of(repo: InteractionRepository) -> InteractionsError:
    """Return an error whose traceback starts here, without a secret in its frames."""
    with pytest.raises(InteractionsError) as caught:
        repo.log_call("Renewal")  # without a fault, there is no customer
    return caught.value


@pytest.mark.parametrize("kind", ["jwt", "session", "fetched"])
@pytest.mark.parametrize("fault", [None, *sorted(USUAL, key=lambda fault: fault.name)])
def test_a_users_secret_is_nowhere(
    kind: str, fault: Fault | None, everything_logged: io.StringIO
) -> None:
    """No JWT, fetched JWT or session appears in errors, logs and reprs."""
    people = People.start()
    secret = people.session("ada")["secret"] if kind == "session" else people.jwt("ada")
    credentials = {"jwt": lambda: secret} if kind == "fetched" else {kind: secret}
    transport = FaultyTransport(people.server.transport, fault, first=2, count=None)
    events: list[object] = []
    crm = InteractionsClient(
        "http://embedded/v1",
        people.server.project,
        transport=transport,
        retry=QUICK,
        on_request=events.append,
        on_response=events.append,
        **credentials,
    )
    repo = crm.as_user()

    error = _refusal_of(repo)

    assert secret not in shown(error)
    for thing in (crm, crm.customers, repo, crm.schema, crm.settings, crm.appwrite, events):
        assert secret not in repr(thing)
    for holder in (crm, repo, crm.transaction(), crm.schema):
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(holder)
    assert secret not in everything_logged.getvalue()
    assert "interactions_sdk" in everything_logged.getvalue()
    people.server.close()


@pytest.mark.parametrize("ending", ["expired", "blocked"])
def test_a_refused_secret_is_nowhere(ending: str, everything_logged: io.StringIO) -> None:
    """Expired secrets, and those of blocked accounts, are not shown either."""
    people = People.start()
    secret = people.jwt("ada", seconds=0 if ending == "expired" else 900)
    people.key("PATCH", "/users/ada/status", {"status": ending == "expired"})
    crm = InteractionsClient(
        "http://embedded/v1",
        people.server.project,
        jwt=lambda: secret,
        transport=people.server.transport,
    )

    error = _refusal_of(crm.as_user())

    assert isinstance(error, PermissionDeniedError)
    assert secret not in shown(error) + everything_logged.getvalue()
    people.server.close()
