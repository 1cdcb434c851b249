from __future__ import annotations

import pytest

from interactions_sdk.embedded.access import permissions


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([], None),
        (['read("any")', 'write("team:a/b")', 'read("users/verified")'], None),
        ("any", "Permissions must be an array of strings."),
        ([1], "Every permission must be of type string."),
        (["*"], 'Wildcard permission "*" has been replaced. Use "any" instead.'),
        (["readable"], 'Invalid permission string format: "readable".'),
        (['readx("any")'], 'Invalid permission type: "readx".'),
        (
            ['read("all")'],
            (
                'Role "all" is not allowed. '
                "Must be one of: any, guests, users, user, team, member, label."
            ),
        ),
        (['read("any:x")'], 'Role "any" can not have an ID value.'),
        (['read("any/x")'], 'Role "any" can not have a dimension value.'),
        (['read("team:a/")'], "Dimension must not be empty"),
        (
            ['read("user:a/b")'],
            'Role "user" dimension value is invalid. Must be one of: verified, unverified.',
        ),
        (
            ['read("user:a b")'],
            (
                'Role "user" identifier value is invalid: Parameter must contain at most 36 chars. '
                "Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. "
                "Can't start with a special char"
            ),
        ),
    ],
)
def test_objection(sent: object, expected: str | None) -> None:
    """An invalid permission is rejected with Appwrite's message."""
    assert expected == permissions.validation_error(sent)
