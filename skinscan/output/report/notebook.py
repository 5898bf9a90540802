"""A result as a cell of a notebook: scores as a table, a comparison as its sheet, else its text."""

from __future__ import annotations

import base64
import io
from html import escape

from PIL import Image

from skinscan.change.types import Change
from skinscan.types import RgbPixels, Scan
from skinscan.value import Result

__all__ = ["notebook_cell"]


def notebook_cell(result: Result) -> str:
    """HTML of one result, in English; it loads nothing."""
    if isinstance(result, Scan):
        return _scores(result)
    if isinstance(result, Change) and result.maps is not None:
        return _sheet(result)
    return f"<pre>{escape(result.summary())}</pre>"


def _scores(scan: Scan) -> str:
    rows = [
        (name, f"{score.value:.1f}", f"{score.low:.1f} to {score.high:.1f}", score.direction)
        if score.value is not None
        else (name, "-", score.reason or "", score.direction)
        for name, score in scan.scores.items()
    ]
    head = ("score", "value", "90 % interval", "a larger value means")
    told = [f"<tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>"]
    told += [f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows]
    return f"<table><caption>{escape(scan.photo.name)}</caption>{''.join(told)}</table>"


def _sheet(change: Change) -> str:
    from skinscan.output.pictures.change import draw_change

    return f'<img alt="{escape(repr(change))}" src="{_png(draw_change(change))}" style="max-width: 100%">'


def _png(pixels: RgbPixels) -> str:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
