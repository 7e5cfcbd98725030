# Databricks notebook source
# MAGIC %md
# MAGIC # Retention
# MAGIC What is due to be purged, whether anything is late, whether files and records match, and what the purge has done. An
# MAGIC image is kept for seven days from its arrival. This notebook is the only one that counts expired images, because it
# MAGIC has to see whether any are left. All times are UTC.

# COMMAND ----------

import os
import sys

sys.path.append(os.path.abspath("../src"))

import pandas as pd

from darkroom import latency, plots, report, retention
from darkroom.lake import open_lake, read_records, read_runs, recorded_images, stored_files, stored_images

lake = open_lake(spark, dbutils)
records = read_records(lake)
print(f"Reading {lake.root} as of {lake.now:%Y-%m-%d %H:%M} UTC")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Due and overdue
# MAGIC *Overdue* must be 0, except for the time until the purge runs next, which is an hour at most.

# COMMAND ----------

due = retention.due(records, lake.now).toPandas()
due["hour"] = pd.to_datetime(due["hour"])
late, kept = due[due["overdue"]], due[~due["overdue"].astype(bool)].sort_values("hour")
overdue = int(late["images"].sum())
within_a_day = int(due["within_a_day"].sum())
most_overdue_seconds = float(late["most_overdue_seconds"].max()) if overdue else 0.0
displayHTML(
    report.headline(
        {
            "images kept": f"{kept['images'].sum():,}",
            "due within 24 hours": f"{within_a_day:,}",
            "overdue": f"{overdue:,}",
            "longest overdue": plots.in_time(most_overdue_seconds * 1000) if overdue else "–",
        }
    )
)
if most_overdue_seconds > 3600:
    print("The purge is late. Engineers find the reason among its runs and in its log.")

# COMMAND ----------

if len(kept):
    display(plots.bars_by_time(kept, "hour", {"images": ("images", plots.BLUE)}, "Images by the hour in which they expire", "images an hour"))
else:
    print("No image waits for its purge: the lake is empty.")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Orphans
# MAGIC Files that no record tells of, and records without files. What is younger than an hour may be on its way: an upload
# MAGIC that has not been processed, or a purge that is at work. Anything else should be 0 after the next purge, which
# MAGIC searches both ways and removes what it finds.

# COMMAND ----------

stored, recorded = stored_images(lake), recorded_images(lake)
match = retention.reconcile(recorded, stored).first()
without_record = {"orphans": 0, "on_their_way": 0}
if match["without_record"]:
    waiting = stored_files(lake, latency.unsettled(stored, recorded))
    without_record = retention.without_record(latency.ages(waiting, lake.now)).first()
displayHTML(
    report.headline(
        {
            "images without a record": f"{without_record['orphans']:,}",
            "on their way": f"{without_record['on_their_way']:,}",
            "records without files": f"{match['without_files']:,}",
        }
    )
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Purge runs and receipts
# MAGIC Each run of the purge, and each erasure that a person asked for, leaves a record of counts that names no image.
# MAGIC *Incomplete* runs left something to the next one. A *receipt* is the signed proof of what a run removed; the record
# MAGIC says its number. The receipts themselves are not for notebooks: engineers check them (`docs/retention.md`). A run
# MAGIC without one is incomplete, or an erasure whose receipt the next run writes.

# COMMAND ----------

runs = read_runs(lake)
by_day = retention.runs_by_day(runs).toPandas()
if len(by_day):
    pivot = by_day.pivot_table(index="date", columns="kind", values="images", aggfunc="sum", fill_value=0)
    pivot = pivot.reindex(columns=["purge", "erase"], fill_value=0).reset_index()
    pivot["date"] = pd.to_datetime(pivot["date"])
    kinds = {"purge": ("their time had come", plots.BLUE), "erase": ("on request", plots.ORANGE)}
    with_receipt, all_runs = int(by_day["with_receipt"].sum()), int(by_day["runs"].sum())
    last = by_day["last_receipt"].max()
    displayHTML(
        report.headline(
            {
                "runs": f"{all_runs:,}",
                "images removed": f"{by_day['images'].sum():,}",
                "runs with a receipt": f"{with_receipt:,}",
                "without": f"{all_runs - with_receipt:,}",
                "number of the last receipt": "–" if pd.isna(last) else f"{int(last):,}",
            }
        )
    )
    if by_day["images"].sum():
        display(plots.bars_by_time(pivot, "date", kinds, "Images removed by day", "images a day", width_hours=24))
    else:
        print("No run has removed an image yet: nothing was due.")
    display(by_day)
    display(retention.latest_runs(runs, 10))
else:
    print("The purge has not run yet.")

# COMMAND ----------

dbutils.notebook.exit(
    report.summary(
        due["next_expiry"].min() if len(due) else None,
        images=int(kept["images"].sum()),
        due_within_a_day=within_a_day,
        overdue=overdue,
        orphans={"without_record": without_record["orphans"], "without_files": match["without_files"]},
        on_their_way=without_record["on_their_way"],
        runs=int(by_day["runs"].sum()),
        images_purged=int(by_day["images"].sum()),
        with_receipt=int(by_day["with_receipt"].sum()),
    )
)
