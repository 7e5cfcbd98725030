import importlib.util
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW, quarantined, record

ROOM = Path(__file__).parents[1]
_spec = importlib.util.spec_from_file_location("refresh_reports", ROOM / "jobs/refresh_reports.py")
refresh_reports = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(refresh_reports)


@pytest.fixture
def schema(spark):
    spark.sql("CREATE DATABASE reports")
    yield "reports"
    spark.sql("DROP DATABASE reports CASCADE")


def datasets(spark, schema):
    """What the dashboard would show: the rows of each of its queries."""
    dashboard = json.loads((ROOM / "dashboard/darkroom.lvdash.json").read_text())
    queries = {one["name"]: "".join(one["queryLines"]).replace("{{reports}}", schema) for one in dashboard["datasets"]}
    return {name: spark.sql(query).collect() for name, query in queries.items()}


def test_the_dashboard_counts_what_is_in_the_lake(lake, spark, schema):
    overdue = record(4, received=NOW - timedelta(days=7, hours=1))
    lake.put(record(1), record(2, format="png"), quarantined(3, "truncated"), overdue)
    refresh_reports.refresh(lake, schema)
    shown = datasets(spark, schema)
    assert (shown["totals"][0].images, shown["totals"][0].bytes_received, shown["totals"][0].saved) == (3, 3000, 0.4)
    assert [tuple(row) for row in shown["reasons"]] == [("truncated", 1)]
    assert [(row.p50, row.p95, row.p99) for row in shown["latency"]] == [(1.0, 1.0, 1.0)]
    assert shown["overdue"][0].overdue == 1
    assert sum(row.images for row in shown["due"]) == 3


def test_the_dashboard_forgets_what_has_been_purged(lake, spark, schema):
    lake.put(record(1), quarantined(2))
    refresh_reports.refresh(lake, schema)
    shutil.rmtree(Path(lake.root) / "metadata")
    refresh_reports.refresh(lake, schema)
    shown = datasets(spark, schema)
    assert (shown["totals"][0].images, shown["overdue"][0].overdue) == (0, 0)
    assert [name for name, rows in shown.items() if rows and name not in ("totals", "overdue")] == []


def test_no_table_tells_of_a_single_image(lake):
    columns = {column for table in refresh_reports.reports(lake).values() for column in table.columns}
    assert not columns & {"id", "path", "original", "renditions", "sha256", "camera_model", "captured_at", "thumbhash"}


def test_every_field_of_a_chart_is_in_its_dataset(lake, spark, schema):
    refresh_reports.refresh(lake, schema)
    dashboard = json.loads((ROOM / "dashboard/darkroom.lvdash.json").read_text())
    queries = {one["name"]: "".join(one["queryLines"]).replace("{{reports}}", schema) for one in dashboard["datasets"]}
    for page in dashboard["pages"]:
        for widget in (one["widget"] for one in page["layout"]):
            query = widget["queries"][0]["query"]
            fields = ", ".join(f"{field['expression']} AS `{field['name']}`" for field in query["fields"])
            grouping = "" if query["disaggregated"] else " GROUP BY ALL"
            spark.sql(f"SELECT {fields} FROM ({queries[query['datasetName']]}){grouping}").collect()
            used = {field["name"] for field in query["fields"]}
            encoded = json.dumps(widget["spec"]["encodings"])
            assert all(json.dumps(name)[1:-1] in encoded for name in used), widget["name"]
