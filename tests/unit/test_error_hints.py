"""Hints for errors from Appwrite: one for each cause."""

from __future__ import annotations

import pytest

from interactions_sdk.errors import error_from_response

VERIFY = "Failed to verify JWT. "


@pytest.mark.parametrize(
    ("cause", "hint"),
    [
        ("Invalid token: Expired", "A JWT lasts 15 minutes by default. Pass a new one"),
        (
            "Invalid token: Signature failed",
            "Another server created it, or it was changed on the way. Pass one",
        ),
        (
            "Invalid token: Incomplete segments",
            "Pass the whole JWT that account.createJWT() returned",
        ),
        ("Invalid token: Missing header algo", "Pass the whole JWT that account.createJWT()"),
        ("JSON failed: Syntax error", "Pass the whole JWT that account.createJWT() returned"),
        ("Another reason", "Pass a new one, or a function that fetches one as jwt=."),
    ],
)
def test_a_refused_jwt_has_one_message_per_cause(cause: str, hint: str) -> None:
    """Each cause of a rejected JWT has its own message and hint."""
    message = str(error_from_response(401, "user_jwt_invalid", VERIFY + cause))

    assert message.startswith(f"{VERIFY}{cause}. {hint}")
    assert ("15 minutes" in message) == cause.endswith("Expired")


def test_what_is_not_known_gets_no_hint() -> None:
    """Without a hint, the message is Appwrite's."""
    assert "Not so." == str(error_from_response(400, "storage_invalid_range", "Not so."))
