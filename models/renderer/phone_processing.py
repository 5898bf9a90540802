"""What phones and apps do to a photo after it is developed: denoising, local tone, beauty filters, gamut.

All work on coded sRGB in 8 bits, as such software does; the same photo gives the same photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from skinscan import color

__all__ = ["PhoneProcessing", "apply_finish", "draw_finish"]

Photo = NDArray[np.uint8]
Array = NDArray[np.floating[Any]]

# Linear Display P3 to linear sRGB (both D65), from the primaries of SMPTE EG 432-1 and IEC 61966-2-1.
_P3_TO_SRGB = np.array([
    [1.2249401, -0.2249404, 0.0], [-0.0420569, 1.0420571, 0.0], [-0.0196376, -0.0786361, 1.0982735],
])  # fmt: skip
_TINTS = {
    "none": (1.0, 1.0, 1.0),
    "warm": (1.05, 1.0, 0.93),
    "cool": (0.96, 1.0, 1.06),
    "pink": (1.05, 0.98, 1.02),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneProcessing:
    """Steps in their order; the default does nothing."""

    denoise: float = 0.0  # 0..1: bilateral smoothing of small differences
    local: float = 0.0  # 0..1: how far large bright and dark areas are brought together
    smooth: float = 0.0  # 0..1: beauty filter, edge-preserving, of a face's size
    whiten: float = 0.0  # 0..1: beauty filter, brighter and paler
    tint: str = "none"  # "none", "warm", "cool", "pink"
    tint_strength: float = 0.0  # 0..1
    sharpen: float = 0.0  # amount of unsharp masking on top of the camera's
    radius: float = 1.5  # px, its sigma
    gamut: str = "right"  # "p3 read as srgb" (pale), "srgb read as p3" (vivid)
    sent: float = 1.0  # share of the size that a chat app leaves; below 1 it is also a JPEG once more


def draw_finish(rng: np.random.Generator) -> PhoneProcessing:
    """Draw a finish as phones and apps give it; three in ten photos have a beauty filter."""
    beauty = rng.random() < 0.3
    tint = str(rng.choice(list(_TINTS))) if beauty or rng.random() < 0.2 else "none"
    gamut = str(rng.choice(["right", "p3 read as srgb", "srgb read as p3"], p=(0.88, 0.09, 0.03)))
    return PhoneProcessing(
        denoise=float(rng.uniform(0.2, 1.0)) if rng.random() < 0.4 else 0.0,
        local=float(rng.uniform(0.1, 0.6)) if rng.random() < 0.4 else 0.0,
        smooth=float(rng.uniform(0.3, 1.0)) if beauty else 0.0,
        whiten=float(rng.uniform(0.0, 0.8)) if beauty else 0.0,
        tint=tint,
        tint_strength=float(rng.uniform(0.2, 1.0)),
        sharpen=float(rng.uniform(0.4, 1.6)) if rng.random() < 0.3 else 0.0,
        radius=float(rng.uniform(0.8, 2.5)),
        gamut=gamut,
        sent=float(rng.uniform(0.55, 0.95)) if rng.random() < 0.2 else 1.0,
    )


def apply_finish(photo: Photo, finish: PhoneProcessing) -> Photo:
    """(H, W, 3) coded sRGB to the same; what a chat app made smaller is put back to its size."""
    if finish.denoise:
        photo = _as_photo(
            cv2.bilateralFilter(photo, 5, 8.0 + 22.0 * finish.denoise, 1.0 + 1.5 * finish.denoise)
        )
    if finish.smooth:
        photo = _smooth(photo, finish.smooth)
    if finish.local or finish.whiten or finish.tint != "none":
        photo = _retone(photo, finish)
    if finish.sharpen:
        soft = cv2.GaussianBlur(photo, (0, 0), finish.radius)
        photo = _as_photo(cv2.addWeighted(photo, 1.0 + finish.sharpen, soft, -finish.sharpen, 0.0))
    if finish.gamut != "right":
        matrix = _P3_TO_SRGB if finish.gamut == "srgb read as p3" else np.linalg.inv(_P3_TO_SRGB)
        linear = color.SRGB_DECODE_LUT[photo] @ matrix.T
        photo = _as_photo(np.round(255.0 * color.srgb_encode(np.clip(linear, 0.0, 1.0))))
    return _send(photo, finish.sent) if finish.sent < 1.0 else photo


def _as_photo(values: Any) -> Photo:
    return np.asarray(values, np.uint8)


def _smooth(photo: Photo, amount: float) -> Photo:
    """Edge-preserving smoothing at half the size, which takes small differences out of the photo."""
    height, width = photo.shape[:2]
    small = cv2.resize(photo, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    even = cv2.bilateralFilter(small, 9, 35.0, 6.0)
    even = cv2.resize(even, (width, height), interpolation=cv2.INTER_CUBIC)
    edge = cv2.absdiff(cv2.GaussianBlur(photo, (0, 0), 1.0), even).max(axis=2)
    share = amount * np.exp(-((edge / 28.0) ** 2))[..., None].astype(np.float32)
    return _as_photo(np.round(photo + share * (even.astype(np.float32) - photo)))


def _retone(photo: Photo, finish: PhoneProcessing) -> Photo:
    """Local tone mapping in the logarithm of the luminance, then whitening and tint."""
    value = photo.astype(np.float32) / 255.0
    if finish.local:
        grey = value @ np.array([0.30, 0.59, 0.11], np.float32)
        part = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
        broad = np.log(cv2.GaussianBlur(part, (0, 0), 0.035 * max(part.shape)) + 0.02)
        gain = np.exp(-0.7 * finish.local * (broad - broad.mean())).astype(np.float32)
        value = value * cv2.resize(gain, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)[..., None]
    if finish.whiten:
        grey = value @ np.array([[0.30], [0.59], [0.11]], np.float32)
        value = grey + (1.0 - 0.25 * finish.whiten) * (value - grey)
        value = np.clip(value, 0.0, 1.0) ** np.float32(1.0 - 0.35 * finish.whiten)
    gains = np.array(_TINTS[finish.tint], np.float32) ** np.float32(finish.tint_strength)
    return _as_photo(np.round(np.clip(value * gains, 0.0, 1.0) * 255.0))


def _send(photo: Photo, size: float) -> Photo:
    """Made smaller and coded once more, then shown at its old size."""
    height, width = photo.shape[:2]
    small = cv2.resize(photo, (int(size * width), int(size * height)), interpolation=cv2.INTER_AREA)
    coded = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 78])[1]
    back = cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB)
    return _as_photo(cv2.resize(back, (width, height), interpolation=cv2.INTER_CUBIC))
