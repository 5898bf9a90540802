"""The report of one comparison, and the parts that a report on a claim shares with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skinscan.change.types import Change, ZoneChange
from skinscan.facemesh.zones import SKIN_ZONES
from skinscan.output.phrases import bound_phrase
from skinscan.output.pictures.canvas import DIVERGING, blend
from skinscan.output.report.page import Page, make_page
from skinscan.output.report.parts import Gap, Scale, origin, photo_gaps, retake, scale, shell, used
from skinscan.output.report.pictures import Picture, draw_pair, thumbnail
from skinscan.runtime.interpreter_exit import computing
from skinscan.texts.bilingual import Language, Texts, capital
from skinscan.types import JUST_VISIBLE, ChangeVerdict, Scan

__all__ = ["change_gaps", "in_shares", "in_steps", "report_change", "show_pair"]

_TICKS = ("-9", "-6", "-3", "0", "+3", "+6", "+9")  # EI, of the map that change_overlay paints


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A comparison as it is shown."""

    change: Change
    verdict: ChangeVerdict  # what it comes to: of the comparison, or what a claim may take from it
    zones: Mapping[str, ZoneChange]
    power: str  # EI, the median of the smallest changes that its zones could have shown
    steps: str | None  # key of the size in words; none where no change is shown
    spread: str  # key of the affected share of the skin in words
    before: Picture
    after: Picture
    map: Picture
    marked: bool  # the map is shown; not where nothing may be concluded from it
    scale: Scale


def show_pair(change: Change, verdict: ChangeVerdict | None = None) -> Pair | None:
    """What is shown of a comparison; None of one that was refused. `verdict`: if it is not its own."""
    if change.maps is None:
        return None
    verdict = verdict or change.verdict
    before, after, painted = draw_pair(change)
    limits = sorted(zone.erythema_index.sdc for zone in change.zones.values())
    return Pair(
        change=change,
        verdict=verdict,
        zones=change.zones,
        power=f"{limits[len(limits) // 2]:.1f}" if limits else "–",
        steps=_size(change, verdict),
        spread=in_shares(change.affected.percent if change.affected else 0.0),
        before=before,
        after=after,
        map=painted,
        marked=change.doubt is None and (change.verdict == verdict or verdict != "inconclusive"),
        scale=scale(blend(DIVERGING), _TICKS),
    )


@computing()
def report_change(change: Change, first: Language = "zh", *, replay: Sequence[str] = ()) -> Page:
    """Before and after: the verdict, both photos laid on each other, and each zone. "compare.html".

    `replay`: words of the command that made it, if it is not the plain one.
    """
    pair = show_pair(change)
    command = shell(*(replay or _command(change)))

    def values(t: Texts) -> Mapping[str, Any]:
        return {
            "change": change,
            "claimed": t.area(change.area_name) if change.area_name else "",
            "pair": pair,
            "bound": bound_phrase(change, t),
            "gaps": change_gaps(change, t),
            "retake": retake([*change.before, *change.after], t),
            "origin": origin(change.run, _photos(change), command),
        }

    return make_page("compare", values, first, thumbnail(pair.after) if pair else "")


def in_steps(rise: float) -> str:
    """Key of the words for a change of so many EI."""
    steps = abs(rise) / JUST_VISIBLE
    for limit, key in ((0.75, "step faint"), (1.75, "step just"), (3.5, "step clear")):
        if steps < limit:
            return key
    return "step strong"


def in_shares(percent: float) -> str:
    """Key of the words for a share of the skin."""
    limits = (
        (2, "share spot"),
        (7, "share little"),
        (15, "share tenth"),
        (22, "share fifth"),
        (29, "share quarter"),
        (42, "share third"),
    )
    for limit, key in (*limits, (60, "share half")):
        if percent < limit:
            return key
    return "share most"


def change_gaps(change: Change, t: Texts) -> list[Gap]:
    """What this comparison could not measure, and why; zones that show nothing either way were measured."""
    findings = [Gap(what="", why=t.of(f.reason), advice=t.of(f.advice)) for f in change.findings]
    photos = [gap for scan in (*change.before, *change.after) for gap in photo_gaps(scan, t, scan.photo.name)]
    if change.status == "refused":
        return [*findings, *photos]
    absent = [t(name) for name in SKIN_ZONES if name not in change.zones]
    hidden = [Gap(what=capital(t.join(absent)), why=t("zone hidden"))] if absent else []
    return [*findings, *photos, *hidden]


def _size(change: Change, verdict: ChangeVerdict) -> str | None:
    """The largest change that a zone or the claimed area shows, in words; a mean would talk it small."""
    if verdict not in ("increase", "decrease"):
        return None
    sign = 1 if verdict == "increase" else -1
    places = [*change.zones.values(), *([change.area] if change.area else [])]
    shown = [sign * p.erythema_index.delta for p in places if p.erythema_index.verdict == verdict]
    regions = [sign * region.erythema_index for region in change.affected.regions] if change.affected else []
    return in_steps(max(shown or regions, default=0.0))


def _photos(change: Change) -> list[Any]:
    return [
        *(used("before", scan) for scan in change.before),
        *(used("after", scan) for scan in change.after),
    ]


def _command(change: Change) -> list[str]:
    before, after = (_names(side) for side in (change.before, change.after))
    more = [word for name in before[1:] for word in ("--before", name)]
    more += [word for name in after[1:] for word in ("--after", name)]
    area = ["--area", change.area_name] if change.area_name else []
    return ["compare", before[0], after[0], *more, *area]


def _names(scans: Sequence[Scan]) -> list[str]:
    return [scan.photo.name for scan in scans]
