"""Reading the lake. Nothing here caches or writes: a cached DataFrame would keep showing images after their purge."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, StringType, StructField, StructType

from darkroom.schema import METADATA, RUNS

#: An image lives this long (`retention.images` in platform.ts).
RETENTION_DAYS = 7

#: Something in the lake that has no counterpart is an orphan only after this (`retention.orphanGrace`).
ORPHAN_GRACE = timedelta(hours=1)

_STORED = StructType([StructField("id", StringType()), StructField("date", DateType())])


@dataclass(frozen=True)
class Lake:
    """Where the lake is mounted, and the moment that the notebook takes for now."""

    spark: SparkSession
    root: str
    now: datetime
    ls: Callable[[str], Iterable[Any]]

    @property
    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return int(self.now.timestamp() * 1000)

    def path(self, below: str) -> str:
        """A path that starts with `/`, as metadata files have it, below the mount."""
        return f"{self.root}{below}"


def open_lake(spark: SparkSession, dbutils: Any) -> Lake:
    """The lake that the notebook's widgets name, with the session set to read many small files.

    Widgets: `LAKE_ROOT` (default: what the cluster's variable of that name says, or `/mnt/images`) and `NOW` (ISO 8601;
    empty means now).

    Raises:
        ValueError: `NOW` is no ISO time, or `LAKE_ROOT` no absolute path.
    """
    dbutils.widgets.text("LAKE_ROOT", os.environ.get("LAKE_ROOT", "/mnt/images"), "Where the lake is mounted")
    dbutils.widgets.text("NOW", "", "Moment to report as of (ISO 8601, empty: now)")
    root = dbutils.widgets.get("LAKE_ROOT").rstrip("/")
    if not root.startswith("/"):
        raise ValueError(f"LAKE_ROOT must be an absolute path such as /mnt/images, and is {root!r}")
    now = moment(dbutils.widgets.get("NOW"))
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    # Metadata files are 2 kB. Spark takes opening one for as dear as reading 4 MB, and would make a task of 32 files.
    spark.conf.set("spark.sql.files.openCostInBytes", str(64 * 1024))
    # The purge may take a file away between listing and reading.
    spark.conf.set("spark.sql.files.ignoreMissingFiles", "true")
    return Lake(spark, root, now, dbutils.fs.ls)


def moment(text: str) -> datetime:
    """An ISO 8601 time as UTC; without a zone it is UTC already, and an empty text is the current time.

    Raises:
        ValueError: the text is no ISO time.
    """
    if not text.strip():
        return datetime.now(timezone.utc)
    try:
        parsed = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError as error:
        raise ValueError(f"NOW must be an ISO 8601 time such as 2026-12-01T00:00:00Z, and is {text!r}") from error
    return parsed.replace(tzinfo=timezone.utc) if parsed.tzinfo is None else parsed.astimezone(timezone.utc)


def read_images(lake: Lake) -> DataFrame:
    """The images that may be shown: those whose time has not come. Expired ones are left out even before the purge."""
    return live(read_records(lake), lake.now_ms).where(F.col("date") >= oldest_day(lake.now))


def read_records(lake: Lake) -> DataFrame:
    """Every metadata record, expired ones included. For counting what is overdue; for anything else `read_images`."""
    return _read_json(lake, "/metadata", METADATA)


def recorded_images(lake: Lake) -> DataFrame:
    """The images that have a metadata record, by the names of the files: `id` and `date`.

    Lists a thousand in a request and opens nothing, where `read_records` makes two requests for each.
    """
    return lake.spark.createDataFrame(_recorded(lake), _STORED)


def read_some_images(lake: Lake, most: int) -> tuple[DataFrame, bool]:
    """As `read_images`, from so many records at most, by chance and the same ones each time: the other files stay unread.

    Returns:
        The images, fewer where some have expired, and whether these are all there are.
    """
    young = [(identity, day) for identity, day in _recorded(lake) if day >= oldest_day(lake.now)]
    chosen = sorted(young, key=lambda one: hashlib.sha1(one[0].encode()).digest())[:most]
    paths = [lake.path(f"/metadata/date={day}/{identity}.json") for identity, day in chosen]
    return live(_read_json_files(lake, paths), lake.now_ms), len(chosen) == len(young)


def read_runs(lake: Lake) -> DataFrame:
    """Records of purge runs and of erasures on request."""
    return _read_json(lake, "/runs", RUNS)


def live(records: DataFrame, now_ms: int) -> DataFrame:
    """Records that have not expired."""
    return records.where(F.col("expires_at_ms") > F.lit(now_ms))


def oldest_day(now: datetime) -> date:
    """The first day in whose folder a live image may be, so that Spark lists no older one."""
    return now.date() - timedelta(days=RETENTION_DAYS)


def stored_images(lake: Lake) -> DataFrame:
    """The images of which anything is stored, whatever a record says: `id` and `date`, one row for each folder.

    Lists a day's folders, a thousand in a request, and opens nothing.
    """
    days = _days(lake, "/images")
    rows = [(name, date.fromisoformat(day)) for day in days for name in _names(lake, f"/images/date={day}")]
    return lake.spark.createDataFrame(rows, _STORED)


def stored_files(lake: Lake, images: DataFrame, most: int = 1000) -> DataFrame:
    """The files of some images, without their content: `id`, `date`, `path`, `modificationTime`, `length`.

    Args:
        images: `id` and `date`.
        most: of so many images at most, because each costs requests.
    """
    rows = images.select("id", F.col("date").cast("string").alias("date")).limit(most).collect()
    folders = [lake.path(f"/images/date={row.date}/{row.id}") for row in rows]
    return read_files(lake, folders).select(
        F.regexp_extract("path", r"/date=[^/]+/([^/]+)/", 1).alias("id"),
        F.regexp_extract("path", r"/date=([^/]+)/", 1).cast("date").alias("date"),
        "path",
        "modificationTime",
        "length",
    )


def read_files(lake: Lake, paths: list[str]) -> DataFrame:
    """Files as Spark's `binaryFile` has them; those that are not there (any more) are left out."""
    reader = lake.spark.read.format("binaryFile").option("recursiveFileLookup", "true")
    try:
        return _checked(reader.load(paths)) if paths else _no_files(lake)
    except AnalysisException as error:
        if not _is_missing(error):
            raise
    there = [path for path in paths if _is_there(lake, path)]
    return reader.load(there) if there else _no_files(lake)


def _no_files(lake: Lake) -> DataFrame:
    return lake.spark.createDataFrame(
        [], "path string, modificationTime timestamp, length bigint, content binary"
    )


def _read_json(lake: Lake, below: str, schema: StructType) -> DataFrame:
    try:
        return _checked(lake.spark.read.schema(schema).json(lake.path(below)))
    except AnalysisException as error:
        if not _is_missing(error):
            raise
        return lake.spark.createDataFrame([], schema)


def _read_json_files(lake: Lake, paths: list[str]) -> DataFrame:
    reader = lake.spark.read.schema(METADATA).option("basePath", lake.path("/metadata"))
    if not paths:
        return lake.spark.createDataFrame([], METADATA)
    try:
        return _checked(reader.json(paths))
    except AnalysisException as error:
        if not _is_missing(error):
            raise
    return _read_json_files(lake, [path for path in paths if _is_there(lake, path)])


def _recorded(lake: Lake) -> list[tuple[str, date]]:
    return [
        (name[: -len(".json")], date.fromisoformat(day))
        for day in _days(lake, "/metadata")
        for name in _names(lake, f"/metadata/date={day}")
        if name.endswith(".json")
    ]


def _days(lake: Lake, below: str) -> list[str]:
    return [name[len("date=") :] for name in _names(lake, below) if name.startswith("date=")]


def _checked(frame: DataFrame) -> DataFrame:
    """The frame, after its paths have been looked up: clusters with isolated users would do that at the first use."""
    frame.schema  # noqa: B018 - asking for it is what does it
    return frame


def _is_missing(error: AnalysisException) -> bool:
    return error.getCondition() == "PATH_NOT_FOUND"


def _is_there(lake: Lake, path: str) -> bool:
    try:
        lake.ls(path)
        return True
    except Exception as error:
        if "FileNotFoundException" not in str(error):
            raise
        return False


def _names(lake: Lake, below: str) -> list[str]:
    """The names in a folder without their closing slash; none where there is no such folder."""
    try:
        return [entry.name.rstrip("/") for entry in lake.ls(lake.path(below))]
    except Exception as error:  # dbutils has no error class of its own for it
        if "FileNotFoundException" not in str(error):
            raise
        return []
