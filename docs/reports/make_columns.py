"""Write columns.md from the definitions: `python docs/reports/make_columns.py`."""

from __future__ import annotations

from pathlib import Path

from interactions_sdk.reports.columns import COLUMNS

_HEAD = """# Columns

What every column of every report means. The same is in each function's docstring and, as data, in
`reports.columns("by_type")`. Times come back as they are in the input; a period is a datetime
without zone, midnight of the period's first day in the zone `tz`.
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
    Path(__file__).with_name("columns.md").write_text(page(), encoding="utf-8")
