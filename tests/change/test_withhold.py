"""Which doubts leave a comparison without a verdict, and that every reader is told so first."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from skinscan.change.compare import _overall, compare
from skinscan.change.types import PERSON_DOUBTS, VERDICT_DOUBTS, Change, Delta, Finding
from skinscan.change.withhold import withhold
from skinscan.change.zone_change import _delta
from skinscan.output.phrases import bound_phrase
from skinscan.output.pictures.change import draw_change
from skinscan.output.records.change import compare_to_dict
from skinscan.output.report.change import report_change
from skinscan.output.terminal.change import summarise_change
from skinscan.texts.bilingual import Texts, advise
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


@cache
def quiet(area: str | None = None) -> Change:
    return compare([scanned("face_shiny")], [scanned("face_medium")], area, allow_copies=True)


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


@pytest.mark.parametrize("truth", [0.0, 0.4, 1.0, 3.0, -3.0])
def test_what_a_change_is_not_larger_than_holds_nine_times_in_ten(truth: float) -> None:
    readings = np.random.default_rng(2).normal(truth, 0.8, 4000)
    beyond = np.mean([abs(truth) > _delta(float(reading), 0.8, "EI", 100).at_most for reading in readings])
    assert beyond <= 0.115
    if abs(truth) >= 3:  # far from 0 one side alone can fail, and the bound is not wasteful
        assert beyond >= 0.085


def test_a_pair_that_shows_no_change_says_how_large_one_may_be() -> None:
    change = quiet()
    assert change.doubt is None
    assert change.verdict not in ("increase", "decrease")
    data = compare_to_dict(change)
    for zone in data["zones"].values():
        ei = zone["erythema_index"]
        assert abs(ei["delta"]) < ei["at_most"] < max(-ei["low"], ei["high"])
    assert change.at_most is not None
    every = [zone["erythema_index"]["at_most"] for zone in data["zones"].values()]
    assert data["summary"]["at_most"] == max(every) == change.at_most
    claimed = compare_to_dict(quiet("left_cheek"))
    assert claimed["summary"]["at_most"] == claimed["area"]["erythema_index"]["at_most"]
    told = {language: f"{change.at_most:.1f} EI" for language in ("en", "zh")}
    for language in ("en", "zh"):
        assert told[language] in summarise_change(change, language, 300).splitlines()[2]
        assert told[language] in report_change(change, language).html


def test_a_change_that_was_shown_is_not_bounded_in_words_but_in_numbers() -> None:
    assert bound_phrase(red(), Texts("en")) is None
    assert compare_to_dict(red())["summary"]["at_most"] >= 1


@pytest.mark.parametrize("code", sorted(VERDICT_DOUBTS))
def test_nothing_is_ruled_out_where_there_is_a_doubt(code: str) -> None:
    change = withhold(replace(quiet(), findings=doubted(code).findings))
    assert change.at_most is None
    assert compare_to_dict(change)["summary"]["at_most"] is None
    assert bound_phrase(change, Texts("zh")) is None
