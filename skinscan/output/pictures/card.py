"""The sheet to print and the parcel card, as PDF, SVG or PNG at true size.

Everything is drawn as areas: lines of the screens on a grid of 600 dots an inch, letters as outlines of the
font that pictures have, so that any viewer and any printer shows the same. The same card gives
the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

import cv2
import numpy as np

from skinscan.cards.layout import (
    COVERAGES,
    DOT_MM,
    LINES_MM,
    MARKER_MODULES,
    Box,
    Layout,
    Paper,
    parcel_layout,
    sheet_layout,
)
from skinscan.cards.print_run import PrintRun
from skinscan.color import lab_to_linear, srgb_encode
from skinscan.errors import DeviceError, UsageError
from skinscan.files import replacing
from skinscan.output.pictures.fonts import FONT, pieces
from skinscan.texts.bilingual import Texts

__all__ = ["FORMATS", "draw_parcel_card", "draw_sheet", "save_card"]

Format = Literal["pdf", "svg", "png"]
FORMATS: tuple[Format, ...] = get_args(Format)
_POINTS = 72 / 25.4  # a mm
_DPI = 600  # of a PNG
_BLACK = (0.0, 0.0, 0.0)
_LEADING = 1.45  # distance of lines over the size of the type


def draw_sheet(paper: Paper) -> Any:
    """The sheet as a ReportLab drawing, which `save_card` takes.

    Raises DeviceError where ReportLab or fontTools is not installed.
    """
    layout = sheet_layout(paper)
    drawing = _card(layout)
    scale = layout.width / 105.0
    texts = [Texts("zh"), Texts("en")]
    middle = layout.width / 2
    top = 13.0 * scale
    for t, size in zip(texts, (4.6, 3.4), strict=True):
        _write(drawing, t["sheet title"], middle, top, size * scale, align="middle")
        top += size * _LEADING * scale
    left, width = 33.0 * scale, 39.0 * scale
    top = 34.0 * scale
    for t, size in zip(texts, (3.0, 2.5), strict=True):
        for number, step in enumerate(t["sheet steps"].split("\n"), start=1):
            for line in _folded(f"{number}. {step}", size * scale, width):
                _write(drawing, line, left, top, size * scale)
                top += size * _LEADING * scale
            top += 0.5 * size * scale
        top += 2.5 * scale
    _write(drawing, f"skinscan {paper} · {layout.number}", middle, 137.5 * scale, 2.6 * scale, align="middle")
    return drawing


def draw_parcel_card(run: PrintRun) -> Any:
    """The parcel card of a print run as a ReportLab drawing, which `save_card` takes.

    Raises DeviceError where ReportLab or fontTools is not installed.
    """
    layout = parcel_layout(run.run)
    drawing = _card(layout)
    for box, lab in zip(layout.patches, run.patches, strict=True):
        red, green, blue = np.clip(srgb_encode(lab_to_linear(np.array(lab))), 0.0, 1.0).tolist()
        _fill(drawing, box, (red, green, blue))
    middle = layout.width / 2
    for t, top, size, end in ((Texts("zh"), 15.9, 2.35, ""), (Texts("en"), 39.4, 1.95, f" · {run.run}")):
        _write(drawing, t["parcel line"] + end, middle, top, size, align="middle")
    return drawing


def save_card(drawing: Any, path: Path) -> None:
    """Write a card as PDF, SVG or PNG, by the name of the file.

    Raises UsageError for another name or a place that cannot be written, DeviceError where what draws it is
    not installed.
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise UsageError(f"{path} is not named .pdf, .svg or .png", "name the file so")
    data = {"pdf": _pdf, "svg": _svg, "png": _png}[form](drawing)
    try:
        with replacing(path, 0o644) as part:
            part.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "choose another place") from error


def _pdf(drawing: Any) -> bytes:
    _, renderer, canvas = _reportlab()
    file = io.BytesIO()
    page = canvas.Canvas(file, pagesize=(drawing.width, drawing.height), invariant=1)
    page.setTitle("skinscan white reference")
    page.setViewerPreference("PrintScaling", "None")  # true size
    renderer.draw(drawing, page, 0, 0)
    page.save()
    return file.getvalue()


def _svg(drawing: Any) -> bytes:
    from reportlab.graphics import renderSVG

    text = renderSVG.drawToString(drawing)
    size = f'width="{drawing.width / _POINTS:.2f}mm" height="{drawing.height / _POINTS:.2f}mm"'
    start, rest = text.split("<svg", 1)
    head, body = rest.split(">", 1)
    kept = " ".join(part for part in _attributes(head) if not part.startswith(("width=", "height=")))
    return f"{start}<svg {kept} {size}>{body}".encode()


def _attributes(head: str) -> Iterator[str]:
    """Attributes of a tag, one by one."""
    while '="' in head:
        name, rest = head.split('="', 1)
        value, head = rest.split('"', 1)
        yield f'{name.strip()}="{value}"'


def _png(drawing: Any) -> bytes:
    """At 600 dots an inch, which the file says."""
    try:
        import pypdfium2
    except ImportError as error:
        raise DeviceError(f"pypdfium2 does not load: {error}", "pip install 'skinscan[cards]'") from error
    page = pypdfium2.PdfDocument(_pdf(drawing))[0]
    picture = page.render(scale=_DPI / 72).to_pil()
    file = io.BytesIO()
    picture.save(file, "PNG", dpi=(_DPI, _DPI), optimize=True)
    return file.getvalue()


@cache
def _reportlab() -> tuple[Any, Any, Any]:
    """Shapes, the renderer to PDF, and its canvas."""
    try:
        from reportlab.graphics import renderPDF, shapes
        from reportlab.pdfgen import canvas
    except ImportError as error:
        raise DeviceError(f"ReportLab does not load: {error}", "pip install 'skinscan[cards]'") from error
    return shapes, renderPDF, canvas


def _card(layout: Layout) -> Any:
    """Paper, markers and steps."""
    shapes, _, _ = _reportlab()
    width, height = (round(side / DOT_MM) * DOT_MM for side in (layout.width, layout.height))
    drawing = shapes.Drawing(width * _POINTS, height * _POINTS)
    _fill(drawing, (0.0, 0.0, layout.width, layout.height), (1.0, 1.0, 1.0))
    for number, box in zip(layout.marker_ids, layout.markers, strict=True):
        for area in _marker(number, box):
            _fill(drawing, area, _BLACK)
    for level, box in layout.steps:
        for area in _screen(COVERAGES[level], box):
            _fill(drawing, area, _BLACK)
    return drawing


def _marker(number: int, box: Box) -> Iterator[Box]:
    """Black runs of a marker's rows."""
    family = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000)
    bits = cv2.aruco.generateImageMarker(family, number, MARKER_MODULES) == 0
    left, top, side, _ = box
    module = side / MARKER_MODULES
    for row, line in enumerate(bits):
        ends = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
        for start, stop in ends.reshape(-1, 2).tolist():
            yield left + start * module, top + row * module, (stop - start) * module, module * 1.002


def _screen(coverage: float, box: Box) -> Iterator[Box]:
    """Lines of a step, on the printer's dots.

    Half a dot narrower than they come out: some printers ink every dot that a line touches, others
    those whose middle it covers.
    """
    left, top, width, height = box
    if coverage == 1.0:
        yield box
        return
    if coverage == 0.0:
        return
    first = np.ceil(top / DOT_MM) * DOT_MM
    for number in range(int((top + height - first) / LINES_MM)):
        start = first + number * LINES_MM + 0.25 * DOT_MM
        yield left, start, width, coverage * LINES_MM - 0.5 * DOT_MM


def _fill(drawing: Any, box: Box, rgb: tuple[float, float, float]) -> None:
    from reportlab.lib.colors import Color

    shapes, _, _ = _reportlab()
    left, top, width, height = (length * _POINTS for length in box)
    rectangle = shapes.Rect(left, drawing.height - top - height, width, height)
    rectangle.fillColor, rectangle.strokeColor, rectangle.strokeWidth = Color(*rgb), None, 0
    drawing.add(rectangle)


@cache
def _font() -> tuple[Any, Any, float]:
    """Outlines by name, names by character, units of the type's size."""
    try:
        from fontTools.ttLib import TTFont
    except ImportError as error:
        raise DeviceError(f"fontTools does not load: {error}", "pip install 'skinscan[cards]'") from error
    font = TTFont(FONT)
    return font.getGlyphSet(), font.getBestCmap(), float(font["head"].unitsPerEm)


def _width(text: str, size: float) -> float:
    """mm of a line of type of a size in mm."""
    outlines, names, units = _font()
    return sum(cast(float, outlines[names[ord(letter)]].width) for letter in text) * size / units


def _folded(text: str, size: float, width: float) -> Iterator[str]:
    """Lines of at most `width` mm: English breaks at blanks, Chinese anywhere but before a stop."""
    line = ""
    for piece in pieces(text):
        if line and _width((line + piece).rstrip(), size) > width:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    yield line.rstrip()


def _write(
    drawing: Any, text: str, x: float, y: float, size: float, *, align: Literal["start", "middle"] = "start"
) -> None:
    """Draw a line of type; `x` and `y` in mm from the top left, the base line at `y`."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from reportlab.lib.colors import black

    shapes, _, _ = _reportlab()
    outlines, names, units = _font()
    left = x - (_width(text, size) / 2 if align == "middle" else 0.0)
    scale = size / units * _POINTS
    path = shapes.Path(fillColor=black, strokeColor=None, strokeWidth=0)
    for letter in text:
        glyph = outlines[names[ord(letter)]]
        pen = DecomposingRecordingPen(outlines)
        glyph.draw(pen)
        origin = (left * _POINTS, drawing.height - y * _POINTS)
        for what, points in pen.value:
            flat = [c for px, py in points for c in (origin[0] + px * scale, origin[1] + py * scale)]
            draw = {"moveTo": path.moveTo, "lineTo": path.lineTo, "curveTo": path.curveTo}.get(what)
            if draw is None:
                path.closePath()
            else:
                draw(*flat)
        left += glyph.width * size / units
    drawing.add(path)
