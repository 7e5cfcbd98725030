"""The scheduled job behind the dashboard: makes each table of aggregates anew from what the lake holds now.

Arguments: the folder of the transforms, LAKE_ROOT, and the schema that the tables go to.
"""

from __future__ import annotations

import sys
from datetime import datetime, timezone


def reports(lake) -> dict:
    """The tables, by name. Counts and sums only: whatever tells of a single image has no place here."""
    from darkroom import day, latency, retention
    from darkroom.lake import read_images, read_records, read_runs

    images, records = read_images(lake), read_records(lake)
    return {
        "volume": day.volume(images).drop("next_expiry"),
        "latency": latency.by_hour(images).drop("next_expiry"),
        "reasons": latency.reasons(images).drop("first", "last"),
        "due": retention.due(records, lake.now),
        "purges": retention.runs_by_day(read_runs(lake)),
    }


def refresh(lake, schema: str) -> None:
    """Writes the tables to a schema that exists."""
    for name, table in reports(lake).items():
        # Replaced, not added to: an hour later it says nothing of what has been purged since.
        table.write.mode("overwrite").option("overwriteSchema", "true").saveAsTable(f"{schema}.{name}")
        print(f"{schema}.{name} written")


def main(source: str, root: str, schema: str) -> None:
    sys.path.append(source)
    from darkroom.lake import Lake
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    # The purge may take a file away between listing and reading.
    spark.conf.set("spark.sql.files.ignoreMissingFiles", "true")

    def no_listing(path: str):
        raise RuntimeError(f"Aggregates are made of metadata, and {path} is none")

    refresh(Lake(spark, root, datetime.now(timezone.utc), no_listing), schema)


if __name__ == "__main__":
    main(*sys.argv[1:])
