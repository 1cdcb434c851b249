"""Customers' names in tables and charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from interactions_sdk import ConfigurationError, reports

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk import CustomerInteraction

COLUMNS = {"customer_id": ["c1", None, "c2"], "interactions": [3, 2, 1]}
NAMED = [("c1", "Ada", 3), (None, None, 2), ("c2", None, 1)]


@pytest.mark.parametrize(
    "convert",
    [pl.DataFrame.clone, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow],
    ids=["polars", "pandas", "pyarrow"],
)
def test_names_stand_beside_ids(convert: Callable[[pl.DataFrame], Any]) -> None:
    """Names are added on every eager engine, and only once."""
    frame = convert(pl.DataFrame(COLUMNS))
    once = reports.with_customer_names(frame, {"c1": "Ada"})
    again = reports.with_customer_names(once, {"c1": "Ada"})
    assert type(frame) is type(once)
    for named in (once, again):
        assert NAMED == nw.from_native(named, eager_only=True).to_polars().rows()


def test_what_has_no_customers_is_refused() -> None:
    """A table without customers is rejected, and so is a lazy query."""
    with pytest.raises(ConfigurationError, match="needs a column customer_id; there are user_id"):
        reports.with_customer_names(pl.DataFrame({"user_id": ["ada"]}), {})
    with pytest.raises(ConfigurationError, match="collect it first"):
        reports.with_customer_names(pl.LazyFrame(COLUMNS), {})


def test_a_chart_shows_the_names_of_its_table(make: Callable[..., CustomerInteraction]) -> None:
    """Names passed to the chart take precedence over those in the table."""
    calls = [make(customer_id="c1"), make(customer_id="c2"), make(customer_id="c3")]
    result = reports.stale_customers(reports.frame(calls))
    named = reports.with_customer_names(result, {"c1": "Ada", "c2": "Bob"})
    shown = str(reports.plot(named, names={"c2": "Robert"}).to_dict())
    assert all(name in shown for name in ("Ada", "Robert", "c3"))
    assert "Bob" not in shown
