"""Joining messages from other sources with this library's sentences."""

from __future__ import annotations

import httpx
import pytest

from interactions_sdk.errors import BadRequestError, error_from_response, file_errors
from interactions_sdk.sentences import count_noun, end_sentence, join_sentences, truncate
from interactions_sdk.transport.responses import error_from_exception


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        ((), ""),
        (("", " "), ""),
        (("One",), "One"),
        (("One", "Two."), "One. Two."),
        (("One.", "Two."), "One. Two."),
        (("One?", "", "Two!", "Three"), "One? Two! Three"),
        (("One. ", " Two"), "One. Two"),
    ],
)
def test_sentences_are_joined_by_one_full_stop(texts: tuple[str, ...], joined: str) -> None:
    """Sentences are joined by one full stop, however the first one ends."""
    assert joined == join_sentences(*texts)


@pytest.mark.parametrize(("text", "ended"), [("", ""), ("One", "One."), ("One. ", "One.")])
def test_a_sentence_ends_once(text: str, ended: str) -> None:
    """A full stop is added only if it is missing."""
    assert ended == end_sentence(text)


def test_hints_are_sentences_of_their_own() -> None:
    """The hint is a separate sentence, even if Appwrite's message ends with a quotation mark."""
    error = BadRequestError('Missing required attribute "name"', hint="Pass it.")
    assert 'Missing required attribute "name". Pass it.' == str(error)
    assert 'Missing required attribute "name"' == str(BadRequestError(error.message))
    missing = error_from_response(404, "database_not_found", "Database not found")
    assert str(missing).startswith("Database not found. Create what is missing")


@pytest.mark.parametrize("reason", ["All connection attempts failed", "Server disconnected."])
def test_reasons_of_a_failed_attempt_end_once(reason: str) -> None:
    """Only some of httpx's messages end with a full stop."""
    error = error_from_exception(httpx.ConnectError(reason), "http://localhost/v1")

    assert f"Cannot reach http://localhost/v1: {reason.rstrip('.')}. Check the" in str(error)


def test_reasons_of_the_operating_system_end_once() -> None:
    """Most of the messages have no full stop."""
    with pytest.raises(OSError, match=r"^calls\.csv: Disk full\.$"), file_errors("calls.csv"):
        raise OSError(28, "Disk full.", "calls.csv")


def test_one_is_singular() -> None:
    """All other numbers are plural."""
    assert ["1 line", "0 lines", "2,500 lines"] == [count_noun(n, "line") for n in (1, 0, 2500)]


def test_a_long_text_is_cut() -> None:
    """The text is as long as the limit allows, including an ellipsis."""
    assert ["Renewal", "Renew…"] == [truncate("Renewal", limit) for limit in (7, 6)]
