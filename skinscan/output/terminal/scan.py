"""Results as text for a terminal or a pipe, in Chinese or English.

Every function returns the text. Off a terminal it has no colour codes and no frames, so that it can be cut,
searched and mailed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from skinscan.measure.reportable import MEASURES, given, has_bounds, likely_monk, withheld
from skinscan.output.phrases import view_in_words
from skinscan.output.terminal.layout import Facts, fact_grid, heading, indented, plain_table, remark, render
from skinscan.texts.bilingual import Language, Texts
from skinscan.types import JUST_VISIBLE, Light, Measure, Run, Scan, Score, Tone

if TYPE_CHECKING:
    pass

__all__ = ["summarise"]

_BAR, _WIDE_BAR, _WIDE_FROM = 10, 40, 110  # cells of a score's bar; columns from which the wide one fits
_DECIMALS = {"melanin_index": 0, "lightness": 0}  # of a zone's measures; 1 of the others
_BOUND = "≥"  # before what is a lower bound
_HASH = 12  # digits of a SHA-256 that are shown


def summarise(scan: Scan, language: Language, width: int = 80, color: bool = False) -> str:
    """One scan, readable: what could be measured, scores, zones, tone, light, and how to retake the photo.

    `scan`: of one face. `language`: "zh" or "en". `width`: columns of the text, at most 120 are used.
    `color`: whether ANSI colours are written.
    """
    texts = Texts(language)
    bar = _WIDE_BAR if width >= _WIDE_FROM else _BAR
    parts: list[RenderableType] = [
        fact_grid(_subject(scan, texts)),
        heading(texts["scores"]),
        indented(_score_table(scan.scores, texts, bar)),
        remark(texts("scores note", JUST_VISIBLE)),
        *_spots(scan, texts),
        heading(texts["zones"]),
        indented(_zone_table(scan, texts)),
        remark(texts["zones note"]),
        *([remark(texts["bounds note"])] if has_bounds(scan) else []),
        "",
        fact_grid([*_tone(scan.tone, texts), *_light(scan.light, texts), *_run(scan.run, texts)]),
        "",
        fact_grid(_checks(scan, texts)),
        "",
        Text(texts["closing"], "dim"),
    ]
    return render(parts, width, color)


def _subject(scan: Scan, texts: Texts) -> Facts:
    """The photo, the face, and which metrics were measured; the others with the code of the reason."""
    photo, face, pose = scan.photo, scan.face, scan.face.pose
    eyes = face.interocular_px * photo.width / photo.pixels.shape[1]
    turn = (round(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    is_given = given(scan)
    reasons = {name: score.reason for name, score in scan.scores.items()} | {"tone": scan.tone.reason}
    missing = [f"{texts[name]} ({reasons[name]})" for name, there in is_given.items() if not there]
    facts = [
        (
            texts["photo"],
            texts("photo is", photo.name, photo.width, photo.height, photo.format, photo.icc),
        ),
        (texts["face"], texts("face is", face.index + 1, face.count, eyes, *turn)),
        *([(texts["view"], shown)] if (shown := view_in_words(scan, texts)) else []),
        (texts["measured"], texts.join(texts[name] for name, there in is_given.items() if there)),
    ]
    return [*facts, (texts["not measured"], texts.join(missing))] if missing else facts


def _score_table(scores: Mapping[str, Score], texts: Texts, cells: int) -> Table:
    head = [texts[key] for key in ("score", "value", "interval", "another photo", "higher means")]
    table = plain_table(*head[:4], "", head[4], right=head[1:4])
    for name, score in scores.items():
        if score.value is None or score.low is None or score.high is None:
            table.add_row(texts[name], "-", "-", "-", score.reason, texts["not measured"].lower())
            continue
        bar = _bar(score.value, score.low, score.high, cells)
        interval = f"[{score.low:.0f}, {score.high:.0f}]"
        again = "-" if score.repeat_low is None else f"[{score.repeat_low:.0f}, {score.repeat_high:.0f}]"
        value = f"{_BOUND * score.at_least}{score.value:.1f}"
        table.add_row(texts[name], value, interval, again, bar, texts[f"{name} >"])
    return table


def _spots(scan: Scan, texts: Texts) -> list[RenderableType]:
    """Inflamed spots, by zone."""
    if not scan.blemishes:
        return []
    counts = Counter(spot.zone for spot in scan.blemishes)
    by_zone = texts.join(f"{texts[name]} {counts[name]}" for name in scan.zone_masks if counts[name])
    return [remark(texts("blemishes are", len(scan.blemishes), by_zone))]


def _bar(value: float, low: float, high: float, cells: int) -> str:
    """The value as a full block in its interval on 0..100."""
    first, at, last = (min(cells - 1, int(number / 100 * cells)) for number in (low, value, high))
    return "".join("█" if k == at else "▒" if first <= k <= last else "░" for k in range(cells))


def _zone_table(scan: Scan, texts: Texts) -> Table:
    heads = [texts[name] for name in MEASURES]
    table = plain_table(
        texts["zone"], *heads[:2], "", *heads[2:], texts["pixels"], right=[*heads, texts["pixels"]]
    )
    kept_back = withheld(scan)
    for name in scan.zone_masks:
        zone = scan.zones.get(name)
        if zone is None:
            table.add_row(texts[name], *["-"] * 2, "", *["-"] * 4, style="dim")
            continue
        given = {m: None if m in kept_back else getattr(zone, m) for m in MEASURES}
        numbers = [_spread(given[m], _DECIMALS.get(m, 1)) for m in MEASURES]
        arrow = _arrow(given["erythema_contrast"])
        table.add_row(texts[name], *numbers[:2], arrow, *numbers[2:], str(zone.erythema_index.n_pixels))
    return table


def _spread(measure: Measure | None, digits: int = 1, unit: str = "") -> str:
    """Value and half the interval; the longer side if it is lopsided."""
    if measure is None or not math.isfinite(measure.value):
        return "-"
    half = max(measure.high - measure.value, measure.value - measure.low)
    return f"{_BOUND * measure.at_least}{measure.value:.{digits}f}{unit} ±{half:.{digits}f}"


def _arrow(contrast: Measure | None) -> str:
    if contrast is None:
        return ""
    return "▲" if contrast.low > 0 else "▼" if contrast.high < 0 else ""


def _tone(tone: Tone, texts: Texts) -> Facts:
    label = texts["tone"].capitalize()
    if not (tone.lab and tone.ita and tone.hue_angle):
        return [(label, texts("abstained", tone.reason))]
    lab = [_spread(measure) for measure in tone.lab]
    classes = texts.join(texts[name] for name in tone.ita_classes)
    undertone = texts.join(f"{texts[name]} {share:.0%}" for name, share in tone.undertone.items())
    return [
        (label, texts("tone is", *lab)),
        ("", _class_of(tone, _spread(tone.ita, unit="°"), classes, texts)),
        ("", texts("hue is", _spread(tone.hue_angle, unit="°"), undertone)),
        *([("", texts("monk is", *likely_monk(tone.monk)))] if tone.monk else []),
    ]


def _class_of(tone: Tone, angle: str, classes: str, texts: Texts) -> str:
    if tone.ita_class is None:
        return texts("ita unknown", angle, classes, texts[f"{tone.reason} advice"])
    return texts("ita is", angle, texts[tone.ita_class], classes)


def _light(light: Light, texts: Texts) -> Facts:
    text = texts(
        "light is", texts[light.white_balance.reference], *light.white_balance.residual, light.exposure.sigma
    )
    return [(texts["lighting"], text)]


def _run(run: Run, texts: Texts) -> Facts:
    models = ", ".join(f"{name} {sha256[:_HASH]}" for name, sha256 in run.models)
    text = f"skinscan {run.version}, {run.provider}, {models}"
    fallback = [("", texts("no cuda", run.fallback))] if run.fallback else []
    return [(texts["run"], text), *fallback]


def _checks(scan: Scan, texts: Texts) -> Facts:
    """Failed checks with what the photographer can do, and reasons of abstention that no check stands for."""
    checks = scan.quality.checks
    failed = [check for check in checks if not check.ok]
    reasons = [score.reason for score in scan.scores.values()]
    reasons += [scan.tone.reason] if scan.tone.status == "abstained" else []
    others = sorted({code for code in reasons if code} - {check.code for check in failed})
    if not failed and not others:
        return [(texts["checks"], texts("checks passed", len(checks)))]
    rows = [(texts["checks"], texts("checks failed", len(failed), len(checks)))]
    for check in failed:
        found = texts("check is", check.code, check.value, check.limit, check.unit)
        rows.append(("", f"{found} {texts.of(check.advice)}"))
    return rows + [("", f"{code} {texts[f'{code} advice']}") for code in others]
