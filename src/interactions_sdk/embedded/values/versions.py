"""The Appwrite versions that this server can answer as, and where their answers differ.

Each difference was recorded: see the two folders of transcripts in `tests/contract`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from interactions_sdk.embedded.values.column_types import COLUMN_TYPES


@dataclass(frozen=True, slots=True)
class Version:
    """What one version of Appwrite answers differently from others.

    Attributes:
        number: What the version calls itself in its answers.
        inline_types: The column types that may be created together with their table.
        inline_bounds: Whether numeric columns that were created so show the bounds of their type;
            null is shown otherwise.
        unique_error: The error type of a value that clashes on a unique index.
        clamps: Whether an operator stops at its limit; the value stays as it was otherwise.
        bulk_row_rule: What the rows of a bulk call must be, in the words of the refusal.
        staged_dates: The dates of a row that only its transaction can see.
        file_keys: Whether files show a folder and a key.
        not_found_page: The file with the page for unknown paths.
    """

    number: str
    inline_types: frozenset[str]
    inline_bounds: bool
    unique_error: str
    clamps: bool
    bulk_row_rule: str
    staged_dates: tuple[tuple[str, str], ...]
    file_keys: bool
    not_found_page: str


RELEASED = Version(
    number="1.9.6",
    inline_types=frozenset({"string", "integer", "float", "double", "boolean", "datetime"}),
    inline_bounds=True,
    unique_error="row_already_exists",
    clamps=True,
    bulk_row_rule="Value must be a valid JSON string",
    staged_dates=(),
    file_keys=False,
    not_found_page="route_not_found.html",
)

# The unreleased source of 21 August 2026 (commit 0cefd061), which also calls itself 1.9.6.
_AUGUST_2026 = replace(
    RELEASED,
    inline_types=frozenset({*COLUMN_TYPES, "double"}),
    inline_bounds=False,
    unique_error="row_unique_constraint_violation",
    clamps=False,
    bulk_row_rule="Value must be a valid JSON object",
    staged_dates=(("$createdAt", ""), ("$updatedAt", "")),
    file_keys=True,
    not_found_page="route_not_found_2026_08.html",
)

VERSIONS: dict[str, Version] = {"1.9.6": RELEASED, "1.9.x-2026-08": _AUGUST_2026}


def get_version(name: str) -> Version:
    """Return the version of a name, which must have been recorded."""
    version = VERSIONS.get(name)
    if version is None:
        raise ValueError(f"Unknown version {name!r}; recorded are {', '.join(VERSIONS)}.")
    return version
