"""What Databricks gives to a notebook, on this machine: `spark`, `dbutils`, `display` and `displayHTML`.

Runs inside the notebook's kernel. The session lives as long as the kernel and serves all notebooks in it.
"""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import select_figure_formats
from IPython.display import HTML
from IPython.display import display as show
from pyspark.sql import DataFrame, SparkSession

#: How the runner finds the notebook's result among the outputs.
RESULT = "application/vnd.darkroom.result+json"
#: `display` shows so many rows; Databricks shows 10,000, which make no HTML that anybody reads.
MOST_ROWS = 200


class NotebookExit(Exception):
    """`dbutils.notebook.exit` ends the notebook by it. Nothing is wrong."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return ["The notebook has ended."]


def begin(shell: InteractiveShell, settings: dict[str, Any]) -> None:
    """Gives the notebook a clean namespace with Databricks' names in it.

    Args:
        settings: `spark` (configuration of the session), `parameters` (values of widgets).
    """
    shell.reset(new_session=False)
    spark = _session(settings["spark"])
    for view in spark.catalog.listTables():
        if view.isTemporary:
            spark.catalog.dropTempView(view.name)
    select_figure_formats(shell, {"png"}, bbox_inches="tight", dpi=150)
    shell.push({"spark": spark, "dbutils": _dbutils(spark, settings["parameters"]), "display": display, "displayHTML": display_html})


def display(value: Any) -> None:
    """A Spark DataFrame as a table, anything else as IPython shows it."""
    if isinstance(value, DataFrame):
        rows = value.limit(MOST_ROWS + 1).toPandas()
        display(rows.head(MOST_ROWS))
        if len(rows) > MOST_ROWS:
            print(f"The first {MOST_ROWS} rows are shown.")
    elif hasattr(value, "to_html"):
        show(HTML(value.to_html(index=False, border=0, na_rep="–")))
    else:
        show(value)


def display_html(text: str) -> None:
    show(HTML(text))


def _session(configuration: dict[str, str]) -> SparkSession:
    builder = SparkSession.builder
    for name, value in configuration.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _dbutils(spark: SparkSession, parameters: dict[str, str]) -> SimpleNamespace:
    defaults: dict[str, str] = {}

    def define(name: str, default: str, *_label: Any) -> None:
        defaults[name] = default

    def get(name: str) -> str:
        values = {**defaults, **{key: value for key, value in parameters.items() if key in defaults}}
        if name not in values:
            raise KeyError(f"No widget is named {name}; there are {', '.join(defaults) or 'none'}")
        return values[name]

    return SimpleNamespace(
        widgets=SimpleNamespace(text=define, dropdown=define, get=get),
        notebook=SimpleNamespace(exit=_exit),
        fs=SimpleNamespace(ls=lambda path: _list(spark, path)),
    )


def _exit(value: str) -> None:
    show({RESULT: json.loads(value)}, raw=True)
    raise NotebookExit


#: Hadoop's `FileStatus` as text.
_ENTRY = re.compile(r"\{path=(?P<path>[^;]+); isDirectory=(?P<folder>true|false);(?: length=(?P<size>\d+);)?")


def _list(spark: SparkSession, folder: str) -> list[SimpleNamespace]:
    """A folder's entries as Databricks gives them: `path`, `name` (a folder's ends with a slash), `size`.

    Each call into the JVM takes a fraction of a millisecond, so that a hundred thousand entries come as one text.
    """
    jvm = spark._jvm
    path = jvm.org.apache.hadoop.fs.Path(folder)
    entries = path.getFileSystem(spark._jsc.hadoopConfiguration()).listStatus(path)
    text = jvm.org.apache.commons.lang3.ArrayUtils.toString(entries)
    return [_entry(match) for match in _ENTRY.finditer(text)]


def _entry(match: re.Match[str]) -> SimpleNamespace:
    slash = "/" if match["folder"] == "true" else ""
    name = match["path"].rsplit("/", 1)[-1]
    return SimpleNamespace(path=match["path"] + slash, name=name + slash, size=int(match["size"] or 0))
