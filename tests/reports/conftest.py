"""Interactions and dataframe engines for the tests of reports."""

from __future__ import annotations

import itertools
import os
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest

from interactions_sdk.models.interaction import CustomerInteraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession


@pytest.fixture
def make() -> Callable[..., CustomerInteraction]:
    """Return an interaction with the given fields."""
    numbers = itertools.count(1)

    def make(created_at: str = "2026-05-04T10:00:00Z", **fields: Any) -> CustomerInteraction:
        moment = datetime.fromisoformat(created_at)
        said = {"customer_id": "acme", "user_id": "ada", "interaction_type": "call", **fields}
        return CustomerInteraction.model_validate(
            {"id": f"i{next(numbers)}", "created_at": moment, "updated_at": moment, **said}
        )

    return make


@dataclass(frozen=True)
class Engine:
    """A dataframe library: how to create a frame of interactions, and to read a result."""

    name: str
    load: Callable[[pl.DataFrame], Any]
    kind: type
    is_lazy: bool

    def rows(self, result: Any) -> pl.DataFrame:
        """Return the rows of a result as Polars, in order, to compare engines."""
        found: Any = nw.from_native(result)
        collected: pl.DataFrame = (
            found.collect(backend="polars").to_native()
            if isinstance(found, nw.LazyFrame)
            else found.to_polars()
        )
        times = [
            pl.col(name).cast(pl.Datetime("ms", "UTC" if dtype.time_zone else None))
            for name, dtype in collected.schema.items()
            if isinstance(dtype, pl.Datetime)
        ]
        return collected.with_columns(*times, pl.selectors.float().fill_nan(None))


_CONNECTIONS: list[duckdb.DuckDBPyConnection] = []
"""Connections are kept here, since relations of DuckDB 1 do not keep theirs alive."""


def _duckdb(frame: pl.DataFrame) -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    _CONNECTIONS.append(connection)
    connection.execute("set timezone = 'Asia/Tokyo'")  # reports must not depend on it
    connection.register("interactions", frame.to_arrow())
    return connection.table("interactions")


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Start Spark in this process, in a time zone that must not affect reports."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - Spark is slow to import

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = (
            SparkSession.builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "America/Sao_Paulo")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.driver.memory", "1g")
            .getOrCreate()
        )
    yield session
    session.stop()


def _spark_engine(session: SparkSession, folder: Path) -> Engine:
    numbers = itertools.count(1)

    def load(frame: pl.DataFrame) -> DataFrame:
        path = folder / f"{next(numbers)}.parquet"
        frame.write_parquet(path)
        return session.read.parquet(str(path))

    return Engine("pyspark", load, type(session.range(1)), is_lazy=True)


_EAGER: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda frame: frame,
    "pandas": lambda frame: frame.to_pandas(),
    "pyarrow": lambda frame: frame.to_arrow(),
}
_LAZY: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars-lazy": lambda frame: frame.lazy(),
    "duckdb": _duckdb,
}
ENGINES = {
    name: Engine(name, load, type(load(pl.DataFrame({"a": [1]}))), is_lazy=load in _LAZY.values())
    for name, load in (_EAGER | _LAZY).items()
}


@pytest.fixture(params=[*ENGINES, pytest.param("pyspark", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Return each engine in turn, Spark only in slow tests."""
    if request.param == "pyspark":
        return _spark_engine(request.getfixturevalue("spark"), tmp_path)
    return ENGINES[request.param]
