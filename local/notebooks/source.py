"""Databricks' source format of notebooks: Python, with comments that mark cells and Markdown."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HEADER = "# Databricks notebook source"
SEPARATOR = "# COMMAND ----------"
MAGIC = "# MAGIC"


class NotebookSourceError(ValueError):
    """The file is not in Databricks' source format, or uses something that is not run here."""


def read_source(text: str) -> nbformat.NotebookNode:
    """The notebook that a source file holds.

    Raises:
        NotebookSourceError: the header is missing, or a cell is in another language than Python or Markdown.
    """
    header, _, body = text.partition("\n")
    if header.strip() != HEADER:
        raise NotebookSourceError(f'The first line must be "{HEADER}"')
    cells = [cell for number, part in enumerate(_parts(body), 1) if (cell := _cell(part, number))]
    return new_notebook(cells=cells)


def _parts(body: str) -> list[str]:
    parts: list[list[str]] = [[]]
    for line in body.splitlines():
        if line.strip() == SEPARATOR:
            parts.append([])
        else:
            parts[-1].append(line)
    return ["\n".join(lines).strip("\n") for lines in parts]


def _cell(part: str, number: int) -> nbformat.NotebookNode | None:
    if not part.strip():
        return None
    lines = part.splitlines()
    if not lines[0].startswith(MAGIC):
        return new_code_cell(part)
    plain = "\n".join(line[len(MAGIC) :].removeprefix(" ") for line in lines)
    magic, _, rest = plain.partition("\n")
    kind, _, first = magic.strip().partition(" ")
    if kind != "%md":
        raise NotebookSourceError(f"Cell {number} begins with {kind}; only Python and %md are run here, SQL by spark.sql")
    return new_markdown_cell(f"{first}\n{rest}".strip())
