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

_DTYPES: dict[Kind, nw.String | nw.Int64 | nw.Float64] = {
    "text": nw.String(),
    "count": nw.Int64(),
    "number": nw.Float64(),
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
    """Run a lazy query on the frame's own engine; the result is lazy if the frame is lazy.

    The report defines the columns and types of the result, and `order` sorts it, nulls last.
    `computed` are columns as expressions over the query's columns: each step costs some engines a
    millisecond or two of planning, so these are added to the last step.
    """
    source = _from_native(frame)
    rows = source if isinstance(source, nw.LazyFrame) else _lazy(source)
    declared = {
        column.name: _cast(computed.get(column.name, nw.col(column.name)), column.kind)
        for column in columns(report)
    }
    result = query(rows).select(**declared).sort(*order, descending=descending, nulls_last=True)
    is_lazy = isinstance(source, nw.LazyFrame)
    native = result if is_lazy else result.collect(backend=source.implementation)
    return cast("IntoFrameT", native.to_native())


def _cast(value: nw.Expr, kind: Kind) -> nw.Expr:
    dtype = _DTYPES.get(kind)
    return value if dtype is None else value.cast(dtype)


def _from_native(frame: object) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    try:
        converted = nw.from_native(cast("Any", frame))
    except TypeError as error:
        raise ConfigurationError(
            "frame must be a dataframe, such as reports.frame(repo.iterate()) returns, "
            f"not {describe(frame)}."
        ) from error
    source = cast("nw.DataFrame[Any] | nw.LazyFrame[Any]", converted)
    missing = [name for name in _NEEDED if name not in source.collect_schema().names()]
    if missing:
        raise ConfigurationError(
            f"frame must have the columns of reports.SCHEMA; it lacks {', '.join(missing)}."
        )
    return source


def _lazy(frame: nw.DataFrame[Any]) -> nw.LazyFrame[Any]:
    """Run eager dataframes lazily, which lets the engine optimise.

    PyArrow has no exact median by group and no window functions, so its tables are run by Polars,
    which reads them without a copy.
    """
    return frame.lazy(backend="polars" if frame.implementation.is_pyarrow() else None)


def count_if(condition: nw.Expr) -> nw.Expr:
    """Return 1 if a condition is true, and 0 if it is false or null.

    The sum of such a column is the only conditional count that every engine supports.
    """
    one, nought = nw.lit(1, nw.Int8()), nw.lit(0, nw.Int8())
    return nw.when(condition).then(one).otherwise(nought)


def ratio(part: str, whole: str) -> nw.Expr:
    """Divide two columns of counts; the result is null if the divisor is 0."""
    return nw.when(nw.col(whole) > 0).then(nw.col(part) / nw.col(whole))
