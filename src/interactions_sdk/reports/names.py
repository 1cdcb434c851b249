"""Adding the names of customers to their IDs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import narwhals.stable.v2 as nw

from interactions_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narwhals.stable.v2.typing import IntoFrameT

__all__ = ["CUSTOMER_NAME", "with_customer_names"]

CUSTOMER_NAME = "customer_name"
_CUSTOMER_ID = "customer_id"


def with_customer_names(result: IntoFrameT, names: Mapping[str, str]) -> IntoFrameT:
    """Add a column `customer_name` after `customer_id`.

    `plot` then shows these names.

    Args:
        result: The result of a report about customers (`engagement`, `stale_customers`), or a
            dataframe of interactions, of any kind that Narwhals supports except lazy ones.
        names: The names of customers by ID, as `crm.customers.names` returns them; other customers
            have no name.

    Returns:
        The same kind of dataframe.

    Raises:
        ConfigurationError: There is no column `customer_id`, or the dataframe is lazy.

    Example:
        >>> import polars as pl
        >>> result = pl.DataFrame({"customer_id": ["c1", "c2"], "interactions": [3, 1]})
        >>> with_customer_names(result, {"c1": "Ada"}).rows()
        [('c1', 'Ada', 3), ('c2', None, 1)]
    """
    rows = nw.from_native(cast("Any", result))
    if isinstance(rows, nw.LazyFrame):
        raise ConfigurationError(
            "with_customer_names needs a dataframe in memory: collect it first."
        )
    if _CUSTOMER_ID not in rows.columns:
        raise ConfigurationError(
            f"with_customer_names needs a column customer_id; there are {', '.join(rows.columns)}."
        )
    ids: list[str | None] = rows[_CUSTOMER_ID].to_list()
    called = nw.new_series(
        CUSTOMER_NAME,
        [names.get(id) if id is not None else None for id in ids],
        nw.String(),
        backend=rows.implementation,
    )
    columns = [name for name in rows.columns if name != CUSTOMER_NAME]
    place = columns.index(_CUSTOMER_ID) + 1
    named = rows.with_columns(called).select(*columns[:place], CUSTOMER_NAME, *columns[place:])
    return cast("IntoFrameT", named.to_native())
