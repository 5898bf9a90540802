"""What a person wears on the face: hair over it, glasses, a mask, a hand, a plaster, make-up.

`draw_worn` is the one call that draws it. Nothing here is realised yet: `dress.put_on` makes paint and things
of it. Default is bare.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

__all__ = [
    "KINDS",
    "Coverings",
    "Fringe",
    "Glasses",
    "Hand",
    "Makeup",
    "Mask",
    "Plaster",
    "Whiskers",
    "draw_worn",
]  # fmt: skip

KINDS = {
    "stubble": 0.10, "beard": 0.08, "moustache": 0.05, "fringe": 0.22, "glasses": 0.20, "sunglasses": 0.03,
    "mask": 0.05, "hand": 0.12, "plaster": 0.07, "foundation": 0.25, "blusher": 0.20, "eye_shadow": 0.15,
    "lipstick": 0.25,
}  # fmt: skip
"""Kinds of things worn, and how often `draw_worn` draws each by itself [design]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whiskers:
    """Hair that grows on the lower face."""

    style: str  # "full", "goatee", "chinstrap", "moustache"
    density: float  # 0 sparse .. 1 closed
    length: float  # cm: 0.02 shaved this morning .. 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fringe:
    """Hair of the head that falls over forehead, temples or cheeks."""

    style: str  # "blunt", "wispy", "swept", "curtain", "loose"
    density: float  # 0 single hairs .. 1 closed
    reach: float  # cm: y of the tips, the brow is at about 4
    part: float  # -1..1: where it is parted, the person's own left positive


@dataclass(frozen=True, slots=True, kw_only=True)
class Glasses:
    """Glasses."""

    outline: str  # "round", "square", "oval", "cat", "pilot"
    width: float  # cm of a lens
    height: float  # cm of a lens
    bar: float  # cm: radius of the frame's bars
    color: tuple[float, float, float]  # nm, chroma, lightness: arguments of `optics.cloth`
    metal: bool
    tint: float  # 0..1 of the light that the lens keeps; clear lenses 0.06
    gleam: float  # 0..1: brightness of the reflected window or lamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """A face mask."""

    style: str  # "pleated", "folded"
    top: float  # cm: y of its edge on the nose
    width: float  # degrees from the middle to the side
    color: tuple[float, float, float]  # nm, chroma, lightness
    slip: float  # cm: how much lower than it should be


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A hand at the face."""

    pose: str  # "cheek", "chin", "brow", "point"
    side: int  # -1 the person's right, 1 left
    at: tuple[float, float]  # degrees from the middle and cm up: where the knuckles or the finger tip are
    turn: float  # degrees: fingers turned from the usual
    size: float  # 1 average
    darker: float  # MI above the cheek
    redder: float  # EI above the cheek
    polish: tuple[float, float, float] | None  # colour of nail varnish


@dataclass(frozen=True, slots=True, kw_only=True)
class Plaster:
    """A strip of sticking plaster, or a round one."""

    u: float
    v: float
    turn: float  # degrees
    length: float  # cm
    width: float  # cm
    skin_tone: bool  # coloured like (some) skin, else white
    lightness: float  # 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Makeup:
    """Colour on the skin; a share is of the light that comes back, 0 none .. 1 opaque."""

    foundation: float = 0.0
    off: tuple[float, float] = (0.0, 0.0)  # how far the shade misses the cheek: MI, EI
    finish: float = 0.45  # GGX roughness that the foundation gives
    blusher: float = 0.0
    blusher_hue: float = 0.5  # 0 plum .. 0.5 rose .. 1 coral
    blusher_high: float = 0.5  # 0 on the apples of the cheeks .. 1 along the cheekbones
    eye_shadow: float = 0.0
    eye_hue: tuple[float, float, float] = (600.0, 0.3, 0.2)  # nm, chroma, lightness
    lipstick: float = 0.0
    lip_hue: float = 0.5  # 0 plum .. 0.5 rose .. 1 coral
    lip_depth: float = 0.4  # 0 pale .. 1 deep


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverings:
    """All of it. The default is a bare face."""

    whiskers: Whiskers | None = None
    fringe: Fringe | None = None
    glasses: Glasses | None = None
    mask: Mask | None = None
    hand: Hand | None = None
    plaster: Plaster | None = None
    makeup: Makeup = Makeup()
    seed: int = 0  # of single hairs, pleats and streaks: the same Worn looks the same


def draw_worn(rng: np.random.Generator, kinds: Collection[str] | None = None) -> Coverings:
    """Draw what somebody wears: exactly `kinds` (names in KINDS), or each kind by its own chance.

    Raises `KeyError` for a kind not in KINDS.
    """
    if kinds is None:
        kinds = [kind for kind, chance in KINDS.items() if rng.random() < chance]
    worn = Coverings(seed=int(rng.integers(1 << 31)))
    for kind in KINDS:  # in their order, so that the result depends on the set alone
        if kind in kinds:
            worn = _DRAW[kind](worn, rng)
    if unknown := set(kinds) - KINDS.keys():
        raise KeyError(f"{sorted(unknown)[0]!r} is none of {', '.join(KINDS)}")
    return worn


def _stubble(worn: Coverings, rng: np.random.Generator) -> Coverings:
    style = str(rng.choice(["full", "full", "goatee", "chinstrap"]))
    density, length = float(rng.uniform(0.15, 0.9)), float(rng.uniform(0.03, 0.3))
    return replace(worn, whiskers=Whiskers(style=style, density=density, length=length))


def _beard(worn: Coverings, rng: np.random.Generator) -> Coverings:
    style = str(rng.choice(["full", "full", "full", "goatee", "chinstrap"]))
    density, length = float(rng.uniform(0.6, 1.0)), float(rng.uniform(0.5, 3.0))
    length = length if style == "full" else min(length, 0.5 + 0.3 * length)
    return replace(worn, whiskers=Whiskers(style=style, density=density, length=length))


def _moustache(worn: Coverings, rng: np.random.Generator) -> Coverings:
    density, length = float(rng.uniform(0.4, 1.0)), float(rng.uniform(0.3, 0.9))
    return replace(worn, whiskers=Whiskers(style="moustache", density=density, length=length))


def _fringe(worn: Coverings, rng: np.random.Generator) -> Coverings:
    style = str(rng.choice(["blunt", "wispy", "swept", "curtain", "loose"]))
    low = {"blunt": 4.3, "wispy": 4.2, "swept": 2.5, "curtain": -1.0, "loose": -5.0}[style]
    return replace(
        worn,
        fringe=Fringe(
            style=style,
            density=float(rng.uniform(0.35, 1.0)),
            reach=low + float(rng.normal(0.0, 0.8)),
            part=float(rng.uniform(-0.8, 0.8)),
        ),
    )


def _glasses(worn: Coverings, rng: np.random.Generator) -> Coverings:
    metal = bool(rng.random() < 0.4)
    width = float(rng.uniform(4.6, 5.9))
    dark = rng.random() < 0.55
    outline = str(rng.choice(["round", "square", "oval", "cat", "pilot"]))
    tall = {"round": 0.92, "square": 0.68, "oval": 0.62, "cat": 0.74, "pilot": 0.84}[outline]
    hue = (float(rng.uniform(560, 640)), float(rng.uniform(0.1, 0.8)), float(rng.uniform(0.1, 0.6)))
    return replace(
        worn,
        glasses=Glasses(
            outline=outline,
            width=width,
            height=width * tall * float(rng.uniform(0.92, 1.08)),
            bar=float(rng.uniform(0.06, 0.11) if metal else rng.uniform(0.12, 0.27)),
            color=(600.0, 0.1, float(rng.uniform(0.01, 0.05))) if dark else hue,
            metal=metal,
            tint=0.06,
            gleam=float(rng.beta(1.0, 2.5)),
        ),
    )


def _sunglasses(worn: Coverings, rng: np.random.Generator) -> Coverings:
    glasses = _glasses(worn, rng).glasses
    assert glasses is not None
    return replace(worn, glasses=replace(glasses, tint=float(rng.uniform(0.5, 0.95))))


def _mask(worn: Coverings, rng: np.random.Generator) -> Coverings:
    colors = [(470.0, 0.35, 0.75), (500.0, 0.0, 0.85), (500.0, 0.05, 0.04), (620.0, 0.3, 0.7)]
    nm, chroma, lightness = colors[int(rng.choice(4, p=(0.45, 0.3, 0.15, 0.1)))]
    return replace(
        worn,
        mask=Mask(
            style=str(rng.choice(["pleated", "folded"], p=(0.7, 0.3))),
            top=float(rng.uniform(0.9, 2.4)),
            width=float(rng.uniform(56, 66)),
            color=(nm, chroma, lightness * float(rng.uniform(0.9, 1.05))),
            slip=float(rng.gamma(1.0, 0.25)) if rng.random() < 0.8 else float(rng.uniform(2.5, 4.0)),
        ),
    )


def _hand(worn: Coverings, rng: np.random.Generator) -> Coverings:
    pose = str(rng.choice(["cheek", "chin", "brow", "point"], p=(0.35, 0.25, 0.1, 0.3)))
    at = {"cheek": (46.0, -5.0), "chin": (42.0, -8.6), "brow": (56.0, 5.8), "point": (38.0, -1.5)}[pose]
    varnish = (float(rng.choice([430.0, 620.0, 650.0])), float(rng.uniform(0.2, 0.9)), 0.5)
    return replace(
        worn,
        hand=Hand(
            pose=pose,
            side=int(rng.choice([-1, 1])),
            at=(at[0] + float(rng.normal(0, 6)), at[1] + float(rng.normal(0, 0.7))),
            turn=float(rng.normal(0, 12)),
            size=float(rng.uniform(0.88, 1.1)),
            darker=float(rng.normal(2.0, 1.5)),
            redder=float(rng.normal(0.0, 2.0)),
            polish=varnish if rng.random() < 0.25 else None,
        ),
    )


def _plaster(worn: Coverings, rng: np.random.Generator) -> Coverings:
    places = ((0.27, 0.55), (0.73, 0.55), (0.5, 0.2), (0.35, 0.2), (0.5, 0.45), (0.4, 0.86), (0.2, 0.7))
    u, v = places[int(rng.integers(len(places)))]
    small = rng.random() < 0.35
    return replace(
        worn,
        plaster=Plaster(
            u=u + float(rng.normal(0, 0.02)),
            v=v + float(rng.normal(0, 0.02)),
            turn=float(rng.normal(0, 35)) if u != 0.5 else float(rng.normal(0, 6)),
            length=2.2 if small else float(rng.uniform(3.5, 7.0)),
            width=2.2 if small else float(rng.uniform(1.4, 2.5)),
            skin_tone=bool(rng.random() < 0.65),
            lightness=float(rng.uniform(0.35, 0.8)),
        ),
    )


def _foundation(worn: Coverings, rng: np.random.Generator) -> Coverings:
    off = (float(rng.normal(-0.5, 1.5)), float(rng.normal(-1.0, 1.5)))
    coverage, finish = float(rng.uniform(0.15, 0.97)), float(rng.uniform(0.3, 0.55))
    return replace(worn, makeup=replace(worn.makeup, foundation=coverage, off=off, finish=finish))


def _blusher(worn: Coverings, rng: np.random.Generator) -> Coverings:
    strength, hue, high = float(rng.uniform(0.15, 0.8)), float(rng.random()), float(rng.random())
    return replace(worn, makeup=replace(worn.makeup, blusher=strength, blusher_hue=hue, blusher_high=high))


def _eye_shadow(worn: Coverings, rng: np.random.Generator) -> Coverings:
    hue = (float(rng.uniform(430, 660)), float(rng.uniform(0.2, 0.7)), float(rng.uniform(0.04, 0.5)))
    return replace(worn, makeup=replace(worn.makeup, eye_shadow=float(rng.uniform(0.2, 0.9)), eye_hue=hue))


def _lipstick(worn: Coverings, rng: np.random.Generator) -> Coverings:
    strength, hue, depth = float(rng.uniform(0.3, 0.97)), float(rng.random()), float(rng.random())
    return replace(worn, makeup=replace(worn.makeup, lipstick=strength, lip_hue=hue, lip_depth=depth))


_DRAW = {
    "stubble": _stubble, "beard": _beard, "moustache": _moustache, "fringe": _fringe, "glasses": _glasses,
    "sunglasses": _sunglasses, "mask": _mask, "hand": _hand, "plaster": _plaster, "foundation": _foundation,
    "blusher": _blusher, "eye_shadow": _eye_shadow, "lipstick": _lipstick,
}  # fmt: skip
