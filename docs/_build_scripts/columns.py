"""Write docs/reports/columns.md: `python docs/_build_scripts/columns.py`."""

from __future__ import annotations

from pathlib import Path

from interactions_sdk.reports.columns import COLUMNS

PAGE = Path(__file__).parents[1] / "reports" / "columns.md"
_HEAD = """# Report columns

The meaning of every column of every report. The same descriptions are in the docstrings and, as
data, in `reports.columns("by_type")`. Times are returned as they are in the input. A period is a
naive datetime: midnight of its first day in the time zone `tz`.
"""


def page() -> str:
    """Return the page's text."""
    parts = [_HEAD]
    for report, columns in COLUMNS.items():
        rows = [f"| `{c.name}` | {c.unit} | {c.definition} |" for c in columns]
        table = "\n".join(["| Column | Unit | Definition |", "| --- | --- | --- |", *rows])
        parts.append(f"## `{report}`\n\n{table}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
