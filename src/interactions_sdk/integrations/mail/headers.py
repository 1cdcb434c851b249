"""Headers of messages, including malformed ones: addresses, dates and message IDs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING, cast

from interactions_sdk.integrations.mail.parsing import PARSING_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.headerregistry import AddressHeader
    from email.message import EmailMessage

__all__ = ["Headers"]

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,998}>")
_BARE_ID = re.compile(r"[^<>\s]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CLOCK_TOLERANCE = timedelta(minutes=5)
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


class Headers:
    """The headers of one message; `note` is called with problems of a header."""

    def __init__(self, message: EmailMessage, note: Callable[[str], object]) -> None:
        self._message = message
        self._note = note

    def text(self, name: str) -> str:
        """Return the first header of a name, decoded, on one line; empty if there is none."""
        return next(iter(self.texts(name)), "")

    def texts(self, name: str) -> list[str]:
        """Return all headers of a name, decoded."""
        try:
            texts = [str(header) for header in self._message.get_all(name, [])]
        except PARSING_ERRORS:
            texts = self._raw(name)
        return [" ".join(_readable(text).split()) for text in texts]

    def _raw(self, name: str) -> list[str]:
        """Return headers as written, if `email` cannot parse them."""
        self._note(f"the header {name} cannot be parsed")
        return [
            str(value) for key, value in self._message.raw_items() if key.lower() == name.lower()
        ]

    def addresses(self, *names: str) -> list[str]:
        """Return the email addresses in headers, in lower case, each once."""
        texts = [text for name in names for text in self._addresses(name)]
        return list(dict.fromkeys(text.strip().lower() for text in texts if "@" in text))

    def _addresses(self, name: str) -> list[str]:
        try:
            headers = cast("list[AddressHeader]", self._message.get_all(name, []))
            return [_readable(each.addr_spec) for header in headers for each in header.addresses]
        except PARSING_ERRORS:
            return [_readable(address) for _, address in getaddresses(self._raw(name))]

    def message_ids(self, name: str) -> list[str]:
        """Return the message IDs in a header, with their angle brackets.

        An ID without brackets, as some programs write it, counts as well; one that is empty or
        incomplete does not.
        """
        text = self.text(name)
        return _MESSAGE_ID.findall(text) or ([f"<{text}>"] if _BARE_ID.fullmatch(text) else [])

    def sent_at(self, now: datetime) -> datetime | None:
        """Return when the message was sent: from Date, or else from the first usable Received.

        A date that is missing, cannot be read, or lies in the future (or before 1970) does not
        count.
        """
        sent = _date(self.text("date"))
        if _is_plausible(sent, now):
            return sent
        hops = (_date(text.rpartition(";")[2]) for text in self.texts("received"))
        received = next((when for when in hops if _is_plausible(when, now)), None)
        if received is not None:
            problem = "missing or unreadable" if sent is None else "in the future or before 1970"
            self._note(f"its Date is {problem}; the time is that of Received")
        return received


def _readable(text: str) -> str:
    """Replace bytes that are not characters, which `email` keeps as surrogates."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).replace("\0", "")


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # RFC 5322, 3.3: "-0000" is a time in UTC that says nothing about the sender's zone.
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _is_plausible(when: datetime | None, now: datetime) -> bool:
    return when is not None and _EARLIEST <= when <= now + _CLOCK_TOLERANCE
