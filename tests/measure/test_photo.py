"""Photo stage against known truths: charts, hand-built profiles and TIFFs, and hostile bytes."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageFile, PngImagePlugin

from skinscan.errors import (
    PhotoError,
    PhotoMissing,
    PhotoTooLarge,
    PhotoUndecodable,
    UsageError,
)
from skinscan.measure import photo as photo_stage
from skinscan.measure.photo import Limits, open_photo
from tests.paths import PHOTOS, ROOT, real_photos

Pixels = NDArray[np.uint8]
D50 = np.array([0.9642, 1.0, 0.8249])
P3_XY = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
SRGB_XY = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))


# ---- truths made by hand


def chart(height: int = 48, width: int = 64) -> Pixels:
    """Patches of skin and of everything else inside sRGB, with a grey wedge below; no symmetry."""
    rng = np.random.default_rng(7)
    skin = np.array(
        [[236, 188, 180], [198, 134, 110], [141, 85, 62], [74, 44, 33], [224, 120, 116]], np.uint8
    )
    colors = np.vstack([skin, rng.integers(0, 256, (43, 3), np.uint8)]).reshape(6, 8, 3)
    image = colors.repeat(height // 6, 0).repeat(width // 8, 1)
    image[-height // 6 :] = np.linspace(0, 255, width).astype(np.uint8)[:, None]
    return np.ascontiguousarray(image)


def smooth(height: int, width: int) -> Pixels:
    """Slow gradients: what a lossy codec keeps nearly exactly."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack(
        [90 + 90 * x / width, 160 - 80 * y / height, 60 + 60 * x / width * y / height], -1
    ).astype(np.uint8)


def encode(pixels: Pixels | Image.Image, kind: str, **options: Any) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.encode(image.mode, image.size, image.tobytes(), buffer, **options)
    else:
        image.save(buffer, kind, **options)
    return buffer.getvalue()


def to_linear(coded: NDArray[Any]) -> NDArray[np.float64]:
    v = np.asarray(coded, np.float64)
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def to_coded(linear: NDArray[Any]) -> NDArray[np.float64]:
    v = np.clip(np.asarray(linear, np.float64), 0, 1)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)


def rgb_to_xyz(primaries: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """Linear RGB with D65 white to XYZ adapted to D50 by Bradford, as ICC wants it."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    white = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    adapt = np.linalg.inv(bradford) @ np.diag(bradford @ D50 / (bradford @ white)) @ bradford
    matrix: NDArray[np.float64] = adapt @ columns @ np.diag(np.linalg.solve(columns, white))
    return matrix


def icc_profile(primaries: tuple[tuple[float, float], ...], name: str, gamma: float | None = None) -> bytes:
    """ICC v2.4 matrix profile with the sRGB curve as a table of 1024 entries, or a plain gamma."""

    def xyz(value: NDArray[np.float64]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *np.round(value * 65536).astype(int))

    table = np.round(to_linear(np.linspace(0, 1, 1024)) * 65535).astype(">u2")
    curve = struct.pack(">4s4xI", b"curv", table.size) + table.tobytes()
    if gamma is not None:
        curve = struct.pack(">4s4xIHxx", b"curv", 1, round(gamma * 256))
    text = name.encode() + b"\0"
    matrix = rgb_to_xyz(primaries)
    tags = {
        b"desc": struct.pack(">4s4xI", b"desc", len(text)) + text + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz(D50),
        **{bytes([c]) + b"XYZ": xyz(matrix[:, i]) for i, c in enumerate(b"rgb")},
        **{bytes([c]) + b"TRC": curve for c in b"rgb"},
    }
    return assemble(tags, b"mntr", b"RGB ", b"XYZ ")


def assemble(tags: dict[bytes, bytes], device: bytes, space: bytes, connection: bytes) -> bytes:
    """ICC v2.4 file of these tags."""
    directory, body = struct.pack(">I", len(tags)), b""
    start = 132 + 12 * len(tags)
    for key, value in tags.items():
        directory += struct.pack(">4sII", key, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    kinds = (device, space, connection, b"acsp")
    head = struct.pack(">I4xI4s4s4s12x4s28x", start + len(body), 0x02400000, *kinds)
    return head + struct.pack(">3i", 63190, 65536, 54061) + bytes(48) + directory + body


def as_display_p3(srgb: Pixels) -> Pixels:
    """The same colours as P3 levels, computed without any ICC engine."""
    matrix = np.linalg.solve(rgb_to_xyz(P3_XY), rgb_to_xyz(SRGB_XY))
    return np.round(to_coded(to_linear(srgb / 255) @ matrix.T) * 255).astype(np.uint8)


def tiff(
    samples: NDArray[Any], *, tags: dict[int, int] | None = None, order: str = "<", raw: bytes | None = None
) -> bytes:
    """Uncompressed single-strip TIFF of any sample type."""
    samples = np.atleast_3d(samples)
    height, width, bands = samples.shape
    data = (
        samples.astype(samples.dtype.newbyteorder("<" if order == "<" else ">")).tobytes()
        if raw is None
        else raw
    )
    bits = 8 * samples.dtype.itemsize
    kind = {"u": 1, "i": 2, "f": 3}[samples.dtype.kind]
    values = {
        256: width,
        257: height,
        258: bits,
        259: 1,
        262: 1 if bands == 1 else 2,
        273: 8,
        277: bands,
        278: height,
    }
    values |= {279: len(data), 284: 1, 339: kind} | (tags or {})
    start = 8 + len(data) + len(data) % 2
    extra = start + 2 + 12 * len(values) + 4
    entries = b""
    for tag, value in sorted(values.items()):
        if tag in (258, 339) and bands > 1:
            entries += struct.pack(order + "HHII", tag, 3, bands, extra if tag == 258 else extra + 2 * bands)
        else:
            entries += struct.pack(order + "HHII", tag, 4, 1, value)
    arrays = struct.pack(f"{order}{2 * bands}H", *[values[258]] * bands, *[kind] * bands)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    return (
        head
        + data
        + bytes(len(data) % 2)
        + struct.pack(order + "H", len(values))
        + entries
        + bytes(4)
        + arrays
    )


def exif_with(
    values: dict[int, Any], sub: dict[int, Any] | None = None, gps: dict[int, Any] | None = None
) -> bytes:
    exif = Image.Exif()
    for tag, value in values.items():
        exif[tag] = value
    if sub:
        exif[ExifTags.IFD.Exif] = sub
    if gps:
        exif[ExifTags.IFD.GPSInfo] = gps
    return exif.tobytes()


def off(a: NDArray[Any], b: NDArray[Any]) -> int:
    return int(np.abs(a.astype(int) - b.astype(int)).max())


def rounded(levels: NDArray[np.uint16]) -> Pixels:
    return np.round(levels / 257.0).astype(np.uint8)


# ---- what a Photo is


def test_photo_of_a_png_is_the_png(tmp_path: Path) -> None:
    data = encode(chart(), "PNG")
    path = tmp_path / "me.png"
    path.write_bytes(data)
    photo = open_photo(path)
    assert (photo.name, photo.format, photo.icc, photo.reduction) == ("me.png", "PNG", "none", 1)
    assert (photo.width, photo.height, photo.pixels.shape) == (64, 48, (48, 64, 3))
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.flags.c_contiguous
    np.testing.assert_array_equal(photo.pixels, chart())
    with pytest.raises(ValueError, match="read-only"):
        photo.pixels[0, 0, 0] = 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF", "WEBP", "HEIF"])
def test_pixels_are_frozen_contiguous_and_exact_in_every_lossless_format(kind: str) -> None:
    options: dict[str, dict[str, Any]] = {
        "WEBP": {"lossless": True, "exact": True},
        "HEIF": {"quality": -1, "chroma": 444, "matrix_coefficients": 0},
    }
    source = Image.fromarray(chart())
    image = source.quantize(256) if kind == "GIF" else source
    photo = open_photo(encode(image, kind, **options.get(kind, {})))
    assert photo.format == kind
    np.testing.assert_array_equal(photo.pixels, np.asarray(image.convert("RGB")))
    assert photo.pixels.flags.c_contiguous
    assert not photo.pixels.flags.writeable


@pytest.mark.parametrize(
    ("kind", "options"), [("HEIF", {"quality": 95}), ("AVIF", {"quality": 95}), ("JPEG", {"quality": 98})]
)
def test_lossy_formats_come_back_near_the_original(kind: str, options: dict[str, Any]) -> None:
    original = smooth(120, 160)
    photo = open_photo(encode(original, kind, **options))
    assert photo.format == kind
    assert photo.pixels.shape == original.shape
    assert np.abs(photo.pixels.astype(int) - original).mean() < 1.5
    assert off(photo.pixels, original) <= 8


def test_every_kind_of_source_gives_the_same_photo(tmp_path: Path) -> None:
    data = encode(chart(), "PNG")
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with path.open("rb") as file:
        photos = [open_photo(s) for s in (data, path, str(path), io.BytesIO(data), file)]
    assert [p.name for p in photos] == ["bytes", "a.png", "a.png", "file", "a.png"]
    assert len({p.sha256 for p in photos}) == 1
    assert all(np.array_equal(p.pixels, photos[0].pixels) for p in photos)
    assert open_photo(data, name="-").name == "-"


def test_a_pipe_that_hands_out_little_at_a_time_is_read_to_its_end() -> None:
    data = encode(chart(), "PNG")
    read_end, write_end = os.pipe()

    def write() -> None:
        with os.fdopen(write_end, "wb", buffering=0) as out:
            for at in range(0, len(data), 100):
                out.write(data[at : at + 100])

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(read_end, "rb", buffering=0) as pipe:
        photo = open_photo(pipe)
    writer.join()
    np.testing.assert_array_equal(photo.pixels, chart())


def test_import_stays_light() -> None:
    code = (
        "import sys, skinscan.measure.photo; print({'cv2', 'pillow_heif', 'PIL.ImageCms'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "set()"


# ---- orientation and reduced scale

UNTURNED: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}  # how a camera that writes this orientation stores the upright picture


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_orientations_give_identical_upright_pixels(kind: str, orientation: int) -> None:
    stored = np.ascontiguousarray(UNTURNED[orientation](chart()))
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    photo = open_photo(encode(stored, kind, exif=exif_with({274: orientation}), **options))
    assert (photo.width, photo.height) == (64, 48)
    np.testing.assert_array_equal(photo.pixels, chart())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_orientations_of_heic_and_avif(kind: str, orientation: int) -> None:
    upright = smooth(120, 160)
    stored = np.ascontiguousarray(UNTURNED[orientation](upright))
    photo = open_photo(encode(stored, kind, quality=95, exif=exif_with({274: orientation})))
    assert (photo.width, photo.height) == (160, 120)
    assert off(photo.pixels, upright) <= 8


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_orientation_out_of_range_is_no_orientation(value: int) -> None:
    data = encode(chart(), "PNG", exif=exif_with({274: value}))
    np.testing.assert_array_equal(open_photo(data).pixels, chart())


@pytest.mark.parametrize(
    ("size", "reduction"),
    [((3999, 64), 1), ((4000, 64), 2), ((64, 4001), 2), ((8192, 40), 4), ((16384, 24), 8), ((30000, 16), 8)],
)
def test_big_jpegs_are_decoded_at_reduced_scale(size: tuple[int, int], reduction: int) -> None:
    data = encode(smooth(size[1], size[0]), "JPEG", quality=95)
    photo = open_photo(data)
    assert (photo.width, photo.height, photo.reduction) == (*size, reduction)
    assert photo.pixels.shape == (-(-size[1] // reduction), -(-size[0] // reduction), 3)
    assert max(photo.pixels.shape) >= 2000
    whole = open_photo(data, full_scale=True)
    assert (whole.width, whole.height, whole.reduction) == (*size, 1)
    assert whole.pixels.shape == (size[1], size[0], 3)
    assert whole.sha256 == photo.sha256
    blocks = whole.pixels[: size[1] // reduction * reduction, : size[0] // reduction * reduction]
    mean = blocks.reshape(size[1] // reduction, reduction, size[0] // reduction, reduction, 3).mean((1, 3))
    assert np.abs(photo.pixels[: mean.shape[0], : mean.shape[1]] - mean).mean() < 1.5


def test_reduction_and_orientation_together() -> None:
    stored = np.ascontiguousarray(UNTURNED[6](smooth(80, 4100)))
    photo = open_photo(encode(stored, "JPEG", quality=95, exif=exif_with({274: 6})))
    assert (photo.width, photo.height, photo.reduction) == (4100, 80, 2)
    assert photo.pixels.shape == (40, 2050, 3)
    assert off(photo.pixels, smooth(40, 2050)) <= 6


def test_other_formats_stay_at_full_scale() -> None:
    photo = open_photo(encode(smooth(16, 9000), "PNG"))
    assert (photo.reduction, photo.pixels.shape) == (1, (16, 9000, 3))


def test_mpo_gives_its_first_picture() -> None:
    first, second = Image.fromarray(smooth(40, 60)), Image.fromarray(255 - smooth(40, 60))
    data = encode(first, "MPO", save_all=True, append_images=[second], quality=95)
    assert Image.open(io.BytesIO(data)).format == "MPO"
    photo = open_photo(data)
    assert photo.format == "JPEG"
    assert off(photo.pixels, smooth(40, 60)) <= 8


# ---- colour


def test_hand_built_p3_profile_agrees_with_its_definition() -> None:
    matrix = rgb_to_xyz(P3_XY)
    expected = [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
    np.testing.assert_allclose(matrix, expected, atol=2e-4)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_display_p3_comes_back_as_srgb(kind: str) -> None:
    p3 = as_display_p3(chart())
    assert off(p3, chart()) > 20  # otherwise this test would show nothing
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    photo = open_photo(encode(p3, kind, icc_profile=icc_profile(P3_XY, "Display P3"), **options))
    assert photo.icc == "Display P3"
    back = np.linalg.solve(rgb_to_xyz(SRGB_XY), rgb_to_xyz(P3_XY))
    assert off(photo.pixels, np.round(to_coded(to_linear(p3 / 255) @ back.T) * 255)) <= 1
    # Against the original there is the rounding of the P3 levels besides, coarse where a channel is near 0.
    assert off(photo.pixels[chart().min(-1) > 30], chart()[chart().min(-1) > 30]) <= 2


def test_display_p3_named_by_code_points_alone() -> None:
    p3 = as_display_p3(chart())
    body = encode(p3, "PNG")
    chunk = b"cICP" + bytes([12, 13, 0, 1])
    marked = body[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + body[33:]
    photo = open_photo(marked)
    assert photo.icc == "Display P3"
    by_profile = open_photo(encode(p3, "PNG", icc_profile=icc_profile(P3_XY, "Display P3")))
    assert off(photo.pixels, by_profile.pixels) <= 1
    heic = encode(
        p3,
        "HEIF",
        quality=-1,
        chroma=444,
        color_primaries=12,
        transfer_characteristics=13,
        matrix_coefficients=0,
    )
    photo = open_photo(heic)
    assert photo.icc == "Display P3"
    assert off(photo.pixels, by_profile.pixels) <= 1
    avif = encode(smooth(40, 60), "AVIF", quality=95)
    at = avif.index(b"colrnclx") + 8
    assert avif[at : at + 2] == b"\0\x01"
    assert open_photo(avif[:at] + b"\0\x0c" + avif[at + 2 :]).icc == "Display P3"


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_refused_by_name(transfer: int) -> None:
    heic = encode(
        smooth(40, 60), "HEIF", color_primaries=9, transfer_characteristics=transfer, matrix_coefficients=9
    )
    with pytest.raises(PhotoUndecodable, match="HDR"):
        open_photo(heic)


@pytest.mark.parametrize(
    "profile",
    [
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        icc_profile(SRGB_XY, "sRGB IEC61966-2.1"),
        icc_profile(SRGB_XY, "c2"),
    ],
    ids=["lcms", "table", "odd name"],
)
def test_srgb_profiles_leave_every_bit(profile: bytes) -> None:
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (64, 64, 3), np.uint8)
    photo = open_photo(encode(noise, "PNG", icc_profile=profile))
    assert photo.icc == "sRGB"
    np.testing.assert_array_equal(photo.pixels, noise)


def test_a_profile_called_srgb_that_is_not_is_converted() -> None:
    photo = open_photo(encode(chart(), "PNG", icc_profile=icc_profile(P3_XY, "sRGB IEC61966-2.1")))
    assert off(photo.pixels, chart()) > 20
    photo = open_photo(encode(chart(), "PNG", icc_profile=icc_profile(SRGB_XY, "sRGB", gamma=1.8)))
    assert off(photo.pixels, chart()) > 10


def test_converted_greys_stay_grey_and_white_stays_white() -> None:
    photo = open_photo(encode(chart(), "PNG", icc_profile=icc_profile(P3_XY, "Display P3")))
    wedge = photo.pixels[-1].astype(int)
    assert off(wedge.max(-1), wedge.min(-1)) <= 1
    assert off(wedge, chart()[-1]) <= 1


@pytest.mark.parametrize(
    "profile",
    [b"", b"garbage", icc_profile(P3_XY, "x")[:200], bytes(3000), icc_profile(P3_XY, "x") + bytes(5 << 20)],
)
def test_a_broken_profile_keeps_the_pixels(profile: bytes) -> None:
    data = encode(chart(), "TIFF", icc_profile=profile)
    photo = open_photo(data)
    assert photo.icc in ({"none"} if not profile else {"unreadable"})
    np.testing.assert_array_equal(photo.pixels, chart())


def test_an_rgb_profile_on_a_grey_photo_counts() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    plain = open_photo(encode(grey, "PNG", icc_profile=icc_profile(P3_XY, "Display P3")))
    assert off(plain.pixels, grey[..., None]) <= 1
    darker = open_photo(encode(grey, "PNG", icc_profile=icc_profile(SRGB_XY, "gamma", gamma=1.0)))
    np.testing.assert_allclose(darker.pixels[..., 1], to_coded(grey / 255) * 255, atol=1)


def test_profile_of_the_wrong_kind_is_unreadable() -> None:
    cmyk = Image.fromarray(chart()).convert("CMYK")
    photo = open_photo(encode(cmyk, "JPEG", quality=98, icc_profile=icc_profile(P3_XY, "Display P3")))
    assert photo.icc == "unreadable"


def test_cmyk_jpeg_as_adobe_inverts_it() -> None:
    flat = np.full((32, 32, 3), (200, 150, 120), np.uint8)
    data = encode(Image.fromarray(flat).convert("CMYK"), "JPEG", quality=98)
    assert b"Adobe" in data
    photo = open_photo(data)
    assert photo.icc == "none"
    assert off(photo.pixels, flat) <= 3


def cmyk_profile() -> bytes:
    """ICC v2 profile whose L* is 100 (1 - k), whatever the other inks are."""
    ramp = bytes(range(256))
    nodes = b"".join(bytes([255 - 255 * (node & 1), 128, 128]) for node in range(16))
    identity = struct.pack(">9i", *np.eye(3, dtype=int).ravel() * 65536)
    table = struct.pack(">4s4xBBBx", b"mft1", 4, 3, 2) + identity + ramp * 4 + nodes + ramp * 3
    description = struct.pack(">4s4xI", b"desc", 6) + b"Press\0" + bytes(78)
    tags = {
        b"desc": description,
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        b"A2B0": table,
    }
    return assemble(tags, b"prtr", b"CMYK", b"Lab ")


def test_cmyk_jpeg_is_converted_by_its_profile() -> None:
    inks = Image.new("CMYK", (32, 32), (0, 0, 0, 128))
    naive = open_photo(encode(inks, "JPEG", quality=98))
    assert off(naive.pixels, np.full(3, 127)) <= 1
    photo = open_photo(encode(inks, "JPEG", quality=98, icc_profile=cmyk_profile()))
    assert photo.icc == "Press"
    luminance = ((100 * (1 - 128 / 255) + 16) / 116) ** 3
    assert off(photo.pixels, np.full(3, round(to_coded(np.array(luminance)).item() * 255))) <= 1


# ---- bit depth, alpha, palette

RNG = np.random.default_rng(11)
DEEP = RNG.integers(0, 65536, (21, 34, 4), np.uint16)
DEEP[:2] = np.linspace(0, 65535, 2 * 34 * 4).astype(np.uint16).reshape(2, 34, 4)


def cv2_encode(extension: str, levels: NDArray[np.uint16], compression: int = 5) -> bytes:
    bgr = levels if levels.ndim == 2 else levels[..., [2, 1, 0, 3][: levels.shape[2]]]
    options = [cv2.IMWRITE_TIFF_COMPRESSION, compression] if extension == ".tiff" else []
    return bytes(cv2.imencode(extension, bgr, options)[1])


@pytest.mark.parametrize("coder", ["png", "tiff lzw", "tiff deflate", "tiff little", "tiff big"])
@pytest.mark.parametrize("bands", [1, 3])
def test_16_bits_are_rounded_not_cut(coder: str, bands: int) -> None:
    levels = DEEP[..., 0] if bands == 1 else DEEP[..., :3]
    levels = np.ascontiguousarray(levels)
    data = {
        "png": lambda: cv2_encode(".png", levels),
        "tiff lzw": lambda: cv2_encode(".tiff", levels),
        "tiff deflate": lambda: cv2_encode(".tiff", levels, 8),
        "tiff little": lambda: tiff(levels),
        "tiff big": lambda: tiff(levels, order=">"),
    }[coder]()
    photo = open_photo(data)
    expected = rounded(levels)
    np.testing.assert_array_equal(
        photo.pixels, expected if bands == 3 else np.repeat(expected[..., None], 3, -1)
    )


def test_16_bit_alpha_is_laid_on_white() -> None:
    levels = DEEP.copy()
    levels[:, :17, 3], levels[:, 17:, 3] = 65535, 0
    photo = open_photo(cv2_encode(".png", levels))
    np.testing.assert_array_equal(photo.pixels[:, :17], rounded(levels)[:, :17, :3])
    assert photo.pixels[:, 17:].min() == 255


def test_16_bit_photo_is_turned_and_converted_like_any_other() -> None:
    wide = (chart().astype(np.uint16) * 257)[:, :, :]
    stored = np.ascontiguousarray(UNTURNED[6](chart())).astype(np.uint16) * 257
    np.testing.assert_array_equal(open_photo(tiff(stored, tags={274: 6})).pixels, chart())
    np.testing.assert_array_equal(open_photo(tiff(wide)).pixels, chart())


def test_white_at_zero_and_12_bits() -> None:
    levels = np.ascontiguousarray(DEEP[..., 0])
    inverted = open_photo(tiff(levels, tags={262: 0})).pixels[..., 0]
    np.testing.assert_array_equal(inverted, rounded(np.uint16(65535) - levels))
    twelve = levels >> 4
    low, high = twelve[:, 0::2].astype(int), twelve[:, 1::2].astype(int)
    packed = np.stack([low >> 4, (low & 15) << 4 | high >> 8, high & 255], -1).astype(np.uint8)
    photo = open_photo(tiff(levels, tags={258: 12}, raw=packed.tobytes()))
    np.testing.assert_array_equal(photo.pixels[..., 0], np.round(twelve * (255 / 4095)).astype(np.uint8))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (tiff(np.ones((4, 4), np.float32)), "floating point"),
        (tiff(np.ones((4, 4), np.int32)), "32-bit"),
        (tiff(np.ones((4, 4), np.int16)), "signed"),
        (encode(Image.new("LAB", (4, 4)), "TIFF"), r"L\*a\*b\*"),
        (tiff(DEEP[..., :3], tags={284: 2}), "planar"),
        (tiff(chart(), tags={254: 1}), "raw file"),
        (tiff(chart(), tags={0xC612: 0x01040000}), "raw file"),
    ],
)
def test_pixels_that_cannot_be_photos_are_refused_by_name(data: bytes, what: str) -> None:
    with pytest.raises(PhotoUndecodable, match=what):
        open_photo(data)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_becomes_white_and_never_leaks_what_is_under_it(kind: str) -> None:
    rgba = np.dstack([chart(), np.full((48, 64), 255, np.uint8)])
    rgba[:, 20:40, 3] = 0
    rgba[:, 40:, 3] = 128
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    pixels = open_photo(encode(rgba, kind, **options)).pixels
    np.testing.assert_array_equal(pixels[:, :20], chart()[:, :20])
    assert pixels[:, 20:40].min() == 255
    assert off(pixels[:, 40:], chart()[:, 40:] * (128 / 255) + 127) <= 1


def test_alpha_of_greys_and_palettes() -> None:
    grey = np.dstack([np.full((8, 8), 60, np.uint8), np.full((8, 8), 255, np.uint8)])
    grey[:4, :, 1] = 0
    pixels = open_photo(encode(Image.fromarray(grey, "LA"), "PNG")).pixels
    assert (pixels[:4] == 255).all()
    assert (pixels[4:] == 60).all()
    palette = Image.fromarray(np.repeat(np.array([[0, 1]], np.uint8), 4, 0), "P")
    palette.putpalette([10, 20, 30, 200, 100, 50])
    pixels = open_photo(encode(palette, "PNG", transparency=0)).pixels
    assert (pixels[:, 0] == 255).all()
    assert (pixels[:, 1] == (200, 100, 50)).all()


def test_palette_and_bilevel() -> None:
    indexed = Image.fromarray(chart()).quantize(64)
    np.testing.assert_array_equal(
        open_photo(encode(indexed, "PNG")).pixels, np.asarray(indexed.convert("RGB"))
    )
    bits = np.random.default_rng(1).integers(0, 2, (9, 13)).astype(bool)
    pixels = open_photo(encode(Image.fromarray(bits), "PNG")).pixels
    np.testing.assert_array_equal(pixels, np.repeat(bits[..., None] * np.uint8(255), 3, -1))


# ---- arrays


def test_arrays_are_copied_not_borrowed() -> None:
    array = chart()
    photo = open_photo(array)
    assert (photo.name, photo.format, photo.icc, photo.reduction) == ("array", "array", "none", 1)
    array[:] = 0
    np.testing.assert_array_equal(photo.pixels, chart())
    assert array.flags.writeable
    assert not photo.pixels.flags.writeable


def test_array_views_grey_and_alpha() -> None:
    np.testing.assert_array_equal(open_photo(chart()[:, ::-1]).pixels, chart()[:, ::-1])
    np.testing.assert_array_equal(open_photo(chart()[..., 0]).pixels, np.repeat(chart()[..., :1], 3, -1))
    alpha = np.dstack([chart(), np.zeros((48, 64), np.uint8)])
    assert open_photo(alpha).pixels.min() == 255
    assert open_photo(np.zeros((1, 1, 3), np.uint8)).reduction == 1


def test_array_hash_knows_shape_and_pixels() -> None:
    flat = np.zeros((4, 6), np.uint8)
    hashes = [
        open_photo(a).sha256 for a in (flat, flat.reshape(6, 4), flat + 1, np.zeros((4, 6, 3), np.uint8))
    ]
    assert len(set(hashes)) == 4
    assert open_photo(flat.copy()).sha256 == hashes[0]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 3), np.uint16),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((4,), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), object),
    ],
)
def test_arrays_of_another_kind_are_a_usage_error(array: NDArray[Any]) -> None:
    with pytest.raises(UsageError, match=r"uint8.*\(H, W, 3\).*not " + str(array.dtype)) as caught:
        open_photo(array)
    assert str(array.shape) in caught.value.message


@pytest.mark.parametrize("source", [3, None, ["a"], io.StringIO("text")])
def test_sources_of_another_kind_are_a_usage_error(source: Any) -> None:
    with pytest.raises(UsageError):
        open_photo(source)


# ---- capture facts


def test_capture_facts() -> None:
    exif = exif_with(
        {271: "Canon", 272: "EOS R5", 305: "@" * 14},
        {0x9003: "2026:03:01 09:30:00", 0xA431: "SERIAL-4711", 0xA435: "LENS-4711"},
        {1: "N", 2: (48.0, 51.0, 29.5), 3: "E", 4: (2.0, 17.0, 40.0)},
    )
    exif = exif.replace(b"@" * 14, "美图秀秀 9".encode())  # Pillow writes ASCII only
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"):
        photo = open_photo(encode(chart(), kind, exif=exif))
        facts = photo.capture
        assert (facts.make, facts.model, facts.taken_at) == ("Canon", "EOS R5", "2026-03-01T09:30:00"), kind
        assert facts.software == "美图秀秀 9"
        shown = repr(photo)
        assert not any(secret in shown for secret in ("SERIAL-4711", "LENS-4711", "48.0", "29.5", "GPS"))


def test_evil_exif_strings_are_tamed() -> None:
    evil = "\x1b[31mRed\x07\x00\r\n\u202e" + "A" * 5000
    exif = exif_with({271: "@" * len(evil.encode()), 272: "\x1b]0;owned\x07", 305: "\x00\x01\x02"})
    exif = exif.replace(b"@" * len(evil.encode()), evil.encode())
    facts = open_photo(encode(chart(), "JPEG", exif=exif)).capture
    for text in (facts.make, facts.model, facts.software):
        assert text is None or (text.isprintable() and 0 < len(text) <= 100)
    assert facts.software is None


@pytest.mark.parametrize(
    "when", ["0000:00:00 00:00:00", "2026:13:01 09:30:00", "yesterday", "", "2026-03-01", "    "]
)
def test_times_that_are_none(when: str) -> None:
    exif = exif_with({271: "x"}, {0x9003: when})
    assert open_photo(encode(chart(), "JPEG", exif=exif)).capture.taken_at is None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_garbage_exif_never_raises(data: st.DataObject) -> None:
    block = bytearray(
        exif_with({271: "Canon", 274: 1, 282: 72.0}, {0x9003: "2026:03:01 09:30:00", 0x9000: b"0232"})
    )
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(6, len(block) - 1))
        block[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(6, len(block)))
    photo = open_photo(encode(chart(), "JPEG", quality=98, exif=bytes(block[:cut])))
    assert sorted(photo.pixels.shape) == [3, 48, 64]


# ---- refusals


def test_missing_directory_and_odd_paths(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jpg", tmp_path, "a\0b.jpg", "x" * 5000, "", tmp_path / "none" / "deep.jpg"):
        with pytest.raises(PhotoMissing) as caught:
            open_photo(path)
        assert "\n" not in str(caught.value)
        assert caught.value.advice
    with pytest.raises(PhotoMissing, match=r"none\.jpg cannot be read: No such file"):
        open_photo(tmp_path / "none.jpg")


def test_no_permission_and_read_errors_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.jpg"
    path.write_bytes(encode(chart(), "JPEG"))

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)  # tests may run as root, whom no file mode stops
    with pytest.raises(PhotoMissing, match=r"locked\.jpg cannot be read: Permission denied"):
        open_photo(path)


def test_closed_file_object_is_missing() -> None:
    stream = io.BytesIO(b"x")
    stream.close()
    with pytest.raises(PhotoMissing):
        open_photo(stream)


def test_empty_and_renamed_text(tmp_path: Path) -> None:
    with pytest.raises(PhotoUndecodable, match="empty"):
        open_photo(b"")
    path = tmp_path / "letter.jpg"
    path.write_text("Dear sir or madam, this is no photo.\n" * 40)
    with pytest.raises(PhotoUndecodable, match=r"letter\.jpg is no photo"):
        open_photo(path)


def test_control_characters_in_a_name_do_not_reach_the_message() -> None:
    with pytest.raises(PhotoUndecodable) as caught:
        open_photo(b"text", name="\x1b[31mred\nline.jpg")
    assert caught.value.message.isprintable()


def hostile_files() -> dict[str, bytes]:
    image = Image.fromarray(np.random.default_rng(5).integers(0, 256, (96, 128, 3), np.uint8))
    return {
        "jpeg": encode(image, "JPEG", quality=90),
        "progressive": encode(image, "JPEG", quality=90, progressive=True),
        "cmyk": encode(image.convert("CMYK"), "JPEG"),
        "png": encode(image, "PNG"),
        "png16": cv2_encode(".png", DEEP[..., :3].copy()),
        "webp": encode(image, "WEBP"),
        "webp lossless": encode(image, "WEBP", lossless=True),
        "tiff": encode(image, "TIFF"),
        "tiff lzw": encode(image, "TIFF", compression="tiff_lzw"),
        "tiff16": tiff(DEEP[..., :3].copy()),
        "bmp": encode(image, "BMP"),
        "gif": encode(image.quantize(256), "GIF"),
        "heic": encode(image, "HEIF", quality=80),
        "heic tiles": encode(image, "HEIF", quality=80, tile_size=64),
        "avif": encode(image, "AVIF", quality=80),
    }


FILES = hostile_files()


@pytest.mark.parametrize("kind", FILES)
def test_a_file_cut_off_anywhere_is_refused(kind: str) -> None:
    data = FILES[kind]
    open_photo(data)
    for tenth in range(1, 10):
        with pytest.raises(PhotoUndecodable):
            open_photo(data[: len(data) * tenth // 10])
    with pytest.raises(PhotoUndecodable):
        open_photo(data[: len(data) - max(16, len(data) // 50)])


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"exif": b"Exif\0\0\xff\xd9"}], ids=str)
def test_a_jpeg_that_lacks_only_its_end_marker_is_whole(options: dict[str, Any]) -> None:
    """Every pixel is there, so it is read to the same pixels, and said; without more it is cut off."""
    data = encode(chart(), "JPEG", quality=90, **options)
    whole, cut = open_photo(data), open_photo(data[:-2])
    np.testing.assert_array_equal(cut.pixels, whole.pixels)
    assert (whole.ends, cut.ends) == (True, False)
    assert cut.sha256 == hashlib.sha256(data[:-2]).hexdigest()
    assert open_photo(data[:-1]).ends is False
    for missing in (6, 20, 200):
        with pytest.raises(PhotoUndecodable, match="truncated"):
            open_photo(data[:-missing])


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size", [(60_000, 60_000), (40_000, 1), (1, 40_000), (10_001, 10_000), (2**31 - 1, 2**31 - 1)]
)
def test_bombs_are_refused_by_their_header(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def no_decoding(*_: Any) -> None:
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", no_decoding)
    with pytest.raises(PhotoTooLarge) as caught:
        open_photo(png_header(*size))
    assert caught.value.advice


def test_a_big_photo_within_the_limits_gives_no_warning() -> None:
    assert Image.MAX_IMAGE_PIXELS is not None
    assert Image.MAX_IMAGE_PIXELS < 95_000_000
    with pytest.raises(PhotoUndecodable):  # the header passes at 95 megapixels; the pixels are not there
        open_photo(png_header(10_000, 9_500))


def test_limits_hold_for_bytes_streams_files_and_arrays(tmp_path: Path) -> None:
    data = encode(chart(), "PNG")
    path = tmp_path / "a.png"
    path.write_bytes(data)
    sources: list[Any] = [data, io.BytesIO(data), path]
    for source in sources:
        with pytest.raises(PhotoTooLarge):
            open_photo(source, limits=Limits(max_bytes=len(data) - 1))
    assert open_photo(data, limits=Limits(max_bytes=len(data), max_pixels=48 * 64, max_side=64)).width == 64
    for limits in (Limits(max_pixels=48 * 64 - 1), Limits(max_side=63)):
        for decoded in (data, chart()):
            with pytest.raises(PhotoTooLarge):
                open_photo(decoded, limits=limits)


def test_an_endless_stream_is_left_after_the_limit() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= 1001
            self.given += size
            return bytes(size)

    stream = Endless()
    with pytest.raises(PhotoTooLarge):
        open_photo(stream, limits=Limits(max_bytes=1000))  # type: ignore[arg-type]
    assert stream.given == 1001


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animations_are_refused_and_say_so(kind: str) -> None:
    frames = [Image.fromarray(np.roll(smooth(32, 32), 8 * i, 1)) for i in range(3)]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(PhotoUndecodable, match="animation"):
        open_photo(data)


# ---- images that the caller has opened


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG"])
def test_an_image_is_turned_and_coloured_as_its_file_is(kind: str, orientation: int) -> None:
    stored = np.ascontiguousarray(UNTURNED[orientation](as_display_p3(chart())))
    exif = exif_with({274: orientation, 271: "Maker", 272: "Model"})
    data = encode(stored, kind, exif=exif, icc_profile=icc_profile(P3_XY, "Display P3"))
    by_file, by_image = open_photo(data), open_photo(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(by_image.pixels, by_file.pixels)
    assert not by_image.pixels.flags.writeable
    for name in ("width", "height", "reduction", "format", "icc", "capture"):
        assert getattr(by_image, name) == getattr(by_file, name), name


def test_an_image_is_known_by_its_pixels() -> None:
    """However it was stored, and as the array of them is."""
    one, other = (open_photo(Image.open(io.BytesIO(encode(chart(), kind)))) for kind in ("PNG", "BMP"))
    assert one.sha256 == other.sha256 == open_photo(chart()).sha256
    made = open_photo(Image.fromarray(chart()), name="mine")
    assert (made.sha256, made.name, made.format, made.icc) == (one.sha256, "mine", "image", "none")


def test_the_image_stays_the_callers(tmp_path: Path) -> None:
    path = tmp_path / "own.png"
    path.write_bytes(encode(chart(), "PNG", exif=exif_with({274: 6})))
    with Image.open(path) as image:
        photo = open_photo(image)
        assert photo.name == "own.png"
        assert image.size == (64, 48)
        image.paste((0, 0, 0), (0, 0, 64, 48))
    assert photo.pixels.any()


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "I;16", "1"])
def test_images_of_other_modes_are_those_of_their_files(mode: str) -> None:
    grey = Image.fromarray(np.arange(0, 65536, 32, dtype=np.uint16).reshape(32, 64))
    image = grey if mode == "I;16" else Image.fromarray(chart()).convert(mode)
    np.testing.assert_array_equal(open_photo(image).pixels, open_photo(encode(image, "TIFF")).pixels)


def test_images_that_are_no_photo_are_refused_as_files_are() -> None:
    frames = [Image.fromarray(np.roll(smooth(32, 32), 8 * i, 1)) for i in range(2)]
    moving = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    cut = encode(smooth(64, 64), "PNG")[:-400]
    with pytest.raises(PhotoUndecodable, match="animation"):
        open_photo(Image.open(io.BytesIO(moving)))
    with pytest.raises(PhotoUndecodable, match="floating point"):
        open_photo(Image.new("F", (32, 32)))
    with pytest.raises(PhotoUndecodable, match="damaged or cut off"):
        open_photo(Image.open(io.BytesIO(cut)))
    with pytest.raises(PhotoTooLarge):
        open_photo(Image.new("RGB", (32, 32)), limits=Limits(max_side=31))


def test_a_tiff_of_several_pages_gives_the_first() -> None:
    other = Image.fromarray(255 - chart())
    data = encode(chart(), "TIFF", save_all=True, append_images=[other])
    np.testing.assert_array_equal(open_photo(data).pixels, chart())


def test_one_pixel_is_a_photo() -> None:
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "BMP"):
        photo = open_photo(encode(np.full((1, 1, 3), 90, np.uint8), kind))
        assert (photo.width, photo.height, photo.reduction, photo.pixels.shape) == (1, 1, 1, (1, 1, 3))


def test_out_of_memory_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", exhausted)
    with pytest.raises(PhotoTooLarge):
        open_photo(encode(chart(), "PNG"))


def opens_or_refuses(data: bytes) -> None:
    """Success or a `PhotoError`; anything else escapes and fails the test."""
    refusal: PhotoError | None = None
    try:
        photo = open_photo(data)
    except PhotoError as error:
        refusal = error
    if refusal is None:
        assert photo.pixels.shape[2] == 3
    else:
        assert str(refusal).isprintable()
        assert " at 0x" not in str(refusal)  # no addresses: the same input gives the same message
        assert refusal.advice


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", *{v[:n] for v in FILES.values() for n in (4, 12, 40)}]))
def test_random_bytes_raise_nothing_else(tail: bytes, head: bytes) -> None:
    opens_or_refuses(head + tail)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_flipped_bytes_raise_nothing_else(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(FILES[kind])
    for _ in range(data.draw(st.integers(1, 10))):
        near_the_start = data.draw(st.booleans())
        at = data.draw(st.integers(0, min(len(damaged), 600 if near_the_start else len(damaged)) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    opens_or_refuses(bytes(damaged[: data.draw(st.integers(len(damaged) // 2, len(damaged)))]))


JPEGS = [
    encode(smooth(50, 70), "JPEG", **options)
    for options in (
        {},
        {"progressive": True},
        {"subsampling": 0},
        {"restart_marker_blocks": 2},
        {"keep_rgb": True},
    )
] + [encode(smooth(20, 4100), "JPEG")]


def outcome(data: bytes) -> tuple[Any, ...]:
    try:
        photo = open_photo(data)
    except PhotoError as error:
        return (str(error),)
    return photo.pixels.shape, photo.reduction, photo.pixels.tobytes()


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(JPEGS), st.data())
def test_jpegs_are_what_pillow_makes_of_them_sound_or_damaged(data: bytes, draw: st.DataObject) -> None:
    changed = bytearray(data)
    for _ in range(draw.draw(st.integers(0, 3))):
        changed[draw.draw(st.integers(0, len(changed) - 1))] = draw.draw(st.integers(0, 255))
    with pytest.MonkeyPatch.context() as patch:
        found = outcome(bytes(changed))
        patch.setattr(photo_stage, "_plain_jpeg", lambda *_: None)
        assert outcome(bytes(changed)) == found


# ---- the process around it


def test_pillow_is_left_as_it_was() -> None:
    before = (
        Image.MAX_IMAGE_PIXELS,
        ImageFile.LOAD_TRUNCATED_IMAGES,
        "HEIF" in Image.OPEN,
        list(warnings.filters),
    )
    open_photo(FILES["heic"])
    with pytest.raises(PhotoUndecodable):
        open_photo(FILES["tiff"][:-300])
    assert before == (
        Image.MAX_IMAGE_PIXELS,
        ImageFile.LOAD_TRUNCATED_IMAGES,
        "HEIF" in Image.OPEN,
        list(warnings.filters),
    )


def test_cut_off_files_are_refused_though_another_library_lets_pillow_take_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as importing WeasyPrint does
    for kind in ("jpeg", "png"):
        with pytest.raises(PhotoUndecodable):
            open_photo(FILES[kind][: len(FILES[kind]) // 2])
    assert ImageFile.LOAD_TRUNCATED_IMAGES


def test_threads_leave_the_warning_filters_alone() -> None:
    before = list(warnings.filters)
    threads = [
        threading.Thread(target=lambda: [open_photo(FILES["jpeg"]) for _ in range(20)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(warnings.filters) == before


# ---- real photos


@real_photos
def test_real_photos_open_like_pillow() -> None:
    paths = sorted(PHOTOS.glob("*.jpg"))
    assert paths
    for path in paths:
        photo = open_photo(path, full_scale=True)
        assert (photo.format, photo.reduction) == ("JPEG", 1)
        if photo.icc in ("none", "sRGB"):
            with Image.open(path) as image:
                np.testing.assert_array_equal(photo.pixels, np.asarray(image.convert("RGB")))
