"""Labels of customers, users and types in charts, which never contain markup."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from interactions_sdk.escaping.characters import without_controls
from interactions_sdk.escaping.json_in_html import json_for_html
from interactions_sdk.identifiers import readable_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from interactions_sdk.reports.columns import Column

__all__ = ["labelled"]

_NO_MARKUP = str.maketrans("<", "\u2039")
"""A similar character that begins no tag, for pages of other programs with a chart's data."""


def labelled(
    rows: pl.DataFrame, columns: Sequence[Column], names: Mapping[str, str]
) -> pl.DataFrame:
    """Return the rows with every text as shown in charts; different texts stay different.

    The names are those of customers and users, by ID.
    """
    return rows.with_columns(
        _replaced(rows[column.name].cast(pl.String), column, names)
        for column in columns
        if column.kind == "text"
    )


def _replaced(texts: pl.Series, column: Column, names: Mapping[str, str]) -> pl.Series:
    different: list[str] = texts.unique().drop_nulls().to_list()
    labels = [_name(text, names) if column.unit == "id" else _plain(text) for text in different]
    times = Counter(labels)
    unique = [
        label if times[label] == 1 else f"{label} ({readable_id(text)})"
        for text, label in zip(different, labels, strict=True)
    ]
    return texts.replace(different, unique)


def _name(id: str, names: Mapping[str, str]) -> str:
    name = names.get(id)
    return readable_id(id) if name is None else without_controls(name).translate(_NO_MARKUP)


def _plain(text: str) -> str:
    return text if text.replace("_", "").isalnum() else json_for_html(text)
