"""Rendered sittings with known truth, and what people do to photos before they send them."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
from PIL import Image

from models.renderer.people import committed_people
from models.renderer.sittings import Sitting, sit
from skinscan.scanner import Scanner
from skinscan.types import FloatMap, Scan
from tests.faces import Pixels, decoded

PERSON, SEED = 4, 3
_TRUE_EYES_AND_MOUTH = (
    (33, 133, 159, 145, 70, 107),
    (263, 362, 386, 374, 300, 336),
    (61, 291, 0, 17),
)


@cache
def sitting() -> Sitting:
    return sit(committed_people()[PERSON], SEED)


@cache
def scanned(name: str) -> Scan:
    """A photo of the sitting: of PLAIN, "home_reaction" or "away_reaction"."""
    return Scanner("cpu").scan(sitting().jpeg[name], name=f"{name}.jpg")


def scan_of(pixels: Pixels | bytes) -> Scan:
    """The scan of changed pixels, as a JPEG."""
    return Scanner("cpu").scan(pixels if isinstance(pixels, bytes) else jpeg(pixels), name="changed.jpg")


def pixels_of(name: str) -> Pixels:
    return decoded(sitting().jpeg[name])


def jpeg(pixels: Pixels, taken_at: str | None = None) -> bytes:
    """JPEG with an EXIF date, such as "2026:03:01 09:00:00"."""
    out, exif = io.BytesIO(), Image.Exif()
    if taken_at:
        exif.get_ifd(0x8769)[0x9003] = taken_at
    Image.fromarray(pixels).save(out, "JPEG", quality=92, exif=exif)
    return out.getvalue()


def patch(u: float, v: float, radius: float) -> FloatMap:
    """(S, S) 0..1: a disc with a sharp rim."""
    at = (np.arange(256, dtype=np.float32) + 0.5) / 256
    far = np.hypot(at[None, :] - u, at[:, None] - v)
    return np.asarray(1 / (1 + np.exp(np.clip((far - radius) / 0.006, -60, 60))), np.float32)


def another_shot(scan: Scan, number: int) -> Scan:
    """The scan as that of another file, for series: the same pixels under another hash."""
    return replace(scan, photo=replace(scan.photo, sha256=f"{number:064x}"))


def blurred(name: str, texels: float) -> Pixels:
    sigma = texels * scanned(name).face.interocular_px / 90
    return np.asarray(cv2.GaussianBlur(pixels_of(name), (0, 0), sigma), np.uint8)


@cache
def filtered(name: str) -> Scan:
    """Skin smoothed by an edge-keeping filter; eyes, brows and mouth as they were."""
    before = smooth = pixels_of(name)
    for _ in range(2):
        smooth = cv2.bilateralFilter(smooth, 0, 25, 3 * scanned(name).face.interocular_px / 90)
    keep = _hulls(name, _TRUE_EYES_AND_MOUTH)[..., None]
    return scan_of(np.asarray(np.round(before * keep + smooth * (1 - keep)), np.uint8))


def with_lipstick(name: str) -> Pixels:
    before = pixels_of(name).astype(np.float32)
    lips = _hulls(name, ((61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91),))[..., None]
    return np.asarray(np.round(before * (1 - lips * np.array((0.0, 0.6, 0.4), np.float32))), np.uint8)


def _hulls(name: str, corners: tuple[tuple[int, ...], ...]) -> FloatMap:
    """(H, W) 0..1: hulls of landmarks."""
    landmarks = scanned(name).face.landmarks[:, :2]
    mask = np.zeros(pixels_of(name).shape[:2], np.float32)
    for points in corners:
        cv2.fillConvexPoly(mask, cv2.convexHull(landmarks[list(points)].astype(np.int32)), 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 2), np.float32)
