"""Openly licensed portraits of real people: constants come of them, never pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from skinscan.errors import DataError, FaceError, PhotoError, QualityError
from skinscan.measure.face import find_face
from skinscan.measure.light import estimate_light
from skinscan.measure.photo import open_photo
from skinscan.measure.quality import check_quality
from skinscan.measure.skinmaps import map_skin
from skinscan.measure.texture import unwrap, visible_zones
from skinscan.types import BoolMap, FaceTexture, Light, Quality, SkinMaps

__all__ = ["SOURCES", "PersonPhoto", "people_photos"]

SOURCES = (
    "Face Research Lab London Set (odd ids), DeBruine, L. & Jones, B. (2017), CC BY 4.0,"
    " doi 10.6084/m9.figshare.5047666.v5",
    "Young Adult White Faces with Manipulated Versions, DeBruine, L. & Jones, B. (2017), CC BY 4.0,"
    " doi 10.6084/m9.figshare.4220517.v1",
)
"""Whoever uses the constants names these."""

_SETS = ("london", "canada")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPhoto:
    """One photo as the stages before the scores see it."""

    set: str  # "london" or "canada"
    person: str  # file name before its first "_"
    kind: str  # "neutral", "smiling", or "" where there is one photo of a person
    texture: FaceTexture
    light: Light
    maps: SkinMaps
    zone_masks: Mapping[str, BoolMap]
    quality: Quality


def people_photos(folder: Path) -> Iterator[PersonPhoto]:
    """Measure the photos of `folder`/london and `folder`/canada; what is refused is left out.

    Raises DataError where there is none.
    """
    photos = sorted(path for name in _SETS for path in (folder / name).glob("*.jpg"))
    if not photos:
        raise DataError(f"{folder} has no portraits", f"give a folder that holds {' and '.join(_SETS)}")
    for path in photos:
        try:
            photo = open_photo(path)
            face = find_face(photo)
            texture = unwrap(photo, face, None)
            light = estimate_light(photo, face, texture, None)
        except (PhotoError, FaceError, QualityError):
            continue
        maps = map_skin(texture, light, "cpu")
        person, _, kind = path.stem.partition("_")
        yield PersonPhoto(
            set=path.parent.name, person=person, kind=kind, texture=texture, light=light, maps=maps,
            zone_masks=visible_zones(texture), quality=check_quality(photo, face, texture, light, maps),
        )  # fmt: skip
