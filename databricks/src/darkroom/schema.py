"""Schemas of the lake's JSON files, given and not inferred: inferring would read every file once more.

The metadata file is the type `MetadataRecord` in `functions/process/record.ts`, the run's record `PurgeRun` in
`contract/schemas.ts`.
"""

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DateType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)


def _struct(**fields) -> StructType:
    return StructType([StructField(name, kind) for name, kind in fields.items()])


_text, _int, _long, _double = StringType(), IntegerType(), LongType(), DoubleType()
_flag, _time, _day = BooleanType(), TimestampType(), DateType()

#: One row for each image that has been processed or quarantined. `date` comes from the folder's name.
METADATA = _struct(
    id=_text,
    date=_day,
    status=_text,
    received_at=_time,
    published_at=_time,
    processed_at=_time,
    quarantined_at=_time,
    expires_at=_time,
    expires_at_ms=_long,
    original=_struct(path=_text, content_type=_text, bytes=_long, sha256=_text),
    format=_text,
    width=_int,
    height=_int,
    megapixels=_double,
    frames=_int,
    orientation=_int,
    color_space=_text,
    dominant_color=_text,
    thumbhash=_text,
    camera_make=_text,
    camera_model=_text,
    captured_at=_text,
    has_gps=_flag,
    has_alpha=_flag,
    renditions=ArrayType(
        _struct(name=_text, path=_text, content_type=_text, width=_int, height=_int, bytes=_long)
    ),
    bytes_original=_long,
    bytes_compressed=_long,
    bytes_saved=_long,
    processing_ms=_long,
    latency_ms=_long,
    reason_code=_text,
    reason=_text,
)

#: One row for each run of the purge and each erasure on request: counts only.
RUNS = _struct(
    id=_text,
    date=_day,
    kind=_text,
    started_at=_time,
    finished_at=_time,
    cut_off=_time,
    images=_long,
    versions=_long,
    markers=_long,
    uploads=_long,
    metadata_files=_long,
    rows=_long,
    orphan_objects=_long,
    orphan_rows=_long,
    failure_records=_long,
    failed=_long,
    complete=_flag,
    duration_ms=_long,
    code_version=_text,
    receipt=_struct(number=_long, sha256=_text),
)
