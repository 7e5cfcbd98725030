"""Runs notebooks on Spark, one after the other in one kernel, and writes HTML and the result of each.

Reads a job as JSON from standard input: `notebooks` (paths), `output` (folder), `spark`, `parameters`. Tells on standard
output how far it is, as lines of JSON: `{"event": "cell" | "done" | "failed", "notebook": …}`. Ends with 1 where a
notebook failed; the others are run all the same. Interrupted, it ends at once.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

import page
from source import NotebookSourceError, read_source

RESULT = "application/vnd.darkroom.result+json"
#: Seconds for one cell. A hundred thousand images take minutes where the machine is busy.
CELL_TIMEOUT = 1800


def tell(event: str, notebook: str, **details: Any) -> None:
    print(json.dumps({"event": event, "notebook": notebook, **details}), flush=True)


def begin(settings: dict[str, Any]) -> NotebookNode:
    """The hidden first cell."""
    here = str(Path(__file__).parent)
    code = f"import sys, json\nsys.path.insert(0, {here!r})\nimport session\nsession.begin(get_ipython(), json.loads({json.dumps(settings)!r}))"
    return new_code_cell(code)


async def run_notebook(kernel: AsyncKernelManager, path: Path, settings: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
    """Runs one notebook.

    Returns:
        The notebook with its outputs, and its outcome: `ok`, `result` (JSON or None), and where it failed `cell`, `error`.
    """
    notebook = read_source(path.read_text())
    notebook.cells.insert(0, begin(settings))
    code_cells = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    current = 0

    def on_cell(cell: NotebookNode, cell_index: int) -> None:
        nonlocal current
        if cell.cell_type == "code":
            current = code_cells.index(cell_index)
            tell("cell", path.stem, cell=current, of=len(code_cells) - 1)

    client = NotebookClient(notebook, km=kernel, timeout=CELL_TIMEOUT, on_cell_execute=on_cell, store_widget_state=False)
    outcome: dict[str, Any] = {"ok": True}
    try:
        await client.async_execute()
    except CellExecutionError as error:
        if error.ename != "NotebookExit":
            outcome = {"ok": False, "cell": current, "error": f"{error.ename}: {first_line(error.evalue)}"}
    except (CellTimeoutError, DeadKernelError) as error:
        outcome = {"ok": False, "cell": current, "error": first_line(str(error))}
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
    # Hidden also where it failed: it holds the session's settings.
    notebook.cells = notebook.cells[1:]
    outcome["result"] = take_result(notebook)
    return notebook, outcome


def first_line(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text).strip().split("\n")[0]


def take_result(notebook: NotebookNode) -> Any:
    """What the notebook has handed to `dbutils.notebook.exit`; its traces are taken out of the outputs."""
    result = None
    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", []):
            if output.output_type == "display_data" and RESULT in output.data:
                result = output.data[RESULT]
            elif output.get("ename") != "NotebookExit":
                kept.append(output)
        if cell.cell_type == "code":
            cell.outputs = kept
    return result


async def main(job: dict[str, Any]) -> int:
    output = Path(job["output"])
    settings = {"spark": job["spark"], "parameters": job["parameters"]}
    paths = [Path(text) for text in job["notebooks"]]
    kernel = AsyncKernelManager(kernel_name="python3")
    failed = 0
    # Notebooks find their modules from their own folder, as on Databricks. What runs is nobody's history: the hidden first
    # cell holds the keys of the lake, and IPython would write it into a database in the home folder.
    await kernel.start_kernel(cwd=str(paths[0].parent), extra_arguments=["--HistoryManager.enabled=False"])
    try:
        for path in paths:
            try:
                notebook, outcome = await run_notebook(kernel, path, settings)
            except NotebookSourceError as error:
                tell("failed", path.stem, cell=0, error=str(error))
                failed += 1
                continue
            made_at = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
            # Whoever started the run made the folder, and takes it away when the run is given up: nobody would look for
            # pages in another one, so writing fails then.
            (output / f"{path.stem}.html").write_text(page.render(notebook, made_at))
            (output / f"{path.stem}.json").write_text(json.dumps({"title": page.title_of(notebook), "lead": page.lead_of(notebook), **outcome}))
            if outcome["ok"]:
                tell("done", path.stem, result=outcome["result"])
            else:
                tell("failed", path.stem, cell=outcome["cell"], error=outcome["error"])
                failed += 1
            if outcome.get("error", "").startswith("KeyboardInterrupt"):
                return 130
            if not await kernel.is_alive():
                await kernel.restart_kernel(now=True)
    finally:
        await kernel.shutdown_kernel(now=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(json.load(sys.stdin))))
