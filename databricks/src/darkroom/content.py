"""Content: cameras, capture times, orientation, colours, duplicates, and a sample to look at."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from darkroom.lake import Lake, read_some_images

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
    """How often each value of each trait occurs, and how often the same file, in one pass over the lake.

    Returns:
        `trait`, `value`, `images`, `next_expiry`. The trait `status` is that of all images; all others are of processed
        ones (`camera`, `captured_month`, `captured_hour`, `orientation`, `shape`, `colour`, `colour_space`,
        `position`, `frames`), and one that an image does not have counts as `unknown`. The trait `file` is one row
        without a value, for all images, and tells of those that are in the lake more than once; the same bytes from two
        people count too. Its columns, null elsewhere: `groups`, `copies` (all of them), `extra` (beyond the first),
        `bytes_wasted` by the extra originals, `most_copies` of one file.
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
    pairs = [_pair(trait, F.coalesce(value, F.lit("unknown"))) for trait, value in values.items()]
    known = F.when(F.col("status") == "processed", F.array(*pairs)).otherwise(F.array())
    sha256 = F.col("original.sha256")
    file = F.when(sha256.isNotNull(), F.array(_pair("file", sha256))).otherwise(F.array())
    counted = (
        images.select("expires_at", "bytes_original", F.explode(F.concat(F.array(_pair("status", F.col("status"))), known, file)).alias("pair"))
        .groupBy("pair.trait", "pair.value")
        .agg(F.count("*").alias("images"), F.min("expires_at").alias("next_expiry"), F.max("bytes_original").alias("bytes"))
    )
    # The checksums, of which there are as many as images, end here.
    again = (F.col("trait") == "file") & (F.col("images") > 1)
    extra = F.col("images") - 1
    return counted.groupBy("trait", F.when(F.col("trait") != "file", F.col("value")).alias("value")).agg(
        F.sum("images").alias("images"),
        F.min("next_expiry").alias("next_expiry"),
        F.sum(F.when(again, 1)).alias("groups"),
        F.sum(F.when(again, F.col("images"))).alias("copies"),
        F.sum(F.when(again, extra)).alias("extra"),
        F.sum(F.when(again, extra * F.col("bytes"))).alias("bytes_wasted"),
        F.max(F.when(again, F.col("images"))).alias("most_copies"),
    )


def duplicates(counted: pd.DataFrame) -> dict[str, int]:
    """The row `file` of `traits` as numbers; 0 where nothing is there twice."""
    rows = counted[counted["trait"] == "file"]
    names = {"groups": "groups", "copies": "images", "extra": "extra", "bytes_wasted": "bytes_wasted", "most_copies": "most_copies"}
    return {name: int(pd.to_numeric(rows[column]).sum()) for column, name in names.items()}


def _pair(trait: str, value):
    return F.struct(F.lit(trait).alias("trait"), value.alias("value"))


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


def sample(lake: Lake, count: int) -> list[Row]:
    """Some processed images, spread over all and the same ones each time: `thumb` (path), `content_type`, `caption`."""
    most = 4 * count
    while True:
        images, all_of_them = read_some_images(lake, most)
        found = shown(images).limit(count).collect()
        if len(found) == count or all_of_them:
            return found
        most *= 4


def shown(images: DataFrame) -> DataFrame:
    """What `sample` tells of each image that has a thumbnail."""
    thumb = F.get(F.filter("renditions", lambda rendition: rendition["name"] == "thumb"), F.lit(0))
    caption = F.concat_ws(" · ", camera(), F.format_string("%.1f MP", F.col("megapixels")), F.col("format"))
    return (
        images.where((F.col("status") == "processed") & thumb.isNotNull())
        .orderBy(F.xxhash64("id"))
        .select(thumb["path"].alias("thumb"), thumb["content_type"].alias("content_type"), caption.alias("caption"))
    )
