# Databricks notebook source
# MAGIC %md
# MAGIC # Content
# MAGIC What the photographs are like: cameras, times, orientation, colours, duplicates, and a small sample to look at.
# MAGIC Nothing here tells who sent a photograph or where it was taken. Only images that are still kept are shown.

# COMMAND ----------

import os
import sys

sys.path.append(os.path.abspath("../src"))

from darkroom import content, plots, report
from darkroom.lake import open_lake, read_files, read_images

lake = open_lake(spark, dbutils)
images = read_images(lake)
print(f"Reading {lake.root} as of {lake.now:%Y-%m-%d %H:%M} UTC")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Cameras
# MAGIC As the files tell them. Screenshots, scans and pictures that went through a messenger mostly tell nothing.

# COMMAND ----------

# All counts of this notebook in one pass over the lake.
traits = content.traits(images).toPandas()
processed = int(traits.loc[traits["trait"] == "shape", "images"].sum())


def counts(trait):
    return traits[traits["trait"] == trait]


def as_dict(trait):
    return {row.value: int(row.images) for row in counts(trait).itertuples()}


if processed:
    cameras = counts("camera")
    known = cameras[cameras["value"] != "unknown"]
    if len(known):
        display(plots.ranking(known, "value", "images", "Images by camera", "images"))
    print(f"{processed - known['images'].sum()} of {processed} images do not tell their camera.")
else:
    print("There are no processed images in the lake. Upload some, and run this notebook again.")

# COMMAND ----------

# MAGIC %md
# MAGIC ## When they were taken
# MAGIC By the clocks of the cameras, whose time zones are not known.

# COMMAND ----------

by_hour = as_dict("captured_hour")
undated = by_hour.pop("unknown", 0)
if by_hour:
    hours = [f"{hour:02}" for hour in range(24)]
    display(plots.classes([by_hour.get(hour, 0) for hour in hours], hours, "Images by hour of the day at which they were taken", "images"))
    months = counts("captured_month")
    months = months[months["value"] != "unknown"].sort_values("value").tail(24)
    display(plots.classes(months["images"].tolist(), months["value"].tolist(), "Images by month (the last 24 that occur)", "images"))
    print(f"{undated} of {processed} images do not tell when they were taken.")
elif processed:
    print("No image tells when it was taken.")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Shape and orientation
# MAGIC *Orientation* is how the camera was held, as the file records it; renditions are turned upright.

# COMMAND ----------

if processed:
    display(plots.ranking(counts("shape"), "value", "images", "Images by shape", "images"))
    turned = counts("orientation").assign(
        value=lambda frame: frame["value"].map(lambda code: content.ORIENTATIONS.get(int(code), code) if code.isdigit() else code)
    )
    display(plots.ranking(turned, "value", "images", "How the camera was held", "images"))
    others = traits[traits["trait"].isin(["colour_space", "position", "frames"])]
    display(others[["trait", "value", "images"]].sort_values(["trait", "value"]))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Dominant colours
# MAGIC The commonest colour of each photograph, by name.

# COMMAND ----------

if processed:
    colours = counts("colour").sort_values("images", ascending=False)
    display(
        plots.horizontal(
            colours["value"].tolist(),
            colours["images"].tolist(),
            "Images by dominant colour",
            "images",
            [plots.COLOURS[name] for name in colours["value"]],
        )
    )

# COMMAND ----------

# MAGIC %md
# MAGIC ## Duplicates
# MAGIC Files with the same bytes, by their SHA-256. *Wasted* are the originals beyond the first of each.

# COMMAND ----------

duplicates = content.duplicates(traits)
if duplicates["groups"]:
    displayHTML(
        report.headline(
            {
                "files that are there more than once": f"{duplicates['groups']:,}",
                "copies beyond the first": f"{duplicates['extra']:,}",
                "wasted": plots.in_bytes(duplicates["bytes_wasted"]),
                "copies of one file at most": duplicates["most_copies"],
            }
        )
    )
else:
    print("No file is there twice.")

# COMMAND ----------

# MAGIC %md
# MAGIC ## A sample
# MAGIC Thumbnails, read from the lake with `binaryFile`: as many as the parameter `SAMPLE` says. Databricks saves what a
# MAGIC notebook shows, and the purge does not reach there; so the parameter is 0 there unless you set it, and then you
# MAGIC clear the output when you have looked. On one machine, the page is deleted with the first image that goes.

# COMMAND ----------

dbutils.widgets.text("SAMPLE", "0", "Thumbnails to show (0: none)")
wanted = int(dbutils.widgets.get("SAMPLE") or 0)
chosen = {lake.path(row.thumb): row for row in content.sample(lake, wanted)} if wanted else {}
files = read_files(lake, list(chosen)).select("path", "content").collect()
# Spark gives the path with its scheme in front.
sample = [(bytes(file.content), row.content_type, row.caption) for path, row in chosen.items() for file in files if file.path.endswith(path)]
if sample:
    displayHTML(report.contact_sheet(sample))
else:
    print("There is no thumbnail to show." if wanted else "No thumbnail is shown: SAMPLE is 0.")

# COMMAND ----------

dbutils.notebook.exit(
    report.summary(
        traits["next_expiry"].min(),
        images=int(counts("status")["images"].sum()),
        processed=processed,
        cameras=as_dict("camera"),
        orientations=as_dict("orientation"),
        colours=as_dict("colour"),
        duplicates=duplicates,
        sample=len(sample),
    )
)
