"""The stateful test in each mode, with few or many runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.interleaved import ATOMIC, FAST, FAST_UNAUDITED, UNAUDITED
from tests.faults.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk import Settings

STEPS = 50

every_mode = pytest.mark.parametrize(
    "mode",
    [ATOMIC, FAST, UNAUDITED, FAST_UNAUDITED],
    ids=["atomic", "fast", "unaudited", "fast-unaudited"],
)


@pytest.fixture(autouse=True)
def warnings_kept_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not collect the warnings of failed requests; the test has its own handler."""
    monkeypatch.setattr(logging.getLogger("interactions_sdk"), "propagate", False)


@every_mode
@pytest.mark.parametrize(
    ("runs", "least"),
    [(5, 200), pytest.param(110, 5_000, marks=pytest.mark.slow)],
    ids=["few", "many"],
)
def test_clients_whose_requests_fail_and_overlap(
    mode: Settings, runs: int, least: int, record_property: Callable[[str, object], None]
) -> None:
    """Rows match the model; dates and the audit log match the rows."""

    class Clients(Machine):
        settings = mode

    run_state_machine_as_test(
        Clients,
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )

    record_property("machine operations", Clients.operations)
    assert least <= Clients.operations
    assert Clients.operations < 4 * Clients.times_judged
