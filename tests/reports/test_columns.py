"""Definitions of the reports' columns."""

from __future__ import annotations

import pydoc
import runpy
from pathlib import Path

import pytest

from interactions_sdk import reports
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.reports.columns import COLUMNS, SCORE_WEIGHTS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("report", COLUMNS)
def test_every_column_is_documented(report: str) -> None:
    """Each column has a unit and a definition, which are also in the report's docstring."""
    told = pydoc.getdoc(getattr(reports, report))

    for column in reports.columns(report):
        assert column.unit
        assert column.definition.endswith(".")
        assert f"- `{column.name}` ({column.unit}): {column.definition}" in told


def test_an_unknown_report_is_told_with_those_there_are() -> None:
    """The error for an unknown report lists the available ones."""
    with pytest.raises(ConfigurationError, match="heatmap"):
        reports.columns("heat_map")


def test_the_parts_of_the_score_make_a_hundred() -> None:
    """The weights of the score add up to 100."""
    assert 100 == sum(SCORE_WEIGHTS.values())


def test_the_page_of_columns_is_what_the_code_says() -> None:
    """docs/reports/columns.md is generated from the definitions."""
    made = runpy.run_path(str(DOCS / "_build_scripts" / "columns.py"))["page"]()

    assert made == (DOCS / "reports" / "columns.md").read_text(encoding="utf-8")
