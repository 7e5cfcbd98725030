"""Begins a session in a JupyterLab kernel, before its first cell. `DARKROOM_NOTEBOOK` names the file with its settings."""

import json
import os
import sys
from pathlib import Path

_settings = json.loads(Path(os.environ["DARKROOM_NOTEBOOK"]).read_text())
sys.path.insert(0, _settings["modules"])
os.chdir(_settings["folder"])

import session  # noqa: E402

session.begin(get_ipython(), _settings)  # noqa: F821 - the kernel defines it
