"""Which doubts leave a comparison without a verdict, and that every reader is told so first."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from skinscan.change.compare import _overall, compare
from skinscan.change.types import PERSON_DOUBTS, VERDICT_DOUBTS, Change, Delta, Finding
from skinscan.change.withhold import withhold
from skinscan.output.pictures.change import draw_change
from skinscan.output.records.change import compare_to_dict
from skinscan.output.report.change import report_change
from skinscan.output.terminal.change import summarise_change
from skinscan.texts.bilingual import advise
from skinscan.types import ChangeVerdict
from tests.faces import scanned

OF_THE_WHOLE = {"DRAWN_ON", "NO_CONTROL"}


@cache
def red() -> Change:
    return compare([scanned("face_shiny")], [scanned("face_red_cheek")])


def doubted(*codes: str) -> Change:
    found = tuple(
        Finding(
            code=code, refuses=False, value=1.0, limit=0.0, reason=advise(f"{code} reason"),
            advice=advise(f"{code} advice"),
        )
        for code in codes
    )  # fmt: skip
    return withhold(replace(red(), findings=found))


def verdicts(change: Change) -> set[ChangeVerdict]:
    return {zone.erythema_index.verdict for zone in change.zones.values()}


@pytest.mark.parametrize("code", sorted(VERDICT_DOUBTS))
def test_no_verdict_and_the_reason_comes_first(code: str) -> None:
    assert red().verdict == "increase"
    change = doubted(code)
    assert change.verdict == "inconclusive"
    assert change.doubt is not None
    assert change.doubt.code == code
    reason = change.doubt.reason.en
    assert reason in summarise_change(change, "en", 300).splitlines()[0]
    summary = compare_to_dict(change)["summary"]
    assert summary["doubt"] == code
    assert {summary["verdict"], *list(summary["redness"].values())} == {"inconclusive"}
    page = report_change(change, "en").html
    assert change.doubt.reason.zh in page[page.index("<h1") : page.index("</h1>")]  # zh stands first


@pytest.mark.parametrize("code", sorted(VERDICT_DOUBTS))
def test_zones_keep_theirs_only_beside_a_drawing_or_a_flush(code: str) -> None:
    kept = verdicts(doubted(code)) == verdicts(red())
    assert kept == (code in OF_THE_WHOLE)
    assert verdicts(doubted("DRAWN_ON", "MAYBE_ANOTHER_PERSON")) == {"inconclusive"}


def test_other_doubts_leave_the_verdict() -> None:
    assert doubted("CAMERA_DISTANCE_DIFFERS", "RESOLUTION_DIFFERS", "DATES_REVERSED").verdict == "increase"
    assert PERSON_DOUBTS < VERDICT_DOUBTS


def test_the_sheet_names_the_doubt_above_the_pictures() -> None:
    """The title is another one, so the sheet's head differs from that of a plain inconclusive comparison."""
    plain = replace(red(), verdict="inconclusive")
    heads = [draw_change(change, "en")[:90] for change in (plain, doubted("DRAWN_ON"))]
    assert (heads[0] != heads[1]).any()


@pytest.mark.parametrize(
    ("redder", "said"), [(0.0, "decrease"), (1.1, "decrease"), (1.3, "inconclusive"), (2.1, "inconclusive")]
)
def test_decrease_is_no_summary_beside_skin_that_may_have_reddened(redder: float, said: str) -> None:
    """One zone fell by 3 smallest detectable changes; another rose by `redder` of them, shown or not."""
    zones = {
        name: replace(zone, erythema_index=delta)
        for (name, zone), delta in zip(
            red().zones.items(), (moved(-6.0, "decrease"), moved(2 * redder, "inconclusive")), strict=False
        )
    }
    assert _overall(zones, None) == said  # type: ignore[arg-type]


def moved(value: float, verdict: ChangeVerdict) -> Delta:
    return Delta(
        delta=value, low=value - 1.7, high=value + 1.7, sdc=2.0, p=0.5, verdict=verdict, unit="EI",
        n_pixels=100,
    )  # fmt: skip
