from __future__ import annotations

import pytest

from benchmarks.load import Load, run


@pytest.mark.parametrize(
    "load",
    [
        Load(creates=200, customers=20, fault_rate=0.03),
        pytest.param(Load(), marks=[pytest.mark.slow, pytest.mark.longest]),
    ],
    ids=["small", "large"],
)
def test_nothing_is_lost_or_doubled_under_load(load: Load) -> None:
    """Many workers write over HTTP while requests fail, and every row is written once."""
    report = run(load)

    assert report.is_flawless, report
    assert 0 < report.faults
