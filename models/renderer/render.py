"""A photo of a head whose every texel is known.

`draw_shot` draws light, camera and pose, `render` takes the photo. Radiance is relative to a white card that
faces the light, so specular reflectance is an absolute fraction of the light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.apply_coverings import HAIR_HIDES
from models.renderer.camera import develop, to_raw
from models.renderer.chart import Chart, see_chart
from models.renderer.compositing import Seen, darken, lay_over, see
from models.renderer.face_layers import FINE, IRIS, eye_centres
from models.renderer.head import Head, build_head, rotation
from models.renderer.mesh import barycentric, dot, draw_ids, load_mesh, unit
from models.renderer.phone_processing import apply_finish
from models.renderer.scene_objects import SceneObject
from models.renderer.shading import Points, Shadows, lit_by, past_gobo, shade, shadow_map
from models.renderer.sheet import Sheet, see_sheet
from models.renderer.shot import Shot
from models.renderer.skin import SIZE
from models.renderer.subject import Subject
from models.renderer.surface_pixels import (  # fmt: skip
    Pixels,
    albedo,
    body_color,
    gather,
    hair_of,
    sample,
    specular_finish,
)

__all__ = ["Rendered", "render"]

Array = NDArray[np.floating[Any]]

METERED = 0.42  # linear luminance that auto exposure gives a light face; dark faces stay darker
GRAZING = 0.2  # cosine below which a texel is not seen
BARE = 0.98
HIDDEN_CM = 0.6
OUTLINE_CM = 1.0
TEXEL_CM = 0.09


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
    occluded: NDArray[np.bool_]  # would be `valid` but for what is worn: things, hair, opaque paint
    cover: Array  # 0..1 share of the skin's light that what is worn takes; 0 where skin could not be seen
    landmarks: Array  # (478, 3) x, y in px, z in px, smaller is nearer
    interocular: float  # px, corrected for yaw
    subject: Subject
    shot: Shot


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """The posed head in the photo."""

    head: Head
    xy: Array  # (V, 2) px
    depth: Array  # (V,) cm from the camera
    side: Array  # (3,) the head's own left in camera axes
    focal: float  # px
    middle: Array  # (2,) px where the optical axis meets the photo
    turn: Array  # (3, 3) head to camera axes
    shadows: Shadows | None  # of the head and of what is worn; None where no light is the key


def render(subject: Subject, shot: Shot, rng: np.random.Generator) -> Rendered:
    """Take the photo."""
    view = _look(subject, shot)
    size = (shot.height, shot.width)
    pixels = gather(view.head, view.xy, view.depth, size)
    at = (pixels.row, pixels.column)
    hair = hair_of(subject, pixels)
    depth = np.full(size, 1e4, np.float32)
    depth[at] = pixels.depth
    worn = _see_worn(subject, shot, view, depth)
    if worn:
        pixels = replace(pixels, open=pixels.open * darken(worn, size, view.focal / shot.distance)[at])
    rough, gloss, soft, tilt = specular_finish(subject, pixels, hair)
    points = _points(view, shot, pixels, rough, soft, tilt)
    light = shade(points, shot.light)
    key, fill = to_raw(shot.camera, shot.light)
    body = body_color(subject, pixels, albedo(subject, key), key, hair)
    seen = body * light.key
    if key is not fill:
        body = body_color(subject, pixels, albedo(subject, fill), fill, hair)
    seen += body * light.fill[:, None]
    key_specular, fill_specular = light.key_specular * gloss, light.fill_specular * gloss
    seen += key_specular[:, None] * key.sum(axis=0) + fill_specular[:, None] * fill.sum(axis=0)
    raw = _wall(shot, fill, rng)
    raw[at] = seen
    specular = np.zeros(size, np.float32)
    specular[at] = key_specular + fill_specular
    outline, cover = depth, np.zeros(size, np.float32)
    if worn:
        lit = [_soft_shadow(view, shot, one) for one in worn]
        over = lay_over(worn, lit, shot.light, shot.distance, (key, fill), size)
        raw = raw * over.shows + over.adds
        specular = specular * (1.0 - over.cover) + over.specular
        cover, outline = over.cover, _nearest_depth(worn, depth)
        seen = raw[at]
    if shot.chart is not None:
        _hold(shot.chart, shot, view, raw, depth, (key, fill), rng)
        outline = np.minimum(outline, depth)
    raw = _smooth_outlines(raw, outline)
    gain = _meter(seen[pixels.on_face], shot)
    linear, photo = develop(raw, shot.camera, gain, rng)
    if shot.finish is not None:
        photo = apply_finish(photo, shot.finish)
    jpeg = b""
    if shot.camera.quality:
        coded = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, shot.camera.quality])[1]
        jpeg = coded.tobytes()
        photo = _decode(jpeg)
    truth = _unwrap(subject, view, depth, specular, cover)
    return Rendered(
        photo=photo, jpeg=jpeg, linear=linear, gain=gain, erythema=subject.skin.erythema,
        melanin=subject.skin.melanin, specular=truth.specular, valid=truth.valid, cosine=truth.cosine,
        occluded=truth.occluded, cover=truth.cover, landmarks=_landmarks(subject, view),
        interocular=_interocular(subject, view), subject=subject, shot=shot,
    )  # fmt: skip


def _look(subject: Subject, shot: Shot) -> _View:
    """Pose the head and project it."""
    pose = (shot.yaw, shot.pitch, shot.roll)
    head = build_head(subject.shape, pose)
    rest = _at_uv(eye_centres(subject.look.gaze), subject.shape.face)
    focal = shot.interocular / float(np.linalg.norm(rest[0] - rest[1])) * shot.distance
    middle = np.array([shot.centre[0] * shot.width, shot.centre[1] * shot.height], np.float32)
    xy, depth = _photo_xy(head.xyz, focal, shot.distance, middle)
    turn = rotation(*pose)
    casters = _with_things(head, subject.things, turn) if subject.things else head
    shadows = shadow_map(casters, shot.light.direction) if shot.light.share else None
    return _View(
        head=head, xy=xy, depth=depth, side=turn[:, 0], focal=focal, middle=middle, turn=turn, shadows=shadows
    )


def _with_things(head: Head, things: Sequence[SceneObject], turn: Array) -> Head:
    """Head and things as one, for shadows alone: nothing but vertices and triangles is right."""
    start = np.cumsum([len(head.xyz), *(len(thing.xyz) for thing in things)])
    triangles = [thing.triangles[thing.casts] + s for thing, s in zip(things, start[:-1], strict=True)]
    return replace(
        head,
        xyz=np.concatenate([head.xyz, *(thing.xyz @ turn.T for thing in things)]),
        triangles=np.concatenate([head.triangles, *triangles]).astype(np.int32),
    )


def _see_worn(subject: Subject, shot: Shot, view: _View, depth: Array) -> list[Seen]:
    """Pixels of what is worn, farthest first."""

    def project(xyz: Array) -> tuple[Array, Array]:
        return _photo_xy(xyz, view.focal, shot.distance, view.middle)

    return see(subject.things, view.turn, project, depth)


def _nearest_depth(worn: Sequence[Seen], depth: Array) -> Array:
    """(H, W) depth with the things that hide what is behind them."""
    nearest = depth.copy()
    for one in worn:
        solid = one.alpha > 0.5 if one.thing.stuff.keeps is None else np.zeros(len(one.row), bool)
        at = (one.row[solid], one.column[solid])
        nearest[at] = np.minimum(nearest[at], one.depth[solid])
    return nearest


def _photo_xy(xyz: Array, focal: float, distance: float, middle: Array) -> tuple[Array, Array]:
    """Pinhole: px (N, 2) and depth in cm."""
    depth = np.float32(distance) - xyz[:, 2]
    return middle + np.float32(focal) * xyz[:, :2] * np.array([1, -1], np.float32) / depth[:, None], depth


def _hold(
    held: Chart | Sheet,
    shot: Shot,
    view: _View,
    raw: Array,
    depth: Array,
    to_raw_of: tuple[Array, Array],
    rng: np.random.Generator,
) -> None:
    """Draw a card into `raw` and `depth`, in front of all else."""
    parts = (
        [see_chart(held, shot.light, *to_raw_of, rng)]
        if isinstance(held, Chart)
        else see_sheet(held, shot.light, *to_raw_of)
    )
    for flat, corners in parts:
        xy, far = _photo_xy(corners, view.focal, shot.distance, view.middle)
        _lay(flat, xy, float(far.mean()), raw, depth)


def _lay(flat: Array, xy: Array, far: float, raw: Array, depth: Array) -> None:
    """Draw a flat picture (h, w, 3) between four corners (4, 2) px into `raw` and `depth`."""
    height, width = flat.shape[:2]
    of_flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    low = np.maximum(np.floor(xy.min(axis=0)).astype(int) - 2, 0)
    high = np.minimum(np.ceil(xy.max(axis=0)).astype(int) + 3, raw.shape[1::-1])
    if (high <= low).any():
        return
    move = cv2.getPerspectiveTransform(of_flat, (xy - low).astype(np.float32))
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    seen = cv2.warpPerspective(flat, move, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpPerspective(np.ones((height, width), np.float32), move, size)[..., None]
    box = np.s_[low[1] : high[1], low[0] : high[0]]
    raw[box] += share * (seen - raw[box])
    depth[box][share[..., 0] > 0.5] = far


def _points(view: _View, shot: Shot, pixels: Pixels, rough: Array, soft: Array, tilt: Array) -> Points:
    """Surface points for shading: relief on the normal, cast shadow blurred by the size of the light."""
    normal = pixels.normal.copy()
    face = np.flatnonzero(pixels.on_face)
    flat, slope = pixels.normal[face], tilt[face]
    across = unit(view.side - flat * (flat @ view.side)[:, None])
    normal[face] = unit(flat + slope[:, :1] * across + slope[:, 1:] * np.cross(across, flat))
    to_camera = unit(np.array([0, 0, shot.distance], np.float32) - pixels.xyz)
    inside = (dot(normal, to_camera) < 0) & ~pixels.on_face  # of long hair
    normal[inside] *= -1
    return Points(
        normal=normal,
        view=to_camera,
        lit=_soft_shadow(view, shot, pixels),
        open=pixels.open,
        rough=rough,
        soft=soft,
    )


def _soft_shadow(view: _View, shot: Shot, pixels: Pixels | Seen) -> Array:
    """(N,) share of the key that arrives."""
    if view.shadows is None:
        return np.ones(len(pixels.row), np.float32)
    part = 2  # a soft shadow needs no full resolution
    few = np.flatnonzero((pixels.row % part == 0) & (pixels.column % part == 0))
    at = (pixels.row[few] // part, pixels.column[few] // part)
    lit = np.zeros((-(-shot.height // part), -(-shot.width // part), 2), np.float32)
    lit[(*at, 0)] = lit_by(view.shadows, pixels.xyz[few])
    lit[(*at, 1)] = 1.0
    sigma = max(0.4 * shot.light.size * view.focal / shot.distance, 1.0) / part
    soft = cv2.GaussianBlur(lit, (0, 0), sigma)
    share = cv2.resize(soft[..., 0] / np.maximum(soft[..., 1], 1e-3), (shot.width, shot.height))
    arrives = np.asarray(share[pixels.row, pixels.column])
    if shot.light.gobo is not None:
        arrives = arrives * past_gobo(shot.light.gobo, shot.light.direction, pixels.xyz)
    return arrives


def _wall(shot: Shot, fill: Array, rng: np.random.Generator) -> Array:
    """(H, W, 3) raw of a plain wall, unevenly lit, out of focus."""
    coarse = rng.standard_normal((4, 3)).astype(np.float32)
    cloud = cv2.resize(coarse, (shot.width, shot.height), interpolation=cv2.INTER_CUBIC)
    down = np.linspace(1.1, 0.8, shot.height, dtype=np.float32)[:, None]
    return np.asarray((0.8 * down * np.exp(0.08 * cloud))[..., None] * (shot.wall @ fill), np.float32)


def _decode(jpeg: bytes) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise ValueError("the JPEG just written cannot be read")
    return np.asarray(pixels, np.uint8)


def _smooth_outlines(raw: Array, depth: Array) -> Array:
    """Blur where the depth jumps: a pixel on an outline sees both sides."""
    jump = cv2.dilate(depth, np.ones((3, 3))) - cv2.erode(depth, np.ones((3, 3))) > OUTLINE_CM
    return np.asarray(np.where(jump[..., None], cv2.GaussianBlur(raw, (0, 0), 0.9), raw))


def _meter(face: Array, shot: Shot) -> float:
    """Exposure gain: a light face lands at METERED, a dark one further down, highlights mostly unclipped."""
    if not shot.meter:
        return 1.0
    luminance = face @ (shot.camera.matrix @ (0.2126, 0.7152, 0.0722))
    mean = float(luminance.mean())
    gain = METERED * (mean / 0.33) ** 0.8 / mean
    return float(shot.camera.exposure * min(gain, 1.0 / np.percentile(luminance, 98)))


def _at_uv(uv: Array, xyz: Array) -> Array:
    """(N, 3): where points of the UV square lie on a face with vertices `xyz`."""
    mesh = load_mesh()
    flat = np.ones(len(mesh.uv), np.float32)
    ids = draw_ids(mesh.uv * FINE - 0.5, flat, mesh.triangles, (FINE, FINE))
    at = uv * FINE - 0.5
    hit = ids[np.round(at[:, 1]).astype(int), np.round(at[:, 0]).astype(int)]
    weights = barycentric(mesh.uv * FINE - 0.5, flat, mesh.triangles, hit, at)
    return np.asarray((xyz[mesh.triangles[hit]] * weights[..., None]).sum(axis=1), np.float32)


def _landmarks(subject: Subject, view: _View) -> Array:
    """(478, 3) as FaceLandmarker numbers them: the mesh, then centre and four points of each iris."""
    face = view.head.xyz[:468]
    iris = []
    for centre in _at_uv(eye_centres(subject.look.gaze), face):
        around = [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)]
        iris += [centre + IRIS * (a * view.side + b * np.array([0, 1, 0])) for a, b in around]
    xyz = np.concatenate([face, np.array(iris, np.float32)])
    distance = view.depth[0] + view.head.xyz[0, 2]
    xy, _ = _photo_xy(xyz, view.focal, float(distance), view.middle)
    return np.column_stack([xy, -xyz[:, 2] * view.focal / distance]).astype(np.float32)


def _interocular(subject: Subject, view: _View) -> float:
    """Distance of the irises in px, as if the face were turned to the camera where it is."""
    a, b = _at_uv(eye_centres(subject.look.gaze), view.head.xyz[:468])
    distance = float(view.depth[0] + view.head.xyz[0, 2])
    return float(np.linalg.norm(a - b)) * view.focal / (distance - 0.5 * float(a[2] + b[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Truth:
    """Maps of `Rendered` that depend on the photo."""

    specular: Array
    valid: NDArray[np.bool_]
    cosine: Array
    occluded: NDArray[np.bool_]
    cover: Array


def _unwrap(subject: Subject, view: _View, depth: Array, specular: Array, cover: Array) -> _Truth:
    """Truth on the UV square: specular as the photo shows it, where bare skin is seen, cosine of the view."""
    mesh = load_mesh()
    flat, uv = np.ones(len(mesh.uv), np.float32), mesh.uv * SIZE - 0.5
    ids = draw_ids(uv, flat, mesh.triangles, (SIZE, SIZE))
    row, column = np.nonzero(ids >= 0)
    hit, centre = ids[row, column], np.stack([column, row], axis=-1).astype(np.float32)
    corners, weights = mesh.triangles[hit], barycentric(uv, flat, mesh.triangles, hit, centre)

    def at_texel(values: Array) -> Array:
        return np.asarray((values[corners] * weights[..., None]).sum(axis=1), np.float32)

    xyz, normal = at_texel(view.head.xyz[:468]), at_texel(view.head.normal[:468])
    distance = float(view.depth[0] + view.head.xyz[0, 2])
    xy, far = _photo_xy(xyz, view.focal, distance, view.middle)
    to_camera = np.array([0, 0, distance], np.float32) - xyz
    facing = dot(unit(normal), unit(to_camera))
    height, width = depth.shape
    inside = ((xy >= 0) & (xy <= (width - 1, height - 1))).all(axis=1)
    seen = np.abs(sample(depth, xy)[:, 0] - far) < HIDDEN_CM
    bare = subject.surface.bare[row, column] > BARE
    could = inside & seen & bare & (facing > GRAZING)
    taken = sample(cv2.GaussianBlur(cover, (0, 0), 0.4 * view.focal / distance * TEXEL_CM), xy)[:, 0]
    hidden = taken > HAIR_HIDES
    if subject.outfit is not None:
        taken = 1.0 - (1.0 - taken) * (1.0 - subject.outfit.cover[row, column])
        hidden |= subject.outfit.hidden[row, column]
    ok = could & ~hidden
    maps = np.zeros((5, SIZE, SIZE), np.float32)
    maps[0, row, column] = sample(cv2.GaussianBlur(specular, (0, 0), 0.7), xy)[:, 0] * ok
    maps[1, row, column] = ok
    maps[2, row, column] = np.clip(facing, 0.0, 1.0)
    maps[3, row, column] = could & hidden
    maps[4, row, column] = taken * could
    return _Truth(
        specular=maps[0], valid=maps[1].astype(bool), cosine=maps[2], occluded=maps[3].astype(bool),
        cover=maps[4],
    )  # fmt: skip
