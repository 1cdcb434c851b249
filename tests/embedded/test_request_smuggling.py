"""Request smuggling: no request can hide in the body of another one.

The mutations of the header `Transfer-Encoding` are those of the public tool smuggler
(https://github.com/defparam/smuggler). A proxy in front of the server may read some of them
differently from h11, so each must be rejected, or read by its length alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk.embedded import EmbeddedAppwrite
from tests.embedded.raw_http import exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.embedded.http_server import RunningServer

_NAMED = {
    "plain": b"Transfer-Encoding: chunked",
    "prefixed name": b" Transfer-Encoding: chunked",
    "tab before the value": b"Transfer-Encoding:\tchunked",
    "tab before the colon": b"Transfer-Encoding\t:\tchunked",
    "space in the name": b"Transfer Encoding: chunked",
    "underscore": b"Transfer_Encoding: chunked",
    "smashed": b"Transfer Encoding:chunked",
    "space before the colon": b"Transfer-Encoding : chunked",
    "two spaces": b"Transfer-Encoding:  chunked",
    "vertical tab": b"Transfer-Encoding:\x0bchunked",
    "comma after": b"Transfer-Encoding: chunked, cow",
    "comma before": b"Transfer-Encoding: cow, chunked",
    "another header": b"Content-Encoding: chunked",
    "folded with a line feed": b"Transfer-Encoding:\n chunked",
    "folded": b"Transfer-Encoding:\r\n chunked",
    "quoted": b'Transfer-Encoding: "chunked"',
    "single quotes": b"Transfer-Encoding: 'chunked'",
    "beginning only": b"Transfer-Encoding: chunk",
    "mixed case": b"TrAnSFer-EnCODinG: cHuNkeD",
    "capitals": b"TRANSFER-ENCODING: CHUNKED",
    "carriage return behind": b"Transfer-Encoding: chunked\r",
    "tab behind": b"Transfer-Encoding: chunked\t",
    "twice": b"Transfer-Encoding: cow\r\nTransfer-Encoding: chunked",
    "twice, the other way": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: cow",
    "twice the same": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "carriage return inside": b"Transfer\r-Encoding: chunked",
    "nested": b"Transfer-Encoding: cow chunked bar",
    "high byte before": b"Transfer-Encoding: \xffchunked",
    "accent in the value": b"Transfer-Encoding: ch\x96nked",
    "accent in the name": b"Transf\x82r-Encoding: chunked",
    "behind a carriage return": b"X:X\rTransfer-Encoding: chunked",
    "behind a line feed": b"X:X\nTransfer-Encoding: chunked",
    "identity": b"Transfer-Encoding: identity",
    "empty": b"Transfer-Encoding:",
    "without colon": b"Transfer-Encoding chunked",
}
_BYTES = (*range(0x01, 0x21), 0x7F, *range(0x80, 0x100, 0x10), 0xFF)


def _mutations() -> Iterator[bytes]:
    yield from _NAMED.values()
    for code in _BYTES:
        byte = bytes([code])
        yield b"Transfer-Encoding:" + byte + b"chunked"
        yield b"Transfer-Encoding" + byte + b": chunked"
        yield byte + b"Transfer-Encoding: chunked"
        yield b"Transfer-Encoding: chunked" + byte
        yield b"X:X" + byte + b"Transfer-Encoding: chunked"
        yield b"Transfer-Encoding: chunked" + byte + b"X: X"
        yield b"X:X\r" + byte + b"Transfer-Encoding: chunked"
        yield b"X:X" + byte + b"\nTransfer-Encoding: chunked"
        yield b"Transfer-Encoding: chunked\r" + byte + b"X: X"
        yield b"Transfer-Encoding: chunked" + byte + b"\nX: X"


MUTATIONS = list(_mutations())
HIDDEN = b"GET /v1/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
FORMS = {
    "the length holds both": (b"0\r\n\r\n" + HIDDEN, len(HIDDEN) + 5),
    "the length ends before the hidden one": (b"0\r\n\r\n" + HIDDEN, 5),
    "the chunk holds the hidden one": (b"%x\r\n%s\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN), 4),
}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningServer]:
    """Serve a server in memory."""
    with EmbeddedAppwrite() as server, server.serve() as served:
        yield served


def head(lines: bytes, length: int) -> bytes:
    """Return the headers of a request with a length and contradicting lines."""
    return (
        b"POST /v1/tablesdb HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + lines
        + b"\r\nContent-Length: %d\r\n\r\n" % length
    )


def is_dangerous(running: RunningServer, sent: bytes) -> bool:
    """Return whether more than one request was answered, or a request with two lengths was."""
    answers = exchange(running, sent)
    return len(answers) > 1 or any(answer.status < 400 for answer in answers)


@pytest.mark.unmeasured
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", _NAMED)
def test_named_mutations(running: RunningServer, name: str, form: str) -> None:
    """Each known mutation gets one response."""
    body, length = FORMS[form]
    assert not is_dangerous(running, head(_NAMED[name], length) + body)


@pytest.mark.unmeasured
@pytest.mark.parametrize("form", FORMS)
def test_all_mutations(running: RunningServer, form: str) -> None:
    """A header with any unusual byte at any position gets one response."""
    body, length = FORMS[form]
    assert len(MUTATIONS) > 450
    assert [] == [each for each in MUTATIONS if is_dangerous(running, head(each, length) + body)]


@pytest.mark.parametrize("name", ["plain", "capitals", "folded", "tab before the value", "twice"])
def test_a_body_of_two_lengths_is_refused(running: RunningServer, name: str) -> None:
    """A request with both a transfer coding and a length is rejected."""
    body, length = FORMS["the length holds both"]
    [answer] = exchange(running, head(_NAMED[name], length) + body)
    assert answer.status in {400, 501}
