"""Latency and health: how long images waited, how many failed and why, and what still waits."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from darkroom.lake import ORPHAN_GRACE


def by_hour(images: DataFrame) -> DataFrame:
    """Latency from upload to processed and work time, by hour of arrival.

    Returns:
        `hour` (null: all hours together), `images`, `processed`, `quarantined`, `p50`, `p95`, `p99`, `longest` of
        `latency_ms`, and `work_p50`, `work_p95` of `processing_ms`; all in milliseconds. Percentiles are values that
        occurred.
    """
    hours = images.withColumn("hour", F.date_trunc("hour", "received_at"))
    return hours.rollup("hour").agg(*_latencies())


def health(images: DataFrame) -> DataFrame:
    """What `by_hour` and `reasons` tell, together in one pass over the lake.

    Returns:
        `by_hour`'s columns, `reason_code`, `first`, `last`, and `part`: the row is of one `hour`, of one `reason`, or of
        `all` images. Rows of a reason are of quarantined images only.
    """
    hours = images.withColumn("hour", F.date_trunc("hour", "received_at"))
    sets = [[F.col("hour")], [F.col("reason_code")], []]
    return (
        hours.groupingSets(sets, "hour", "reason_code")
        .agg(
            F.grouping_id().alias("set"),
            *_latencies(),
            F.min("quarantined_at").alias("first"),
            F.max("quarantined_at").alias("last"),
        )
        .withColumn("part", F.when(F.col("set") == 1, "hour").when(F.col("set") == 2, "reason").otherwise("all"))
        .where((F.col("part") != "reason") | F.col("reason_code").isNotNull())
        .drop("set")
    )


def reasons(images: DataFrame) -> DataFrame:
    """Why images were quarantined: `reason_code`, `images`, `first`, `last`; the commonest first."""
    return (
        images.where(F.col("status") == "quarantined")
        .groupBy("reason_code")
        .agg(
            F.count("*").alias("images"),
            F.min("quarantined_at").alias("first"),
            F.max("quarantined_at").alias("last"),
        )
        .orderBy(F.desc("images"), "reason_code")
    )


def unsettled(stored: DataFrame, records: DataFrame) -> DataFrame:
    """Images in the lake that have no record yet: `id`, `date`.

    Args:
        stored: as `lake.stored_images` has it.
        records: `id`, as `lake.recorded_images` has it.
    """
    return stored.join(records.select("id"), "id", "left_anti").select("id", "date")


def ages(files: DataFrame, now) -> DataFrame:
    """When each image's newest file was written.

    Args:
        files: as `lake.stored_files` has them.
        now: the moment as of which to report.

    Returns:
        `id`, `date`, `waiting_seconds`, and whether the image counts as an `orphan`: nothing has happened to it for
        longer than anything on its way takes.
    """
    waited = F.lit(now).cast("timestamp").cast("double") - F.col("newest").cast("double")
    return (
        files.groupBy("id", "date")
        .agg(F.max("modificationTime").alias("newest"))
        .select(
            "id",
            "date",
            waited.alias("waiting_seconds"),
            (waited > ORPHAN_GRACE.total_seconds()).alias("orphan"),
        )
    )


def backlog(aged: DataFrame) -> DataFrame:
    """What waits to be processed, in one row: `images`, `longest_seconds`. Orphans do not wait, and are left out."""
    return aged.where(~F.col("orphan")).agg(
        F.count("*").alias("images"), F.max("waiting_seconds").alias("longest_seconds")
    )


def _latencies():
    return (
        F.count("*").alias("images"),
        _count_of("processed").alias("processed"),
        _count_of("quarantined").alias("quarantined"),
        *(F.percentile_approx("latency_ms", p / 100).alias(f"p{p}") for p in (50, 95, 99)),
        F.max("latency_ms").alias("longest"),
        *(F.percentile_approx("processing_ms", p / 100).alias(f"work_p{p}") for p in (50, 95)),
        F.min("expires_at").alias("next_expiry"),
    )


def _count_of(status: str):
    return F.count_if(F.col("status") == status)
