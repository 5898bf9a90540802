"""The two reports of a case: one for the person who complained, one for the board that decides."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skinscan._version import __version__
from skinscan.casework import CaseFile
from skinscan.casework.areas import ZONES_OF
from skinscan.claims.claim import ReactionClaim
from skinscan.claims.consumer_words import Group as WordGroup
from skinscan.claims.consumer_words import labels
from skinscan.claims.image_evidence import roles_doubtful
from skinscan.claims.messages import Group, message
from skinscan.claims.reaction.causality import crosswalk
from skinscan.claims.verdict_model import FactReport
from skinscan.output.phrases import better_shades_phrases
from skinscan.output.records.claim import case_to_dict
from skinscan.output.report.change import change_gaps, in_steps, show_pair
from skinscan.output.report.page import Page, make_page
from skinscan.output.report.parts import Gap, Origin, retake, shell, swatch, used
from skinscan.output.report.pictures import thumbnail
from skinscan.output.report.timeline import draw_timeline, local
from skinscan.output.report.worn import WornShade, draw_worn_shades, name_worn
from skinscan.runtime.interpreter_exit import computing
from skinscan.texts.bilingual import Language, Texts, capital
from skinscan.types import ChangeVerdict, Scan

__all__ = ["report_claim"]

_MOST_INGREDIENTS = 6  # in the consumer's report; the board sees all
_TONIGHT = ("doctor_first", "stop", "cool", "cleanse", "moisturise", "use")
"""Steps of the care plan that stand first on the consumer's page."""
_CODED: dict[str, WordGroup] = {"procedure": "procedure", "skin_condition": "skin_condition"}
_PARTIES = (
    "brand", "manufacturer", "live_room_operator", "streamer", "agency", "platform", "logistics", "consumer",
)  # fmt: skip


@computing()
def report_claim(
    case: CaseFile, first: Language = "zh", *, replay: Sequence[str] = ("claim", "claim.json")
) -> tuple[Page, Page]:
    """ "consumer.html" and "arbitration.html" of one case. `replay`: words of the command that made it."""
    pair = show_pair(case.comparison, _reading(case)) if case.comparison else None
    compared = case.image.person != "unsure"  # two people are not laid on each other
    shown = {
        "case": case,
        "claim": case.claim,
        "verdict": case.verdict,
        "pair": pair if compared else None,
        "recovery": show_pair(case.recovery) if case.recovery and compared else None,
        "compared": compared,
    }
    worn = draw_worn_shades(case)
    origin = _origin(case, shell(*replay))
    record = json.dumps(case_to_dict(case), ensure_ascii=False, indent=1, sort_keys=True)

    def consumer(t: Texts) -> Mapping[str, Any]:
        own = {"origin": origin, "changed": _changed(case, t), "worn": _worn(worn, t)}
        return _shared(case, t) | shown | own

    def board(t: Texts) -> Mapping[str, Any]:
        facts = {
            "origin": origin,
            "worn": _worn(worn, t),
            "filed": list(_flat(case.claim.model_dump(mode="json"))),
            "record": record,
        }
        return _shared(case, t) | shown | facts

    small = thumbnail(pair.after) if pair and compared else ""
    return make_page("consumer", consumer, first, small), make_page("arbitration", board, first, small)


def _shared(case: CaseFile, t: Texts) -> dict[str, Any]:
    verdict = case.verdict
    due = verdict.due

    def say(group: Group, code: str) -> str:
        return t.of(message(group, code))

    return {
        "say": say,
        "at": local,
        "entry": lambda fact: _entry(fact, case, t),
        "label": lambda group, code: labels(group)[code][t.language],
        "timeline": draw_timeline(case.claim, t) if isinstance(case.claim, ReactionClaim) else None,
        "shares": _shares(case, t),
        "ingredients": [found for found in verdict.ingredients if found.matters][:_MOST_INGREDIENTS],
        "found": _found(case, t),
        "tonight": _TONIGHT,
        "due": [
            (t(f"due {name}"), local(moment))
            for name in ("first_answer", "decision", "regulator", "erase_photos")
            if (moment := getattr(due, name))
        ],
        "gaps": _gaps(case, t),
        "better_shades": better_shades_phrases(case.better_shades, t) if case.better_shades else [],
        "other_causes": _other_causes(case, t),
        "level": lambda level: crosswalk(level)[t.language],
        "colours": _colors(case, t),
        "retake": retake(_scans(case), t),
    }


def _entry(fact: FactReport, case: CaseFile, t: Texts) -> str:
    """What the claim has for a fact, in words: codes are those of its form, names stay as they are."""
    if fact.fact == "timeline" and isinstance(case.claim, ReactionClaim) and fact.value:
        times = case.claim.timeline
        return " / ".join(local(moment) for moment in (times.first_use, times.onset) if moment)
    own = {
        "yes": t["yes"],
        "no": t["no"],
        "none": t["no"],
        "listed": t["fact listed"],
        "sun": t["cause sun"],
        "not named": t["cause said"],
    }
    if fact.fact == "usage":
        own |= {"yes": t["used as told"], "no": t["not used as told"]}
    groups: tuple[WordGroup, ...] = ("departure", "procedure", "skin_condition")
    forms = {code: word[t.language] for group in groups for code, word in labels(group).items()}
    return t[", "].join((own | forms).get(part, part) for part in fact.value.split(", "))


def _found(case: CaseFile, t: Texts) -> list[str]:
    """What was found, in the three sentences that matter most."""
    verdict = case.verdict
    told = [t.of(reason) for reason in verdict.reasons[:1]]
    told += [capital(t.of(verdict.causality)) + t["full stop"]] if verdict.causality else []
    told += [t.of(promise) for promise in verdict.promises if promise.broken_by][:1]
    return told


def _other_causes(case: CaseFile, t: Texts) -> list[str]:
    """Other explanations in words: "kind: detail", where the detail of some kinds is a code."""
    causes = []
    for found in case.verdict.causality.alternatives if case.verdict.causality else ():
        kind, _, detail = found.partition(": ")
        group = _CODED.get(kind)
        known = labels(group).get(detail) if group else None
        said = known[t.language] if known else "" if kind in ("sun", "pre_existing", "said") else detail
        causes.append(t(f"cause {kind}") + (t["colon"] + said if said else ""))
    return causes


def _colors(case: CaseFile, t: Texts) -> list[dict[str, str]]:
    """Swatches of a claim about a shade: what was measured, what it was held against, what would fit."""
    found = case.shade_match
    if found is None or found.claim is None:
        return []
    claim = found.claim
    own = f"{claim.shade.product} {claim.shade.shade}"
    held = "colour shown" if claim.question == "as_advertised" else "colour bought"
    rows = [
        (t(f"colour on {claim.measured_on}"), claim.measured, ""),
        (t(held), claim.expected, own),
    ]
    for match in case.better_shades.shades if case.better_shades else ():
        name = f"{match.shade.brand} {match.shade.product} {match.shade.shade}"
        rows.append((t("suits with", match.difference.probability_acceptable), match.worn, name))
    return [swatch(name, lab, detail or t("matte daylight"), t) for name, lab, detail in rows]


def _reading(case: CaseFile) -> ChangeVerdict:
    """What the claim may take from the comparison: the claims rules read the zones, not their mean."""
    image = case.verdict.causality.image if case.verdict.causality else "absent"
    return "inconclusive" if image == "absent" else image


def _scans(case: CaseFile) -> list[Scan]:
    return [photo.scan for photo in case.photos if photo.scan]


def _shares(case: CaseFile, t: Texts) -> list[dict[str, Any]]:
    """Rows of the bar: each party keeps its colour in every report."""
    rows, start = [], 0
    for share in case.verdict.responsibility:
        rows.append(
            {
                "name": t.of(message("party", share.party)),
                "basis_points": share.basis_points,
                "rule": share.rule,
                "start": start,
                "color": _PARTIES.index(share.party) + 1,
            }
        )
        start += share.basis_points
    return rows


def _gaps(case: CaseFile, t: Texts) -> list[Gap]:
    """Photos that could not be used, and what the others could not tell."""
    out = [
        Gap(what=photo.ref.path, why=t.of(message("photo", photo.code)))
        for photo in case.photos
        if photo.code
    ]
    if case.comparison:
        out += change_gaps(case.comparison, t)
    elif case.verdict.causality:
        out.append(Gap(what="", why=t("no pair")))
    return list(dict.fromkeys(out))


def _worn(worn: Sequence[WornShade], t: Texts) -> list[tuple[WornShade, str]]:
    return [(shade, name_worn(shade, t)) for shade in worn]


def _changed(case: CaseFile, t: Texts) -> list[tuple[str, str]]:
    """Zones where a change is shown, with its size in words, largest first.

    Where the photos cannot tell about the area named, only zones outside it; none at all if the doubt is
    about the photos themselves.
    """
    if not case.comparison or not isinstance(case.claim, ReactionClaim):
        return []
    found = [(name, zone.erythema_index) for name, zone in case.comparison.zones.items()]
    shown = [(name, ei) for name, ei in found if ei.verdict in ("increase", "decrease")]
    if _reading(case) == "inconclusive":
        image = case.image
        if image.global_change or image.before_filtered or image.after_filtered:
            return []
        if roles_doubtful(case.claim, image):
            return []
        named = {area for seen in case.claim.signs for area in seen.areas} | set(case.claim.product.areas)
        own = {zone for area in named for zone in ZONES_OF.get(area, ())}
        shown = [(name, ei) for name, ei in shown if name not in own]
    shown.sort(key=lambda row: -abs(row[1].delta))
    return [(t(name), t(f"{ei.verdict} {in_steps(ei.delta)}")) for name, ei in shown]


def _origin(case: CaseFile, replay: str) -> Origin:
    run = next((scan.run for scan in _scans(case)), None)
    return Origin(
        version=run.version if run else __version__,
        provider=run.provider if run else "",
        photos=tuple(used(photo.ref.role, photo.scan, photo.ref.path) for photo in case.photos if photo.scan),
        models=run.models if run else (),
        replay=replay,
    )


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every field of the claim with its path; fields that were left out are left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{number}]")
    elif value is not None and value != "":
        yield path, str(value).lower() if isinstance(value, bool) else str(value)
