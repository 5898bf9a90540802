"""Rendered photos as the pipeline unwraps them, with the truth of every texel: what skinmaps learns from.

    python -m models.training.fit.examples .cache/examples --count 500 --part 0/2

Three photos of each person, one file each, named by the seed; a run that was stopped goes on where it was.
Faces are drawn from training people only, all tone classes equally often; one person in eight is set aside to
choose designs on.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.coverings import KINDS, draw_worn
from models.renderer.difficult_photos import draw_hard_shot
from models.renderer.expression import draw_expression
from models.renderer.face_layers import draw_look
from models.renderer.issa import melanin_index
from models.renderer.mesh import barycentric, draw_ids, load_mesh
from models.renderer.people import Person, people
from models.renderer.render import Rendered, render
from models.renderer.shape import draw_shape
from models.renderer.shot import Shot, draw_shot
from models.renderer.skin import Patch, draw_recipe, make_skin
from models.renderer.subject import Subject, draw_oil, make_subject
from skinscan.color import ITA_CLASSES
from skinscan.errors import FaceError, QualityError
from skinscan.measure.face import find_face
from skinscan.measure.light import estimate_light
from skinscan.measure.photo import open_photo
from skinscan.measure.skinmaps import as_feeds
from skinscan.measure.texture import unwrap
from skinscan.types import FaceTexture

__all__ = ["Example", "above_matte", "is_set_aside", "read_example", "write_examples"]

Map = NDArray[np.floating[Any]]

_MATTE = 0.2  # quantile of the face's specular reflectance that counts as matte
_PHOTOS = 3  # of one person
_LEAST = 500  # texels of clear, bare skin
_CLEAR = 0.03  # of the skin's light taken by what is worn
_SKIN_LIKE = ("foundation", "blusher")  # who learns to distrust red or even cheeks will miss reactions
_STRONG = 0.35  # share of faces with a reaction as strong as claims are about
_REACTION_AREAS = (
    (0.28, 0.57),
    (0.72, 0.57),
    (0.5, 0.17),
    (0.5, 0.86),
    (0.26, 0.76),
    (0.74, 0.76),
    (0.5, 0.5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One photo. Maps are (TEXTURE_SIZE, TEXTURE_SIZE) where the pipeline's own landmarks put each texel."""

    tone: str
    set_aside: bool  # of a person nothing is fitted on
    feeds: dict[str, NDArray[np.float32]]  # inputs of skinmaps.onnx, without the batch axis
    erythema: Map  # EI of the skin
    melanin: Map  # MI of the skin
    shine: Map  # specular reflectance, % of the light
    bare: NDArray[np.bool_]  # bare skin is seen there
    clear: NDArray[np.bool_]  # nothing between skin and camera, such as a lens: its maps can be known
    rise: Map  # EI that a reaction has added


def above_matte(example: Example) -> Map:
    """Specular reflectance above that of the matte skin of the same face, % of the light."""
    skin = example.bare & example.clear
    return np.asarray(np.maximum(example.shine - np.quantile(example.shine[skin], _MATTE), 0.0))


def is_set_aside(person: Person) -> bool:
    """Whether a training person serves only to choose between designs: one in eight, by name."""
    return int(hashlib.sha256(person.key.encode()).hexdigest(), 16) % 8 == 0


def _draw_examples(by_tone: dict[str, list[Person]], seed: int) -> list[Example | None]:
    """Draw a person and take some photos, each in another light; None for one that the pipeline refuses
    or that shows hardly any skin."""
    rng = np.random.default_rng([20_261, seed])
    tone = list(by_tone)[int(rng.integers(len(by_tone)))]
    person = by_tone[tone][int(rng.integers(len(by_tone[tone])))]
    subject, calm = _subject(person, rng)
    return [_example(person, tone, render(subject, _shot(rng), rng), calm) for _ in range(_PHOTOS)]


def _example(person: Person, tone: str, picture: Rendered, calm: Map) -> Example | None:
    try:
        photo = open_photo(picture.jpeg)
        face = find_face(photo)
        texture = unwrap(photo, face)
        light = estimate_light(photo, face, texture)
    except (FaceError, QualityError):
        return None
    uv, on_head = _true_uv(picture, texture)

    def here(values: NDArray[Any]) -> Map:
        seen = cv2.remap(values.astype(np.float32), *uv, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen)

    bare = (here(picture.valid) > 0.5) & on_head & texture.inside
    clear = here(picture.cover) < _CLEAR
    if (bare & clear).sum() < _LEAST:
        return None
    return Example(
        tone=tone,
        set_aside=is_set_aside(person),
        feeds=as_feeds(texture, light),
        erythema=here(picture.erythema),
        melanin=here(picture.melanin),
        shine=100 * here(picture.specular),
        bare=bare,
        clear=clear,
        rise=here(picture.erythema - calm),
    )


def _subject(person: Person, rng: np.random.Generator) -> tuple[Subject, Map]:
    """A person, often with a reaction; and the EI without it."""
    recipe = draw_recipe(person, rng)
    look = draw_look(float(melanin_index(person.sites["cheek"])), rng)
    shape, oil = draw_shape(rng), draw_oil(rng)
    reaction = _reaction(rng) if rng.random() < _STRONG else ()
    state = int(rng.integers(1 << 32))  # the same skin with and without
    calm = make_skin(recipe, np.random.default_rng(state)).erythema
    recipe = replace(recipe, patches=(*recipe.patches, *reaction))
    kinds = [name for name, chance in KINDS.items() if name not in _SKIN_LIKE and rng.random() < chance]
    worn = draw_worn(rng, kinds)
    expression = draw_expression(rng) if rng.random() < 0.5 else None
    again = np.random.default_rng(state)
    return make_subject(recipe, look, shape, oil, again, worn=worn, expression=expression), calm


def _reaction(rng: np.random.Generator) -> tuple[Patch, ...]:
    """Patches of +2 to +14 EI, sharp or soft, some as large as a cheek."""
    count = int(rng.integers(1, 6))
    places = rng.choice(len(_REACTION_AREAS), count, replace=False)
    return tuple(
        Patch(
            u=float(_REACTION_AREAS[k][0] + rng.normal(0, 0.03)),
            v=float(_REACTION_AREAS[k][1] + rng.normal(0, 0.03)),
            radius=float(rng.uniform(0.03, 0.16)),
            softness=float(rng.uniform(0.05, 1.0)),
            rise=float(rng.uniform(2.0, 14.0)),
        )
        for k in places
    )


def _shot(rng: np.random.Generator) -> Shot:
    """A portrait in plain or hard light, at the sizes that people send, 0.4 to 0.8 of the renderer's own."""
    shot = draw_shot(rng, yaw=28.0) if rng.random() < 0.5 else draw_hard_shot(rng, yaw=28.0)
    scale = float(rng.uniform(0.4, 0.8))
    return replace(
        shot,
        width=round(shot.width * scale),
        height=round(shot.height * scale),
        interocular=shot.interocular * scale,
    )


def _true_uv(picture: Rendered, texture: FaceTexture) -> tuple[tuple[Map, Map], NDArray[np.bool_]]:
    """Where on the true UV square each texel of the pipeline looks, for cv2.remap; whether on the face."""
    mesh = load_mesh()
    xy, depth = picture.landmarks[:468, :2], picture.landmarks[:468, 2]
    depth = depth - depth.min() + 10 * picture.interocular
    height, width = picture.photo.shape[:2]
    ids = draw_ids(xy, depth, mesh.triangles, (height, width))
    x, y = texture.photo_xy
    column = np.clip(np.round(x), 0, width - 1).astype(int)
    row = np.clip(np.round(y), 0, height - 1).astype(int)
    hit = ids[row, column]
    points = np.stack([x, y], axis=-1)[hit >= 0].astype(np.float32)
    weights = barycentric(xy, np.ones(len(xy), np.float32), mesh.triangles, hit[hit >= 0], points)
    uv = np.zeros((*hit.shape, 2), np.float32)
    uv[hit >= 0] = (mesh.uv[mesh.triangles[hit[hit >= 0]]] * weights[..., None]).sum(axis=1)
    at = uv * len(hit) - 0.5
    return (np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])), hit >= 0


def write_examples(folder: Path, seeds: range, everybody: list[Person]) -> None:
    """Write the examples of `seeds` that are not there yet; a refused photo leaves an empty file."""
    folder.mkdir(parents=True, exist_ok=True)
    by_tone = {name: [p for p in everybody if p.tone == name] for name, _ in ITA_CLASSES}
    for seed in seeds:
        paths = [folder / f"{seed:06d}-{photo}.npz" for photo in range(_PHOTOS)]
        if paths[-1].exists():
            continue
        for path, example in zip(paths, _draw_examples(by_tone, seed), strict=True):
            part = path.with_suffix(f".{os.getpid()}")
            with part.open("wb") as file:
                if example is not None:
                    np.savez_compressed(file, **_packed(example))
            part.replace(path)


def _packed(example: Example) -> dict[str, Any]:
    """Half precision, which is finer than 8-bit photos are."""
    maps = {
        name: getattr(example, name).astype(np.float16) for name in ("erythema", "melanin", "shine", "rise")
    }
    feeds = {
        f"feed_{name}": value.astype(np.float16 if value.ndim > 1 and value.size > 100 else np.float32)
        for name, value in example.feeds.items()
    }
    return {
        "tone": example.tone,
        "set_aside": example.set_aside,
        "bare": example.bare,
        "clear": example.clear,
        **maps,
        **feeds,
    }


def read_example(path: Path) -> Example | None:
    """Read one file; None for a refused photo."""
    if path.stat().st_size == 0:
        return None
    with np.load(path) as stored:
        maps = {name: stored[name].astype(np.float32) for name in ("erythema", "melanin", "shine", "rise")}
        feeds = {
            name[5:]: stored[name].astype(np.float32) for name in stored.files if name.startswith("feed_")
        }
        return Example(
            tone=str(stored["tone"]),
            set_aside=bool(stored["set_aside"]),
            bare=stored["bare"],
            clear=stored["clear"],
            feeds=feeds,
            **maps,
        )


def main() -> None:
    """Write examples to a folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=500, help="people")
    parser.add_argument("--seed", type=int, default=0, help="of the first person")
    parser.add_argument("--part", default="0/1", help="k/n: every n-th person from the k-th")
    given = parser.parse_args()
    first, step = (int(number) for number in given.part.split("/"))
    write_examples(
        given.folder, range(given.seed + first, given.seed + given.count, step), people(test=False)
    )


if __name__ == "__main__":
    main()
