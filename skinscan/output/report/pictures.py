"""The pictures of a report: skin alone, cut out along the face's mesh, with eyes and an open mouth covered.

Nothing but what is measured goes into a report: no hair, clothes or room, no eyes, no teeth. The second photo
of a pair is laid on the first triangle by triangle, so that a pore lies under the same pore; colours stay as
the camera wrote them.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PIL import Image, ImageDraw

from skinscan.change.types import Change
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.face_crop import FaceCrop, crop_face
from skinscan.output.pictures.canvas import INK, PAPER, font
from skinscan.output.pictures.change import paint_change
from skinscan.output.pictures.eyes import COVER, hidden_parts
from skinscan.output.pictures.scan import HeatMap, outline_zones, paint_heat, ring_blemishes
from skinscan.types import BoolMap, FloatMap, RgbPixels, Scan

__all__ = [
    "Picture",
    "draw_heat",
    "draw_pair",
    "draw_skin",
    "draw_worn",
    "draw_zones",
    "skin_view",
    "thumbnail",
]

_AROUND = (0.02, 0.02, 0.02, 0.02)  # margins about the mesh, shares of its width and height
_SIZE = 520, 620  # px: sharp on a phone's screen, a few ten kilobytes
_GAP = 13  # px: a narrower fold, such as that of a nostril, is no gap in the second photo
_QUALITY = 80  # of WebP
_METHOD = 2  # of WebP, 0..6: 15 ms a picture instead of the 38 of method 4, for as many bytes
_STEPS = 15  # of transparency: 255 of them take longer to code than all colours
_RIM = 2  # texels taken off the mesh's border, where the second photo is not known well
_BADGE = 11
_THUMBNAIL = 72  # px: about a kilobyte each, so that a page over ten thousand rows still opens


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image inside a page."""

    uri: str  # data:image/webp;base64,...
    width: int  # px
    height: int  # px


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinView:
    """A photo about a face, reduced to skin."""

    view: FaceCrop  # its photo has covered eyes and paper where there is no face
    alpha: FloatMap  # (H, W) 0..1: 1 on the face
    hidden: BoolMap  # (H, W) eyes and an open mouth


def skin_view(scan: Scan) -> SkinView:
    """Cut the face out of its photo and cover the eyes."""
    view = crop_face(scan.photo, scan.face, _AROUND, _SIZE)
    bare = SkinView(view=view, alpha=_alpha(view), hidden=hidden_parts(view))
    return replace(bare, view=replace(view, photo=_covered(view.photo, bare)))


def draw_heat(skin: SkinView, scan: Scan, heat: HeatMap) -> Picture:
    """One map of a scan on the greyed skin."""
    return _encode(_covered(paint_heat(skin.view, scan, heat), skin), skin.alpha)


def draw_zones(skin: SkinView, scan: Scan) -> Picture:
    """The skin with its zones outlined and numbered in their order, from 1."""
    panel = skin.view.photo.copy()
    points = outline_zones(panel, skin.view, scan)
    ring_blemishes(panel, skin.view, scan)
    page = Image.fromarray(panel)
    pen = ImageDraw.Draw(page)
    for number, name in enumerate(scan.zone_masks, 1):
        if name in points:
            x, y = points[name]
            pen.ellipse((x - _BADGE, y - _BADGE, x + _BADGE, y + _BADGE), PAPER, INK)
            pen.text((x, y), str(number), INK, font(15), anchor="mm")
    return _encode(np.asarray(page), skin.alpha)


def draw_worn(scan: Scan) -> Picture:
    """The face as it is, eyes covered."""
    return draw_skin(skin_view(scan))


def draw_skin(skin: SkinView) -> Picture:
    """The skin as it is."""
    return _encode(skin.view.photo, skin.alpha)


def draw_pair(change: Change) -> tuple[Picture, Picture, Picture]:
    """Before, after laid on it, and the map of the change. ValueError for a comparison that was refused."""
    if change.maps is None:
        raise ValueError("a refused comparison has no picture")
    before, after = skin_view(change.before[0]), change.after[0]
    laid, seen = _laid_on(after, before.view)
    visible = np.where(seen[..., None], laid, COVER).astype(np.uint8)
    painted = paint_change(change, before.view)
    panels = (before.view.photo, visible, painted)
    first, second, third = (_encode(_covered(panel, before), before.alpha) for panel in panels)
    return first, second, third


def _alpha(view: FaceCrop) -> FloatMap:
    mesh = load_canonical().on_mesh.astype(np.uint8)
    kernel = np.ones((2 * _RIM + 1,) * 2, np.uint8)
    seen = view.to_photo(cv2.erode(np.pad(mesh, _RIM), kernel)[_RIM:-_RIM, _RIM:-_RIM].astype(np.float32))
    alpha = np.clip((cv2.GaussianBlur(seen, (0, 0), 1.5) - 0.25) * 2, 0, 1)
    stepped: FloatMap = np.round(alpha * _STEPS) / _STEPS
    return stepped


def _covered(panel: RgbPixels, skin: SkinView) -> RgbPixels:
    """The panel with flat colour over eyes and mouth, and paper off the face: no pixel is left below."""
    out = panel.copy()
    out[skin.hidden] = COVER
    out[(skin.alpha * 255).round() == 0] = PAPER
    return out


def _laid_on(scan: Scan, view: FaceCrop) -> tuple[RgbPixels, BoolMap]:
    """Another photo of the same face as the view shows it, (H, W, 3), and where it shows the skin at all."""
    x, y = (cv2.remap(plane, view.column, view.row, cv2.INTER_LINEAR) for plane in scan.texture.photo_xy)
    inside = view.column >= 0
    steps = np.abs(np.diff(x, axis=1))[inside[:, 1:] & inside[:, :-1]]
    shrink = float(np.median(steps)) if steps.size else 1.0
    pixels = scan.photo.pixels
    if shrink > 1:  # average before sampling, or pores alias
        pixels = cv2.GaussianBlur(pixels, (0, 0), 0.5 * shrink)
    laid: RgbPixels = cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    hidden = (view.to_photo(scan.texture.inside.astype(np.float32)) <= 0.5).astype(np.uint8)
    wide = cv2.morphologyEx(hidden, cv2.MORPH_OPEN, np.ones((_GAP, _GAP), np.uint8))
    return laid, wide == 0


def _encode(pixels: RgbPixels, alpha: FloatMap) -> Picture:
    """WebP with a transparent surround, so that it lies on light and dark pages alike."""
    layers = np.dstack([pixels, (alpha * 255).round().astype(np.uint8)])
    out = io.BytesIO()
    Image.fromarray(layers).save(out, "WEBP", quality=_QUALITY, method=_METHOD, exact=False)
    uri = "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()
    return Picture(uri=uri, width=pixels.shape[1], height=pixels.shape[0])


def thumbnail(picture: Picture) -> str:
    """The picture at the size of a line, as a data URI."""
    with Image.open(io.BytesIO(base64.b64decode(picture.uri.partition(",")[2]))) as whole:
        small = whole.convert("RGBA")
    small.thumbnail((_THUMBNAIL, _THUMBNAIL))
    layers = np.asarray(small)
    return _encode(layers[..., :3], (layers[..., 3] / 255).astype(np.float32)).uri
