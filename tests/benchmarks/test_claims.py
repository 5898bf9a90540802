"""`bench claims` on made-up photo evidence: cases keep their cause, errors are counted as what they are."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks import claims as bench
from benchmarks.claim_answers import answer
from benchmarks.claim_cases import CAUSES, draw_story
from benchmarks.claim_faults import answered, past, unchecked
from benchmarks.claim_pool import Condition, Shown
from benchmarks.risk_coverage import draw_risk_coverage
from skinscan.claims import load_claim
from skinscan.claims.policy.liability import Share
from skinscan.color import ITA_CLASSES
from skinscan.types import ChangeVerdict
from tests.claims.cases import CLEAR_REACTION, changed, photos, verdict_of


def shown(condition: Condition, verdict: ChangeVerdict, back: ChangeVerdict) -> Shown:
    image = photos(verdict, pre_existing=condition == "standing")
    return Shown(
        tone="tan", condition=condition, areas=("cheek",), image=image,
        back=replace(image, recovery=back), apart=None,
    )  # fmt: skip


OTHER = shown("other_person", "increase", "decrease")
POOL: dict[Condition, list[Shown]] = {
    "reacted": [shown("reacted", "increase", "decrease")],
    "unchanged": [shown("unchanged", "no_change", "no_change")],
    "standing": [shown("standing", "no_change", "no_change")],
    "other_person": [replace(OTHER, image=replace(OTHER.image, person="unsure"))],
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_story_is_a_claim_and_stays_one_after_every_answer(cause: Any) -> None:
    for number in range(6):
        story = draw_story(cause, "tan", number, POOL)
        assert draw_story(cause, "tan", number, POOL) == story
        load_claim(story.claim)
        wanted = [
            "timeline.stopped",
            "timeline.first_use",
            "product.ingredients",
            "photos.recovery",
            "doctor.record",
        ]
        told = answer(story, wanted if story.shown else ["shade.worn", "order.received_sku"], 0)
        load_claim(told.claim)
        assert story.claim != told.claim or told.shade
        assert "delta_e00" not in told.claim


@pytest.mark.parametrize("name", bench.POLICIES)
def test_each_policy_can_be_used_and_none_harms(name: str) -> None:
    policy = bench._policy(name)
    done = [bench.decide(draw_story(cause, "tan", n, POOL), policy) for cause in CAUSES for n in range(12)]
    assert not any(case.outcome == "reject" and case.harmful for case in done)
    if name == "default":
        assert not any(case.harmful for case in done)
        assert all(case.outcome not in ("reject", "partial") for case in done)


def test_errors_are_counted() -> None:
    def decided(cause: Any, outcome: str, *, pays: bool = False) -> bench.Decided:
        return bench.Decided(
            tone="tan", cause=cause, first=outcome, outcome=outcome, consumer_pays=pays, exchanges=0,
            unchecked=False, repeated=0, impossible=0,
        )  # fmt: skip

    assert decided("product_reaction", "reject").harmful
    assert decided("misuse", "reject").harmful
    assert decided("product_reaction", "partial", pays=True).harmful
    assert not decided("misuse", "partial", pays=True).harmful
    assert not decided("product_reaction", "human_review").harmful
    assert decided("light_or_camera", "uphold").wrong
    assert decided("shade_wrong", "reject").wrong
    assert not decided("light_or_camera", "reject").wrong
    assert not decided("product_reaction", "uphold").wrong
    assert not decided("unrelated_flare", "human_review").wrong


def test_faults_are_found_from_the_claim_alone() -> None:
    told = changed(CLEAR_REACTION, product__transport_damage="yes")
    verdict = verdict_of(CLEAR_REACTION)
    assert not unchecked(CLEAR_REACTION, verdict)
    for untold in ("usage__followed_instructions", "person__age", "product__ingredients"):
        assert unchecked(changed(CLEAR_REACTION, **{untold: None}), verdict)
    shares = (Share(party="logistics", basis_points=10_000, rule="L6"),)
    assert unchecked(told, verdict.model_copy(update={"responsibility": shares}))
    assert answered(CLEAR_REACTION, ["person.age", "doctor.record"]) == 1
    assert answered(changed(CLEAR_REACTION, cannot_provide=["doctor.record"]), ["doctor.record"]) == 1
    late = verdict_of(changed(CLEAR_REACTION, person__age=None)).missing
    assert past(CLEAR_REACTION, late) == 0
    assert past(changed(CLEAR_REACTION, received_at="2027-01-01T10:00:00+08:00"), late) == 1


@pytest.mark.parametrize(
    ("wrong", "n", "low", "high"), [(0, 59, 4.9, 5.0), (0, 299, 0.99, 1.0), (5, 100, 8, 11)]
)
def test_upper_bound(wrong: int, n: int, low: float, high: float) -> None:
    assert low <= bench._upper_95(wrong, n) <= high


def test_rows_and_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_CASES", dict.fromkeys(CAUSES, 2))
    pool = [replace(s, tone=tone) for own in POOL.values() for s in own for tone, _ in ITA_CLASSES]
    runs = {name: bench._run(name, pool, 1) for name in ("default", "4: and rejections without a person")}
    rows = bench.rows_of(runs, pool)
    kinds = [row["what"] for row in rows]
    assert kinds.count("default policy") == 7
    assert kinds.count("by cause") == len(CAUSES)
    assert kinds.count("policy") == 14
    worst = [row["false_uphold_percent"] for row in rows if row["what"] == "default policy"][:6]
    assert worst == sorted(worst, reverse=True)
    picture = draw_risk_coverage(rows)
    assert picture == draw_risk_coverage(rows)
    assert "<svg" in picture
