"""Tests in certain folders run without coverage."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.measuring import CHILDREN, is_measured, unmeasured

if TYPE_CHECKING:
    from types import FrameType


def test_nothing_traces_this_test(request: pytest.FixtureRequest) -> None:
    """This folder is one of those without coverage."""
    assert not is_measured(request.node)
    assert sys.gettrace() is None
    assert threading.gettrace() is None
    assert CHILDREN not in dict(os.environ)


def test_coverage_goes_on_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coverage is restored, even after an error."""

    def trace(_frame: FrameType, _event: str, _argument: object) -> None:
        """Trace nothing."""

    monkeypatch.setenv(CHILDREN, "{}")
    sys.settrace(trace)
    try:
        with pytest.raises(ValueError, match="wrong"), unmeasured():
            during = (sys.gettrace(), dict(os.environ).get(CHILDREN))
            raise ValueError("wrong")
        after = (sys.gettrace(), dict(os.environ).get(CHILDREN))
    finally:
        sys.settrace(None)

    assert (None, None) == during
    assert (trace, "{}") == after
