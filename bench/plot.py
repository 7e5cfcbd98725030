"""Draws growth.json: python plot.py RESULTS PICTURE. Medians, with the least and the most of all rounds as bars."""

import json
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

results_file, picture = sys.argv[1:3]
with open(results_file) as file:
    results = json.load(file)

panels = [
    ("byBatch", "perSecond", "images of a batch (0.1 MB each)", "accepted a second", 1),
    ("bySize", "ratio", "size of an image, MB", "batches against bare PUTs, ×", 1),
    ("byPixels", "cpuMs", "megapixels of a JPEG", "processing, CPU seconds", 1000),
]
figure, axes = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
for axis, (key, value, x_label, y_label, scale) in zip(axes, panels, strict=True):
    rows = results[key]
    x = [row["size"] for row in rows]
    y = [row[value]["median"] / scale for row in rows]
    below = [(row[value]["median"] - row[value]["least"]) / scale for row in rows]
    above = [(row[value]["most"] - row[value]["median"]) / scale for row in rows]
    axis.errorbar(x, y, yerr=[below, above], marker="o", color="#9a3412", capsize=3)
    axis.set_xlabel(x_label)
    axis.set_ylabel(y_label)
    axis.set_ylim(bottom=0)
    axis.grid(alpha=0.3)
axes[1].axhline(0.7, color="#57534e", linestyle="--", linewidth=1)
axes[1].text(max(row["size"] for row in results["bySize"]), 0.71, "goal", ha="right", va="bottom", fontsize=8)
figure.suptitle(f"How things grow: {results['machine']}, {results['at'][:10]}", fontsize=9)
figure.savefig(picture)
