"""Which messages are written by people, and which by programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from email.message import EmailMessage

    from interactions_sdk.integrations.mail.headers import Headers

__all__ = ["KINDS", "MailKind", "classify"]

MailKind = Literal["bounce", "auto_reply", "calendar", "bulk"]
"""Kinds of messages that are skipped unless they are included."""

KINDS: tuple[MailKind, ...] = get_args(MailKind)

_BULK = {"bulk", "list", "junk"}
_DAEMONS = ("mailer-daemon@", "postmaster@")


def classify(message: EmailMessage, headers: Headers) -> MailKind | None:
    """Return the kind of an automatic message; None for a message that a person wrote.

    Sources: RFC 3464 and 6522 (reports of delivery), RFC 3834 (Auto-Submitted), RFC 6047
    (calendars), RFC 2369 and 2919 (mailing lists); Precedence and X-Auto* are not standards, but
    common.
    """
    precedence = headers.text("precedence").lower()
    if _is_bounce(message, headers):
        return "bounce"
    submitted = headers.text("auto-submitted").partition(";")[0].strip().lower()
    if (
        submitted not in {"", "no"}
        or precedence == "auto_reply"
        or headers.text("x-autoreply")
        or headers.text("x-autorespond")
    ):
        return "auto_reply"
    if any(part.get_content_type() == "text/calendar" for part in message.walk()):
        return "calendar"
    is_list = headers.text("list-id") or headers.text("list-unsubscribe")
    return "bulk" if is_list or precedence in _BULK else None


def _is_bounce(message: EmailMessage, headers: Headers) -> bool:
    if message.get_content_type() == "multipart/report":
        return str(message.get_param("report-type", "")).lower() == "delivery-status"
    is_from_nobody = headers.text("return-path") == "<>"
    return is_from_nobody and any(
        address.startswith(_DAEMONS) for address in headers.addresses("from")
    )
