"""The text of a message, and its attachments."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from typing import TYPE_CHECKING, cast

from interactions_sdk.integrations.mail.parsing import PARSING_ERRORS
from interactions_sdk.transfer.files import import_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

__all__ = ["attachment_names", "attachments", "body_text"]


_TEXTS = {"text/plain", "text/html"}
_AS_IT_IS = policy.compat32.clone(max_line_length=None)
"""Writes headers as they were read; the default policy fails for malformed ones."""


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    is_html: bool


def body_text(message: EmailMessage, note: Callable[[str], object]) -> str:
    """Return the sender's text: the plain text if there is any, or else the text of the HTML.

    Attached and forwarded messages are not part of it. `note` is called with problems of the text.

    Raises:
        ConfigurationError: There is only HTML, and the extra `mail` is not installed.
    """
    texts = list(_texts(message, note))
    plain = [each.text for each in texts if not each.is_html]
    if any(each.strip() for each in plain):
        return "\n".join(plain).strip()
    return "\n".join(_without_tags(each.text, note) for each in texts if each.is_html).strip()


def _texts(part: EmailMessage, note: Callable[[str], object]) -> Iterator[_Text]:
    kind = part.get_content_type()
    if _is_attached(part) or kind.startswith("message/"):
        return
    if part.is_multipart():
        for each in cast("list[EmailMessage]", part.get_payload()):
            yield from _texts(each, note)
    elif kind.startswith("multipart/"):
        note("its parts cannot be separated; the whole message is used as text")
        yield _Text(_decode(part, note), is_html=False)
    elif kind in _TEXTS:
        yield _Text(_decode(part, note), is_html=kind == "text/html")


def _is_attached(part: EmailMessage) -> bool:
    return part.get_content_disposition() == "attachment"


def _decode(part: EmailMessage, note: Callable[[str], object]) -> str:
    content = _content(part)
    try:
        return content.decode(part.get_content_charset() or "utf-8").replace("\0", "")
    except (LookupError, ValueError):  # an unknown encoding, or not what was declared
        note("its text is not in the encoding that it declares")
    try:
        return content.decode("utf-8").replace("\0", "")
    except ValueError:
        return content.decode("cp1252", errors="replace").replace("\0", "")


def _content(part: EmailMessage) -> bytes:
    return cast("bytes", part.get_payload(decode=True)) or b""


def _without_tags(html: str, note: Callable[[str], object]) -> str:
    get_text = import_extra("inscriptis", "mail").get_text
    try:
        return cast("str", get_text(html))
    except (ValueError, RecursionError, LookupError) as error:
        note(f"its HTML cannot be read: {type(error).__name__}")
        return ""


def attachment_names(message: EmailMessage) -> list[str]:
    """Return the names of the attachments."""
    return [name for name, _ in _attached(message)]


def attachments(message: EmailMessage) -> list[tuple[str, bytes]]:
    """Return the attachments as pairs of name and content; empty files are left out.

    A message that is attached is its own source.
    """
    return [(name, content) for name, part in _attached(message) if (content := _bytes(part))]


def _bytes(part: EmailMessage) -> bytes:
    if part.get_content_maintype() == "message" and part.is_multipart():
        # Of a delivery status, each block is a message to the `email` package.
        blocks = cast("list[EmailMessage]", part.get_payload())
        return b"".join(each.as_bytes(policy=_AS_IT_IS) for each in blocks)
    return _content(part)


def _attached(message: EmailMessage) -> Iterator[tuple[str, EmailMessage]]:
    """Yield the parts that are files: all but the text, and text that is attached or has a name."""
    for number, part in enumerate(_leaves(message), start=1):
        name = _name(part)
        is_message = part.get_content_maintype() == "message"
        if _is_attached(part) or name or not _is_text(part):
            kind = part.get_content_subtype()
            yield name or (f"message-{number}.eml" if is_message else f"part-{number}.{kind}"), part


def _is_text(part: EmailMessage) -> bool:
    return part.get_content_type() in _TEXTS or part.get_content_maintype() == "multipart"


def _leaves(part: EmailMessage) -> Iterator[EmailMessage]:
    if part.is_multipart() and part.get_content_maintype() != "message":
        for each in cast("list[EmailMessage]", part.get_payload()):
            yield from _leaves(each)
    else:
        yield part


def _name(part: EmailMessage) -> str:
    """Return the name of a part without any folders; empty if it has none."""
    try:
        name = part.get_filename() or ""
    except PARSING_ERRORS:
        return ""
    last = name.replace("\\", "/").rpartition("/")[2]
    return last.strip(" .").encode("utf-8", "replace").decode()
