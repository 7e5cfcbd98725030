"""What notebooks print: sentences, small tables, a contact sheet, and the machine-readable summary at the end."""

from __future__ import annotations

import base64
import html
import json
from datetime import datetime
from typing import Any

import pandas as pd


def headline(facts: dict[str, Any]) -> str:
    """A row of large numbers as HTML, for `displayHTML`."""
    cells = "".join(
        f'<div style="min-width:8em"><div style="font-size:1.7em;font-weight:600">{html.escape(str(value))}</div>'
        f'<div style="opacity:.75">{html.escape(name)}</div></div>'
        for name, value in facts.items()
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:1.2em 2.2em;font-family:system-ui,sans-serif">{cells}</div>'


def contact_sheet(thumbnails: list[tuple[bytes, str, str]]) -> str:
    """Thumbnails side by side as HTML, for `displayHTML`.

    Args:
        thumbnails: bytes, content type and caption of each.
    """
    cells = "".join(
        f'<figure style="margin:0;width:180px"><img alt="" src="data:{html.escape(kind)};base64,'
        f'{base64.b64encode(content).decode()}" style="max-width:180px;max-height:180px;border-radius:4px">'
        f'<figcaption style="font-size:.8em;opacity:.75">{html.escape(caption)}</figcaption></figure>'
        for content, kind, caption in thumbnails
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:14px;align-items:end;font-family:system-ui,sans-serif">{cells}</div>'


def summary(next_expiry: datetime | pd.Timestamp | None, **facts: Any) -> str:
    """The notebook's result for `dbutils.notebook.exit`: JSON.

    Args:
        next_expiry: the first moment at which something that the notebook shows has to be gone; none where it shows
            nothing. Whoever keeps the output must delete it then.
    """
    known = next_expiry is not None and not pd.isna(next_expiry)
    expires = pd.Timestamp(next_expiry).tz_localize(None).isoformat(timespec="milliseconds") + "Z" if known else None
    return json.dumps({"expires_at": expires, **facts}, default=_plain)


def _plain(value: Any) -> Any:
    """numpy's numbers and pandas' times as JSON has them; what is not a number is null."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a summary")
