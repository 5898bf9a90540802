"""Photos of rendered people whose shine, reactivity and spots are known: what scores are fitted on.

    python -m models.renderer.graded_faces FIRST LAST

renders training people into the cache, about 1.5 s of CPU each; the fit renders what is missing by itself.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from models.renderer.array_cache import read_arrays, write_arrays
from models.renderer.coverings import KINDS, draw_worn
from models.renderer.difficult_photos import draw_hard_shot
from models.renderer.expression import draw_expression
from models.renderer.face_layers import draw_look
from models.renderer.issa import melanin_index
from models.renderer.people import Person, people
from models.renderer.reactivity import reactive
from models.renderer.render import Rendered, render
from models.renderer.shape import draw_shape
from models.renderer.shot import Shot, draw_shot
from models.renderer.skin import SkinRecipe, draw_recipe
from models.renderer.subject import Oil, Subject, dressed, expressing, make_subject
from models.renderer.uv_fields import Map
from skinscan.color import ITA_CLASSES
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES, T_ZONE, U_ZONE
from skinscan.measure.score_features import CENTRE, RIM, dark_spots
from skinscan.types import BoolMap

__all__ = [
    "CACHE", "Truth", "draw_dose", "draw_states", "even_oil", "facts", "is_calibration",
    "photograph", "render", "score_faces", "truth_of", "usual_shot",
]  # fmt: skip

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "scores"

_VERSION = "5"  # of the cache: raise it when photos would come out different
_HEALTHY = 0.35  # share of faces without any reactivity
_SPOTTED = 0.6  # share with dark spots
_LIGHTS = 3  # photos of a person, each in a light and by a camera of its own
_POOR = 0.25  # share of photos small, turned or badly lit
_HARD = 0.3  # share of photos in bad light, or finished by an app
_WORN = ("stubble", "beard", "moustache", "fringe", "glasses", "hand", "mask", "plaster", "lipstick")
_EXPRESSING = 0.5  # share of photos with an expression
_MATTE = 0.2  # quantile of a face's specular reflectance that counts as matte


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is known of a rendered photo. Maps are (S, S) on the UV square."""

    severity: float  # 0..1
    oil_t: float  # mean oil of forehead, nose and chin, 0 matt .. 1 greasy
    oil_u: float  # oil of the cheeks
    valid: BoolMap  # bare skin that is seen
    specular: Map  # specular reflectance seen there, % of the light
    erythema: Map  # EI
    melanin: Map  # MI
    dark_spots: Map  # MI that freckles, moles and lentigines add


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreFace:
    """One photo and what is true of the skin in it."""

    person: str  # ISSA key
    tone: str  # class of the measured cheek
    jpeg: bytes
    truth: Truth


def score_faces(seed: int, first: int, last: int, folder: Path = CACHE) -> Iterator[ScoreFace]:
    """People number first..last of a seed, tones in turn, in three lights each; cached, or rendered now."""
    for number in range(first, last):
        key = hashlib.sha256(f"{_VERSION} {seed} {number}".encode()).hexdigest()[:16]
        stored = folder / f"{key}.npz"
        photos = read_arrays(stored)
        if photos is None:
            photos = {str(light): asdict(face) for light, face in enumerate(_draw(seed, number))}
            write_arrays(stored, photos)
        for packed in photos.values():
            yield ScoreFace(**{**packed, "truth": Truth(**packed["truth"])})


def is_calibration(person: str) -> bool:
    """Tell whether a training person's faces calibrate intervals; they are then never fitted on."""
    return int(hashlib.sha1(person.encode()).hexdigest(), 16) // 5 % 5 < 2


def draw_dose(rng: np.random.Generator) -> Oil:
    """Oil of T and of U drawn apart, evenly from matt to greasy."""
    near = np.clip(rng.random() + rng.normal(0.0, 0.08, 3), 0.0, 1.0).tolist()
    return Oil(forehead=near[0], nose=near[1], chin=near[2], cheeks=float(rng.random()))


def even_oil(t_zone: float, u_zone: float) -> Oil:
    """The same oil all over T, and all over U."""
    return Oil(forehead=t_zone, nose=t_zone, chin=t_zone, cheeks=u_zone)


def usual_shot(rng: np.random.Generator) -> Shot:
    """A good portrait as people send them, made smaller, since a texel of the face needs no more."""
    return _scaled(draw_shot(rng), 0.66)


def photograph(subject: Subject, rng: np.random.Generator) -> Rendered:
    """Take a usual shot."""
    return render(subject, usual_shot(rng), rng)


def draw_states(person: Person, severity: float, oil: Oil, rng: np.random.Generator) -> Subject:
    """A person with a known severity and oil; healthy apart from it, with or without dark spots."""
    plain = draw_recipe(person, rng).complexion
    spotted = rng.random() < _SPOTTED
    complexion = replace(
        plain,
        # Real cheeks are redder than forehead and jaws, and patchier, than the sites of ISSA: the spread
        # over London (odd ids) and Canada faces is 1.5 to 8.6 EI (5..95 %) and 1.2 to 4.1 EI.
        flush=float(rng.gamma(3.0, 1.4)),
        blotch=float(rng.uniform(0.8, 2.4)),
        spots=int(rng.poisson(2.0)) if rng.random() < 0.2 else 0,
        lentigines=1 + int(60 * rng.random() ** 2) if spotted else 0,
        lentigo_rise=float(rng.uniform(8.0, 25.0)),
        reactivity=reactive(severity, rng),
    )
    look = draw_look(float(melanin_index(person.sites["cheek"])), rng)
    return make_subject(SkinRecipe(person=person, complexion=complexion), look, draw_shape(rng), oil, rng)


def truth_of(photo: Rendered, severity: float, oil: Oil) -> Truth:
    """The truth of a rendered photo, in the precision that is kept."""
    skin = photo.subject.skin
    kept = {
        "specular": 100 * photo.specular, "erythema": photo.erythema, "melanin": photo.melanin,
        "dark_spots": skin.dark_spots,
    }  # fmt: skip
    return Truth(
        severity=severity,
        oil_t=(oil.forehead + oil.nose + oil.chin) / 3,
        oil_u=oil.cheeks,
        valid=photo.valid,
        **{name: values.astype(np.float16) for name, values in kept.items()},
    )


def facts(truth: Truth) -> dict[str, float]:
    """What scores are judged by, over bare skin that the photo shows.

    severity 0..1; oil of T and U 0..1; shine of T and U: specular reflectance above that of the matte skin
    of the same face, % of the light; dark spots as in a scan, MI; EI of the own face as in a scan, MI median,
    and how far the reddest skin and the centre of the face stand out, EI.
    """
    mesh = load_canonical()
    seen = {zone: mesh.zones[zone] & truth.valid for zone in SKIN_ZONES}
    skin = np.logical_or.reduce(list(seen.values()))
    erythema, melanin, specular = (
        np.asarray(m, np.float32) for m in (truth.erythema, truth.melanin, truth.specular)
    )
    shine = np.maximum(specular - np.quantile(specular[skin], _MATTE), 0)
    shown = {zone: mask for zone, mask in seen.items() if mask.any()}
    by_zone = {zone: float(np.median(erythema[mask])) for zone, mask in shown.items()}
    medians = list(by_zone.values())
    centre, rim = (
        float(np.mean([by_zone[zone] for zone in group if zone in by_zone] or [np.nan]))
        for group in (CENTRE, RIM)
    )
    areas = [float(mesh.area_cm2[mask].sum()) for mask in shown.values()]
    weight = cv2.GaussianBlur(skin.astype(np.float32), (0, 0), 3.0)
    smooth = cv2.GaussianBlur(np.where(skin, erythema, np.float32(0)), (0, 0), 3.0)
    smooth = (smooth / np.maximum(weight, 1e-3))[skin]

    def mean(group: tuple[str, ...]) -> float:
        return float(np.mean([shine[shown[zone]].mean() for zone in group if zone in shown] or [np.nan]))

    def highlights(values: Map) -> float:
        """The shiniest tenth above the zone's median, as in a scan."""
        ordered = np.sort(values)
        return float(ordered[-max(1, round(0.1 * len(ordered))) :].mean() - np.median(ordered))

    by_shine = [specular[shown[zone]] for zone in ("forehead", "nose") if zone in shown]
    return {
        "severity": truth.severity,
        "oil_t": truth.oil_t,
        "oil_u": truth.oil_u,
        "shine_t": mean(T_ZONE),
        "shine_u": mean(U_ZONE),
        "highlights": float(np.mean([highlights(values) for values in by_shine] or [np.nan])),
        **{f"spot_{name}": number for name, number in dark_spots(melanin, np.flatnonzero(skin)).items()},
        "erythema": float(np.average(medians, weights=areas)),
        "melanin": float(np.median(melanin[skin])),
        "peak": float(np.quantile(smooth, 0.95) - np.median(smooth)),
        "central": centre - rim,
    }


@cache
def _by_tone() -> tuple[tuple[Person, ...], ...]:
    everybody = people(test=False)
    return tuple(tuple(p for p in everybody if p.tone == name) for name, _ in ITA_CLASSES)


def _draw(seed: int, number: int) -> Iterator[ScoreFace]:
    rng = np.random.default_rng([seed, number])
    group = _by_tone()[number % len(ITA_CLASSES)]
    person = group[int(rng.integers(len(group)))]
    severity = 0.0 if rng.random() < _HEALTHY else float(rng.random())
    oil = draw_dose(rng)
    subject = draw_states(person, severity, oil, rng)
    for _ in range(_LIGHTS):
        photo = render(_as_one_goes(subject, rng), _shot(rng), rng)
        yield ScoreFace(
            person=person.key, tone=person.tone, jpeg=photo.jpeg, truth=truth_of(photo, severity, oil)
        )


def _as_one_goes(bare: Subject, rng: np.random.Generator) -> Subject:
    """The person as photographed: with an expression, beard, glasses, a hand at the face; or without.

    A score that has only seen bare, calm faces takes them for patches of red.
    """
    if rng.random() < _EXPRESSING:
        bare = expressing(bare, draw_expression(rng))
    return dressed(bare, draw_worn(rng, [kind for kind in _WORN if rng.random() < KINDS[kind]]))


def _shot(rng: np.random.Generator) -> Shot:
    """A photo as people send them, of any size; some of them poor."""
    poor = rng.random() < _POOR
    draw = draw_hard_shot if rng.random() < _HARD else draw_shot
    shot = draw(rng, yaw=34.0 if poor else 20.0)
    scale = float(rng.uniform(0.3, 0.5) if poor else rng.uniform(0.45, 0.8))
    camera = shot.camera
    if poor:
        exposure = camera.exposure * float(np.exp(rng.uniform(-1.4, 0.5)))
        camera = replace(camera, exposure=exposure, blur=camera.blur * float(rng.uniform(1.0, 2.5)))
    return replace(_scaled(shot, scale), camera=camera)


def _scaled(shot: Shot, scale: float) -> Shot:
    return replace(
        shot,
        width=round(shot.width * scale),
        height=round(shot.height * scale),
        interocular=shot.interocular * scale,
    )


def main() -> None:
    """Render part of the first seed into the cache."""
    first, last = map(int, sys.argv[1:])
    for done, _ in enumerate(score_faces(0, first, last), start=first + 1):
        if done % 50 == 0:
            print(f"{done} of {last}", flush=True)


if __name__ == "__main__":
    main()
