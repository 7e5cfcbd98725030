"""The day at a glance: how much came in, in which formats, and what compression saved."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

#: Upper bounds of the classes of original sizes, in kB of 1,000 bytes.
SIZE_CLASSES_KB = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]
#: Upper bounds of the classes of resolution, in megapixels.
MEGAPIXEL_CLASSES = [0.5, 1, 2, 4, 8, 12, 24, 50]


def cube(images: DataFrame) -> DataFrame:
    """What `volume` and `sizes` tell, together in one pass over the lake: `volume`'s columns by its keys and both classes."""
    return _counted(images, *_arrival(), *_classes())


def volume(images: DataFrame) -> DataFrame:
    """Images and bytes by hour of arrival, status and format: small enough to look at in every way.

    Returns:
        `hour`, `status`, `format` (of quarantined images the declared one), `compressed_format`, `images`,
        `bytes_original`, `bytes_compressed`, `bytes_saved`, `next_expiry` (the first moment at which one expires).
        `bytes_before` counts only originals that have a compressed rendition, to compare with `bytes_compressed`.
    """
    return _counted(images, *_arrival())


def sizes(images: DataFrame) -> DataFrame:
    """Images by class of size and of resolution.

    Returns:
        `size_class` and `megapixel_class` as indices into `SIZE_CLASSES_KB` and `MEGAPIXEL_CLASSES` (one beyond the end
        is "larger", null is unknown), `images`.
    """
    return images.groupBy(*_classes()).agg(F.count("*").alias("images"))


def class_names(bounds: list[float], unit: str) -> list[str]:
    """Names of classes, in order: `< 50 kB`, `50–100 kB`, …, `≥ 10000 kB`."""
    between = [f"{low:g}–{high:g}" for low, high in zip(bounds, bounds[1:])]
    return [f"< {bounds[0]:g} {unit}", *(f"{text} {unit}" for text in between), f"≥ {bounds[-1]:g} {unit}"]


def _arrival():
    return (
        F.date_trunc("hour", "received_at").alias("hour"),
        F.col("status"),
        F.coalesce("format", _format_of(F.col("original.content_type"))).alias("format"),
        _format_of(_compressed("content_type")).alias("compressed_format"),
    )


def _classes():
    return (
        _class_of(F.col("bytes_original") / 1000, SIZE_CLASSES_KB).alias("size_class"),
        _class_of(F.col("megapixels"), MEGAPIXEL_CLASSES).alias("megapixel_class"),
    )


def _counted(images: DataFrame, *keys) -> DataFrame:
    has_compressed = F.col("bytes_compressed").isNotNull()
    return images.groupBy(*keys).agg(
        F.count("*").alias("images"),
        F.sum("bytes_original").alias("bytes_original"),
        F.sum(F.when(has_compressed, F.col("bytes_original")).otherwise(0)).alias("bytes_before"),
        F.coalesce(F.sum("bytes_compressed"), F.lit(0)).alias("bytes_compressed"),
        F.coalesce(F.sum("bytes_saved"), F.lit(0)).alias("bytes_saved"),
        F.sum(_rendition_bytes()).alias("bytes_renditions"),
        F.min("expires_at").alias("next_expiry"),
    )


def _class_of(value, bounds: list[float]):
    """How many bounds a value reaches; null where it is not known."""
    reached = sum((F.when(value >= bound, 1).otherwise(0) for bound in bounds), F.lit(0))
    return F.when(value.isNotNull(), reached)


def _format_of(content_type):
    return F.regexp_replace(content_type, "^image/", "")


def _compressed(field: str):
    """A field of the rendition that stands for the original at full size."""
    chosen = F.filter("renditions", lambda rendition: rendition["name"] == "compressed")
    return F.get(chosen, F.lit(0))[field]


def _rendition_bytes():
    return F.aggregate("renditions", F.lit(0).cast("long"), lambda total, rendition: total + rendition["bytes"])
