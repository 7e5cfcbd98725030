"""Draws growth.json: python plot.py RESULTS PICTURE. Medians, with the least and the most of all rounds as bars."""

import io
import json
import re
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

COLUMNS = 3

results_file, picture = sys.argv[1:3]
with open(results_file) as file:
    results = json.load(file)

panels = results["panels"]
rows = -(-len(panels) // COLUMNS)
figure, grid = plt.subplots(rows, COLUMNS, figsize=(12, 3.6 * rows), layout="constrained", squeeze=False)
axes = [axis for row in grid for axis in row]
for axis, panel in zip(axes, panels, strict=False):
    points = panel["points"]
    x = [point["x"] for point in points]
    values = [point["value"] for point in points]
    y = [value["median"] for value in values]
    below = [value["median"] - value["least"] for value in values]
    above = [value["most"] - value["median"] for value in values]
    axis.errorbar(x, y, yerr=[below, above], marker="o", color="#9a3412", capsize=3)
    axis.set_xlabel(panel["of"])
    axis.set_ylabel(panel["what"])
    axis.set_ylim(bottom=0)
    axis.grid(alpha=0.3)
    if panel.get("logarithmic"):
        axis.set_xscale("log")
    if "goal" in panel:
        axis.axhline(panel["goal"], color="#57534e", linestyle="--", linewidth=1)
        axis.text(min(x), panel["goal"], "goal", ha="left", va="bottom", fontsize=8)
for axis in axes[len(panels) :]:
    axis.set_visible(False)
figure.suptitle(f"How things grow: {results['machine']}, {results['at'][:10]}", fontsize=9)
drawing = io.StringIO()
figure.savefig(drawing, format="svg")
# For those who listen to a picture, matplotlib writes a title into the metadata alone.
titled = re.sub(r"(<svg [^>]*>)", r"\1\n <title>How figures grow</title>", drawing.getvalue(), count=1)
with open(picture, "w") as file:
    file.write(titled)
