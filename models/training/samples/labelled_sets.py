"""Make `samples/scan` and `samples/pairs`: small labelled sets as `skinscan bench FOLDER` reads them.

`python -m models.training.samples.labelled_sets` rewrites them, byte for byte with the same NumPy and OpenCV.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.renderer.camera import illuminant
from models.renderer.issa import linear_srgb
from models.renderer.people import Person, committed_people
from models.renderer.render import Rendered, render
from models.renderer.shot import Shot
from models.renderer.skin import Patch
from models.renderer.subject import Oil
from models.training.samples.portraits import BALANCED, GREASY, SAMPLES, WINDOW, sample_shot, sample_subject
from skinscan import color
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.facemesh.zones import SKIN_ZONES

__all__ = ["main"]

ZONES = ("forehead", "left_cheek", "right_cheek", "chin")
SIZE, INTEROCULAR, QUALITY = (480, 600), 108.0, 88  # px, px, of the JPEG
CHEEKS = ((0.28, 0.57), (0.72, 0.57))
LEFT_CHEEK = CHEEKS[1]  # the person's own
BULB = replace(
    WINDOW, name="A", key=illuminant("A"), fill=illuminant("A"), share=0.6, direction=(0.4, 0.4, 0.825)
)
"""An incandescent lamp from the right and above."""
LIGHTS = {"window": WINDOW, "bulb": BULB}
BALANCE = {
    "window": 0.005,
    "bulb": 0.03,
}  # SD of what the camera's white balance leaves in red; 1.4 as much in blue


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A condition of the skin and the grades a rater would give it."""

    rise: float  # EI in the middle of both cheeks' patches
    oil: Oil
    redness: int  # grade: 0 none, 1 mild, 2 marked
    shine: int  # grade: 0 usual, 1 greasy


STATES = {
    "calm": State(rise=0.0, oil=BALANCED, redness=0, shine=0),
    "mild": State(rise=3.5, oil=BALANCED, redness=1, shine=0),
    "red": State(rise=8.0, oil=BALANCED, redness=2, shine=0),
    "greasy": State(rise=0.0, oil=GREASY, redness=0, shine=1),
}
AFTER = {
    "same": (0.0, "window"),
    "slight": (2.5, "window"),
    "strong": (7.0, "window"),
    "other_light": (0.0, "bulb"),
}
"""After-photos: EI added in the middle of the left cheek's patch, and the light."""


def _write_scan(folder: Path) -> None:
    """Six tones, two lights, four states: 48 photos with `labels.csv`."""
    rows: list[dict[str, str]] = []
    for name, person in _people().items():
        for light in LIGHTS:
            for condition, state in STATES.items():
                patches = _flush(CHEEKS, state.rise)
                seed = 100 + len(rows)
                photo = _take(person, light, patches, state.oil, seed)
                file = f"{name}_{light}_{condition}.jpg"
                (folder / file).write_bytes(photo.jpeg)
                grades = {"grade_redness": str(state.redness), "grade_oil_balance": str(state.shine)}
                groups = {"group_light": light, "group_state": condition}
                rows.append({"file": file, "person": person.key, **_truth(photo), **grades, **groups})
    _write(folder, rows)


def _write_pairs(folder: Path) -> None:
    """Six tones, four after-photos each: 24 pairs with `labels.csv`."""
    rows: list[dict[str, str]] = []
    for number, (name, person) in enumerate(_people().items()):
        seed = 300 + 10 * number
        before = _take(person, "window", (), BALANCED, seed)
        (folder / f"{name}_before.jpg").write_bytes(before.jpeg)
        for step, (kind, (rise, light)) in enumerate(AFTER.items(), start=1):
            after = _take(person, light, _flush((LEFT_CHEEK,), rise), BALANCED, seed + step)
            file = f"{name}_{kind}.jpg"
            (folder / file).write_bytes(after.jpeg)
            area = load_canonical().zones["left_cheek"] & before.valid & after.valid
            delta = float((after.erythema - before.erythema)[area].mean())
            files = {"before": f"{name}_before.jpg", "after": file, "person": person.key}
            files["tone"] = _truth(before)["tone"]
            change = {"area": "left_cheek", "delta_erythema_index": f"{delta:.2f}"}
            rows.append({**files, **change, "group_light": "same" if light == "window" else "other"})
    _write(folder, rows)


def _people() -> dict[str, Person]:
    """One of each tone class of the measured cheek, "a" the lightest; blood may shift it by one."""
    one_of_each = {person.tone: person for person in committed_people()}
    return dict(zip("abcdef", one_of_each.values(), strict=True))


def _flush(places: tuple[tuple[float, float], ...], rise: float) -> tuple[Patch, ...]:
    return tuple(Patch(u=u, v=v, radius=0.10, softness=0.5, rise=rise) for u, v in places if rise)


def _take(person: Person, light: str, patches: tuple[Patch, ...], oil: Oil, seed: int) -> Rendered:
    """One photo; bones and skin follow the person, hand and noise the seed."""
    bones = sum(person.key.encode()) % 89
    rng = np.random.default_rng(seed)
    shot: Shot = sample_shot(LIGHTS[light], width=SIZE[0])
    balance = np.exp(rng.normal(0.0, BALANCE[light], 3) * (1.0, 0.0, 1.4))
    camera = replace(shot.camera, balance=balance, quality=QUALITY, noise=(3e-5, 6e-4))
    shot = replace(
        shot,
        camera=camera,
        height=SIZE[1],
        interocular=INTEROCULAR * float(rng.uniform(0.95, 1.05)),
        yaw=float(rng.normal(0, 3)),
        pitch=float(rng.normal(0, 2)),
        roll=float(rng.normal(0, 2)),
    )
    return render(sample_subject(person, bones, oil, patches), shot, rng)


def _truth(photo: Rendered) -> dict[str, str]:
    """Medians over the bare skin of each zone; the whole face is their mean by area, as in a scan."""
    zones, area = load_canonical().zones, load_canonical().area_cm2
    cheeks = (zones["left_cheek"] | zones["right_cheek"]) & photo.valid
    lab = color.linear_to_lab(linear_srgb(photo.subject.skin.reflectance[cheeks].mean(axis=0)))
    angle = float(color.ita(lab))
    row = {"tone": color.ita_class(angle), "ita": f"{angle:.1f}"}
    row |= {f"lab_{axis}": f"{value:.2f}" for axis, value in zip("lab", lab.tolist(), strict=True)}
    for index, plane in (("erythema_index", photo.erythema), ("melanin_index", photo.melanin)):
        bare = {zone: zones[zone] & photo.valid for zone in SKIN_ZONES}
        medians = {zone: float(np.median(plane[mask])) for zone, mask in bare.items() if mask.any()}
        areas = [float(area[bare[zone]].sum()) for zone in medians]
        row[index] = f"{np.average(list(medians.values()), weights=areas):.2f}"
        row |= {f"{index}.{zone}": f"{medians[zone]:.2f}" for zone in ZONES}
    return row


def _write(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Render and save both sets."""
    for name, write in (("scan", _write_scan), ("pairs", _write_pairs)):
        folder = SAMPLES / name
        folder.mkdir(parents=True, exist_ok=True)
        write(folder)


if __name__ == "__main__":
    main()
