"""Common search terms lead to a page, and tables of settings are complete."""

from __future__ import annotations

import json
import re

import pytest

from interactions_sdk import CustomerColumns, Settings
from tests.docs.sessions import ROOT
from tests.docs.test_links import prose

DOCS = ROOT / "docs"
VARIABLES = DOCS / "reference" / "environment-variables.md"


@pytest.mark.parametrize(
    "words",
    [
        "pagination",
        "GDPR",
        "Flask",
        "FastAPI",
        "Docker",
        "rate limit",
        "duplicate",
        "time zone",
        "environment variables",
        "admin",
    ],
)
def test_the_search_finds_a_page(words: str) -> None:
    """The words are in a page's title, which Sphinx's search ranks first."""
    titles = [
        line
        for page in (DOCS / "how-to", DOCS / "reference")
        for path in page.glob("*.md")
        for line in prose(path)
        if line.startswith("# ")
    ]

    assert any(words.lower() in title.lower() for title in titles)


def rows() -> dict[str, str]:
    """Return the variables in the page's table, with their defaults."""
    text = VARIABLES.read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `(INTERACTIONS_\w+)` \| `([^`]*)` \|", text, re.MULTILINE))


def as_written(value: object) -> str:
    """Return a value in the form used in environment variables."""
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value).removesuffix(".0")


def test_every_setting_has_a_variable_on_the_page() -> None:
    """The names and the defaults are those of the code."""
    settings = Settings().model_dump()
    columns = settings.pop("customer_columns")
    expected = {f"INTERACTIONS_{name}".upper(): value for name, value in settings.items()}
    expected |= {
        f"INTERACTIONS_CUSTOMER_COLUMNS__{name}".upper(): value for name, value in columns.items()
    }

    assert columns.keys() == CustomerColumns.model_fields.keys()
    assert {name: as_written(value) for name, value in expected.items()} == rows()
