"""One small Spark for all tests, and records of images to feed it."""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyspark.sql import SparkSession

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from darkroom.lake import Lake  # noqa: E402
from darkroom.schema import METADATA  # noqa: E402

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=timezone.utc)


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.driver.memory", "512m")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.codegen.wholeStage", "false")  # a few rows do not repay compiling
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()


def record(number: int = 1, received: datetime = NOW - timedelta(hours=2), **fields):
    """A metadata record as the processor writes it; fields override."""
    iso = lambda at: at.isoformat(timespec="milliseconds").replace("+00:00", "Z")  # noqa: E731
    identity = f"{number:08x}-0000-4000-8000-000000000000"
    expires = received + timedelta(days=7)
    folder = f"/images/date={received:%Y-%m-%d}/{identity}"
    rendition = lambda name, size: {  # noqa: E731
        "name": name, "path": f"{folder}/{name}.webp", "content_type": "image/webp", "width": 256, "height": 128, "bytes": size,
    }  # fmt: skip
    made = {
        "id": identity,
        "date": f"{received:%Y-%m-%d}",
        "status": "processed",
        "received_at": iso(received),
        "published_at": iso(received),
        "processed_at": iso(received + timedelta(seconds=1)),
        "quarantined_at": None,
        "expires_at": iso(expires),
        "expires_at_ms": int(expires.timestamp() * 1000),
        "original": {"path": f"{folder}/original.jpg", "content_type": "image/jpeg", "bytes": 1000, "sha256": f"{number:064x}"},
        "format": "jpeg",
        "width": 2000,
        "height": 1000,
        "megapixels": 2.0,
        "frames": 1,
        "orientation": 1,
        "color_space": "srgb",
        "dominant_color": "#3060c0",
        "camera_make": None,
        "camera_model": None,
        "captured_at": None,
        "has_gps": False,
        "has_alpha": False,
        "renditions": [rendition("thumb", 10), rendition("compressed", 600)],
        "bytes_original": 1000,
        "bytes_compressed": 600,
        "bytes_saved": 400,
        "processing_ms": 300,
        "latency_ms": 1000,
        "reason_code": None,
        "reason": None,
    }
    return {**made, **fields}


def quarantined(number: int, reason: str = "truncated", **fields):
    """A record of an image that could not be processed: nothing is known about its content."""
    unknown = dict.fromkeys(
        ["processed_at", "format", "width", "height", "megapixels", "frames", "orientation", "color_space", "dominant_color",
         "has_gps", "has_alpha", "bytes_compressed", "bytes_saved", "processing_ms", "latency_ms"]
    )  # fmt: skip
    at = "2026-11-23T10:30:05.000Z"
    return record(number, **{**unknown, "status": "quarantined", "quarantined_at": at, "renditions": [], "reason_code": reason, **fields})


@pytest.fixture
def lake(spark, tmp_path):
    """An empty lake in a folder; `lake.put(record, files=…)` fills it, with an original beside each record."""

    def ls(path):
        folder = Path(path)
        if not folder.exists():
            raise RuntimeError(f"java.io.FileNotFoundException: {path}")
        entries = sorted(folder.iterdir()) if folder.is_dir() else [folder]
        return [SimpleNamespace(name=entry.name + "/" * entry.is_dir(), path=str(entry)) for entry in entries]

    made = Lake(spark, str(tmp_path), NOW, ls)

    def put(*records, files: bool = True):
        for one in records:
            target = tmp_path / "metadata" / f"date={one['date']}" / f"{one['id']}.json"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps(one))
            if files:
                original = tmp_path / one["original"]["path"][1:]
                original.parent.mkdir(parents=True, exist_ok=True)
                original.write_bytes(b"x")

    object.__setattr__(made, "put", put)
    return made


@pytest.fixture
def images(spark):
    """A DataFrame of records as Spark reads them from the lake."""

    def read(*records):
        lines = spark.sparkContext.parallelize([json.dumps(one) for one in records])
        return spark.read.schema(METADATA).json(lines)

    return read
