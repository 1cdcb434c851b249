"""Frames below the function that sends requests keep no local variables."""

from __future__ import annotations

import pytest

from interactions_sdk.transport.secret_frames import SecretFrames

SECRET = "standard_c0ffee"


def _fail() -> None:
    key = SECRET
    raise ValueError(len(key))


def _variables(error: BaseException) -> str:
    """Return the variables of all frames below the test's."""
    trace, shown = error.__traceback__, ""
    while trace is not None:
        shown += repr(trace.tb_frame.f_locals) if trace.tb_frame.f_code is _fail.__code__ else ""
        trace = trace.tb_next
    return shown


def test_an_error_that_leads_back_to_itself_is_cleared_once() -> None:
    """Circular causes are cleared once."""
    with pytest.raises(ValueError, match="15") as caught, SecretFrames():
        try:
            _fail()
        except ValueError as error:
            other = KeyError()
            other.__cause__, error.__cause__ = error, other
            raise

    assert SECRET not in _variables(caught.value)


def test_the_errors_of_a_group_are_cleared_too() -> None:
    """The errors in an exception group are cleared, too."""
    with pytest.raises(ExceptionGroup) as caught, SecretFrames():
        failures: list[Exception] = []
        try:
            _fail()
        except ValueError as error:
            failures.append(error)
        raise ExceptionGroup("tasks", failures)

    [inner] = caught.value.exceptions
    assert SECRET not in _variables(inner)
