"""Retention: what is due, what is overdue, what has no counterpart, and what the purge has done."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def due(records: DataFrame, now) -> DataFrame:
    """How many images and bytes expire in each hour; those that have expired already are in the row `overdue`.

    Returns:
        `overdue`, `hour` (null where overdue), `images`, `bytes`, `most_overdue_seconds` (null where not overdue),
        `within_a_day`, `next_expiry` (the first moment at which one expires, or should have).
    """
    moment = F.lit(now).cast("timestamp")
    expired = F.col("expires_at") <= moment
    late = moment.cast("double") - F.col("expires_at").cast("double")
    return records.groupBy(
        expired.alias("overdue"),
        F.when(~expired, F.date_trunc("hour", "expires_at")).alias("hour"),
    ).agg(
        F.count("*").alias("images"),
        F.sum("bytes_original").alias("bytes"),
        F.max(F.when(expired, late)).alias("most_overdue_seconds"),
        F.count_if(~expired & (F.col("expires_at") <= moment + F.expr("INTERVAL 24 HOURS"))).alias("within_a_day"),
        F.min("expires_at").alias("next_expiry"),
    )


def reconcile(records: DataFrame, stored: DataFrame) -> DataFrame:
    """Whether records and files match, in one row.

    Args:
        records: `id`, as `lake.recorded_images` has it.
        stored: `id`, as `lake.stored_images` has it.

    Returns:
        `without_files` (records whose image is not in the lake), `without_record` (images that no record tells of).
    """
    both = records.select("id", F.lit(True).alias("recorded")).join(
        stored.select("id", F.lit(True).alias("stored")), "id", "full_outer"
    )
    return both.agg(
        F.count_if(F.col("stored").isNull()).alias("without_files"),
        F.count_if(F.col("recorded").isNull()).alias("without_record"),
    )


def without_record(aged: DataFrame) -> DataFrame:
    """Images in the lake that no record tells of, in one row: `orphans`, and `on_their_way`, which are younger."""
    return aged.agg(
        F.count_if("orphan").alias("orphans"),
        F.count_if(~F.col("orphan")).alias("on_their_way"),
    )


def runs_by_day(runs: DataFrame) -> DataFrame:
    """What purge runs and erasures on request removed, by day: counts only."""
    return (
        runs.groupBy("date", "kind")
        .agg(
            F.count("*").alias("runs"),
            F.sum("images").alias("images"),
            F.sum("versions").alias("versions"),
            (F.coalesce(F.sum("orphan_objects"), F.lit(0)) + F.coalesce(F.sum("orphan_rows"), F.lit(0))).alias("orphans"),
            F.sum("failed").alias("failed"),
            F.count_if(~F.col("complete")).alias("incomplete"),
            F.count("receipt.number").alias("with_receipt"),
            F.max("receipt.number").alias("last_receipt"),
            F.max("duration_ms").alias("longest_ms"),
        )
        .orderBy("date", "kind")
    )


def latest_runs(runs: DataFrame, count: int) -> DataFrame:
    """The newest runs, newest first."""
    return (
        runs.orderBy(F.desc("started_at"))
        .limit(count)
        .select(F.date_trunc("second", "started_at").alias("started_at"), "kind", F.date_trunc("second", "cut_off").alias("cut_off"), "images", "versions", "orphan_objects", "orphan_rows", "failed", "complete", F.col("receipt.number").alias("receipt"))
    )
