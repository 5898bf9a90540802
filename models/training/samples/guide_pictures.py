"""Make the pictures of the photo guide: one rendered face, photographed right and wrong.

`python -m models.training.samples.guide_pictures` rewrites them beside the guide's template.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.renderer.camera import Light, draw_camera, illuminant
from models.renderer.face_layers import draw_look
from models.renderer.issa import melanin_index
from models.renderer.optics import cloth
from models.renderer.people import committed_people
from models.renderer.phone_processing import PhoneProcessing
from models.renderer.render import render
from models.renderer.shape import draw_shape
from models.renderer.sheet import Print, Sheet, draw_print
from models.renderer.shot import Shot
from models.renderer.skin import Complexion, Patch, SkinRecipe
from models.renderer.subject import Oil, Subject, make_subject
from skinscan.cards.layout import sheet_layout

__all__ = ["main"]

FOLDER = Path(__file__).resolve().parents[3] / "skinscan" / "output" / "report" / "templates" / "guide"
_WIDTH, _HEIGHT = 720, 900  # px, as rendered
_SHOWN = (320, 400)
_CALM = Complexion(flush=1.0, blotch=0.5, mottle=0.6, grain=0.4, moles=1, shadow=1.5)
_RED = Patch(u=0.72, v=0.56, radius=0.09, softness=0.6, rise=8.0)


def _window(**own: Any) -> Light:
    daylight = illuminant("D65")
    even = Light(
        name="D65", key=daylight, fill=daylight, share=0.35, direction=(0.2, 0.3, 0.93), size=2.5,
        gradient=0.2, occlusion=0.8,
    )  # fmt: skip
    return replace(even, **own)


def _lamp() -> Light:
    warm = illuminant("A")
    side = np.array([0.95, 0.25, 0.15]) / np.linalg.norm([0.95, 0.25, 0.15])
    return _window(name="A", key=warm, fill=warm, share=0.85, direction=tuple(side.tolist()), size=0.5)


def _shot(light: Light, **own: Any) -> Shot:
    camera = draw_camera(light, np.random.default_rng(3))
    balance = np.array([1.18, 1.0, 0.75]) if light.name == "A" else np.ones(3)
    camera = replace(camera, balance=balance, exposure=1.0, contrast=0.2, quality=95, noise=(2e-5, 5e-4))
    shot = Shot(
        light=light, camera=camera, yaw=0.0, pitch=0.0, roll=0.0, width=_WIDTH, height=_HEIGHT,
        interocular=175.0, distance=60.0, centre=(0.5, 0.5), wall=cloth(520.0, 0.05, 0.7).astype(np.float32),
    )  # fmt: skip
    return replace(shot, **own)


def _person(patches: tuple[Patch, ...] = ()) -> Subject:
    rng = np.random.default_rng(8)
    person = committed_people()[3]
    look = draw_look(float(melanin_index(person.sites["cheek"])), rng)
    recipe = SkinRecipe(person=person, complexion=_CALM, patches=patches)
    oil = Oil(forehead=0.3, nose=0.35, cheeks=0.15, chin=0.3)
    return make_subject(recipe, look, draw_shape(rng), oil, rng)


def _sheet(**own: Any) -> Sheet:
    made: Print = replace(draw_print(np.random.default_rng(5)), brightener=0.05)
    sheet = Sheet(
        layout=sheet_layout("A6"),
        made=made,
        centre=(13.6, -3.0, 3.0),
        yaw=-4.0,
        tilt=0.0,
        turn=3.0,
        window=0.5,
    )
    return replace(sheet, **own)


def main() -> None:
    """Write the pictures."""
    even, lamp = _window(), _lamp()
    beside: dict[str, Any] = {"interocular": 122.0, "centre": (0.31, 0.5)}
    shots = {
        "right": _shot(even),
        "light": _shot(lamp),
        "far": _shot(even, interocular=58.0, distance=150.0),
        "turned": _shot(even, yaw=38.0, pitch=14.0, roll=8.0),
        "filter": _shot(even, finish=PhoneProcessing(smooth=1.0, whiten=0.9, tint="pink", tint_strength=0.7)),
        "sheet": _shot(even, chart=_sheet(), **beside),
        "sheet_away": _shot(
            even, chart=_sheet(centre=(14.5, -4.0, -3.0), yaw=48.0, tilt=20.0, shade=0.8, turn=14.0), **beside
        ),
    }
    FOLDER.mkdir(exist_ok=True)
    calm, red = _person(), _person((_RED,))
    for name, shot in shots.items():
        _save(name, calm, shot)
    _save("after_sheet", red, replace(shots["sheet"], yaw=-3.0, roll=2.0))
    _save("after_lamp", red, shots["light"])


def _save(name: str, person: Subject, shot: Shot) -> None:
    photo = render(person, shot, np.random.default_rng(0)).photo
    picture = Image.fromarray(photo).resize(_SHOWN, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=72, method=6)
    (FOLDER / f"{name}.webp").write_bytes(file.getvalue())


if __name__ == "__main__":
    main()
