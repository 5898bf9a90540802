"""Every value that crosses a file boundary.

Frozen, slotted, keyword-only; arrays and scalars with unit, range, sign and frame in every field line.
A later stage never fills in an earlier one: it returns a new value.

Frames: *photo* is pixels of `Photo.pixels`, x right, y down, origin at the centre of the top left pixel.
*UV* is the canonical face texture, `TEXTURE_SIZE` squared, row 0 at the forehead, seen as in the photo:
the person's own right half lies on the left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "TEXTURE_SIZE",
    "Advice",
    "BoolMap",
    "Capture",
    "Device",
    "Face",
    "FaceTexture",
    "FloatArray",
    "FloatMap",
    "Metric",
    "Photo",
    "Pose",
    "RgbPixels",
]

TEXTURE_SIZE = 256
"""Side of the UV square in texels; about 0.6 mm a texel on the cheek of an adult."""

type_Metric = Literal["redness", "oil_balance", "sensitivity", "pigmentation", "tone"]
Metric = type_Metric
Device = Literal["auto", "cpu", "cuda"]

RgbPixels = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
FloatMap = NDArray[np.float32]
BoolMap = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the photographer can do, one sentence in each language."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Facts of the capture that matter to measuring. Position and serial numbers never get this far."""

    make: str | None = None  # camera maker by EXIF
    model: str | None = None  # camera model by EXIF
    software: str | None = None  # last program by EXIF
    taken_at: str | None = None  # EXIF DateTimeOriginal as ISO 8601 without zone, e.g. "2026-03-01T09:30:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A decoded photo, upright and in sRGB."""

    name: str  # for messages: file name, "-" or "array"
    sha256: str  # of the bytes as given; of shape and pixels for an array
    pixels: RgbPixels  # (H, W, 3) uint8, gamma-coded sRGB, C-contiguous, read-only
    width: int  # of the upright photo at full scale, px
    height: int  # of the upright photo at full scale, px
    reduction: int  # 1, 2, 4 or 8: full scale divided by the scale of `pixels`
    format: str  # "JPEG", "PNG", "WEBP", "TIFF", "BMP", "HEIF", "AVIF", "array", ...
    icc: str  # profile it was converted from, e.g. "Display P3"; "sRGB" or "none" if pixels were kept as they are
    capture: Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Head rotation in degrees; 0, 0, 0 looks straight into the camera."""

    yaw: float  # -90..90, positive: the person turns to the right edge of the photo
    pitch: float  # -90..90, positive: the person looks down
    roll: float  # -180..180, positive: the head tilts clockwise in the photo


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One face in a photo."""

    landmarks: FloatMap  # (478, 3) float32: photo x, y in px; z in px, smaller is nearer to the camera
    pose: Pose
    interocular_px: float  # distance of the iris centres in px of `Photo.pixels`, corrected for yaw
    count: int  # faces found in the photo
    index: int  # which of them this is, 0-based, by size, largest first


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceTexture:
    """The face unwrapped to the UV square; all maps are (TEXTURE_SIZE, TEXTURE_SIZE)."""

    rgb: FloatMap  # (S, S, 3) float32 linear sRGB, 0..1, area-averaged over the texel
    inside: BoolMap  # the texel is on the mesh and turned to the camera
    clipped: FloatMap  # 0..1, share of the texel's pixels with a channel at the end of its range
    cosine: FloatMap  # 0..1, cosine between skin normal and camera axis
    density: FloatMap  # photo pixels (at the scale of `Photo.pixels`) per texel; below 1 the texel is interpolated
    detail: float  # edge sharpness of the source at texel scale, see texture.py
    photo_xy: FloatMap  # (S, S, 2) float32: where the texel's centre lies in the photo, px
