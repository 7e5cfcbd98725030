import os
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from conftest import NOW, quarantined, record

from darkroom import lake as reading


def test_reads_what_has_not_expired(lake):
    lake.put(record(1), quarantined(2), record(3, received=NOW - timedelta(days=7, seconds=1)))
    assert {row.id[:8] for row in reading.read_images(lake).collect()} == {"00000001", "00000002"}


def test_an_image_is_gone_at_the_very_moment_of_its_expiry(lake):
    lake.put(record(1, received=NOW - timedelta(days=7)), record(2, received=NOW - timedelta(days=7) + timedelta(milliseconds=1)))
    assert [row.id[:8] for row in reading.read_images(lake).collect()] == ["00000002"]


def test_the_whole_record_is_read_with_its_types(lake):
    lake.put(record(1, captured_at="2026-11-21T16:42:07"))
    row = reading.read_images(lake).first()
    assert row.received_at == datetime(2026, 11, 23, 10, 30)
    assert row.original.bytes == 1000 and row.renditions[1].name == "compressed"
    assert (row.date.isoformat(), row.captured_at, row.has_gps) == ("2026-11-23", "2026-11-21T16:42:07", False)


def test_an_empty_lake_is_no_error(lake):
    assert reading.read_images(lake).count() == 0
    assert reading.read_runs(lake).count() == 0
    assert reading.stored_images(lake).count() == 0
    assert reading.stored_files(lake, reading.stored_images(lake)).count() == 0


def test_an_image_that_is_purged_after_it_was_listed_is_left_out(lake, tmp_path):
    lake.put(record(1), record(2))
    paths = [lake.path(f"/images/date=2026-11-23/{number:08x}-0000-4000-8000-000000000000/original.jpg") for number in (1, 2)]
    os.remove(paths[0])
    assert [row.path.rsplit("/", 2)[1][:8] for row in reading.read_files(lake, paths).collect()] == ["00000002"]


def test_stored_images_are_found_without_their_records(lake):
    lake.put(record(1))
    os.remove(lake.path(f"/metadata/date=2026-11-23/{record(1)['id']}.json"))
    [row] = reading.stored_images(lake).collect()
    assert (row.id, row.date.isoformat()) == (record(1)["id"], "2026-11-23")
    [file] = reading.stored_files(lake, reading.stored_images(lake)).collect()
    assert (file.id, file.length) == (record(1)["id"], 1)


def test_recorded_images_are_found_by_their_names(lake):
    lake.put(record(1), quarantined(2), record(3, received=NOW - timedelta(days=1)))
    found = {(row.id[:8], row.date.isoformat()) for row in reading.recorded_images(lake).collect()}
    assert found == {("00000001", "2026-11-23"), ("00000002", "2026-11-23"), ("00000003", "2026-11-22")}


def test_some_images_are_read_without_the_others(lake):
    lake.put(*(record(n) for n in range(1, 6)))
    some, all_of_them = reading.read_some_images(lake, 2)
    assert (len({row.id for row in some.collect()}), all_of_them) == (2, False)
    every, all_of_them = reading.read_some_images(lake, 9)
    assert ({row.date.isoformat() for row in every.collect()}, every.count(), all_of_them) == ({"2026-11-23"}, 5, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-01T00:00:00Z", datetime(2026, 12, 1, tzinfo=timezone.utc)),
        ("2026-12-01T02:00:00+02:00", datetime(2026, 12, 1, tzinfo=timezone.utc)),
        ("2026-12-01", datetime(2026, 12, 1, tzinfo=timezone.utc)),
    ],
)
def test_a_moment_is_utc(text, expected):
    assert reading.moment(text) == expected


def test_no_moment_means_now():
    assert abs(reading.moment(" ") - datetime.now(timezone.utc)) < timedelta(minutes=1)


def test_a_moment_that_is_none_is_refused():
    with pytest.raises(ValueError, match="NOW must be an ISO 8601 time .* 'tomorrow'"):
        reading.moment("tomorrow")


def test_a_relative_root_is_refused(spark):
    values = {"LAKE_ROOT": "images", "NOW": ""}
    widgets = SimpleNamespace(text=lambda *_: None, get=values.get)
    with pytest.raises(ValueError, match="LAKE_ROOT must be an absolute path"):
        reading.open_lake(spark, SimpleNamespace(widgets=widgets, fs=SimpleNamespace(ls=None)))


def test_the_cluster_says_where_the_lake_is_unless_the_reader_does(spark, monkeypatch):
    values = {}
    widgets = SimpleNamespace(text=lambda name, default, label: values.setdefault(name, default), get=values.get)
    dbutils = SimpleNamespace(widgets=widgets, fs=SimpleNamespace(ls=None))
    monkeypatch.setenv("LAKE_ROOT", "/Volumes/darkroom_dev/lake/images")
    assert reading.open_lake(spark, dbutils).root == "/Volumes/darkroom_dev/lake/images"
    values["LAKE_ROOT"] = "/mnt/other"
    assert reading.open_lake(spark, dbutils).root == "/mnt/other"
