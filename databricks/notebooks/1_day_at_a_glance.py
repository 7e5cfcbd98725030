# Databricks notebook source
# MAGIC %md
# MAGIC # The day at a glance
# MAGIC What came in, in which formats, and what compression saved. Counts are of images that are still kept: whatever has
# MAGIC expired is left out, even if the purge has not been there yet. All times are UTC.

# COMMAND ----------

import os
import sys

sys.path.append(os.path.abspath("../src"))

import pandas as pd

from darkroom import day, plots, report
from darkroom.lake import open_lake, read_images

lake = open_lake(spark, dbutils)
images = read_images(lake)
print(f"Reading {lake.root} as of {lake.now:%Y-%m-%d %H:%M} UTC")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Volume
# MAGIC The last 24 hours, then all seven days. *Saved* compares each original with its rendition `compressed`, which has the
# MAGIC same number of pixels; an image that did not become smaller counts as nothing saved.

# COMMAND ----------

# All counts of this notebook in one pass over the lake.
volume = day.cube(images).toPandas()
volume["hour"] = pd.to_datetime(volume["hour"])
lately = volume[volume["hour"] >= pd.Timestamp(lake.now).tz_localize(None) - pd.Timedelta(hours=24)]
total, quarantined = int(volume["images"].sum()), int(volume.loc[volume["status"] == "quarantined", "images"].sum())


def facts(part):
    before, saved = part["bytes_before"].sum(), part["bytes_saved"].sum()
    return {
        "images": f"{part['images'].sum():,}",
        "received": plots.in_bytes(part["bytes_original"].sum()),
        "saved by compression": f"{plots.in_bytes(saved)} ({saved / before:.0%})" if before else "–",
        "all renditions": plots.in_bytes(part["bytes_renditions"].sum()),
        "quarantined": f"{part.loc[part['status'] == 'quarantined', 'images'].sum():,}",
    }


if total:
    displayHTML("<h4>Last 24 hours</h4>" + report.headline(facts(lately)))
    displayHTML("<h4>Seven days</h4>" + report.headline(facts(volume)))
else:
    print("There are no images in the lake. Upload some, and run this notebook again.")

# COMMAND ----------

if total:
    hours = volume.pivot_table(index="hour", columns="status", values="images", aggfunc="sum", fill_value=0)
    hours = hours.reindex(columns=["processed", "quarantined"], fill_value=0).reset_index()
    kinds = {"processed": ("processed", plots.BLUE), "quarantined": ("quarantined", plots.ORANGE)}
    display(plots.bars_by_time(hours, "hour", kinds, "Images by hour of arrival", "images an hour"))

# COMMAND ----------

if total:
    days = volume.assign(day=volume["hour"].dt.floor("D")).groupby("day")[["images", "bytes_original", "bytes_saved"]].sum()
    for column in ("bytes_original", "bytes_saved"):
        days[column] = days[column].map(plots.in_bytes)
    display(days.reset_index().assign(day=lambda frame: frame["day"].dt.strftime("%a %Y-%m-%d")))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Formats before and after
# MAGIC Which formats people send, what the compressed rendition is in, and how many bytes that makes. GIF becomes WebP, all
# MAGIC others keep their format.

# COMMAND ----------

processed = volume[volume["status"] == "processed"]
formats = (
    processed.groupby(["format", "compressed_format"])[["images", "bytes_before", "bytes_compressed", "bytes_saved"]]
    .sum()
    .reset_index()
    .sort_values("bytes_before", ascending=False)
)
if len(formats):
    names = [
        before if before == after else f"{before} → {after}"
        for before, after in zip(formats["format"], formats["compressed_format"])
    ]
    display(plots.horizontal(names, formats["images"].tolist(), "Images by format", "images"))
    display(
        plots.before_and_after(
            names, formats["bytes_before"].tolist(), formats["bytes_compressed"].tolist(), "Bytes before and after compression"
        )
    )
else:
    print("No image has been processed yet.")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Sizes
# MAGIC How large the files are, and how many megapixels they hold. Quarantined images have a size, but their resolution is
# MAGIC not known.

# COMMAND ----------

if total:
    for column, bounds, unit, title in (
        ("size_class", day.SIZE_CLASSES_KB, "kB", "Images by size of the original"),
        ("megapixel_class", day.MEGAPIXEL_CLASSES, "MP", "Images by resolution"),
    ):
        names = day.class_names(bounds, unit)
        counts = volume.groupby(column)["images"].sum().reindex(range(len(names)), fill_value=0)
        display(plots.classes(counts.tolist(), names, title, "images"))
else:
    print("There are no sizes to show.")

# COMMAND ----------

dbutils.notebook.exit(
    report.summary(
        volume["next_expiry"].min() if total else None,
        images=total,
        quarantined=quarantined,
        last_day=int(lately["images"].sum()),
        bytes_original=int(volume["bytes_original"].sum()),
        bytes_compressed=int(volume["bytes_compressed"].sum()),
        bytes_saved=int(volume["bytes_saved"].sum()),
        formats={row.format: int(row.images) for row in volume.groupby("format")["images"].sum().reset_index().itertuples()},
    )
)
