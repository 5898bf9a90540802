"""Results as text for a terminal or a pipe, in Chinese or English.

Every function returns the text. Off a terminal it has no colour codes and no frames, so that it can be cut,
searched and mailed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from skinscan.measure.reportable import MEASURES, given, likely_monk, withheld
from skinscan.output.terminal.layout import Facts, fact_grid, heading, indented, plain_table, remark, render
from skinscan.texts.words import Language, Words
from skinscan.types import Light, Measure, Run, Scan, Score, Tone

if TYPE_CHECKING:
    pass

__all__ = ["summarise"]

_BAR, _WIDE_BAR, _WIDE_FROM = 16, 40, 110  # cells of a score's bar; columns from which the wide one fits
_DECIMALS = {"melanin_index": 0, "lightness": 0}  # of a zone's measures; 1 of the others
_HASH = 12  # digits of a SHA-256 that are shown


def summarise(scan: Scan, language: Language, width: int = 80, color: bool = False) -> str:
    """One scan, readable: what could be measured, scores, zones, tone, light, and how to retake the photo."""
    words = Words(language)
    bar = _WIDE_BAR if width >= _WIDE_FROM else _BAR
    parts: list[RenderableType] = [
        fact_grid(_subject(scan, words)),
        heading(words["scores"]),
        indented(_score_table(scan.scores, words, bar)),
        remark(words["scores note"]),
        heading(words["zones"]),
        indented(_zone_table(scan, words)),
        remark(words["zones note"]),
        "",
        fact_grid([*_tone(scan.tone, words), *_light(scan.light, words), *_run(scan.run, words)]),
        "",
        fact_grid(_checks(scan, words)),
        "",
        Text(words["closing"], "dim"),
    ]
    return render(parts, width, color)


def _subject(scan: Scan, words: Words) -> Facts:
    """The photo, the face, and which metrics were measured; the others with the code of the reason."""
    photo, face, pose = scan.photo, scan.face, scan.face.pose
    eyes = face.interocular_px * photo.width / photo.pixels.shape[1]
    turn = (round(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    is_given = given(scan)
    reasons = {name: score.reason for name, score in scan.scores.items()} | {"tone": scan.tone.reason}
    missing = [f"{words[name]} ({reasons[name]})" for name, there in is_given.items() if not there]
    facts = [
        (
            words["photo"],
            words.fill("photo is", photo.name, photo.width, photo.height, photo.format, photo.icc),
        ),
        (words["face"], words.fill("face is", face.index + 1, face.count, eyes, *turn)),
        (words["measured"], words.join(words[name] for name, there in is_given.items() if there)),
    ]
    return [*facts, (words["not measured"], words.join(missing))] if missing else facts


def _score_table(scores: Mapping[str, Score], words: Words, cells: int) -> Table:
    head = [words[key] for key in ("score", "value", "interval", "higher means")]
    table = plain_table(*head[:3], "", head[3], right=head[1:3])
    for name, score in scores.items():
        if score.value is None or score.low is None or score.high is None:
            table.add_row(words[name], "-", "-", score.reason, words["not measured"].lower())
            continue
        bar = _bar(score.value, score.low, score.high, cells)
        interval = f"[{score.low:.1f}, {score.high:.1f}]"
        table.add_row(words[name], f"{score.value:.1f}", interval, bar, words[f"{name} >"])
    return table


def _bar(value: float, low: float, high: float, cells: int) -> str:
    """The value as a full block in its interval on 0..100."""
    first, at, last = (min(cells - 1, int(number / 100 * cells)) for number in (low, value, high))
    return "".join("█" if k == at else "▒" if first <= k <= last else "░" for k in range(cells))


def _zone_table(scan: Scan, words: Words) -> Table:
    heads = [words[name] for name in MEASURES]
    table = plain_table(
        words["zone"], *heads[:2], "", *heads[2:], words["pixels"], right=[*heads, words["pixels"]]
    )
    kept_back = withheld(scan)
    for name in scan.zone_masks:
        zone = scan.zones.get(name)
        if zone is None:
            table.add_row(words[name], *["-"] * 2, "", *["-"] * 4, style="dim")
            continue
        given = {m: None if m in kept_back else getattr(zone, m) for m in MEASURES}
        numbers = [_spread(given[m], _DECIMALS.get(m, 1)) for m in MEASURES]
        arrow = _arrow(given["erythema_contrast"])
        table.add_row(words[name], *numbers[:2], arrow, *numbers[2:], str(zone.erythema_index.n_pixels))
    return table


def _spread(measure: Measure | None, digits: int = 1, unit: str = "") -> str:
    """Value and half the interval; the longer side if it is lopsided."""
    if measure is None or not math.isfinite(measure.value):
        return "-"
    half = max(measure.high - measure.value, measure.value - measure.low)
    return f"{measure.value:.{digits}f}{unit} ±{half:.{digits}f}"


def _arrow(contrast: Measure | None) -> str:
    if contrast is None:
        return ""
    return "▲" if contrast.low > 0 else "▼" if contrast.high < 0 else ""


def _tone(tone: Tone, words: Words) -> Facts:
    label = words["tone"].capitalize()
    if not (tone.lab and tone.ita and tone.hue_angle and tone.ita_class):
        return [(label, words.fill("abstained", tone.reason))]
    lab = [_spread(measure) for measure in tone.lab]
    classes = words.join(words[name] for name in tone.ita_classes)
    undertone = words.join(f"{words[name]} {share:.0%}" for name, share in tone.undertone.items())
    return [
        (label, words.fill("tone is", *lab)),
        ("", words.fill("ita is", _spread(tone.ita, unit="°"), words[tone.ita_class], classes)),
        ("", words.fill("hue is", _spread(tone.hue_angle, unit="°"), undertone)),
        ("", words.fill("monk is", *likely_monk(tone.monk))),
    ]


def _light(light: Light, words: Words) -> Facts:
    text = words.fill(
        "light is", words[light.white_balance.reference], *light.white_balance.residual, light.exposure.sigma
    )
    return [(words["lighting"], text)]


def _run(run: Run, words: Words) -> Facts:
    models = ", ".join(f"{name} {sha256[:_HASH]}" for name, sha256 in run.models)
    text = f"skinscan {run.version}, {run.provider}, {models}"
    fallback = [("", words.fill("no cuda", run.fallback))] if run.fallback else []
    return [(words["run"], text), *fallback]


def _checks(scan: Scan, words: Words) -> Facts:
    """Failed checks with what the photographer can do, and reasons of abstention that no check stands for."""
    checks = scan.quality.checks
    failed = [check for check in checks if not check.ok]
    reasons = [scan.tone.reason, *(score.reason for score in scan.scores.values())]
    others = sorted({code for code in reasons if code} - {check.code for check in failed})
    if not failed and not others:
        return [(words["checks"], words.fill("checks passed", len(checks)))]
    rows = [(words["checks"], words.fill("checks failed", len(failed), len(checks)))]
    for check in failed:
        found = words.fill("check is", check.code, check.value, check.limit, check.unit)
        rows.append(("", f"{found} {words.of(check.advice)}"))
    return rows + [("", f"{code} {words[code]}") for code in others]
