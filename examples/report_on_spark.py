"""Report on archived interactions with Spark: the same functions, on a laptop or on a cluster.

`python examples/report_on_spark.py FOLDER` reads what `repo.archive` wrote to the folder, which may
be on `s3a://`. Without a folder, it archives some interactions. Needs the extra `reports`, pyspark
and Java. Spark runs in this process, unless SPARK_REMOTE or `spark-submit --master` says where.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

from pyspark.sql import DataFrame, SparkSession

from interactions_sdk import InteractionCreate, InteractionsClient, reports

FIRST = datetime(2024, 1, 1, 9, tzinfo=UTC)
ARCHIVED_BEFORE = datetime(2025, 1, 1, tzinfo=UTC)
TEAM_ZONE = "Europe/Zurich"


def make_up(folder: str) -> None:
    """Archive a year of calls and emails with two customers."""
    with InteractionsClient.embedded() as crm:
        for user, every in (("ada", 7), ("bob", 30)):
            crm.customers.ensure(user)
            crm.as_user(user).create_many(
                InteractionCreate(
                    interaction_type="email" if day % 2 else "call",
                    subject="Renewal",
                    outcome="no_answer" if day % 3 else "successful",
                    duration=10 + day % 20,
                    occurred_at=FIRST + timedelta(days=day),
                )
                for day in range(0, 360, every)
            ).raise_for_failures()
        archived = crm.as_admin("root").archive(ARCHIVED_BEFORE, folder)
        print(f"Archived {archived.archived}")


def report(rows: DataFrame) -> None:
    """Compute on Spark; only the result, which is small, comes to this process."""
    by_type = reports.by_type(rows, every="1q", tz=TEAM_ZONE)
    by_type.select("period", "interaction_type", "interactions", "mean_duration").show()

    engagement = reports.engagement(rows, as_of=ARCHIVED_BEFORE)
    for row in engagement.collect():
        print(f"{row.customer_id} has {row.interactions} interactions, score {row.score:.0f}")


def main() -> None:
    """Read the archive in the given folder, or a generated one."""
    with TemporaryDirectory() as temporary:
        folder = sys.argv[1] if len(sys.argv) > 1 else temporary
        if folder == temporary:
            make_up(folder)
        spark = SparkSession.builder.appName("interactions").getOrCreate()
        try:
            report(spark.read.parquet(folder))
        finally:
            spark.stop()


if __name__ == "__main__":
    main()
