"""Make `samples/`: a few rendered portraits with their truth.

`python -m models.training.samples.portraits` rewrites them, byte for byte with the same NumPy and OpenCV.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer.camera import Camera, Light, draw_camera, illuminant
from models.renderer.face_layers import draw_look
from models.renderer.issa import linear_srgb, melanin_index
from models.renderer.optics import cloth
from models.renderer.people import Person, committed_people
from models.renderer.render import Rendered, render
from models.renderer.shape import draw_shape
from models.renderer.shot import Shot
from models.renderer.skin import Complexion, Patch, SkinRecipe
from models.renderer.subject import Oil, Subject, make_subject
from skinscan import color
from skinscan.facemesh.canonical_face import load_canonical

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
QUALITY = 92
ZONES = ("forehead", "left_cheek", "right_cheek", "chin", "nose")
BALANCED = Oil(forehead=0.35, nose=0.4, cheeks=0.15, chin=0.3)
GREASY = Oil(forehead=1.0, nose=1.0, cheeks=0.8, chin=0.9)
RED_LEFT_CHEEK = Patch(u=0.72, v=0.56, radius=0.09, softness=0.6, rise=6.0)
CALM = Complexion(flush=1.0, blotch=0.5, mottle=0.6, grain=0.4, moles=1, shadow=1.5)

Picture = NDArray[np.uint8]


WINDOW = Light(
    name="D65", key=illuminant("D65"), fill=illuminant("D65"), share=0.5, direction=(-0.35, 0.35, 0.869),
    size=2.0, gradient=0.35, occlusion=0.8,
)  # fmt: skip
"""Daylight from a large window, a little from the left and above."""
LAMP = replace(WINDOW, share=0.7, direction=(-0.15, 0.25, 0.957), size=0.8, gradient=0.2)
"""Harder daylight from beside the camera: where grease shows."""


def _phone(light: Light) -> Camera:
    """A good phone: mild finish, white balance right."""
    drawn = draw_camera(light, np.random.default_rng(7))
    return replace(
        drawn, balance=np.ones(3), exposure=1.0, contrast=0.2, saturation=1.05, noise=(8e-5, 8e-4), blur=0.5,
        sharpen=0.3, quality=QUALITY,
    )  # fmt: skip


def sample_shot(light: Light, *, width: int = 900, yaw: float = 0.0, interocular: float = 185.0) -> Shot:
    """A portrait by a good phone, 1200 px high."""
    return Shot(
        light=light, camera=_phone(light), yaw=yaw, pitch=0.0, roll=0.0, width=width, height=1200,
        interocular=interocular, distance=70.0, centre=(0.5, 0.47),
        wall=cloth(520.0, 0.05, 0.5).astype(np.float32),
    )  # fmt: skip


def sample_subject(
    person: Person, seed: int, oil: Oil = BALANCED, patches: tuple[Patch, ...] = ()
) -> Subject:
    """The same seed gives the same person; oil and patches may differ."""
    rng = np.random.default_rng(seed)
    look = draw_look(float(melanin_index(person.sites["cheek"])), rng)
    shape = draw_shape(rng)
    return make_subject(SkinRecipe(person=person, complexion=CALM, patches=patches), look, shape, oil, rng)


def _truth(name: str, seed: int, photo: Rendered) -> dict[str, str]:
    """One row of labels.csv: means over the visible bare skin of each zone."""
    zones = load_canonical().zones
    row = {"file": name, "seed": str(seed), "person": photo.subject.person.key}
    cheeks = (zones["left_cheek"] | zones["right_cheek"]) & photo.valid
    lab = color.linear_to_lab(linear_srgb(photo.subject.skin.reflectance[cheeks].mean(axis=0)))
    row["tone_class"], row["ita"] = color.ita_class(float(color.ita(lab))), f"{float(color.ita(lab)):.1f}"
    for zone in ZONES:
        seen = zones[zone] & photo.valid
        row[f"ei_{zone}"] = f"{photo.erythema[seen].mean():.2f}"
        row[f"mi_{zone}"] = f"{photo.melanin[seen].mean():.2f}"
        row[f"specular_{zone}"] = f"{photo.specular[seen].mean():.4f}"
        row[f"specular95_{zone}"] = f"{np.percentile(photo.specular[seen], 95):.4f}"
    shot = photo.shot
    row["light"], row["camera"] = shot.light.name, shot.camera.name
    row["interocular_px"] = f"{photo.interocular:.1f}"
    return row


def _no_face() -> Picture:
    """Sky, hills and a sun: nobody in sight."""
    height, width = 1200, 900
    down = np.linspace(0.0, 1.0, height)[:, None, None]
    sky = (1 - down) * np.array([0.18, 0.36, 0.72]) + down * np.array([0.85, 0.72, 0.55])
    picture = np.broadcast_to(sky, (height, width, 3)).copy()
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    picture += 0.6 * np.exp(-(((x - 640) ** 2 + (y - 330) ** 2) / 60.0**2))[..., None] * (1.0, 0.9, 0.6)
    for base, height_px, colour in ((700, 90, (0.10, 0.16, 0.20)), (860, 60, (0.05, 0.10, 0.05))):
        ridge = base - height_px * (np.sin(x / 130.0 + base) + 0.4 * np.sin(x / 41.0))
        picture[y > ridge] = colour
    noise = np.random.default_rng(0).normal(0.0, 0.004, picture.shape)
    return np.asarray(np.round(255 * color.srgb_encode(np.clip(picture + noise, 0.0, 1.0))), np.uint8)


def _save(name: str, picture: Picture) -> None:
    done = cv2.imwrite(str(SAMPLES / name), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise OSError(f"cannot write {name}")


def main() -> None:
    """Render, save, and write the truth beside the photos."""
    SAMPLES.mkdir(exist_ok=True)
    by_tone = {person.tone: person for person in committed_people()}
    medium = by_tone["tan"]
    shots = {
        "face_light.jpg": (sample_subject(by_tone["light"], 3), sample_shot(WINDOW), 3),
        "face_medium.jpg": (sample_subject(medium, 5), sample_shot(WINDOW), 5),
        "face_dark.jpg": (sample_subject(by_tone["dark"], 8), sample_shot(WINDOW), 8),
        "face_red_cheek.jpg": (sample_subject(medium, 5, patches=(RED_LEFT_CHEEK,)), sample_shot(WINDOW), 5),
        "face_shiny.jpg": (sample_subject(medium, 5, oil=GREASY), sample_shot(LAMP), 5),
    }
    rows = []
    for name, (subject, shot, seed) in shots.items():
        photo = render(subject, shot, np.random.default_rng(seed))
        (SAMPLES / name).write_bytes(photo.jpeg)
        rows.append(_truth(name, seed, photo))
    pair = [
        render(
            sample_subject(by_tone[tone], seed),
            sample_shot(WINDOW, width=600, yaw=yaw, interocular=120.0),
            np.random.default_rng(seed),
        )
        for tone, seed, yaw in (("intermediate", 21, 6.0), ("brown", 22, -6.0))
    ]
    _save("two_faces.jpg", np.hstack([photo.photo for photo in pair]))
    _save("no_face.jpg", _no_face())
    with (SAMPLES / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
