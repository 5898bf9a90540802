"""What every report tells about its photos: where they came from, what they could not show, how to retake."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from skinscan import color
from skinscan.output.pictures.scan import HeatMap
from skinscan.texts.bilingual import Texts
from skinscan.types import RgbPixels, Run, Scan

__all__ = [
    "Gap",
    "Origin",
    "Scale",
    "hex_of",
    "lab_in_words",
    "origin",
    "photo_gaps",
    "retake",
    "scale",
    "scale_of",
    "shell",
    "swatch",
    "used",
]

_STEPS = 33  # colours of a scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that could not be measured."""

    what: str  # its name; empty for the photo as a whole
    why: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoUsed:
    """A photo that was measured."""

    role: str  # "photo", "before", "after", "recovery"
    name: str
    sha256: str
    taken_at: str  # by the camera; empty if it does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What it takes to make the result again."""

    version: str
    provider: str
    photos: tuple[PhotoUsed, ...]
    models: tuple[tuple[str, str], ...]  # name, sha256
    replay: str  # the command


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The colours of a map, from the low to the high end."""

    colors: tuple[str, ...]
    ticks: tuple[str, ...]


def used(role: str, scan: Scan, name: str | None = None) -> PhotoUsed:
    """The photo of a scan, by its own name or the one it was filed under."""
    photo = scan.photo
    return PhotoUsed(
        role=role,
        name=name or photo.name,
        sha256=photo.sha256,
        taken_at=(photo.capture.taken_at or "").replace("T", " "),
    )


def origin(run: Run, photos: Iterable[PhotoUsed], replay: str) -> Origin:
    """What a run of the measuring part stands on."""
    return Origin(
        version=run.version, provider=run.provider, photos=tuple(photos), models=run.models, replay=replay
    )


def shell(*words: str) -> str:
    """A command line, each word quoted for the shell."""
    return shlex.join(["skinscan", *words])


def photo_gaps(scan: Scan, t: Texts, name: str = "") -> list[Gap]:
    """Checks that the photo failed, each with how to mend it."""
    failed = [check for check in scan.quality.checks if not check.ok]
    return [
        Gap(
            what=name,
            why=t("check failed", t.join([t(metric) for metric in check.disables]))
            if check.disables
            else t("check weak"),
            advice=t.of(check.advice),
        )
        for check in failed
    ]


def retake(scans: Sequence[Scan], t: Texts) -> list[str]:
    """What to do better in the next photo, from the checks that these photos failed; each once."""
    failed = [check for scan in scans for check in scan.quality.checks if not check.ok]
    return list(dict.fromkeys(t.of(check.advice) for check in failed))


def scale_of(heat: HeatMap) -> Scale:
    """The scale of one map of a scan."""
    return scale(heat.colors, heat.ticks)


def scale(colors: RgbPixels, ticks: Sequence[str]) -> Scale:
    """A scale from 256 colours."""
    picked = colors[np.linspace(0, 255, _STEPS).astype(int)]
    return Scale(
        colors=tuple("#" + bytes(colour.tolist()).hex() for colour in picked),
        ticks=tuple(tick.replace("-", "\u2212") for tick in ticks),
    )


def swatch(name: str, lab: Sequence[float], detail: str, t: Texts) -> dict[str, str]:
    """A colour for the macro `swatches`.

    `name`: of the colour. `lab`: CIELAB, D65, 2 degrees. `detail`: stands below the name. `t`: the texts.
    """
    code = hex_of(*lab)
    return {"hex": code, "name": name, "detail": detail, "alt": t("colour alt", name, code)}


def lab_in_words(lab: Sequence[float], t: Texts) -> str:
    """L*, a* and b* to one decimal."""
    return t("lab is", *(f"{value:.1f}" for value in lab))


def hex_of(lightness: float, a: float, b: float) -> str:
    """CIELAB (D65, 2 degrees) as "#rrggbb" in sRGB; what sRGB cannot show takes its nearest end."""
    linear = np.clip(color.lab_to_linear(np.array([lightness, a, b])), 0, 1)
    return "#" + bytes(np.round(255 * color.srgb_encode(linear)).astype(np.uint8).tolist()).hex()
