"""Writes a notebook in Databricks' source format as `.ipynb`: `convert.py SOURCE TARGET`."""

import sys
from pathlib import Path

import nbformat

from source import read_source

notebook = read_source(Path(sys.argv[1]).read_text())
notebook.metadata["kernelspec"] = {"name": "darkroom", "display_name": "Darkroom", "language": "python"}
nbformat.write(notebook, sys.argv[2])
