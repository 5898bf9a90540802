"""Constants of exposure.py and scores.py that no spectrum gives: what cameras usually do to skin.

    python -m models.training.fit.calibrate

Renders portraits of training people under random lights, cameras and poses (a few minutes), without and with
a colour card beside the face, scans them, and prints the medians that exposure.py carries: contrast and its
spread, and how much brighter skin is in photos than its reflectance; with a card, what its correction leaves.
Then how far zones of scans are off on people that no network was trained on, as a share of their intervals:
what these must be multiplied by for nine in ten to hold.
Seeds are fixed; nothing of test people or of real photos enters.
"""

from __future__ import annotations

import numpy as np

from models.renderer.issa import linear_srgb
from models.renderer.people import Person, people
from models.renderer.render import Rendered, render
from models.renderer.shot import draw_shot, hold_chart
from models.renderer.subject import draw_subject
from models.training.fit.examples import is_set_aside
from models.training.issa_constants import Constants, features, fit_constants
from skinscan.color import ITA_CLASSES
from skinscan.errors import FaceError, QualityError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.measure.card import find_card
from skinscan.measure.face import find_face
from skinscan.measure.light import estimate_light
from skinscan.measure.photo import open_photo
from skinscan.measure.texture import unwrap
from skinscan.scanner import Scanner
from skinscan.stats import SD_PER_MAD
from skinscan.types import Light

__all__ = ["main"]

_PORTRAITS = 72
_SCANS = 90
_LEAST_TEXELS = 150


def main() -> None:
    """Print the constants."""
    constants = fit_constants()
    by_tone: dict[str, list[int]] = {name: [] for name, _ in ITA_CLASSES}
    everybody = people(test=False)
    for number, person in enumerate(everybody):
        by_tone[person.tone].append(number)
    plain: list[dict[str, float]] = []
    carded: list[dict[str, float]] = []
    for number in range(_PORTRAITS):
        rng = np.random.default_rng([number, 0])
        group = list(by_tone.values())[number % len(by_tone)]
        person = everybody[group[int(rng.integers(len(group)))]]
        subject, shot = draw_subject(person, rng), draw_shot(rng)
        picture = render(subject, shot, rng)
        plain.append(_as_shot(_light(picture), picture, constants))
        rng = np.random.default_rng([number, 1])
        picture = render(subject, hold_chart(shot, rng), rng)
        light = _light(picture)
        if light.white_balance.reference == "chart24":
            carded.append(_by_card(light, picture))
    for what, rows in (("as shot", plain), ("by card", carded)):
        for name in rows[0]:
            values = np.array([row[name] for row in rows])
            spread = SD_PER_MAD * np.median(np.abs(values - np.median(values)))
            print(f"{what}, {name}: median {np.median(values):.2f}, robust SD {spread:.2f}, n {len(values)}")
    _print_widths([person for person in everybody if is_set_aside(person)])


def _print_widths(everybody: list[Person]) -> None:
    """Print, per measure, the 90 % quantile of error over half-width of the interval: 1 where it holds."""
    scanner, zones = Scanner("cpu"), load_canonical().zones
    ratios: dict[str, list[float]] = {"erythema_index": [], "erythema_contrast": [], "melanin_index": []}
    for number in range(_SCANS):
        rng = np.random.default_rng([number, 2])
        person = everybody[int(rng.integers(len(everybody)))]
        picture = render(draw_subject(person, rng), draw_shot(rng), rng)
        try:
            found = scanner.scan(picture.jpeg).zones
        except (FaceError, QualityError):
            continue
        masks = {z: zones[z] & picture.valid for z in found if z in SKIN_ZONES}
        masks = {z: mask for z, mask in masks.items() if mask.sum() > _LEAST_TEXELS}
        truth = {z: float(np.median(picture.erythema[mask])) for z, mask in masks.items()}
        own = float(np.mean(list(truth.values())))
        said = float(np.mean([found[z].erythema_index.value for z in masks]))
        for z, mask in masks.items():
            measures = found[z]
            ei, mi = measures.erythema_index, measures.melanin_index
            half = 0.5 * (measures.erythema_contrast.high - measures.erythema_contrast.low)
            ratios["erythema_index"].append(abs(ei.value - truth[z]) / (0.5 * (ei.high - ei.low)))
            ratios["erythema_contrast"].append(abs(ei.value - said - truth[z] + own) / half)
            melanin = float(np.median(picture.melanin[mask]))
            ratios["melanin_index"].append(abs(mi.value - melanin) / (0.5 * (mi.high - mi.low)))
    for name, values in ratios.items():
        print(f"error over interval, {name}: 90 % at {np.quantile(values, 0.9):.2f}, n {len(values)}")


def _light(picture: Rendered) -> Light:
    photo = open_photo(picture.jpeg)
    face = find_face(photo)
    card = find_card(photo, face)
    return estimate_light(photo, face, unwrap(photo, face, card), card)


def _as_shot(light: Light, picture: Rendered, constants: Constants) -> dict[str, float]:
    seen = load_canonical().skin & picture.valid
    shown = np.array(light.chroma) + np.array(light.excess)
    formula = features(np.array(light.exposure.reference_od), np.array(shown[0]), np.array(shown[1]))
    offset, by_red, by_green, by_blue = constants.melanin
    chroma = np.array(light.chroma)
    ratios = (by_green + by_blue) * chroma[0] + by_blue * chroma[1]
    true_od = (np.median(picture.melanin[seen]) - offset - ratios) / (by_red + by_green + by_blue)
    return {
        "contrast": float(formula @ constants.erythema) / float(np.median(picture.erythema[seen])),
        "brighter, OD": float(true_od)
        + 100 * float(np.log10(light.exposure.key_light * light.white_balance.gain[0])),
    }


def _by_card(light: Light, picture: Rendered) -> dict[str, float]:
    """What the card's correction leaves, against the skin under D65."""
    seen = load_canonical().skin & picture.valid
    density = -100 * np.log10(linear_srgb(picture.subject.skin.reflectance[seen]))
    red, red_green, green_blue = (
        float(np.median(plane))
        for plane in (density[:, 0], density[:, 1] - density[:, 0], density[:, 2] - density[:, 1])
    )
    return {
        "scatter of R/G, OD": light.chroma[0] + light.excess[0] - red_green,
        "scatter of G/B, OD": light.chroma[1] + light.excess[1] - green_blue,
        "brighter, OD": red + 100 * float(np.log10(light.exposure.key_light)),
    }


if __name__ == "__main__":
    main()
