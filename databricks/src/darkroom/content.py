"""Content: cameras, capture times, orientation, colours, duplicates, and a sample to look at."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

#: Hues around the colour circle: a name, and the degree at which it begins.
HUES = [("red", 0), ("orange", 20), ("yellow", 45), ("green", 70), ("cyan", 160), ("blue", 200), ("purple", 260), ("pink", 310), ("red", 340)]

#: EXIF's orientation in words.
ORIENTATIONS = {
    1: "upright",
    2: "mirrored",
    3: "upside down",
    4: "upside down, mirrored",
    5: "turned left, mirrored",
    6: "turned left",
    7: "turned right, mirrored",
    8: "turned right",
}


def traits(images: DataFrame) -> DataFrame:
    """How often each value of each trait occurs, in one pass over the lake.

    Returns:
        `trait`, `value`, `images`, `next_expiry`. The trait `status` is that of all images; all others are of processed
        ones (`camera`, `captured_month`, `captured_hour`, `orientation`, `shape`, `colour`, `colour_space`,
        `position`, `frames`), and one that an image does not have counts as `unknown`.
    """
    values = {
        "camera": camera(),
        "captured_month": F.substring("captured_at", 1, 7),
        "captured_hour": F.substring("captured_at", 12, 2),
        "orientation": F.col("orientation").cast("string"),
        "shape": shape(),
        "colour": colour_name(F.col("dominant_color")),
        "colour_space": F.col("color_space"),
        "position": F.when(F.col("has_gps"), "carries a position").otherwise("none"),
        "frames": F.when(F.col("frames") > 1, "animated").otherwise("still"),
    }
    pairs = [
        F.struct(F.lit(trait).alias("trait"), F.coalesce(value, F.lit("unknown")).alias("value"))
        for trait, value in values.items()
    ]
    known = F.when(F.col("status") == "processed", F.array(*pairs)).otherwise(F.array())
    everything = F.array(F.struct(F.lit("status").alias("trait"), F.col("status").alias("value")))
    return (
        images.select("expires_at", F.explode(F.concat(everything, known)).alias("pair"))
        .groupBy("pair.trait", "pair.value")
        .agg(F.count("*").alias("images"), F.min("expires_at").alias("next_expiry"))
    )


def camera():
    """Make and model without saying the make twice (`Canon` and `Canon EOS R5`); null where both are unknown."""
    make, model = F.trim("camera_make"), F.trim("camera_model")
    named_in_model = F.startswith(F.lower(model), F.lower(F.split(make, " ")[0]))
    both = F.when(named_in_model, model).otherwise(F.concat_ws(" ", make, model))
    return F.when(make.isNull(), model).when(model.isNull(), make).otherwise(both)


def shape():
    """`landscape`, `portrait` or `square`, of the image as it is shown."""
    width, height = F.col("width"), F.col("height")
    return F.when(width > height, "landscape").when(width < height, "portrait").when(width == height, "square")


def colour_name(rgb):
    """The name of a colour given as `#rrggbb`: black, grey, white, or one of the hues.

    Takes HSV: value below 20 % is black, saturation below 15 % is grey or (from 85 % value) white.
    """
    parts = F.struct(*(_channel(rgb, start).alias(name) for name, start in (("red", 2), ("green", 4), ("blue", 6))))
    return F.when(rgb.rlike("^#[0-9a-fA-F]{6}$"), _with(parts, _name_of))


def _channel(rgb, start: int):
    """0 to 1, from the two hexadecimal digits at a place."""
    return F.conv(F.substring(rgb, start, 2), 16, 10).cast("int") / 255


def _name_of(parts):
    red, green, blue = parts["red"], parts["green"], parts["blue"]
    value, spread = F.greatest(red, green, blue), F.greatest(red, green, blue) - F.least(red, green, blue)
    sector = (
        F.when(value == red, (green - blue) / spread)
        .when(value == green, (blue - red) / spread + 2)
        .otherwise((red - green) / spread + 4)
    )
    hue = _with(F.pmod(sector * 60, F.lit(360.0)), _hue_of)
    # Below 0.2 nothing is divided by the value, and below 0.15 of it nothing by the spread.
    return F.when(value < 0.2, "black").when(spread / value >= 0.15, hue).when(value >= 0.85, "white").otherwise("grey")


def _hue_of(degrees):
    hue = F.lit(HUES[0][0])
    for name, start in HUES:
        hue = F.when(degrees >= start, name).otherwise(hue)
    return hue


def _with(value, body):
    """`body` of a value that is computed once. Written out at each use, the expression outgrows what Spark compiles."""
    return F.get(F.transform(F.array(value), body), F.lit(0))


def duplicates(images: DataFrame) -> DataFrame:
    """Files that are in the lake more than once, in one row; the same bytes from two people count too.

    Returns:
        `groups`, `images` (all copies), `extra` (copies beyond the first), `bytes_wasted` by the extra originals, and
        `most_copies` of one file.
    """
    known = images.where(F.col("original.sha256").isNotNull())
    same = known.groupBy("original.sha256").agg(F.count("*").alias("copies"), F.max("bytes_original").alias("bytes"))
    return same.where("copies > 1").agg(
        F.count("*").alias("groups"),
        F.coalesce(F.sum("copies"), F.lit(0)).alias("images"),
        F.coalesce(F.sum(F.col("copies") - 1), F.lit(0)).alias("extra"),
        F.coalesce(F.sum((F.col("copies") - 1) * F.col("bytes")), F.lit(0)).alias("bytes_wasted"),
        F.coalesce(F.max("copies"), F.lit(0)).alias("most_copies"),
    )


def sample(images: DataFrame, count: int) -> DataFrame:
    """Some processed images, spread over all and the same ones each time: `thumb` (path), `expires_at`, `caption`."""
    thumb = F.get(F.filter("renditions", lambda rendition: rendition["name"] == "thumb"), F.lit(0))
    caption = F.concat_ws(" · ", camera(), F.format_string("%.1f MP", F.col("megapixels")), F.col("format"))
    return (
        images.where((F.col("status") == "processed") & thumb.isNotNull())
        .orderBy(F.xxhash64("id"))
        .limit(count)
        .select(thumb["path"].alias("thumb"), thumb["content_type"].alias("content_type"), "expires_at", caption.alias("caption"))
    )
