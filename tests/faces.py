"""Faces with known truth, and bare values, for the tests of the measuring stages.

Renders take a second each: they are small, few, and made once per process.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.renderer.camera import flat_light, ideal_camera
from models.renderer.face_layers import draw_look
from models.renderer.people import committed_people
from models.renderer.render import Rendered, render
from models.renderer.shape import draw_shape
from models.renderer.shot import Shot
from models.renderer.skin import Complexion, Patch, SkinRecipe
from models.renderer.subject import Oil, Subject, make_subject
from skinscan import color
from skinscan.errors import FaceError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES, ZONES
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.measure.tone_curve import KNOTS
from skinscan.scanner import Scanner
from skinscan.types import (
    TEXTURE_SIZE,
    BoolMap,
    Exposure,
    Face,
    FaceTexture,
    FloatArray,
    FloatMap,
    Light,
    Photo,
    Pose,
    Quality,
    RgbPixels,
    Scan,
    SkinMaps,
    ToneCurve,
    WhiteBalance,
)
from tests.paths import PHOTOS, SAMPLES

S = TEXTURE_SIZE
MIRRORED_ZONE = {z: z.replace("left", "right") if "left" in z else z.replace("right", "left") for z in ZONES}
"""Zone to the zone it becomes in a mirrored photo."""
Pixels = NDArray[np.uint8]

EVEN = Complexion(blotch=0.0, mottle=0.0, grain=0.0, shadow=0.0)
"""A person whose skin is nothing but the measured spectra of the sites."""
RED_LEFT_CHEEK = Patch(u=0.72, v=0.56, radius=0.10, softness=0.3, rise=8.0)


# ---- rendered people


@cache
def subject(
    person: int = 4, seed: int = 5, *, patches: tuple[Patch, ...] = (), freckles: int = 0, oil: float = 0.3
) -> Subject:
    """One of the committed people, 0 (lightest) .. 11 (darkest); the same seed gives the same bones."""
    rng = np.random.default_rng(seed)
    look = draw_look(35.0, rng)
    complexion = Complexion(freckles=freckles, shadow=0.0)
    greasy = Oil(forehead=oil, nose=oil, cheeks=oil, chin=oil)
    recipe = SkinRecipe(person=committed_people()[person], complexion=complexion, patches=patches)
    return make_subject(recipe, look, draw_shape(rng), greasy, rng)


def shot(**changes: Any) -> Shot:
    """D65 from everywhere into an ideal camera, face to face, half the size of a portrait."""
    light = flat_light()
    given = {
        "light": light, "camera": ideal_camera(light), "yaw": 0.0, "pitch": 0.0, "roll": 0.0, "width": 560,
        "height": 700, "interocular": 110.0, "distance": 80.0, "centre": (0.5, 0.5),
        "wall": np.full(31, 0.4, np.float32), "meter": False,
    }  # fmt: skip
    return Shot(**{**given, **changes})


@cache
def rendered(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Rendered:
    """The default person in flat light, turned."""
    return render(subject(), shot(yaw=yaw, pitch=pitch, roll=roll), np.random.default_rng(0))


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.jpg").read_bytes()


@cache
def sample_pixels(name: str) -> Pixels:
    return decoded(sample(name))


@cache
def scanned(name: str) -> Scan:
    """Scan of one of the sample photos."""
    return Scanner("cpu").scan(sample(name), name=name)


def real_faces() -> Iterator[tuple[Photo, Face]]:
    """Each photo of the folder of real photos in which a face is found, and the largest face."""
    for path in sorted(PHOTOS.glob("*.jpg")):
        photo = open_photo(path)
        try:
            face = find_face(photo, "largest")
        except FaceError:
            continue
        yield photo, face


def truth(name: str) -> dict[str, str]:
    """The row of samples/labels.csv."""
    with (SAMPLES / "labels.csv").open(encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["file"] == f"{name}.jpg")


# ---- pictures


def decoded(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def encoded(pixels: Pixels, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def relit(pixels: Pixels, factor: Any) -> Pixels:
    """The picture with its linear light multiplied, clipped and rounded to 8 bits."""
    linear = color.SRGB_DECODE_LUT[pixels] * np.asarray(factor, np.float32)
    return np.round(255 * color.srgb_encode(np.clip(linear, 0, 1))).astype(np.uint8)


def resized(pixels: Pixels, factor: float) -> Pixels:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=how), np.uint8)


# ---- bare values

PERSON = np.array([0.42, 0.24, 0.17])
"""Linear sRGB of some light skin."""


def photo(pixels: RgbPixels | None = None, **changes: Any) -> Photo:
    from skinscan.types import Capture

    if pixels is None:
        pixels = np.full((64, 64, 3), (180, 140, 120), np.uint8)
    given = {
        "name": "test", "sha256": "0" * 64, "pixels": pixels, "width": pixels.shape[1],
        "height": pixels.shape[0], "reduction": 1, "format": "JPEG", "icc": "none", "capture": Capture(),
        "ends": True,
    }  # fmt: skip
    return Photo(**{**given, **changes})


def face(**changes: Any) -> Face:
    """A face whose mesh lies on the photo as it lies on the UV square."""
    points = np.zeros((478, 3), np.float32)
    points[:468, :2] = load_canonical().uv
    pose = Pose(**{name: changes.pop(name, 0.0) for name in ("yaw", "pitch", "roll")})
    given = {"landmarks": points, "pose": pose, "interocular_px": 90.0, "count": 1, "index": 0}
    return Face(**{**given, **changes})


def texture(rgb: Any = PERSON, **changes: Any) -> FaceTexture:
    """A frontal face of one colour, or of the linear RGB map given."""
    ones, mesh = np.ones((S, S), np.float32), load_canonical()
    y, x = np.mgrid[:S, :S].astype(np.float32)
    given = {
        "rgb": np.ascontiguousarray(np.broadcast_to(rgb, (S, S, 3)), np.float32), "inside": mesh.on_mesh,
        "drawn": np.zeros((S, S), bool), "eyes_covered": False, "clipped": 0 * ones, "cosine": ones,
        "density": ones, "detail": 0.4, "photo_xy": np.stack([x, y]),
    }  # fmt: skip
    return FaceTexture(**{**given, **changes})


def light(rgb: Any = PERSON, **changes: Any) -> Light:
    """The light in which skin of this colour is neither bent nor cast, exposure and white known.

    `changes` name fields of the light or of its three parts.
    """
    density = -100 * np.log10(np.asarray(rgb, np.float64))

    def part(of: type[Any], **usual: Any) -> Any:
        return of(**{name: changes.pop(name, value) for name, value in usual.items()})

    knots = np.linspace(-1.5, -0.1, len(KNOTS))
    slopes, level = np.zeros((len(KNOTS), 2)), float(-density[0] / 100)
    own = {
        "white_balance": part(WhiteBalance, reference="none", gain=(1.0,) * 3, residual=(1e-3, 1e-3)),
        "exposure": part(
            Exposure, key_light=float(rgb[0]), reference_od=float(density[0]), sigma=1e-3, camera_sigma=1e-3
        ),
        "tone_curve": part(ToneCurve, knots=knots, slopes=slopes, level=level),
    }
    given = {
        **own, "card": None, "darker": MappingProxyType({}),
        "excess": (0.0, 0.0),
        "chroma": (float(density[1] - density[0]), float(density[2] - density[1])),
        "calm": (float(density[1] - density[0]), float(density[2] - density[1])),
        "chroma_sigma": (0.0, 0.0), "zone_sigma": MappingProxyType(dict.fromkeys(SKIN_ZONES, 0.5)),
        "scatter": 1.0, "n_pixels": 5000,
    }  # fmt: skip
    return Light(**{**given, **changes})


def zone_masks() -> Mapping[str, BoolMap]:
    """All zones, all visible."""
    return load_canonical().zones


def maps(**changes: Any) -> SkinMaps:
    """Even skin of EI 28 and MI 35 without shine, all of it valid; numbers or maps may be given."""
    level = {"erythema": 28.0, "melanin": 35.0, "shine": 0.0, "validity": 1.0}
    given: dict[str, Any] = {
        k: np.array(np.broadcast_to(changes.pop(k, v), (S, S)), np.float32) for k, v in level.items()
    }
    given |= {
        "valid": load_canonical().on_mesh & (given["validity"] >= 0.5), "correction": (0.0, 0.0),
        "erythema_shared_sigma": 2.0,
        "melanin_shared_sigma": 3.0, "provider": "CPUExecutionProvider", "fallback": None,
        "model_sha256": "0" * 64,
    }  # fmt: skip
    return SkinMaps(**{**given, **changes})


FINE = Quality(checks=())
"""No check, so none failed."""


def grain(sigma: float, seed: int = 0) -> FloatMap:
    """(S, S, 1) factor that gives skin its fine texture; `sigma` in OD."""
    rough = np.random.default_rng(seed).normal(0, sigma, (S, S, 1))
    return np.asarray(10 ** (rough / 100), np.float32)


def redder(rgb: Any, ei: Any) -> FloatArray:
    """Linear RGB with so many EI of blood added: regression within people on ISSA."""
    rise = np.asarray(ei, np.float64)[..., None] * (0.230, 0.918, 0.782)
    out: FloatArray = np.asarray(rgb, np.float64) * 10 ** (-0.01 * rise)
    return out
