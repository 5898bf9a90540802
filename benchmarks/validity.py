"""`validity`: does the scan know what is bare skin and what is covered, on people never fitted on?

Rendered portraits of ISSA test people, each with one thing on the face or with none, whole pipeline from the
JPEG. `maps.valid` of the scan is held against the rendered truth, texel by texel inside the skin zones (lips
are no bare skin to the renderer, so they are left out). Photos of 600 x 800 px, every other one in hard light
and finished by a phone or app.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.scanned import scanned
from models.renderer import coverings, difficult_photos, expression, people, render, subject
from models.renderer.shot import draw_shot
from skinscan.color import ITA_CLASSES
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.scanner import Scanner
from skinscan.types import BoolMap, Device

__all__ = ["validity"]

BARE = "bare"
PEOPLE_PER_TONE = 4
"""Each person is seen bare once and with three or four of the things below."""
WORN = (
    "beard", "glasses", "hand", "fringe", "mask", "moustache", "foundation", "plaster", "stubble",
    "sunglasses", "blusher",
)  # fmt: skip
_SMALLER = 2 / 3  # of the usual portrait
_LEAST_COVERED = 30  # texels: less is no occluder to be found
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One photo; counts are texels of the skin zones."""

    tone: str
    worn: str  # BARE or one of WORN
    hard: bool  # hard light, and finished by a phone or app
    refused: bool  # nothing measured: the counts are 0
    valid: tuple[int, int] = (0, 0)  # bare by scan and truth, by either
    covered: tuple[int, int] = (0, 0)  # covered by scan and truth, by either
    found: tuple[int, int] = (0, 0)  # covered by scan and truth, by truth
    lost: tuple[int, int] = (0, 0)  # bare by truth and not by the scan, bare by truth


def validity(device: Device) -> list[Row]:
    """Rows for all, per thing worn, per tone class, and for bare faces per tone class; worst first.

    Columns: `iou_valid` and `iou_covered` 0..1, intersection over union of bare and of covered texels pooled
    over photos; `covered_found` 0..1, share of covered texels that the scan does not call bare;
    `false_invalid` 0..1, share of bare texels that it does not call bare.
    """
    scanner = Scanner(device)
    photos = [_judge(scanner, *shown) for shown in _portraits()]
    return _rows(photos)


def _portraits() -> Iterator[tuple[Any, str, str, bool]]:
    """Rendered photo, tone, what is worn, hard or usual light."""
    everybody: dict[str, list[Any]] = {name: [] for name, _ in ITA_CLASSES}
    for person in people.people(test=True):
        everybody[person.tone].append(person)
    for row, (tone, members) in enumerate(everybody.items()):
        for number in range(PEOPLE_PER_TONE):
            rng = np.random.default_rng([2718, row, number])
            person = members[int(rng.integers(len(members)))]
            face = expression.draw_expression(rng) if number % 2 else None
            bare = subject.draw_subject(person, rng, expression=face)
            for turn, kind in enumerate((BARE, *WORN[number::PEOPLE_PER_TONE])):
                is_hard = (turn + number + row) % 2 == 1
                draw = difficult_photos.draw_hard_shot if is_hard else draw_shot
                shot = _smaller(draw(rng))
                things = coverings.draw_worn(rng, () if kind == BARE else (kind,))
                who = bare if kind == BARE else subject.dressed(bare, things)
                yield render.render(who, shot, rng), tone, kind, is_hard


def _smaller(shot: Any) -> Any:
    width, height = (round(_SMALLER * side) for side in (shot.width, shot.height))
    return replace(shot, width=width, height=height, interocular=_SMALLER * shot.interocular)


def _judge(scanner: Scanner, picture: Any, tone: str, kind: str, is_hard: bool) -> Judged:
    scan = scanned(scanner, picture.jpeg)
    if scan is None:
        return Judged(tone=tone, worn=kind, hard=is_hard, refused=True)
    return _compared(picture, scan.maps.valid, scan.texture.inside, tone, kind, is_hard)


def _compared(
    picture: Any, says_valid: BoolMap, inside: BoolMap, tone: str, kind: str, is_hard: bool
) -> Judged:
    """Count texels. What the head itself hides, or the picture's edge, is nobody's error and left out."""
    area = load_canonical().skin & (picture.valid | picture.occluded)
    bare, covered = picture.valid & area, picture.occluded & area
    says_bare = says_valid & area
    says_covered = ~says_valid & inside & area
    enough = covered.sum() >= _LEAST_COVERED
    return Judged(
        tone=tone, worn=kind, hard=is_hard, refused=False,
        valid=_overlap(says_bare, bare),
        covered=_overlap(says_covered, covered) if enough else (0, 0),
        found=(int((covered & ~says_bare).sum()), int(covered.sum())) if enough else (0, 0),
        lost=(int((bare & ~says_bare).sum()), int(bare.sum())),
    )  # fmt: skip


def _overlap(a: BoolMap, b: BoolMap) -> tuple[int, int]:
    return int((a & b).sum()), int((a | b).sum())


def _rows(photos: list[Judged]) -> list[Row]:
    """All; per thing worn, per tone class and per light, worst first; bare faces per tone class."""
    tones = [name for name, _ in ITA_CLASSES]
    clothed = [photo for photo in photos if photo.worn != BARE]
    bare = [photo for photo in photos if photo.worn == BARE]
    by_thing = [_row("worn", kind, [p for p in clothed if p.worn == kind]) for kind in WORN]
    by_tone = [_row("tone", tone, [p for p in clothed if p.tone == tone]) for tone in tones]
    lights = {"usual light": False, "hard light": True}
    by_light = [_row("light", name, [p for p in photos if p.hard is on]) for name, on in lights.items()]
    bare_by_tone = [_row("bare face", tone, [p for p in bare if p.tone == tone]) for tone in tones]
    return [
        _row("worn", "all", clothed),
        *_worst_first(by_thing, "iou_valid"),
        *_worst_first(by_tone, "iou_valid"),
        *_worst_first(by_light, "iou_valid"),
        _row("bare face", "all", bare),
        *_worst_first(bare_by_tone, "iou_valid"),
    ]


def _worst_first(rows: list[Row], key: str) -> list[Row]:
    seen = [row for row in rows if row["photos"]]
    return sorted(seen, key=lambda row: -1.0 if row[key] is None else row[key])


def _row(what: str, group: str, of: list[Judged]) -> Row:
    return {
        "what": what,
        "group": group,
        "photos": len(of),
        "refused": sum(photo.refused for photo in of),
        "iou_valid": _share([photo.valid for photo in of]),
        "iou_covered": _share([photo.covered for photo in of]),
        "covered_found": _share([photo.found for photo in of]),
        "false_invalid": _share([photo.lost for photo in of]),
    }


def _share(counts: list[tuple[int, int]]) -> float | None:
    """Pooled over photos; None where there was nothing to count."""
    part, whole = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    return round(part / whole, 3) if whole else None
