from datetime import timedelta

from conftest import NOW, quarantined, record

from darkroom import content, day, latency, retention


def rows(frame, *names):
    return {tuple(row[name] for name in names) for row in frame.collect()}


def test_volume_adds_up_by_hour_status_and_format(images):
    png = record(3, format="png", bytes_original=500, bytes_compressed=700, bytes_saved=0)
    earlier = record(4, received=NOW - timedelta(hours=5))
    volume = day.volume(images(record(1), record(2), png, earlier, quarantined(5)))
    names = ("status", "format", "images", "bytes_original", "bytes_before", "bytes_compressed", "bytes_saved")
    assert rows(volume.where("hour = '2026-11-23 10:00:00'"), *names) == {
        ("processed", "jpeg", 2, 2000, 2000, 1200, 800),
        ("processed", "png", 1, 500, 500, 700, 0),
        ("quarantined", "jpeg", 1, 1000, 0, 0, 0),
    }
    assert rows(volume, "hour", "bytes_renditions") >= {(NOW.replace(hour=7, minute=0, tzinfo=None), 610)}
    assert volume.where("status = 'processed'").first().compressed_format == "webp"


def test_sizes_fall_into_their_classes(images):
    largest = record(2, bytes_original=10_000_000, megapixels=50.0)
    on_the_bound = record(3, bytes_original=50_000, megapixels=0.5)
    sizes = day.sizes(images(record(1), largest, on_the_bound, quarantined(4)))
    assert rows(sizes, "size_class", "megapixel_class", "images") == {(0, 3, 1), (8, 8, 1), (1, 1, 1), (0, None, 1)}
    cube = day.cube(images(record(1), largest, on_the_bound, quarantined(4)))
    assert {(row.size_class, row.megapixel_class, row.images) for row in cube.collect()} == {(0, 3, 1), (8, 8, 1), (1, 1, 1), (0, None, 1)}
    names = day.class_names(day.SIZE_CLASSES_KB, "kB")
    assert len(names) == len(day.SIZE_CLASSES_KB) + 1
    assert (names[0], names[1], names[-1]) == ("< 50 kB", "50–100 kB", "≥ 10000 kB")


def test_latency_has_percentiles_for_each_hour_and_for_all(images):
    first = [record(number, latency_ms=number * 10) for number in range(1, 101)]
    second = [record(101, received=NOW, latency_ms=9000), quarantined(102)]
    found = {row.hour and row.hour.hour: row for row in latency.by_hour(images(*first, *second)).collect()}
    assert (found[10].p50, found[10].p95, found[10].p99, found[10].longest) == (500, 950, 990, 1000)
    assert (found[10].processed, found[10].quarantined, found[12].p50) == (100, 1, 9000)
    assert (found[None].images, found[None].longest) == (102, 9000)


def test_reasons_are_counted_and_the_commonest_comes_first(images):
    frame = images(record(1), quarantined(2), quarantined(3, "too-slow"), quarantined(4, "too-slow"))
    assert [(row.reason_code, row.images) for row in latency.reasons(frame).collect()] == [("too-slow", 2), ("truncated", 1)]


def test_one_pass_tells_latencies_and_reasons(images):
    frame = images(record(1), record(2, received=NOW), quarantined(3), quarantined(4, "too-slow"), quarantined(5, "too-slow"))
    health = latency.health(frame).collect()
    columns = ("images", "processed", "quarantined", "p50", "p95", "p99", "longest", "work_p50", "work_p95", "next_expiry")
    split = [row for row in health if row.part != "reason"]
    alone = latency.by_hour(frame).collect()
    assert {(row.hour, *(row[name] for name in columns)) for row in split} == {(row.hour, *(row[name] for name in columns)) for row in alone}
    assert {row.part for row in split if row.hour is None} == {"all"}
    found = {(row.reason_code, row.images, row.first, row.last) for row in health if row.part == "reason"}
    assert found == {tuple(row) for row in latency.reasons(frame).collect()} and len(found) == 2


def test_backlog_is_young_and_an_orphan_is_old(spark, images):
    stored = spark.createDataFrame([(record(n)["id"], NOW.date()) for n in (1, 2, 3)], "id string, date date")
    waiting = latency.unsettled(stored, images(record(1)))
    assert {row.id for row in waiting.collect()} == {record(2)["id"], record(3)["id"]}
    files = spark.createDataFrame(
        [
            (record(2)["id"], NOW.date(), NOW - timedelta(minutes=30)),
            (record(2)["id"], NOW.date(), NOW - timedelta(days=1)),
            (record(3)["id"], NOW.date(), NOW - timedelta(minutes=61)),
        ],
        "id string, date date, modificationTime timestamp",
    )
    aged = latency.ages(files, NOW)
    assert rows(aged, "id", "waiting_seconds", "orphan") == {(record(2)["id"], 1800.0, False), (record(3)["id"], 3660.0, True)}
    assert latency.backlog(aged).first().asDict() == {"images": 1, "longest_seconds": 1800.0}
    assert retention.without_record(aged).first().asDict() == {"orphans": 1, "on_their_way": 1}


def test_traits_are_counted_among_processed_images(images):
    frame = images(
        record(1, camera_make="Canon", camera_model="Canon EOS R5", captured_at="2026-11-21T16:42:07", has_gps=True),
        record(2, camera_make="NIKON CORPORATION", camera_model="NIKON D850", orientation=6, width=10, height=20),
        record(3, camera_make="Apple", camera_model="iPhone 15 Pro", frames=3),
        quarantined(4),
    )
    found = rows(content.traits(frame), "trait", "value", "images")
    assert found >= {
        ("camera", "Canon EOS R5", 1),
        ("camera", "NIKON D850", 1),
        ("camera", "Apple iPhone 15 Pro", 1),
        ("captured_month", "2026-11", 1),
        ("captured_hour", "16", 1),
        ("captured_hour", "unknown", 2),
        ("orientation", "1", 2),
        ("orientation", "6", 1),
        ("shape", "landscape", 2),
        ("shape", "portrait", 1),
        ("position", "carries a position", 1),
        ("frames", "animated", 1),
    }
    assert sum(images for trait, _, images in found if trait == "camera") == 3
    assert {row for row in found if row[0] == "status"} == {("status", "processed", 3), ("status", "quarantined", 1)}


def test_colours_have_names(spark):
    names = {
        "#000000": "black", "#ffffff": "white", "#808080": "grey", "#ff0000": "red", "#ff00a0": "pink", "#ff8000": "orange",
        "#ffff00": "yellow", "#00ff00": "green", "#00ffff": "cyan", "#3060c0": "blue", "#8000ff": "purple", "#ff0010": "red",
        "no colour": None, None: None,
    }  # fmt: skip
    frame = spark.createDataFrame([(rgb,) for rgb in names], "rgb string")
    assert dict(frame.select("rgb", content.colour_name(frame.rgb)).collect()) == names


def test_duplicates_waste_what_is_beyond_the_first(images):
    same = {"path": "/x", "content_type": "image/jpeg", "bytes": 1000, "sha256": "a" * 64}
    unknown = {**same, "sha256": None}
    frame = images(*(record(n, original=same) for n in (1, 2, 3)), record(4), record(5, original=unknown), record(6, original=unknown))
    expected = {"groups": 1, "images": 3, "extra": 2, "bytes_wasted": 2000, "most_copies": 3}
    traits = lambda frame: content.traits(frame).toPandas()  # noqa: E731
    assert content.duplicates(traits(frame)) == expected
    assert content.duplicates(traits(images(record(1)))) == dict.fromkeys(expected, 0)
    assert content.duplicates(traits(images())) == dict.fromkeys(expected, 0)
    assert "a" * 64 not in set(traits(frame)["value"])


def test_the_sample_is_of_processed_images_and_the_same_each_time(lake):
    expired = record(11, received=NOW - timedelta(days=7, hours=1))
    lake.put(*(record(n) for n in range(1, 9)), quarantined(9), record(10, renditions=[]), expired)
    first = content.sample(lake, 5)
    assert [row.thumb for row in first] == [row.thumb for row in content.sample(lake, 5)]
    assert len(first) == 5 and all(row.thumb.endswith("/thumb.webp") for row in first)
    assert len(content.sample(lake, 20)) == 8
    assert first[0].caption == "2.0 MP · jpeg"


def test_the_sample_is_found_among_many_that_could_not_be_processed(lake):
    lake.put(*(quarantined(n) for n in range(1, 40)), record(40), record(41))
    assert len(content.sample(lake, 2)) == 2


def test_the_sample_of_an_empty_lake_is_empty(lake):
    assert content.sample(lake, 12) == []


def test_due_tells_overdue_from_what_expires_within_a_day(images):
    ago = lambda **time: NOW - timedelta(days=7) + timedelta(**time)  # noqa: E731
    frame = images(
        record(1, received=ago(seconds=-90)), record(2, received=ago()), record(3, received=ago(hours=24)),
        record(4, received=ago(hours=24, seconds=1)), record(5, received=ago(minutes=5)),
    )  # fmt: skip
    due = retention.due(frame, NOW).collect()
    [late] = [row for row in due if row.overdue]
    assert (late.images, late.most_overdue_seconds, late.hour) == (2, 90.0, None)
    assert sum(row.within_a_day for row in due) == 2
    assert sum(row.images for row in due if not row.overdue) == 3
    assert min(row.next_expiry for row in due) == NOW.replace(tzinfo=None) - timedelta(seconds=90)


def test_records_and_files_are_matched_both_ways(spark, images):
    stored = spark.createDataFrame([(record(n)["id"],) for n in (1, 3, 4)], "id string")
    found = retention.reconcile(images(record(1), record(2)), stored).first()
    assert (found.without_files, found.without_record) == (1, 2)
    nothing = retention.reconcile(images(), stored.limit(0)).first()
    assert nothing.asDict() == {"without_files": 0, "without_record": 0}


def test_runs_add_up_by_day(spark):
    run = lambda day, kind, images, complete, receipt=None: {  # noqa: E731
        "id": "r", "date": day, "kind": kind, "started_at": None, "images": images, "versions": images * 6, "orphan_objects": 1,
        "orphan_rows": 2, "failed": 0, "complete": complete, "duration_ms": images, "cut_off": None,
        "receipt": receipt and {"number": receipt, "sha256": "0"},
    }  # fmt: skip
    schema = (
        "id string, date string, kind string, started_at timestamp, cut_off timestamp, images bigint, versions bigint, orphan_objects bigint,"
        "orphan_rows bigint, failed bigint, complete boolean, duration_ms bigint, receipt struct<number: bigint, sha256: string>"
    )
    made = [run("d1", "purge", 3, True, 7), run("d1", "purge", 4, False), run("d2", "erase", 1, True, 8)]
    runs = spark.createDataFrame(made, schema)
    assert [tuple(row) for row in retention.runs_by_day(runs).collect()] == [
        ("d1", "purge", 2, 7, 42, 6, 0, 1, 1, 7, 4),
        ("d2", "erase", 1, 1, 6, 3, 0, 0, 1, 8, 1),
    ]
    assert {row.receipt for row in retention.latest_runs(runs, 10).collect()} == {7, 8, None}
