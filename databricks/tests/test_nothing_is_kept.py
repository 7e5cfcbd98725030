"""A cached or written row of an image would outlive its purge: nothing here caches, and nothing writes but the job."""

import ast
import os
from pathlib import Path

import pytest
from conftest import record

from darkroom import content, day, latency
from darkroom.lake import read_images

ROOM = Path(__file__).parents[1]
#: Attributes by which Spark and pandas keep rows: in memory, on disks, in tables.
KEEPING = {
    "cache", "persist", "checkpoint", "localCheckpoint", "cacheTable", "write", "writeTo", "writeStream", "saveAsTable",
    "insertInto", "to_csv", "to_parquet", "to_pickle", "to_json", "createOrReplaceGlobalTempView", "write_text", "write_bytes",
}  # fmt: skip
#: Words at the beginning of SQL that do.
KEEPING_SQL = ("CACHE", "CREATE", "INSERT", "MERGE", "COPY", "REFRESH")


def keeps(source: str) -> set[str]:
    """What in a Python file keeps rows: names of attributes, beginnings of SQL, `open` for writing."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in KEEPING:
            found.add(node.attr)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(word for word in KEEPING_SQL if node.value.lstrip().startswith(f"{word} "))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            found.add("open")
    return found


@pytest.mark.parametrize("file", sorted((ROOM / "notebooks").glob("*.py")) + sorted((ROOM / "src").rglob("*.py")), ids=lambda file: file.name)
def test_neither_notebooks_nor_transforms_keep_rows(file):
    assert keeps(file.read_text()) == set()


def test_the_job_keeps_its_tables_and_this_is_seen():
    assert keeps((ROOM / "jobs/refresh_reports.py").read_text()) == {"write", "saveAsTable"}
    assert keeps('images.cache()\nspark.sql("""\n CACHE TABLE x""")\nopen("x", "w")') == {"cache", "CACHE", "open"}


def test_what_has_been_read_stays_nowhere(lake, spark):
    lake.put(record(1), record(2))
    for transform in (day.cube, latency.health, content.traits):
        transform(read_images(lake)).collect()
    assert len(content.sample(lake, 5)) == 2
    assert spark.sparkContext._jsc.getPersistentRDDs().size() == 0
    os.remove(lake.path(f"/metadata/date=2026-11-23/{record(1)['id']}.json"))
    assert [row.id for row in read_images(lake).collect()] == [record(2)["id"]]
    assert content.sample(lake, 5)[0].thumb == record(2)["renditions"][0]["path"]
