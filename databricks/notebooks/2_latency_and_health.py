# Databricks notebook source
# MAGIC %md
# MAGIC # Latency and health
# MAGIC How long images waited from upload to processed, how many could not be processed and why, and what still waits.
# MAGIC Only images that are still kept are counted. All times are UTC.

# COMMAND ----------

import os
import sys

sys.path.append(os.path.abspath("../src"))

import pandas as pd

from darkroom import latency, plots, report
from darkroom.lake import open_lake, read_images, recorded_images, stored_files, stored_images

lake = open_lake(spark, dbutils)
images = read_images(lake)
print(f"Reading {lake.root} as of {lake.now:%Y-%m-%d %H:%M} UTC")

# COMMAND ----------

# MAGIC %md
# MAGIC ## From upload to processed
# MAGIC p95 is the latency that 95 of 100 images do not exceed. *Work* is the part in which an image was actually being
# MAGIC processed; the rest is waiting in the stream.

# COMMAND ----------

# All counts of this notebook in one pass over the lake.
health = latency.health(images).toPandas()
health["hour"] = pd.to_datetime(health["hour"])
overall = health[health["part"] == "all"]
hours = health[health["part"] == "hour"].sort_values("hour")
total = int(hours["images"].sum())
processed, quarantined = int(hours["processed"].sum()), int(hours["quarantined"].sum())
percentiles = {name: None for name in ("p50", "p95", "p99", "longest", "work_p50", "work_p95")}
if processed:
    percentiles = {name: int(overall[name].iloc[0]) for name in percentiles}
    shown = {"p50": "median", "p95": "p95", "p99": "p99", "longest": "longest", "work_p50": "work, median"}
    displayHTML(report.headline({label: plots.in_time(percentiles[name]) for name, label in shown.items()}))
else:
    print("No image has been processed: there is no latency to show.")

# COMMAND ----------

if processed:
    seconds = hours.assign(**{name: hours[name].astype(float) / 1000 for name in ("p50", "p95", "p99")})
    lines = {"p99": ("p99", plots.ORANGE), "p95": ("p95", plots.GREEN), "p50": ("p50", plots.BLUE)}
    display(plots.lines_by_time(seconds, "hour", lines, "From upload to processed", "seconds"))

# COMMAND ----------

if total:
    columns = ["images", "p50", "p95", "p99", "work_p50", "work_p95"]
    table = hours.tail(24)[["hour", *columns]].copy()
    for name in columns[1:]:
        table[name] = table[name].map(plots.in_time)
    display(table.assign(hour=table["hour"].dt.strftime("%a %d %H:%M")))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What could not be processed
# MAGIC Quarantined images stay in the lake until their purge like all others; the reasons are explained in
# MAGIC `docs/processing.md`. Single images are the engineers' matter, who see them in the console.

# COMMAND ----------

reasons = health[health["part"] == "reason"].sort_values(["images", "reason_code"], ascending=[False, True])
reasons = reasons[["reason_code", "images", "first", "last"]]
if total:
    print(f"{quarantined} of {total} images are quarantined ({quarantined / total:.1%}).")
if len(reasons):
    display(plots.ranking(reasons, "reason_code", "images", "Reasons for quarantine", "images"))
    display(reasons)
else:
    print("Nothing is quarantined.")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Backlog
# MAGIC Images whose files are in the lake and that have no metadata record yet: they wait for the stream. After an hour
# MAGIC nothing should be left on its way; what is older is an orphan and belongs to the notebook on retention.

# COMMAND ----------

waiting = latency.unsettled(stored_images(lake), recorded_images(lake))
backlog = latency.backlog(latency.ages(stored_files(lake, waiting), lake.now)).toPandas().iloc[0]
backlog_images = int(backlog["images"])
if backlog_images:
    print(f"{backlog_images} images wait, the longest for {plots.in_time(backlog['longest_seconds'] * 1000)}.")
else:
    print("Nothing waits.")

# COMMAND ----------

dbutils.notebook.exit(
    report.summary(
        hours["next_expiry"].min() if total else None,
        images=total,
        processed=processed,
        quarantined=quarantined,
        reasons={row.reason_code: int(row.images) for row in reasons.itertuples()},
        latency_ms={name: percentiles[name] for name in ("p50", "p95", "p99", "longest")},
        backlog=backlog_images,
    )
)
