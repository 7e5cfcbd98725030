# Databricks notebook source
# MAGIC %md
# MAGIC # Your own questions
# MAGIC A start for a notebook of your own: make a copy, keep the first cell, and go on from the examples. `images` has a row
# MAGIC for each image that is kept, of 2,000 at most, so that an answer comes at once while you try. Take `read_images(lake)`
# MAGIC instead when the question stands: it reads them all. Columns are listed below and explained in `docs/analysts.md`.
# MAGIC
# MAGIC The functions in it come from `../src`, or from `/Workspace/Darkroom/src` where you copied only the notebook. There
# MAGIC you may read them, as you may read all notebooks' code; to change them, copy `notebooks` and `src` together.
# MAGIC
# MAGIC Two habits keep the promise that an image is gone after seven days:
# MAGIC - **Start from `read_images`** or `read_some_images`, which leave out what has expired.
# MAGIC - **Do not `cache`, and write no rows of single images anywhere.** A cached or copied row outlives its image. Aggregates
# MAGIC   such as counts and sums may be kept.

# COMMAND ----------

import os
import sys

# Beside the original that is ../src; a copy elsewhere in the workspace takes what was deployed with the original.
places = [os.path.abspath("../src"), "/Workspace/Darkroom/src"]
sys.path.append(next((place for place in places if os.path.isdir(place)), places[0]))

from pyspark.sql import functions as F

from darkroom import plots, report
from darkroom.lake import open_lake, read_some_images

lake = open_lake(spark, dbutils)
images, all_of_them = read_some_images(lake, 2_000)
print(f"Reading {lake.root} as of {lake.now:%Y-%m-%d %H:%M} UTC: {'all images' if all_of_them else '2,000 images by chance'}.")
# A view is a name for the query and holds no data.
images.createOrReplaceTempView("images")
images.printSchema()

# COMMAND ----------

# MAGIC %md
# MAGIC ## In SQL: which formats come in, and how large are they?

# COMMAND ----------

display(
    spark.sql("""
        SELECT original.content_type, count(*) AS images, round(avg(bytes_original) / 1000) AS average_kb,
               round(percentile_approx(megapixels, 0.5), 1) AS median_megapixels
        FROM images
        GROUP BY ALL
        ORDER BY images DESC, content_type
    """)
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## In SQL: what does each rendition cost?
# MAGIC `renditions` is an array of structures; `LATERAL VIEW explode` makes a row of each.

# COMMAND ----------

display(
    spark.sql("""
        SELECT rendition.name, count(*) AS files, round(sum(rendition.bytes) / 1e6, 2) AS megabytes,
               round(avg(rendition.bytes) / 1000, 1) AS average_kb
        FROM images LATERAL VIEW explode(renditions) AS rendition
        GROUP BY ALL
        ORDER BY megabytes DESC, name
    """)
)

# COMMAND ----------

# MAGIC %md
# MAGIC ## In DataFrames: which originals became larger by compression?
# MAGIC Small or already compressed files can. Nothing was saved by these, and nothing counted as saved.

# COMMAND ----------

larger = (
    images.where(F.col("bytes_compressed") > F.col("bytes_original"))
    .groupBy("format")
    .agg(F.count("*").alias("images"), F.sum(F.col("bytes_compressed") - F.col("bytes_original")).alias("bytes_more"))
    .orderBy(F.desc("images"), "format")
)
display(larger)

# COMMAND ----------

# MAGIC %md
# MAGIC ## In DataFrames, with a plot: do larger images take longer?

# COMMAND ----------

by_size = (
    images.where("status = 'processed'")
    .groupBy(F.least(F.ceil("megapixels"), F.lit(30)).cast("int").alias("megapixels"))
    .agg(F.count("*").alias("images"), F.percentile_approx("processing_ms", 0.5).alias("median_ms"))
    .orderBy("megapixels")
    .toPandas()
)
if len(by_size):
    names = [f"{low} to {low + 1} MP" if low < 29 else "29 MP and more" for low in by_size["megapixels"] - 1]
    display(plots.horizontal(names, by_size["median_ms"].tolist(), "Median work by resolution", "milliseconds"))
else:
    print("No image has been processed yet; upload some, and run this notebook again.")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Handing on a result
# MAGIC What a job or a test should read goes to `dbutils.notebook.exit`, as JSON.

# COMMAND ----------

total = images.agg(F.count("*").alias("images"), F.min("expires_at").alias("next_expiry")).first()
dbutils.notebook.exit(report.summary(total["next_expiry"], images=total["images"], processed=int(by_size["images"].sum())))
