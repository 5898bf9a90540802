"""Make the photos of `samples/claims/`: rendered people before and after, each case with a known cause.

`python -m models.training.samples.claim_photos` rewrites them, byte for byte with the same NumPy, OpenCV and
Pillow. The claims and what a board would expect of them are written by hand beside the photos.
"""

from __future__ import annotations

import html
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from models.renderer.camera import Camera, draw_camera, illuminant
from models.renderer.camera import Light as Lamp
from models.renderer.face_layers import draw_look
from models.renderer.issa import melanin_index
from models.renderer.optics import cloth
from models.renderer.people import committed_people
from models.renderer.render import render
from models.renderer.shape import draw_shape
from models.renderer.shot import Shot
from models.renderer.skin import Patch, SkinRecipe
from models.renderer.subject import Subject, make_subject
from models.training.samples.portraits import BALANCED, CALM, WINDOW
from skinscan.types import RgbPixels

__all__ = ["PHOTOS", "Take", "main", "photograph"]

CLAIMS = Path(__file__).resolve().parents[3] / "samples" / "claims"
QUALITY = 88
WIDTH, HEIGHT, INTEROCULAR = 480, 600, 108.0

BULB = replace(WINDOW, name="A", key=illuminant("A"), fill=illuminant("A"))
"""The window's place taken by a warm lamp."""

CHEEKS = (
    Patch(u=0.27, v=0.57, radius=0.11, softness=0.5, rise=6.5),
    Patch(u=0.73, v=0.57, radius=0.11, softness=0.5, rise=6.5),
)
CHIN = (Patch(u=0.5, v=0.85, radius=0.09, softness=0.5, rise=6.0),)
FOREHEAD = (Patch(u=0.5, v=0.17, radius=0.13, softness=0.5, rise=6.5),)
EYELIDS = (
    Patch(u=0.34, v=0.45, radius=0.07, softness=0.5, rise=7.0),
    Patch(u=0.66, v=0.45, radius=0.07, softness=0.5, rise=7.0),
)
FADED = tuple(replace(patch, rise=0.6) for patch in CHEEKS)
SPOTS = tuple(
    Patch(u=u, v=v, radius=0.012, softness=0.6, rise=7.0)
    for u, v in ((0.42, 0.84), (0.5, 0.88), (0.57, 0.83), (0.45, 0.9), (0.3, 0.62), (0.68, 0.6))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One photo: who, when in the story, in what light."""

    person: int  # of committed_people, 0 the lightest
    number: int  # of the shot of this person: the head and the noise differ
    patches: tuple[Patch, ...] = ()
    lamp: Lamp = WINDOW
    filtered: bool = False  # a beauty filter over it
    ai_label: bool = False  # the label of GB 45438-2025 in its XMP
    taken_at: str = ""  # EXIF, "2026:11:03 12:00:00"
    software: str = ""  # EXIF
    rings: bool = False  # red rings drawn on the cheeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Carton:
    """A drawn carton with lines of text: no photo of a real label is needed to show that one was sent."""

    lines: tuple[str, ...]


PHOTOS: dict[str, Take | Carton] = {
    "clear_reaction_zh/before.jpg": Take(person=4, number=1),
    "clear_reaction_zh/after.jpg": Take(person=4, number=2, patches=CHEEKS),
    "clear_reaction_zh/recovery.jpg": Take(person=4, number=3, patches=FADED),
    "clear_reaction_dark_en/before.jpg": Take(person=10, number=1),
    "clear_reaction_dark_en/after.jpg": Take(person=10, number=2, patches=CHEEKS),
    "clear_reaction_dark_en/recovery.jpg": Take(person=10, number=3, patches=FADED),
    "first_days_zh/before.jpg": Take(person=3, number=1),
    "first_days_zh/after.jpg": Take(person=3, number=2, patches=CHIN),
    "purge_en/before.jpg": Take(person=6, number=1),
    "purge_en/after.jpg": Take(person=6, number=2, patches=SPOTS),
    "urticaria_zh/before.jpg": Take(person=5, number=1),
    "urticaria_zh/after.jpg": Take(person=5, number=2),
    "pre_existing_en/before.jpg": Take(person=2, number=1, patches=CHEEKS),
    "pre_existing_en/after.jpg": Take(person=2, number=2, patches=CHEEKS),
    "acid_misuse_zh/before.jpg": Take(person=7, number=1),
    "acid_misuse_zh/after.jpg": Take(person=7, number=2, patches=CHEEKS),
    "acid_misuse_zh/recovery.jpg": Take(person=7, number=3, patches=FADED),
    "shade_too_light_zh/before.jpg": Take(person=10, number=6),
    "filtered_zh/before.jpg": Take(person=5, number=4),
    "filtered_zh/after.jpg": Take(person=5, number=5, patches=CHEEKS, filtered=True),
    "no_before_en/after.jpg": Take(person=9, number=1, patches=FOREHEAD),
    "ai_made_zh/before.jpg": Take(person=4, number=4),
    "ai_made_zh/after.jpg": Take(person=4, number=5, patches=CHEEKS, ai_label=True),
    "contradictory_dates_en/before.jpg": Take(person=6, number=3, taken_at="2026:11:08 21:10:00"),
    "contradictory_dates_en/after.jpg": Take(
        person=6, number=4, patches=CHEEKS, taken_at="2026:11:03 12:30:00"
    ),
    "red_flag_zh/before.jpg": Take(person=1, number=1),
    "red_flag_zh/after.jpg": Take(person=1, number=2, patches=EYELIDS),
    "other_light_en/before.jpg": Take(person=3, number=3),
    "other_light_en/after.jpg": Take(person=3, number=4, lamp=BULB),
    "tolerated_zh/before.jpg": Take(person=2, number=3),
    "tolerated_zh/after.jpg": Take(person=2, number=4),
    "everyday_words_zh/before.jpg": Take(person=8, number=1),
    "everyday_words_zh/after.jpg": Take(person=8, number=2, patches=CHEEKS),
    "promise_alcohol_zh/before.jpg": Take(person=3, number=5),
    "promise_alcohol_zh/after.jpg": Take(person=3, number=6, patches=CHEEKS),
    "promise_sensitive_zh/before.jpg": Take(person=4, number=6),
    "promise_sensitive_zh/after.jpg": Take(person=4, number=7, patches=CHEEKS),
    "child_no_guardian_en/after.jpg": Take(person=0, number=1, patches=CHEEKS),
    "consent_refused_zh/after.jpg": Take(person=9, number=2, patches=FOREHEAD),
    "known_trigger_zh/before.jpg": Take(person=7, number=4),
    "known_trigger_zh/after.jpg": Take(person=7, number=5, patches=CHEEKS),
    "shade_none_fits_en/before.jpg": Take(person=10, number=7),
    "usage_untold_zh/before.jpg": Take(person=4, number=8),
    "usage_untold_zh/after.jpg": Take(person=4, number=9, patches=CHEEKS),
    "instructions_no_en/before.jpg": Take(person=6, number=5),
    "instructions_no_en/after.jpg": Take(person=6, number=6, patches=CHEEKS),
    "two_people_zh/before.jpg": Take(person=1, number=4),
    "two_people_zh/after.jpg": Take(person=10, number=5, patches=CHEEKS),
    "transport_shown_zh/before.jpg": Take(person=3, number=7),
    "transport_shown_zh/after.jpg": Take(person=3, number=8, patches=CHEEKS),
    "transport_shown_zh/parcel.jpg": Carton(lines=("PARCEL 0071", "CORNER CRUSHED", "LEAKING")),
    "eczema_typical_zh/before.jpg": Take(person=5, number=6),
    "eczema_typical_zh/after.jpg": Take(person=5, number=7, patches=CHEEKS),
    "same_photo_en/before.jpg": Take(person=7, number=6),
    "swapped_roles_zh/before.jpg": Take(person=4, number=10, patches=CHEEKS),
    "swapped_roles_zh/after.jpg": Take(person=4, number=11),
    "edited_photo_zh/before.jpg": Take(person=2, number=5),
    "edited_photo_zh/after.jpg": Take(person=2, number=6, patches=CHEEKS, software="Meitu 10.1"),
    "drawn_on_en/before.jpg": Take(person=3, number=9),
    "drawn_on_en/after.jpg": Take(person=3, number=10, rings=True),
    "doctor_positive_en/before.jpg": Take(person=8, number=3),
    "doctor_positive_en/after.jpg": Take(person=8, number=4, patches=CHEEKS),
    "wrong_item_en/label.jpg": Carton(lines=("LIPSTICK 402", "LOT 20260901", "3 G")),
}
"""Photo of `samples/claims/` -> how it is taken."""


def _subject(take: Take) -> Subject:
    """The same person has the same bones and skin in every case."""
    person = committed_people()[take.person]
    rng = np.random.default_rng([take.person, 11])
    look = draw_look(float(melanin_index(person.sites["cheek"])), rng)
    shape = draw_shape(rng)
    recipe = SkinRecipe(person=person, complexion=CALM, patches=take.patches)
    return make_subject(recipe, look, shape, BALANCED, rng)


def _camera(lamp: Lamp) -> Camera:
    """A good phone: mild finish, white balance right."""
    return replace(
        draw_camera(lamp, np.random.default_rng(7)), balance=np.ones(3), exposure=1.0, contrast=0.2,
        saturation=1.05, noise=(8e-5, 8e-4), blur=0.5, sharpen=0.3, quality=QUALITY,
    )  # fmt: skip


def _shot(take: Take, rng: np.random.Generator) -> Shot:
    """Held as people hold a phone: never twice the same."""
    yaw, pitch, roll = (float(angle) for angle in rng.normal(0.0, (2.0, 1.5, 1.5)))
    x, y = (float(move) for move in rng.normal(0.0, 0.012, 2))
    return Shot(
        light=take.lamp, camera=_camera(take.lamp), yaw=yaw, pitch=pitch, roll=roll, width=WIDTH,
        height=HEIGHT, interocular=INTEROCULAR * float(rng.uniform(0.96, 1.04)), distance=70.0,
        centre=(0.5 + x, 0.5 + y), wall=cloth(520.0, 0.05, 0.5).astype(np.float32),
    )  # fmt: skip


def photograph(take: Take | Carton) -> bytes:
    """The JPEG of a photo; the same take gives the same bytes."""
    if isinstance(take, Carton):
        return _carton(take)
    rng = np.random.default_rng([take.person, take.number])
    photo = render(_subject(take), _shot(take, rng), rng)
    if take.rings:
        marked = photo.photo.copy()
        for centre in ((0.33, 0.57), (0.67, 0.57)):
            at = round(centre[0] * WIDTH), round(centre[1] * HEIGHT)
            cv2.circle(marked, at, 34, (230, 20, 30), 4, cv2.LINE_AA)
        return _jpeg(marked)
    if take.filtered:
        smooth = photo.photo
        for _ in range(3):
            smooth = cv2.bilateralFilter(smooth, 9, 30, 7)
        return _jpeg(smooth)
    data = photo.jpeg
    if take.ai_label:
        data = _with_segment(data, b"http://ns.adobe.com/xap/1.0/\0" + _ai_xmp().encode())
    if take.taken_at or take.software:
        exif = Image.Exif()
        if take.taken_at:
            exif.get_ifd(0x8769)[0x9003] = take.taken_at  # DateTimeOriginal
        if take.software:
            exif[0x0131] = take.software
        data = _with_segment(data, b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0"))
    return data


def _jpeg(pixels: RgbPixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _carton(carton: Carton) -> bytes:
    page = np.full((240, 360, 3), (203, 178, 140), np.uint8)
    cv2.rectangle(page, (24, 24), (336, 216), (245, 242, 235), -1)
    for number, line in enumerate(carton.lines):
        at = (40, 80 + 48 * number)
        cv2.putText(page, line, at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, (40, 40, 40), 2, cv2.LINE_AA)
    return _jpeg(page)


def _ai_xmp() -> str:
    """XMP as GB 45438-2025 annex E asks of picture generators."""
    label = {
        "Label": "1", "ContentProducer": "EXAMPLE-GENERATOR", "ProduceID": "0001", "ReservedCode1": "",
        "ContentPropagator": "", "PropagateID": "", "ReservedCode2": "",
    }  # fmt: skip
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/">'
        f"<TC260:AIGC>{html.escape(json.dumps(label))}</TC260:AIGC>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def _with_segment(jpeg: bytes, payload: bytes) -> bytes:
    """The JPEG with one APP1 segment after its start."""
    return jpeg[:2] + b"\xff\xe1" + (len(payload) + 2).to_bytes(2, "big") + payload + jpeg[2:]


def main() -> None:
    """Render and save."""
    for name, take in PHOTOS.items():
        path = CLAIMS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photograph(take))
        print(f"{name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
