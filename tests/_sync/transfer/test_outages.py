# Generated from tests/_async/transfer/test_outages.py by scripts/unasync.py; do not edit.
"""Long operations while a real server restarts."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionCreate, InteractionsClient, RetryPolicy, Settings
from interactions_sdk.embedded_setup import start_embedded_server
from tests.waiting import LIMIT, join

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.transport.hooks import RequestEvent


SETTINGS = Settings(verify_users=False)
SECONDS_AWAY = 0.3
LINES = 30
QUICK = RetryPolicy(retries=1, max_delay=0.02)
"""One retry: without waiting for the restart, it would give up."""


class Restarts:
    """A server that stops before a given write, and restarts on the same port soon after.

    Args:
        server: The embedded server, which keeps its rows.
    """

    def __init__(self, server: EmbeddedAppwrite) -> None:
        self._server = server
        self._running = server.serve()
        self.endpoint = self._running.endpoint
        self._port = int(self.endpoint.removesuffix("/v1").rpartition(":")[2])
        self._return = threading.Timer(SECONDS_AWAY, self._serve_again)
        self._writes_left = -1

    def close_before_write(self, number: int) -> None:
        """Stop before the write with the given number from now."""
        self._writes_left = number

    def on_request(self, event: RequestEvent) -> None:
        """Count the writes, and stop the server when it is due."""
        if event.method == "GET" or self._writes_left < 0:
            return
        if not self._writes_left:
            self._running.close()
            self._return.start()
        self._writes_left -= 1

    @property
    def has_happened(self) -> bool:
        """Whether the server was stopped and has restarted."""
        return self._return.finished.wait(LIMIT)

    def close(self) -> None:
        """Stop serving."""
        if self._return.is_alive():
            join(self._return)
        self._running.close()

    def _serve_again(self) -> None:
        self._running = self._server.serve(port=self._port)


@pytest.fixture
def restarts() -> Iterator[Restarts]:
    """Yield a server that can restart."""
    with start_embedded_server(":memory:", SETTINGS) as server:
        restarts = Restarts(server)
        yield restarts
        restarts.close()


def client(restarts: Restarts, *, retry: RetryPolicy = QUICK) -> InteractionsClient:
    """Return a client that connects to the server's port."""
    server = restarts._server
    return InteractionsClient(
        restarts.endpoint,
        server.project,
        api_key=server.api_key,
        settings=SETTINGS,
        retry=retry,
        on_request=restarts.on_request,
    )


def drafts() -> list[InteractionCreate]:
    """Return a few drafts."""
    return [
        InteractionCreate(interaction_type="call", subject=f"Call {number}")
        for number in range(LINES)
    ]


def test_an_import_goes_on_after_a_restart(
    restarts: Restarts, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The wait is logged, and each line is imported once."""
    caplog.set_level(logging.WARNING, "interactions_sdk")
    path = tmp_path / "calls.csv"
    path.write_text("interaction_type,subject\n" + "".join(f"call,{n}\n" for n in range(LINES)))
    with client(restarts) as crm:
        crm.customers.ensure("ada")
        restarts.close_before_write(1)
        report = crm.as_user("ada").import_csv(path)
        assert (LINES, 0) == (report.new, report.refused)
        assert restarts.has_happened
        assert sorted(map(str, range(LINES))) == sorted(
            [str(each.subject) for each in crm.as_user("ada").iterate()]
        )
    assert f"{restarts.endpoint} is not available (APIConnectionError)" in caplog.text


@pytest.mark.unmeasured
def test_an_archive_and_a_restore_go_on_after_a_restart(
    restarts: Restarts, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each interaction is archived and then restored."""
    caplog.set_level(logging.WARNING, "interactions_sdk")
    with client(restarts) as crm:
        crm.customers.ensure("ada")
        (crm.as_user("ada").create_many(drafts())).raise_for_failures()
        root = crm.as_admin("root")
        before = {each.id: each for each in root.iterate()}
        restarts.close_before_write(1)
        root.archive(datetime.now(UTC) + timedelta(days=1), tmp_path / "old")
        assert restarts.has_happened
        assert 0 == root.count()
        root.restore(tmp_path / "old")
        assert before == {each.id: each for each in root.iterate()}
    assert "is not available (APIConnectionError)" in caplog.text


def test_a_single_call_goes_on_after_a_restart(restarts: Restarts) -> None:
    """A request that could not be sent is sent when the server is back."""
    with client(restarts) as crm:
        crm.customers.ensure("ada")
        restarts.close_before_write(0)
        call = crm.as_user("ada").log_call("Renewal")
        assert restarts.has_happened
        assert [call] == [each for each in crm.as_user("ada").iterate()]
