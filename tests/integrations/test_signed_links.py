"""Signed links for programs that cannot sign in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk import ConfigurationError
from interactions_sdk.integrations.signed_links import SignedLinks

OLD, NEW = "old-" * 8, "new-" * 8
URL = "https://crm.example/calendars/ada%20b.ics?view=mine&empty="
YEAR = timedelta(days=365)


def test_a_signed_link_holds_until_it_expires() -> None:
    """The signature is valid on any host until the second of its expiry."""
    links = SignedLinks(OLD)
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as clock:
        url = links.sign(URL, YEAR)
        assert url.startswith(f"{URL}&expires=1803859200&signature=")
        assert links.verify(url)
        assert links.verify(url.replace("https://crm.example", "http://10.0.0.1:8000"))
        assert links.verify(url.removeprefix("https://crm.example"))
        clock.shift(YEAR - timedelta(seconds=1))
        assert links.verify(url)
        clock.shift(timedelta(seconds=1))
        assert not links.verify(url)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ada", "bob"),
        ("view=mine", "view=all"),
        ("expires=1", "expires=9"),
        ("&empty=", ""),
        ("signature=", "signature=0"),
        ("signature=", "sign="),
        ("signature=", "signature=\ud800"),
        ("/calendars", "//["),
        ("?view", "#view"),
    ],
)
def test_a_changed_link_does_not_hold(old: str, new: str) -> None:
    """Any changed part makes the signature invalid, without an exception."""
    links = SignedLinks(OLD)
    url = links.sign(URL, YEAR)

    assert old in url
    assert not links.verify(url.replace(old, new, 1))


@given(st.text())
def test_no_text_is_a_signed_link(text: str) -> None:
    """Any other text is invalid, without an exception."""
    links = SignedLinks(OLD)

    assert not links.verify(text)
    assert not links.verify(f"/x?expires=9999999999&signature={text}")


def test_keys_are_replaced() -> None:
    """The first key signs; links signed with the other keys stay valid until those are removed."""
    url = SignedLinks(OLD).sign(URL, YEAR)

    both = SignedLinks([NEW, OLD])
    assert both.verify(url)
    assert SignedLinks(NEW).verify(both.sign(URL, YEAR))
    assert not SignedLinks(NEW).verify(url)


@pytest.mark.parametrize("keys", ["short", [], [OLD, "short"], [OLD, OLD.encode()]])
def test_weak_keys_are_refused(keys: Any) -> None:
    """The error explains how to generate a key, and does not contain the weak one."""
    with pytest.raises(ConfigurationError, match="at least 32 characters") as caught:
        SignedLinks(keys)

    assert "short" not in str(caught.value)


def test_a_link_is_signed_once() -> None:
    """An address that is already signed is rejected, and so is an invalid duration."""
    links = SignedLinks(OLD)

    with pytest.raises(ConfigurationError, match="has expires or signature"):
        links.sign(links.sign(URL, YEAR), YEAR)
    with pytest.raises(ConfigurationError, match="longer than 0"):
        links.sign(URL, timedelta())


def test_keys_are_not_shown() -> None:
    """The `repr` contains only the number of keys."""
    assert "<SignedLinks with 2 keys>" == repr(SignedLinks([NEW, OLD]))
