"""Photo stage: path, bytes, file object or array in; an upright sRGB `Photo` out.

Every byte that arrives here was written by a stranger: size is decided from the header before decoding,
whatever a decoder raises becomes one `PhotoError`, and of the metadata only orientation, colour space,
camera, program and time are looked at. Position and serial numbers stay behind.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TypeGuard, cast

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from skinscan.errors import PhotoMissing, PhotoTooLarge, PhotoUndecodable, SkinScanError, UsageError
from skinscan.measure.bit_depth import is_deep, load_8_bits
from skinscan.measure.color_profile import find_profile, to_rgb, to_srgb, transform_to_srgb
from skinscan.measure.container_cost import check_container
from skinscan.measure.decode_cost import check_decode_cost
from skinscan.measure.photo_metadata import ORIENTATION, exif_value, one_line, read_capture
from skinscan.measure.pillow_settings import Quiet
from skinscan.runtime.native_stderr import overheard, repeat
from skinscan.types import Capture, Photo, RgbPixels

__all__ = ["Limits", "Source", "is_decoded", "open_photo", "read_source"]

Source = str | os.PathLike[str] | bytes | BinaryIO | NDArray[np.uint8] | Image.Image
"""What a photo can be read from: path, bytes of a file, binary file object, pixels, or a PIL image."""

_JPEG_START, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "AVIF")  # never the openers that run other programs
_MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "I;16", "I;16B", "I;16L"}
_MIN_LONG_SIDE = 2000  # px that reduced decoding leaves
_LIBTIFF = re.compile(
    rb"(tempfile\.tif|filename|\w*"
    rb"(TIFF|Decode|Setup|JPEG|Fax|LZW|Zip|ZIP|LZMA|ZSTD|WebP|LERC|Log|Strip|Tile)\w*): "
)  # how its lines begin
_CHUNK = 4 << 20  # bytes read at once: Python makes room for as many before it knows how many there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest input that is still opened; more of anything is `PhotoTooLarge`."""

    max_bytes: int = 64 << 20  # of the file as given
    max_pixels: int = 100_000_000  # width x height at full scale, by the header
    max_side: int = 30_000  # px, the longer side at full scale; MediaPipe aborts at 32,767, remap refuses


_DEFAULT_LIMITS = Limits()


def open_photo(
    source: Source,
    *,
    name: str | None = None,
    full_scale: bool = False,
    limits: Limits = _DEFAULT_LIMITS,
) -> Photo:
    """Read one still photo and return it upright, in 8-bit sRGB.

    `source` is a path, the bytes of a file, a binary file object (read from where it stands), or pixels:
    uint8 (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, upright and in sRGB; or a PIL image, of which
    orientation, profile and capture are taken as of a file, and the SHA-256 as of an array. `name` stands for
    the photo in messages; without it the file name, "-" for standard input, or the kind of source.

    JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC and AVIF are read. More than 8 bits are rounded to 8; what is
    transparent becomes white. Of several pictures in one file the main one counts (JPEG, HEIC) or the first
    page (TIFF: the others are previews and masks). Animations, raw files, HDR (PQ, HLG, BT.2020), floating
    point and L*a*b* are refused by name. Profiles are converted with relative colorimetric intent and no
    black point compensation, which leaves every colour inside sRGB, skin among them, where it was measured.

    A JPEG is decoded at 1/2, 1/4 or 1/8 scale as long as its long side keeps 2000 px; `full_scale` decodes
    every pixel. `limits`: the largest input that is still opened.

    Raises `PhotoMissing`, `PhotoTooLarge`, `TooCostly`, `PhotoUndecodable`, or `UsageError` for a source of
    no such kind.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, one_line(name or "array"), limits)
    if isinstance(source, Image.Image):
        own = getattr(source, "filename", "")
        label = one_line(name or (Path(os.fsdecode(own)).name if own else "image"))
        with _quiet, _refusing(label):
            return _from_image(source, label, limits)
    label, data = read_source(source, name, limits)
    with _quiet, _refusing(label):
        return _decode(data, label, full_scale, limits)


def is_decoded(source: Source) -> TypeGuard[NDArray[np.uint8] | Image.Image]:
    """Whether the source is pixels already: there is nothing to read, nor to decode twice."""
    return isinstance(source, np.ndarray | Image.Image)


@contextlib.contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Whatever a decoder raises leaves as a `PhotoError`."""
    try:
        yield
    except SkinScanError:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PhotoTooLarge(f"{name} has too many pixels to decode", "Save it at a smaller size") from error
    except UnidentifiedImageError as error:
        advice = "Give a JPEG, PNG, WebP, TIFF, BMP, HEIC or AVIF photo"
        raise PhotoUndecodable(f"{name} is no photo, or is damaged at its beginning", advice) from error
    except Exception as error:  # on hostile bytes decoders raise anything, AssertionError included
        message = f"{name} is damaged or cut off ({one_line(str(error)) or type(error).__name__})"
        raise PhotoUndecodable(message, "Copy it again from the camera or phone") from error


def read_source(
    source: object, name: str | None = None, limits: Limits = _DEFAULT_LIMITS
) -> tuple[str, bytes]:
    """Name for messages, and all bytes, of a path, bytes or binary file object.

    Raises `PhotoMissing`, `PhotoTooLarge`, `PhotoUndecodable` (empty) or `UsageError`.
    """
    max_bytes = limits.max_bytes
    label = shown = one_line(name or ("bytes" if isinstance(source, bytes) else "file"))
    try:
        if isinstance(source, bytes):
            data = source
        elif isinstance(source, str | os.PathLike):
            path = Path(os.fsdecode(source))
            label, shown = one_line(name or path.name), one_line(name or str(path))
            with path.open("rb") as file:
                data = _drain(file, max_bytes)
        elif hasattr(source, "read"):
            own = getattr(source, "name", None)
            if name is None and isinstance(own, str):
                label = shown = "-" if own == "<stdin>" else one_line(Path(own).name)
            data = _drain(cast(BinaryIO, source), max_bytes)
        else:
            message = f"A photo cannot be read from {type(source).__name__}"
            raise UsageError(message, "Give a path, bytes, a binary file object, an array or a PIL image")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path, a closed file
        message = f"{shown} cannot be read: {one_line(getattr(error, 'strerror', None) or str(error))}"
        raise PhotoMissing(message, "Check the path and its permissions") from error
    if len(data) > max_bytes:
        raise PhotoTooLarge(f"{label} has more than {max_bytes:,} bytes", "Save it as an ordinary JPEG")
    if not data:
        raise PhotoUndecodable(f"{label} is empty", "Copy it again from the camera or phone")
    return label, data


def _drain(stream: BinaryIO, max_bytes: int) -> bytes:
    """Read to the end, or one byte beyond the limit; pipes hand out less than they are asked for."""
    chunks: list[bytes] = []
    room = max_bytes + 1
    while room > 0 and (chunk := stream.read(min(room, _CHUNK))):
        if not isinstance(chunk, bytes):
            raise UsageError("The file object gives text, not bytes", 'Open it with mode "rb"')
        chunks.append(chunk)
        room -= len(chunk)
    return b"".join(chunks)


def _from_array(array: NDArray[np.uint8], name: str, limits: Limits) -> Photo:
    shape = array.shape
    if array.dtype != np.uint8 or 0 in shape or not (len(shape) == 2 or shape[2:] in ((3,), (4,))):
        expected = "uint8 of shape (H, W), (H, W, 3) or (H, W, 4)"
        message = f"{name} must be {expected}, not {array.dtype} of shape {shape}"
        raise UsageError(message, "Convert it to 8-bit sRGB")
    _check_size(shape[1], shape[0], name, limits)
    array = np.ascontiguousarray(array)
    digest = _pixels_sha256(array)
    pixels = array.copy() if shape[2:] == (3,) else np.asarray(to_rgb(_flat(Image.fromarray(array))))
    return _photo(pixels, (shape[1], shape[0]), name, digest, "array", "none", Capture())


def _pixels_sha256(array: NDArray[np.uint8]) -> str:
    return hashlib.sha256(f"{array.dtype.str}{array.shape}".encode() + array.tobytes()).hexdigest()


def _from_image(source: Image.Image, name: str, limits: Limits) -> Photo:
    """From an image that the caller opened or made; it stays as it is, but for being loaded."""
    _check_size(*source.size, name, limits)
    _check_kind(source, name)
    check_decode_cost(source, b"", name, is_deep(source))
    with _without_chatter(source):
        source.load()
    pixels, icc = _by_pillow(source, b"", name)
    orientation = exif_value(source, ORIENTATION)
    if isinstance(orientation, int) and 2 <= orientation <= 8:
        pixels = _upright(pixels, orientation)
    pixels = np.array(pixels, order="C")  # Pillow's own memory is the caller's
    size = (pixels.shape[1], pixels.shape[0])
    kind = "JPEG" if source.format == "MPO" else source.format or "image"
    return _photo(pixels, size, name, _pixels_sha256(pixels), kind, icc, read_capture(source))


def _decode(data: bytes, name: str, full_scale: bool, limits: Limits) -> Photo:
    digest = hashlib.sha256(data).hexdigest()
    try:
        return _decode_whole(data, name, digest, full_scale, limits)
    except OSError:
        ended = data + _JPEG_END
        if not _lacks_only_its_end(ended):
            raise
    return replace(_decode_whole(ended, name, digest, full_scale, limits), ends=False)


def _lacks_only_its_end(ended: bytes) -> bool:
    """Whether a broken JPEG is whole with the end marker put on: every viewer shows it."""
    if not ended.startswith(_JPEG_START):
        return False
    with contextlib.suppress(ValueError):  # raised where picture data are missing before the marker
        simplejpeg.decode_jpeg(ended, "GRAY", min_factor=8)
        return True
    return False


def _decode_whole(data: bytes, name: str, digest: str, full_scale: bool, limits: Limits) -> Photo:
    check_container(data, name)
    source = _open(data)
    size = source.size
    _check_size(*size, name, limits)
    _check_kind(source, name)
    check_decode_cost(source, data, name, is_deep(source))
    if source.format in ("JPEG", "MPO") and not full_scale:
        factor = next((f for f in (8, 4, 2) if max(size) // f >= _MIN_LONG_SIDE), 1)
        source.draft(None, (max(1, size[0] // factor), max(1, size[1] // factor)))
    pixels, icc = _plain_jpeg(source, data, size, name) or _by_pillow(source, data, name)
    orientation = exif_value(source, ORIENTATION)  # not before loading: TIFF turns itself and drops the tag
    if isinstance(orientation, int) and 2 <= orientation <= 8:
        pixels = _upright(pixels, orientation)
        size = size if orientation < 5 else size[::-1]
    kind = "JPEG" if source.format == "MPO" else str(source.format)
    return _photo(pixels, size, name, digest, kind, icc, read_capture(source))


def _photo(
    pixels: RgbPixels,
    full_size: tuple[int, int],
    name: str,
    sha256: str,
    kind: str,
    icc: str,
    capture: Capture,
) -> Photo:
    """The value, from upright RGB pixels and the size they have at full scale."""
    pixels.setflags(write=False)
    return Photo(
        name=name,
        sha256=sha256,
        pixels=pixels,
        width=full_size[0],
        height=full_size[1],
        reduction=round(max(full_size) / max(pixels.shape[:2])),
        format=kind,
        icc=icc,
        capture=capture,
        ends=True,
    )


def _open(data: bytes) -> Image.Image:
    """Read the header only."""
    if data[4:8] == b"ftyp":
        _check_boxes(data)
        brands = data[8 : int.from_bytes(data[:4], "big")][:256]
        if b"avif" not in brands and b"avis" not in brands:
            from pillow_heif import HeifImageFile  # used directly, so that Pillow's registry stays as it is

            return cast(Image.Image, HeifImageFile(io.BytesIO(data)))
    return Image.open(io.BytesIO(data), formats=_FORMATS)


def _check_boxes(data: bytes) -> None:
    """Refuse a cut-off HEIC: of a tiled one libheif would leave the missing tiles black without a word."""
    at = 0
    while len(data) - at >= 8:
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1 and len(data) - at >= 16:
            (size,) = struct.unpack_from(">Q", data, at + 8)
        if kind in (b"meta", b"mdat") and at + size > len(data):
            raise EOFError("image file is truncated")
        if size < 8:  # 0 reaches to the end of the file
            return
        at += size


def _check_size(width: int, height: int, name: str, limits: Limits) -> None:
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        allowed = f"{limits.max_side:,} a side and {limits.max_pixels:,} in all"
        message = f"{name} has {width:,} x {height:,} pixels, more than {allowed}"
        raise PhotoTooLarge(message, "Save it at a smaller size")


def _check_kind(source: Image.Image, name: str) -> None:
    """Refuse what can be decoded but is no still photo in a known pixel format."""
    tags = getattr(source, "tag_v2", {})  # TIFF
    planar_16_bit = tags.get(284) == 2 and tags.get(277, 1) > 1 and max(tags.get(258, (8,))) > 8
    if source.format not in ("MPO", "HEIF", "TIFF") and getattr(source, "is_animated", False):
        what = "is an animation"
    elif 0xC612 in tags or tags.get(254, 0) & 1:  # DNGVersion; NewSubfileType: a reduced image comes first
        what = "is a raw file"
    elif source.mode not in _MODES or planar_16_bit:
        kinds = {"F": "floating point", "I": "signed or 32-bit", "LAB": "L*a*b*"}
        what = f"has {'planar 16-bit' if planar_16_bit else kinds.get(source.mode, source.mode)} pixels"
    else:
        return
    message = f"{name} {what}; one still photo of 8 or 16 bits a channel can be read"
    raise PhotoUndecodable(message, "Export it as JPEG or PNG")


def _plain_jpeg(
    source: Image.Image, data: bytes, full_size: tuple[int, int], name: str
) -> tuple[RgbPixels, str] | None:
    """Pixels and profile's name of a flawless colour JPEG in sRGB; None: Pillow has to decode it, and judge.

    To the same pixels, since both call libjpeg-turbo, but straight into the array: 4 ms less for 1.5 MP.
    """
    if source.format not in ("JPEG", "MPO") or source.mode != "RGB":
        return None
    profile = find_profile(source, data, name)
    icc, transform = ("none", None) if profile is None else transform_to_srgb(profile, "RGB")
    if transform is not None:
        return None
    pixels = np.empty((source.height, source.width, 3), np.uint8)
    factor = round(max(full_size) / max(source.size))
    with contextlib.suppress(ValueError):  # raised for the least complaint of libjpeg, and if it does not fit
        if simplejpeg.decode_jpeg(data, "RGB", min_factor=factor, buffer=pixels).shape == pixels.shape:
            return pixels, icc
    return None


def _by_pillow(source: Image.Image, data: bytes, name: str) -> tuple[RgbPixels, str]:
    """Pixels and profile's name."""
    image, icc = to_srgb(_flat(_load(source, data)), find_profile(source, data, name))
    return np.asarray(image), icc


def _load(source: Image.Image, data: bytes) -> Image.Image:
    """Decode in full, to 8 bits a channel; what libtiff prints on the way is held back."""
    with _without_chatter(source):
        return load_8_bits(source, lambda: _open(data))


@contextlib.contextmanager
def _without_chatter(source: Image.Image) -> Iterator[None]:
    """libtiff prints what it finds wrong; what becomes of it is an error of ours, or nothing."""
    if source.format != "TIFF":
        yield
        return
    heard: list[bytes] = []
    try:
        with overheard() as heard:
            yield
    finally:
        repeat([line for line in heard if not _LIBTIFF.match(line)])


def _upright(pixels: RgbPixels, orientation: int) -> RgbPixels:
    """Undo EXIF orientation 2..8; OpenCV does in 1 ms what Pillow and NumPy take 10 for."""
    import cv2

    if orientation > 4:
        pixels = cv2.transpose(pixels)
    axis = {1: 1, 2: -1, 3: 0}.get((orientation - 1) % 4)
    return pixels if axis is None else cv2.flip(pixels, axis)


def _flat(image: Image.Image) -> Image.Image:
    """Mode L, RGB or CMYK; what is transparent becomes white."""
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white.convert("L") if image.mode in ("L", "LA") else white
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


_quiet = Quiet()
