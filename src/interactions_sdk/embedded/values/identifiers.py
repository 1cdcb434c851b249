"""IDs and keys: validation and generation."""

from __future__ import annotations

import re
import secrets
import time

_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}")

KEY_RULE = (
    "Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, "
    "and underscore. Can't start with a special char"
)
UID_RULE = (
    "UID must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, and underscore. "
    "Can't start with a leading underscore"
)


def is_id(value: object) -> bool:
    """Return whether a value can be an ID or a key."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def unique() -> str:
    """Make an ID of twenty hexadecimal digits: the time, then chance."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{seconds:08x}{nanoseconds // 1000:05x}{secrets.token_hex(4)[:7]}"
