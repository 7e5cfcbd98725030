"""One quiet style for all plots: little ink, colours that colour-blind people can tell apart, units on the axes.

Each function takes a small pandas frame that a transform has returned and gives a `Figure` for `display`. They use
`Figure` itself and not pyplot, so that nothing is kept after a cell and nothing is shown twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import pandas as pd
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

BLUE, ORANGE, GREEN, RED, GREY = "#3b6ea5", "#d98032", "#4c8c5b", "#b8433a", "#9aa3ab"
INK, LINE = "#2b2f33", "#e3e6e9"

STYLE = {
    "font.size": 10,
    "font.family": "sans-serif",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.bbox": "tight",
}

#: Shown colour of each name that `content.colour_name` gives.
COLOURS = {
    "black": "#222222",
    "grey": "#9a9a9a",
    "white": "#f2f2f2",
    "red": "#c8453c",
    "orange": "#d98032",
    "yellow": "#e0c13c",
    "green": "#5a9a56",
    "cyan": "#4fb3b3",
    "blue": "#3b6ea5",
    "purple": "#7d5ba6",
    "pink": "#d1739c",
    "unknown": "#ffffff",
}


def bars_by_time(
    frame: pd.DataFrame, time: str, parts: dict[str, tuple[str, str]], title: str, label: str, width_hours: float = 1
) -> Figure:
    """Stacked bars along time.

    Args:
        parts: column → its name in the legend and its colour, from the bottom up.
        width_hours: how long a bar lasts.
    """
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(title)
        bottom = pd.Series(0.0, index=frame.index)
        for column, (name, colour) in parts.items():
            values = frame[column].astype(float)
            axes.bar(frame[time], values, bottom=bottom, width=width_hours / 24 * 0.9, align="edge", color=colour, label=name)
            bottom = bottom + values
        _time_axis(axes, frame[time], width_hours)
        axes.set_ylim(0, max(bottom.max() * 1.08, 1))
        axes.set_ylabel(label)
        _counts(axes.yaxis)
        if len(parts) > 1:
            _legend(axes)
        return figure


def lines_by_time(
    frame: pd.DataFrame, time: str, lines: dict[str, tuple[str, str]], title: str, label: str
) -> Figure:
    """Lines with a dot for each hour; hours without a value interrupt the line instead of being drawn across."""
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(title)
        hours = frame.set_index(time).sort_index().asfreq("h")
        for column, (name, colour) in lines.items():
            axes.plot(hours.index, hours[column].astype(float), color=colour, label=name, marker="o", markersize=4, linewidth=1.6)
        _time_axis(axes, frame[time], 1)
        axes.set_ylim(0, max(hours[list(lines)].astype(float).max().max() * 1.1, 0.1))
        axes.set_ylabel(label)
        _legend(axes)
        return figure


def ranking(frame: pd.DataFrame, name: str, value: str, title: str, label: str, most: int = 12) -> Figure:
    """Horizontal bars with their numbers, the largest on top; what does not fit is summed up as `others`."""
    ordered = frame.sort_values([value, name], ascending=[False, True])
    shown = ordered.head(most)[[name, value]]
    if len(ordered) > most:
        rest = pd.DataFrame([{name: f"{len(ordered) - most} others", value: ordered[value][most:].sum()}])
        shown = pd.concat([shown, rest])
    return horizontal(shown[name].tolist(), shown[value].tolist(), title, label)


def horizontal(
    names: Sequence[str], values: Sequence[float], title: str, label: str, colours: Sequence[str] | str = BLUE
) -> Figure:
    """Horizontal bars in the given order, from the top down, each with its number."""
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(title, height=0.9 + 0.32 * max(2, len(names)))
        places = range(len(names))
        drawn = axes.barh(places, values, color=colours, edgecolor=GREY if not isinstance(colours, str) else None, linewidth=0.5, height=0.7)
        axes.bar_label(drawn, labels=[f"{value:,.0f}" for value in values], padding=4, color=INK)
        axes.set_yticks(list(places), names)
        axes.invert_yaxis()
        axes.margins(x=0.1)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(label)
        _counts(axes.xaxis)
        return figure


def classes(counts: Sequence[float], names: Sequence[str], title: str, label: str, colour: str = BLUE) -> Figure:
    """A histogram over named classes, empty ones included."""
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(title)
        drawn = axes.bar(range(len(names)), counts, color=colour, width=0.85)
        axes.bar_label(drawn, labels=[f"{count:,.0f}" if count else "" for count in counts], padding=2, color=INK)
        crowded = sum(len(name) for name in names) > 90
        axes.set_xticks(range(len(names)), names, rotation=30 if crowded else 0, ha="right" if crowded else "center")
        axes.margins(y=0.12)
        axes.grid(axis="x", visible=False)
        axes.set_ylabel(label)
        _counts(axes.yaxis)
        return figure


def before_and_after(names: Sequence[str], before: Sequence[float], after: Sequence[float], title: str) -> Figure:
    """Bytes before and after compression, a pair of bars for each name."""
    with matplotlib.rc_context(STYLE):
        figure, axes = _figure(title, height=1.3 + 0.62 * len(names))
        places = list(range(len(names)))
        for offset, values, colour, label in ((-0.2, before, GREY, "original"), (0.2, after, BLUE, "compressed")):
            drawn = axes.barh([place + offset for place in places], values, height=0.36, color=colour, label=label)
            axes.bar_label(drawn, labels=[in_bytes(value) for value in values], padding=4, color=INK)
        axes.set_yticks(places, names)
        axes.invert_yaxis()
        axes.margins(x=0.15)
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: in_bytes(value)))
        _legend(axes)
        return figure


def in_bytes(value: float) -> str:
    """A number of bytes for people, in powers of 1,000: `1.5 MB`."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}" if abs(value) / size < 999.5 else f"{value / size:.0f} {unit}"
    return f"{value:.0f} B"


def in_time(milliseconds: float | None) -> str:
    """A duration for people: `0.8 s`, `12 min`, `5.2 h`."""
    if milliseconds is None or pd.isna(milliseconds):
        return "–"
    seconds = milliseconds / 1000
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _figure(title: str, height: float = 3.2):
    figure = Figure(figsize=(8.6, height))
    axes = figure.add_subplot()
    axes.set_title(title)
    return figure, axes


def _legend(axes) -> None:
    """Above the axes at the right, beside the title, where it covers nothing."""
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, borderaxespad=0.2)


def _time_axis(axes, times: pd.Series, hours: float) -> None:
    """Dates that do not overlap; a few bars are not blown up to the whole width."""
    locator = AutoDateLocator(minticks=3, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    first, last = times.min(), times.max() + pd.Timedelta(hours=hours)
    room = max(pd.Timedelta(hours=12) - (last - first), pd.Timedelta(hours=1)) / 2
    axes.set_xlim(first - room, last + room)
    axes.set_xlabel("UTC")
    axes.grid(axis="x", visible=False)


def _counts(axis) -> None:
    axis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
