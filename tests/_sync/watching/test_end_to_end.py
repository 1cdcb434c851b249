# Generated from tests/_async/watching/test_end_to_end.py by scripts/unasync.py; do not edit.
"""Watching over HTTP while a program writes and connections are cut."""

from __future__ import annotations

import random
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    InteractionsClient,
    InteractionUpdate,
    RetryPolicy,
    Settings,
)
from interactions_sdk.embedded_setup import start_embedded_server
from tests.embedded.http_client import Talk
from tests.waiting import join

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from interactions_sdk import Change, CustomerInteraction, Watch
    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.embedded.http_server import RunningServer


SETTINGS = Settings(verify_users=False, consistency="fast")
PATIENCE = RetryPolicy(initial_delay=0.05, max_delay=0.2)
CUTS = 10
SECONDS = 240
INTERVAL = 0.05


@dataclass
class Scene:
    """A server, and a program that writes to it.

    Attributes:
        states: The final state of each interaction; None if it was deleted.
        written: The number of writes.
    """

    server: EmbeddedAppwrite
    running: RunningServer
    writes: int
    cuts: int = CUTS
    states: dict[str, datetime | None] = field(default_factory=dict[str, "datetime | None"])
    written: int = 0

    @property
    def address(self) -> tuple[str, str]:
        """The endpoint of the server."""
        return self.running.endpoint, self.server.project

    def write(self) -> None:
        """Create, change and delete interactions, and cut the websockets now and then."""
        draws = random.Random(11)  # noqa: S311 - the same writes each time
        there: list[CustomerInteraction] = []
        with InteractionsClient(
            *self.address, api_key=self.server.api_key, settings=SETTINGS, retry=PATIENCE
        ) as crm:
            ada, bob = crm.as_user("ada"), crm.as_user("bob")
            for number in range(self.writes):
                if self.cuts and number % (self.writes // self.cuts) == 5:
                    self.cut()
                if number % 10 == 0:
                    bob.log_call("not hers")
                draw = draws.random()
                if draw < 0.5 or not there:
                    call = ada.log_call(f"call {number}")
                    there.append(call)
                else:
                    call = there.pop(draws.randrange(len(there)))
                    if draw < 0.85:
                        call = ada.update(call.id, InteractionUpdate(subject=f"again {number}"))
                        there.append(call)
                    else:
                        ada.delete(call.id)
                self.states[call.id] = call.updated_at if call in there else None
                self.written += 1

    def cut(self) -> None:
        """Cut all websockets."""
        for subscriber in self.server._application.subscribers._all:
            with suppress(OSError):
                subscriber._cut_off()


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """Start a server with two users who have customer records."""
    with start_embedded_server(":memory:", SETTINGS) as started:
        talk = Talk(started)
        for user in ("ada", "bob"):
            talk.user(user)
            row = {"rowId": f"customer-of-{user}", "data": {"userId": user}}
            talk.good("POST", "/tablesdb/console-db/tables/customers/rows", row)
        yield started


@dataclass
class Sights:
    """The changes that a watch has reported, and what is missing."""

    scene: Scene
    found: list[Change] = field(default_factory=list["Change"])
    last: dict[str, Change] = field(default_factory=dict[str, "Change"])

    def add(self, change: Change) -> None:
        """Record a change; those of one interaction must come in order, and once."""
        before = self.last.get(change.interaction.id)
        assert before is None or before.at < change.at
        assert "customer-of-ada" == change.interaction.customer_id
        self.found.append(change)
        self.last[change.interaction.id] = change

    def are_complete(self) -> bool:
        """Return whether the final state of everything written was seen."""
        states = self.scene.states
        return self.scene.written == self.scene.writes and states == {
            row_id: None if change.kind == "deleted" else change.at
            for row_id, change in self.last.items()
        }


@dataclass
class Again(Sights):
    """The changes of a second watch: some may be repeated, none may be out of order.

    Attributes:
        earlier: The last changes that the first watch reported.
    """

    earlier: dict[str, Change] = field(default_factory=dict[str, "Change"])

    def are_complete(self) -> bool:
        """Return whether both watches together have seen everything written."""
        both = Sights(self.scene, last=self.earlier | self.last)
        return both.are_complete()


def follow(changes: Watch, sights: Sights, *, at_most: int | None = None) -> None:
    """Follow the changes until all are seen, or up to a number of changes."""
    guard = threading.Timer(SECONDS, changes.stop)
    guard.start()
    ending = threading.Thread(target=stop_when_complete, args=(changes, sights))
    ending.start()
    try:
        for change in changes:
            sights.add(change)
            if len(sights.found) == at_most:
                changes.stop()
    finally:
        guard.cancel()
        changes.stop()
        join(ending)


def stop_when_complete(changes: Watch, sights: Sights) -> None:
    """Stop a watch from another thread."""
    while "running" in repr(changes):
        if sights.are_complete():
            changes.stop()
        threading.Event().wait(0.05)


LONG = pytest.param(1000, marks=pytest.mark.slow)


@pytest.mark.parametrize("writes", [120, LONG])
@pytest.mark.parametrize("realtime", [True, False])
def test_every_change_is_seen(server: EmbeddedAppwrite, writes: int, *, realtime: bool) -> None:
    """Ten cuts lose nothing; several changes of one interaction may be reported as one."""
    with server.serve() as running:
        scene = Scene(server, running, writes)
        sights = Sights(scene)
        with InteractionsClient(
            *scene.address, api_key=server.api_key, settings=SETTINGS, retry=PATIENCE
        ) as crm:
            ada = crm.as_user("ada")
            with ada.watch(realtime=realtime, interval=INTERVAL) as changes:
                writer = threading.Thread(target=scene.write)
                writer.start()
                follow(changes, sights)
                join(writer, limit=SECONDS)
        assert sights.are_complete()
        assert {"created", "updated", "deleted"} == {change.kind for change in sights.found}
        if realtime:  # changes that are not lost in a cut are reported one by one
            assert len(sights.found) > writes * 0.8


@pytest.mark.unmeasured
@pytest.mark.parametrize("writes", [120, LONG])
@pytest.mark.parametrize("realtime", [True, False])
def test_a_restart_in_the_middle(server: EmbeddedAppwrite, writes: int, *, realtime: bool) -> None:
    """A watch that resumes from its cursor while another program writes misses nothing."""
    with server.serve() as running:
        scene = Scene(server, running, writes)
        first = Sights(scene)
        with InteractionsClient(
            *scene.address, api_key=server.api_key, settings=SETTINGS, retry=PATIENCE
        ) as crm:
            ada = crm.as_user("ada")
            with ada.watch(realtime=realtime, interval=INTERVAL) as changes:
                writer = threading.Thread(target=scene.write)
                writer.start()
                follow(changes, first, at_most=writes // 3)
            cursor = first.found[-1].cursor
            again = Again(scene, earlier=first.last)
            with ada.watch(since=cursor, realtime=realtime, interval=INTERVAL) as changes:
                follow(changes, again)
                join(writer, limit=SECONDS)
        assert again.are_complete()
