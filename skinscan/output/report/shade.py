"""The report of a shade match: the verdict if one was asked for, the shades that fit, what the error is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skinscan.output.report.page import Page, make_page
from skinscan.output.report.parts import hex_of, lab_in_words, origin, photo_gaps, retake, shell, swatch, used
from skinscan.output.report.replay import shade_command
from skinscan.output.report.worn import Wanted, name_shade, name_worn, paint_shades
from skinscan.runtime.interpreter_exit import computing
from skinscan.shades import Candidate, ShadeMatch
from skinscan.texts.bilingual import Language, Texts

__all__ = ["report_shade"]


@computing()
def report_shade(found: ShadeMatch, first: Language = "zh", *, replay: Sequence[str] = ()) -> Page:
    """Which shades of a catalogue fit a face, or whether the one bought does. "shade.html".

    `replay`: words of the command that made it, if it is not the plain one.
    """
    worn = paint_shades(found.scan, _wanted(found))
    claim = found.claim
    command = shell(*(replay or shade_command(found)))

    def listed(candidates: Sequence[Candidate], t: Texts) -> list[dict[str, Any]]:
        return [_line(candidate, t) for candidate in candidates]

    def values(t: Texts) -> Mapping[str, Any]:
        return {
            "found": found,
            "claim": claim,
            "best": _line(found.matches[0], t) if found.matches else None,
            "matches": listed(found.matches, t),
            "neighbours": listed(claim.neighbours if claim else (), t),
            "equivalents": listed(claim.equivalents if claim else (), t),
            "direction": _directions(claim.difference.direction, t) if claim else "",
            "colours": _colors(found, t),
            "worn": [(shade, name_worn(shade, t)) for shade in worn],
            "budget": claim.budget if claim else found.budget,
            "by_card": found.scan.light.white_balance.by_card,
            "gaps": photo_gaps(found.scan, t),
            "retake": retake([found.scan], t),
            "origin": origin(found.scan.run, [used("photo", found.scan)], command),
        }

    return make_page("shade", values, first)


def _wanted(found: ShadeMatch) -> list[Wanted]:
    """What is painted on the face: the shade bought, and the one that fits best of what is not it."""
    claim = found.claim
    if claim and claim.question != "suits":
        return []
    wanted = [Wanted(role="try-on bought", shade=claim.shade)] if claim else []
    others = [one for one in found.matches if not claim or one.shade.sku != claim.shade.sku]
    if others and found.status == "ok":
        share = others[0].difference.probability_acceptable
        wanted.append(Wanted(role="try-on recommended", shade=others[0].shade, probability=share))
    return wanted


def _line(candidate: Candidate, t: Texts) -> dict[str, Any]:
    """A shade as a table shows it; a star marks a colour that no instrument measured."""
    shade = candidate.shade
    star = "*" if shade.grade == "hex" else ""
    return {
        "name": name_shade(shade) + star,
        "hex": hex_of(*candidate.worn),
        "difference": candidate.difference,
        "direction": _directions(candidate.difference.direction, t),
    }


def _directions(codes: Sequence[str], t: Texts) -> str:
    return t.join(t(code) for code in codes)


def _colors(found: ShadeMatch, t: Texts) -> list[dict[str, str]]:
    """Swatches: the skin, or what was expected and what was measured of the shade asked about."""
    claim = found.claim
    pairs = [("colour on skin", tuple(measure.value for measure in found.color))]
    if claim:
        expected = "colour bought" if claim.question == "suits" else "colour shown"
        pairs = [(f"colour on {claim.measured_on}", claim.measured), (expected, claim.expected)]
    return [swatch(t(key), lab, lab_in_words(lab, t), t) for key, lab in pairs]
