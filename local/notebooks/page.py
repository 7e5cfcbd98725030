"""A notebook that has been run, as one HTML file that loads nothing from anywhere."""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

STYLE = Path(__file__).with_name("page.css").read_text()

#: `basic` is a fragment without the scripts that nbconvert's full pages load from a content network.
TEMPLATE = """{%- extends "basic/index.html.j2" -%}
{%- block input -%}
<details class="cell-code"><summary>Code</summary><pre>{{ cell.source | escape }}</pre></details>
{%- endblock input -%}
"""


def title_of(notebook: nbformat.NotebookNode) -> str:
    """The notebook's first heading."""
    for cell in notebook.cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("# "):
                return line[2:].strip()
    return "Notebook"


def lead_of(notebook: nbformat.NotebookNode) -> str:
    """What the notebook is about: the first sentence below its first heading, in plain words."""
    for cell in notebook.cells:
        _, heading, rest = f"\n{cell.source}".partition("\n# ")
        if cell.cell_type == "markdown" and heading:
            paragraph = rest.partition("\n")[2].strip().partition("\n\n")[0]
            return re.split(r"(?<=[.?!]) ", re.sub(r"[*`]", "", " ".join(paragraph.split())))[0]
    return ""


def render(notebook: nbformat.NotebookNode, made_at: str) -> str:
    """The page. The code of each cell is there, folded away."""
    exporter = HTMLExporter(raw_template=TEMPLATE, exclude_input_prompt=True, exclude_output_prompt=True, exclude_anchor_links=True)
    body, _ = exporter.from_notebook_node(notebook)
    title = html.escape(title_of(notebook))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} · Darkroom</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n"
        f"<footer>Made {html.escape(made_at)} on this machine.</footer>\n</main>\n</body>\n</html>\n"
    )

