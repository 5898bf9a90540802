"""Constants of skinscan/light.py that no spectrum gives: what cameras usually do to skin.

    python -m models.train.calibrate

Renders portraits of training people under random lights, cameras and poses (a minute or three), scans them,
and prints the medians that light.py carries: contrast and its spread, and how much brighter skin is in photos
than its reflectance. Seeds are fixed; nothing of test people or of real photos enters.
"""

from __future__ import annotations

import numpy as np

from models.train.fit_issa import features, fit_constants
from models.train.people import people
from models.train.render import draw_shot, render
from models.train.subject import draw_subject
from skinscan.canonical import load_canonical
from skinscan.color import ITA_CLASSES
from skinscan.face import find_face
from skinscan.light import estimate_light
from skinscan.photo import open_photo
from skinscan.texture import unwrap

__all__ = ["main"]

_PORTRAITS = 72


def main() -> None:
    """Print the constants."""
    constants = fit_constants()
    skin = load_canonical().skin
    by_tone: dict[str, list[int]] = {name: [] for name, _ in ITA_CLASSES}
    everybody = people(test=False)
    for number, person in enumerate(everybody):
        by_tone[person.tone].append(number)
    contrast, brighter = [], []
    for number in range(_PORTRAITS):
        rng = np.random.default_rng([number, 0])
        group = list(by_tone.values())[number % len(by_tone)]
        person = everybody[group[int(rng.integers(len(group)))]]
        picture = render(draw_subject(person, rng), draw_shot(rng), rng)
        photo = open_photo(picture.jpeg)
        face = find_face(photo)
        light = estimate_light(photo, face, unwrap(photo, face))
        seen = skin & picture.valid
        shown = np.array(light.chroma) + np.array(light.excess)
        formula = features(np.array(light.reference_od), np.array(shown[0]), np.array(shown[1]))
        contrast.append(float(formula @ constants.erythema) / float(np.median(picture.erythema[seen])))
        offset, by_red, by_green, by_blue = constants.melanin
        chroma = np.array(light.chroma)
        ratios = (by_green + by_blue) * chroma[0] + by_blue * chroma[1]
        true_od = (np.median(picture.melanin[seen]) - offset - ratios) / (by_red + by_green + by_blue)
        brighter.append(float(true_od) + 100 * np.log10(light.key_light * light.gain[0]))
    for name, values in (("contrast", np.array(contrast)), ("brighter, OD", np.array(brighter))):
        spread = 1.4826 * np.median(np.abs(values - np.median(values)))
        print(f"{name}: median {np.median(values):.2f}, robust SD {spread:.2f}, n {len(values)}")


if __name__ == "__main__":
    main()
