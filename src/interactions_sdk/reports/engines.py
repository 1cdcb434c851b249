"""Running a report on any kind of dataframe, and returning the same kind."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import narwhals.stable.v2 as nw

from interactions_sdk.arguments import describe
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.reports.columns import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from narwhals.stable.v2.typing import IntoFrameT

    from interactions_sdk.reports.columns import Kind

__all__ = ["count_if", "ratio", "run"]

_DTYPES: dict[Kind, nw.String | nw.Int64 | nw.Float64 | None] = {
    "text": nw.String(),
    "count": nw.Int64(),
    "number": nw.Float64(),
    "time": None,
    "period": None,
}


_NEEDED = ("customer_id", "interaction_type", "created_at")
"""Columns that every dataframe of interactions has."""


def run(
    report: str,
    frame: IntoFrameT,
    query: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]],
    *,
    order: Sequence[str],
    descending: bool | Sequence[bool] = False,
    computed: Mapping[str, nw.Expr] = MappingProxyType({}),
) -> IntoFrameT:
    """Run a query on the frame's own engine.

    Args:
        report: The report, which defines the result's columns and types.
        frame: Any dataframe that Narwhals supports.
        query: The lazy query.
        order: The columns to sort the result by, nulls last.
        descending: Whether to sort in descending order, for all columns or for each.
        computed: Columns of the report as expressions over the query's columns. Each step costs
            some engines a millisecond or two of planning, so these are added to the last step.

    Returns:
        The same kind of dataframe, lazy if the input is lazy.
    """
    given = _from_native(frame)
    rows = given if isinstance(given, nw.LazyFrame) else _lazy(given)
    declared = {
        column.name: _null_literal(computed.get(column.name, nw.col(column.name)), column.kind)
        for column in columns(report)
    }
    result = query(rows).select(**declared).sort(*order, descending=descending, nulls_last=True)
    lazy = isinstance(given, nw.LazyFrame)
    back = result if lazy else result.collect(backend=given.implementation)
    return cast("IntoFrameT", back.to_native())


def _null_literal(value: nw.Expr, kind: Kind) -> nw.Expr:
    dtype = _DTYPES[kind]
    return value if dtype is None else value.cast(dtype)


def _from_native(frame: object) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    try:
        given = nw.from_native(cast("Any", frame))
    except TypeError as error:
        raise ConfigurationError(
            "frame must be a dataframe, such as reports.frame(repo.iterate()) returns, "
            f"not {describe(frame)}."
        ) from error
    found = cast("nw.DataFrame[Any] | nw.LazyFrame[Any]", given)
    missing = [name for name in _NEEDED if name not in found.collect_schema().names()]
    if missing:
        raise ConfigurationError(
            f"frame must have the columns of reports.SCHEMA; it lacks {', '.join(missing)}."
        )
    return found


def _lazy(given: nw.DataFrame[Any]) -> nw.LazyFrame[Any]:
    """Run eager dataframes lazily, which lets the engine optimise.

    PyArrow has no exact median by group and no window functions, so its tables are run by Polars,
    which reads them without a copy.
    """
    return given.lazy(backend="polars" if given.implementation.is_pyarrow() else None)


def count_if(condition: nw.Expr) -> nw.Expr:
    """Return 1 if a condition is true, and 0 if it is false or null.

    The sum of such a column is the only conditional count that every engine supports.
    """
    one, nought = nw.lit(1, nw.Int8()), nw.lit(0, nw.Int8())
    return nw.when(condition).then(one).otherwise(nought)


def ratio(part: str, whole: str) -> nw.Expr:
    """Divide two columns of counts; the result is null if the divisor is 0."""
    return nw.when(nw.col(whole) > 0).then(nw.col(part) / nw.col(whole))
