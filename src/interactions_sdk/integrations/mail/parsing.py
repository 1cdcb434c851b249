"""Parsing a message into headers and parts, with bounded memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.feedparser import BytesFeedParser
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from email.message import EmailMessage

__all__ = ["MAX_MESSAGE_BYTES", "PARSING_ERRORS", "LineReader", "ParsedMessage", "parse_message"]

MAX_MESSAGE_BYTES = 64 * 2**20
"""Maximum number of bytes of a message in memory."""

PARSING_ERRORS = (ValueError, LookupError, AttributeError, TypeError, MessageError, RecursionError)
"""The errors that the `email` package raises for malformed headers and parts; several are open bugs
of the package."""

_PIECE = 2**16
_MAX_PART = 2**20
_BOUNDARY = b"--"


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """The headers and parts of a message, and the hash of all its bytes, in hexadecimal."""

    email: EmailMessage
    sha256: str


class LineReader(Protocol):
    """A source of lines from which a message is read."""

    def readline(self, size: int, /) -> bytes:
        """Return the next line, up to a number of bytes; empty at the end."""
        ...


def parse_message(file: LineReader, *, whole: bool = False) -> ParsedMessage:
    """Parse a message.

    Unless it is to be kept whole, a megabyte of each part is kept, so large attachments need no
    more memory.

    Raises:
        ValueError: It would need more than 64 MiB, or is nested too deeply.
    """
    parser = BytesFeedParser(policy=policy.default)
    digest = hashlib.sha256()
    kept = of_part = 0
    read = fed = b"\n"
    try:
        for piece in iter(partial(file.readline, _PIECE), b""):
            digest.update(piece)
            if piece.startswith(_BOUNDARY) and read.endswith(b"\n"):
                of_part = 0
            of_part += len(piece)
            read = piece
            wanted = piece
            if of_part > _MAX_PART and not whole:
                # The cut line gets a line end, so that a boundary begins a new line.
                wanted = b"" if fed.endswith(b"\n") else b"\n"
            kept += len(wanted)
            if kept > MAX_MESSAGE_BYTES:
                raise ValueError(f"it is larger than {MAX_MESSAGE_BYTES // 2**20} MiB")
            parser.feed(wanted)
            fed = wanted or fed
        message = cast("EmailMessage", parser.close())
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return ParsedMessage(message, digest.hexdigest())
