"""A photo of a head whose every texel is known.

`draw_shot` draws light, camera and pose, `render` takes the photo. Linear radiance is relative to a white card that
faces the light, so specular reflectance is an absolute fraction of the light.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train import optics
from models.train.camera import Camera, Light, develop, draw_camera, draw_light, to_raw
from models.train.head import Head, build_head, rotation
from models.train.mesh import barycentric, draw_ids, load_mesh
from models.train.paint import FINE, IRIS, eye_centres
from models.train.shading import Points, ambient_visibility, lit_by, shade
from models.train.skin import SIZE
from models.train.subject import Subject

__all__ = ["Rendered", "Shot", "draw_shot", "render"]

Array = NDArray[np.float32]

METERED = 0.42  # linear luminance that auto exposure gives a light face; dark faces stay darker
WALL_DISTANCE_LIGHT = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """How one photo is taken."""

    light: Light
    camera: Camera
    yaw: float  # degrees, signs as in skinscan.types.Pose
    pitch: float
    roll: float
    width: int  # px
    height: int  # px
    interocular: float  # px between the iris centres of a face turned to the camera
    distance: float  # cm from the camera to the head
    centre: tuple[float, float]  # share of width and height where the middle of the head is
    wall: Array  # (31,) spectrum of the background
    meter: bool = True  # auto exposure; off, linear 1 is the white card


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The photo and the truth. Maps are (SIZE, SIZE) on the UV square."""

    photo: NDArray[np.uint8]  # (H, W, 3) sRGB, after the JPEG if there is one
    jpeg: bytes  # the file; empty if the camera writes none
    linear: Array  # (H, W, 3) linear sRGB of the camera before tone curve and clipping
    gain: float  # exposure: linear of a white card that faces the light
    erythema: Array  # EI of the skin, SCI
    melanin: Array  # MI of the skin, SCI
    specular: Array  # 0..1 specular reflectance seen by the camera; 0 where not valid
    valid: NDArray[np.bool_]  # bare skin, on the mesh, turned to the camera and not hidden
    cosine: Array  # 0..1 between skin normal and line of sight
    landmarks: Array  # (478, 3) x, y in px, z in px, smaller is nearer
    interocular: float  # px, corrected for yaw
    subject: Subject
    shot: Shot


def draw_shot(rng: np.random.Generator, *, yaw: float = 20.0) -> Shot:
    """Draw a photo as people send them: a portrait, head up to `yaw` degrees off."""
    light = draw_light(rng)
    return Shot(
        light=light,
        camera=draw_camera(light, rng),
        yaw=float(np.clip(rng.normal(0, 0.5 * yaw), -yaw, yaw)),
        pitch=float(rng.normal(0, 5)),
        roll=float(rng.normal(0, 4)),
        width=900,
        height=1200,
        interocular=float(rng.uniform(150, 200)),
        distance=float(rng.uniform(40, 100)),
        centre=(float(rng.uniform(0.46, 0.54)), float(rng.uniform(0.45, 0.52))),
        wall=optics.cloth(
            float(rng.uniform(430, 650)), float(rng.uniform(0.0, 0.3)), float(rng.uniform(0.1, 0.85))
        ).astype(np.float32),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """The posed head in the photo."""

    head: Head
    turn: Array  # (3, 3)
    xy: Array  # (V, 2) px
    depth: Array  # (V,) cm from the camera
    scale: float  # px per cm at the head's distance


def render(subject: Subject, shot: Shot, rng: np.random.Generator) -> Rendered:
    """Take the photo."""
    view = _project(subject, shot)
    ids = draw_ids(view.xy, view.depth, view.head.triangles, (shot.height, shot.width))
    y, x = np.nonzero(ids >= 0)
    at = np.stack([x, y], axis=-1).astype(np.float32)
    weights = barycentric(view.xy, view.depth, view.head.triangles, ids[y, x], at)
    pixels = _Pixels(view.head, view.head.triangles[ids[y, x]], weights)
    to_key, to_fill = (m.astype(np.float32) for m in to_raw(shot.camera, shot.light))
    textures = _albedo(subject, to_key), _albedo(subject, to_fill)
    points, own_specular = _points(subject, shot, view, pixels, (y, x))
    light = shade(points, shot.light)
    white_key, white_fill = to_key.sum(axis=0), to_fill.sum(axis=0)
    hide = own_specular
    raw_pixels = (
        _off_face(subject, pixels, textures[0], to_key) * light.key
        + _off_face(subject, pixels, textures[1], to_fill) * light.fill[:, None]
        + (light.key_specular * hide)[:, None] * white_key
        + (light.fill_specular * hide)[:, None] * white_fill
    )
    raw = _wall(shot, to_fill, rng)
    raw[y, x] = raw_pixels
    specular = np.zeros((shot.height, shot.width), np.float32)
    specular[y, x] = (light.key_specular + light.fill_specular) * hide
    gain = _meter(raw_pixels[pixels.on_face], shot)
    linear, photo = develop(raw, shot.camera, gain, rng)
    jpeg = b""
    if shot.camera.quality:
        coded = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, shot.camera.quality])[1]
        jpeg = coded.tobytes()
        photo = np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
    depth = np.full((shot.height, shot.width), np.inf, np.float32)
    depth[y, x] = (view.depth[pixels.corners] * weights).sum(axis=1)
    truth_specular, valid, cosine = _truth_maps(subject, view, depth, specular, shot)
    return Rendered(
        photo=photo, jpeg=jpeg, linear=linear, gain=gain, erythema=subject.skin.erythema,
        melanin=subject.skin.melanin, specular=truth_specular, valid=valid, cosine=cosine,
        landmarks=_landmarks(subject, view), interocular=shot.interocular, subject=subject, shot=shot,
    )  # fmt: skip
