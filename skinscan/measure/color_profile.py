"""The colour space a photo's file names, and the way from it to sRGB."""

from __future__ import annotations

import contextlib
import functools
import io
import struct
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from skinscan.errors import PhotoUndecodable
from skinscan.measure.photo_metadata import one_line

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

__all__ = ["find_profile", "to_rgb", "to_srgb", "transform_to_srgb"]

_MAX_PROFILE_BYTES = 4 << 20  # the largest press profiles have about 3 MB


def to_rgb(image: Image.Image) -> Image.Image:
    """Mode RGB; the image itself where it is, since convert() copies even then."""
    return image if image.mode == "RGB" else image.convert("RGB")


def find_profile(source: Image.Image, data: bytes, name: str) -> bytes | None:
    """ICC profile of the file, or of the space it names; b"" if it is broken, None if there is none."""
    primaries, transfer = _code_points(source, data)
    if transfer in (16, 18) or primaries == 9:
        raise PhotoUndecodable(f"{name} is an HDR photo (PQ, HLG or BT.2020)", "Export it as a standard JPEG")
    if "icc_profile" in source.info:
        icc = source.info["icc_profile"]
        return icc if isinstance(icc, bytes) and len(icc) <= _MAX_PROFILE_BYTES else b""
    return _display_p3() if primaries == 12 else None


def _code_points(source: Image.Image, data: bytes) -> tuple[int, int]:
    """Colour primaries and transfer as ITU-T H.273 numbers them; 2 is unspecified."""
    nclx = source.info.get("nclx_profile")  # HEIC
    if isinstance(nclx, dict):
        return int(nclx["color_primaries"]), int(nclx["transfer_characteristics"])
    if source.format == "PNG" and (at := data.find(b"\0\0\0\4cICP", 0, data.find(b"IDAT"))) >= 0:
        return data[at + 8], data[at + 9]
    if source.format == "AVIF" and (at := data.find(b"colrnclx", 0, 1 << 16)) >= 0:
        primaries, transfer = struct.unpack_from(">HH", data, at + 8)
        return primaries, transfer
    return 2, 2


@functools.cache
def _display_p3() -> bytes:
    """Minimal ICC v4 profile, for files that name Display P3 and carry none."""
    name = "Display P3".encode("utf-16-be")
    curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    xyz = {  # D50
        b"wtpt": (0.9642, 1.0, 0.8249),
        b"rXYZ": (0.51512, 0.2412, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.1571, 0.06657, 0.78407),
    }
    tags = {k: struct.pack(">8s3i", b"XYZ ", *(round(v * 65536) for v in xyz[k])) for k in xyz}
    for key in (b"rTRC", b"gTRC", b"bTRC"):
        tags[key] = struct.pack(">8sHxx5i", b"para", 3, *(round(v * 65536) for v in curve))
    tags[b"desc"] = struct.pack(">8sII4sII", b"mluc", 1, 12, b"enUS", len(name), 28) + name
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for key, value in tags.items():
        table += struct.pack(">4sII", key, start + len(body), len(value))
        body += value
    head = struct.pack(">I4xI12s12x4s28x", start + len(body), 4 << 24, b"mntrRGB XYZ ", b"acsp")
    return head + tags[b"wtpt"][8:] + bytes(48) + table + body


def to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, str]:
    """RGB image, and the name of the profile it was converted from."""
    if profile is None:
        return to_rgb(image), "none"
    if image.mode == "L" and profile[16:20] == b"RGB ":
        image = image.convert("RGB")
    name, transform = transform_to_srgb(profile, image.mode)
    return (to_rgb(image) if transform is None else transform.apply(image)), name


@functools.lru_cache(maxsize=16)
def transform_to_srgb(profile: bytes, mode: str) -> tuple[str, ImageCmsTransform | None]:
    """Name of the profile and the way to sRGB; no way if it is sRGB already, or unreadable."""
    from PIL import ImageCms

    with contextlib.suppress(Exception):  # whatever a broken profile does, the pixels stay
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        transform = ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB", intent)
        if mode != "CMYK":
            # sRGB has many names and variants: ask what the profile does to a grid of colours. Rounding moves
            # them by one level at most.
            levels = np.arange(0, 256, 17, dtype=np.uint8)
            grid = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(64, 64, 3)
            probe = Image.fromarray(grid if mode == "RGB" else grid[..., 0])
            moved = np.asarray(transform.apply(probe), np.int16) - np.asarray(probe.convert("RGB"), np.int16)
            if np.abs(moved).max() <= 1:
                return "sRGB", None
        return one_line(ImageCms.getProfileDescription(opened), 100) or "unnamed", transform
    return "unreadable", None
