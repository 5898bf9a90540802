"""The red line, whatever the claim, the photos and the policy say."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinscan.claims import (
    AreaChange,
    ImageEvidence,
    Policy,
    ReactionClaim,
    UnusablePhoto,
    judge,
    load_claim,
    load_policy,
)
from skinscan.claims.claim import Timeline
from skinscan.claims.image_evidence import ImageStatus, observe
from skinscan.claims.photo_origin.signals import Signal
from skinscan.claims.terms import Weight
from skinscan.claims.vocabulary import Alarm, Area, Sign, Symptom
from skinscan.types import ChangeVerdict
from tests.claims.cases import CLEAR_REACTION, changed

DAYS = [f"2026-11-{day:02d}" for day in range(1, 29)]
DEFAULT = (files("skinscan.claims") / "data" / "policy_default.yaml").read_text(encoding="utf-8")

DEFAULT_POLICY = load_policy()


@pytest.fixture(scope="module")
def harsh(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A policy that would reject everything, by itself."""
    text = DEFAULT.replace("automatic: [uphold,", "automatic: [reject, uphold,")
    for outcome in ("uphold", "partial", "needs_info", "human_review"):
        text = text.replace(f"then: {outcome}", "then: reject")
    path: Path = tmp_path_factory.mktemp("policy") / "harsh.yaml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def literal(alias: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(alias))


def field_values(name: str) -> st.SearchStrategy[Any]:
    return literal(Timeline.model_fields[name].annotation)


day = st.none() | st.sampled_from(DAYS)
areas = st.lists(st.sampled_from(["cheek", "chin", "forehead"]), min_size=1, max_size=2, unique=True)

claims = st.builds(
    lambda timeline, signs, symptoms, taken, used, alarms, allergies, departures, doctor: changed(
        CLEAR_REACTION,
        received_at="2026-12-20T10:00:00+08:00",
        timeline={key: value for key, value in timeline.items() if value is not None},
        signs=signs,
        symptoms=symptoms,
        photos=[{"path": f"p{n}", "role": "after", "taken_at": at} for n, at in enumerate(taken)],
        usage__departures=departures,
        doctor=doctor,
        product__areas=used,
        alarms=alarms,
        person__allergies=allergies,
    ),
    timeline=st.fixed_dictionaries(
        {
            "first_use": day,
            "last_use_before_onset": day,
            "onset": day,
            "stopped": day,
            "still_using": st.none() | st.booleans(),
            "course": field_values("course"),
            "course_seen": day,
            "treated": field_values("treated"),
            "reuse": field_values("reuse"),
        }
    ),
    signs=st.lists(
        st.fixed_dictionaries({"sign": st.just("erythema") | literal(Sign), "areas": areas}), max_size=3
    ),
    symptoms=st.lists(literal(Symptom), max_size=3),
    taken=st.lists(st.sampled_from(DAYS), max_size=2),
    used=areas,
    alarms=st.just([]) | st.lists(literal(Alarm), max_size=1),
    allergies=st.just([]) | st.just(["香精"]),
    departures=st.just([]) | st.just(["too_often"]),
    doctor=st.none()
    | st.fixed_dictionaries(
        {
            "seen": st.sampled_from(DAYS),
            "signs_confirmed": st.booleans(),
            "other_causes_excluded": st.booleans(),
            "patch_test": st.sampled_from(["none", "negative", "positive"]),
        }
    ),
)
changes = st.builds(
    AreaChange,
    area=st.sampled_from(["cheek", "chin", "forehead"]) | literal(Area),
    verdict=st.just("no_change") | literal(ChangeVerdict),
    delta_ei_low=st.just(-1.0),
    delta_ei_high=st.just(1.0),
    sdc=st.just(1.2),
    power_ok=st.booleans(),
    pre_existing=st.booleans(),
)
images = st.builds(
    ImageEvidence,
    status=st.just("measured") | literal(ImageStatus),
    areas=st.lists(changes, max_size=4).map(tuple),
    global_change=st.booleans(),
    before_filtered=st.booleans(),
    after_filtered=st.booleans(),
    recovery=st.none() | literal(ChangeVerdict),
    unusable=st.lists(
        st.builds(UnusablePhoto, path=st.sampled_from(["p0", "p1"]), code=st.just("NO_FACE"))
    ).map(tuple),
)
doubts = st.lists(
    st.builds(Signal, code=st.just("AI_SUSPECTED"), weight=literal(Weight), photo=st.just("p0"),
              detail=st.just("")), max_size=1,
)  # fmt: skip


def check(
    claim: dict[str, Any], image: ImageEvidence, policy: Policy, signals: Sequence[Signal] = ()
) -> bool:
    """Assert the red line; true if the verdict said "no reaction"."""
    loaded = load_claim(claim)
    assert isinstance(loaded, ReactionClaim)
    verdict = judge(loaded, image, policy=policy, signals=signals)
    denies = "reject" in (verdict.outcome, verdict.proposal)
    says_none = denies or any(reason.code == "NO_INCREASE_WITH_POWER" for reason in verdict.reasons)
    if says_none:
        assert all(change.verdict != "increase" for change in image.areas)
        assert observe(loaded, image, policy.causality.observation_hours) == "closed"
        bad = {photo.path for photo in image.unusable}
        assert any(photo.role == "after" and photo.path not in bad for photo in loaded.photos)
        used = [change for change in image.areas if change.area in loaded.product.areas]
        assert {change.area for change in used if change.power_ok} >= set(loaded.product.areas)
        assert not image.before_filtered
        assert not image.after_filtered
        assert image.status == "measured"
    if denies:
        assert all(change.power_ok for change in image.areas)
    shared = sum(share.basis_points for share in verdict.responsibility)
    assert shared in (0, 10_000)
    if verdict.outcome == "needs_info":
        assert verdict.missing
    assert verdict.human.required == (verdict.outcome == "human_review") == bool(verdict.human.why)
    return denies


@given(claim=claims, image=images, signals=doubts)
@settings(max_examples=600, deadline=None)
def test_red_line_under_a_policy_that_rejects_everything(
    harsh: Policy, claim: dict[str, Any], image: ImageEvidence, signals: list[Signal]
) -> None:
    check(claim, image, harsh, signals)


@given(claim=claims, image=images, signals=doubts)
@settings(max_examples=300, deadline=None)
def test_the_default_policy_never_ends_a_claim_against_the_consumer(
    claim: dict[str, Any], image: ImageEvidence, signals: list[Signal]
) -> None:
    check(claim, image, DEFAULT_POLICY, signals)
    verdict = judge(load_claim(claim), image, policy=DEFAULT_POLICY, signals=signals)
    assert verdict.outcome != "reject"
    pays = any(share.party == "consumer" for share in verdict.responsibility)
    assert verdict.human.required or not pays
    doubted = any(signal.weight == "escalates" for signal in signals)
    assert verdict.human.required or not doubted


BARELY = changed(
    CLEAR_REACTION,
    received_at="2026-12-20T10:00:00+08:00",
    timeline__course="unchanged",
    photos=[{"path": "p", "role": "after", "taken_at": "2026-11-08"}],
)
FLAT = AreaChange(
    area="cheek", verdict="no_change", delta_ei_low=-1.0, delta_ei_high=1.0, sdc=1.2, power_ok=True
)


def test_a_rejection_is_possible_at_all_so_that_the_property_is_not_empty(harsh: Policy) -> None:
    assert check(BARELY, ImageEvidence(status="measured", areas=(FLAT,)), harsh)


@pytest.mark.parametrize(
    ("claim", "image"),
    [
        (BARELY, ImageEvidence(status="measured", areas=(FLAT, AreaChange(
            area="chin", verdict="increase", delta_ei_low=2, delta_ei_high=4, sdc=1.2, power_ok=True)))),
        (BARELY, ImageEvidence(status="measured", areas=(AreaChange(
            area="cheek", verdict="no_change", delta_ei_low=-1, delta_ei_high=1, sdc=4, power_ok=False),))),
        (changed(BARELY, photos=[{"path": "p", "role": "after", "taken_at": "2026-11-05"}]),
         ImageEvidence(status="measured", areas=(FLAT,))),
        (changed(BARELY, timeline__still_using=True), ImageEvidence(status="measured", areas=(FLAT,))),
        (BARELY, ImageEvidence(status="absent")),
        (BARELY, ImageEvidence(status="measured", areas=(FLAT,), after_filtered=True)),
        (changed(BARELY, photos=[
            {"path": "late.jpg", "role": "after", "taken_at": "2026-11-08"},
            {"path": "early.jpg", "role": "after", "taken_at": "2026-11-04"}]),
         ImageEvidence(status="measured", areas=(FLAT,),
                       unusable=(UnusablePhoto(path="late.jpg", code="NO_FACE"),))),
    ],
    ids=["increase elsewhere", "no power", "window open", "still in use", "no photos", "filtered",
         "the photo that closes the window is unusable"],
)  # fmt: skip
def test_each_side_of_the_line_turns_a_rejection_into_a_human(
    harsh: Policy, claim: dict[str, Any], image: ImageEvidence
) -> None:
    assert not check(claim, image, harsh)
    verdict = judge(load_claim(claim), image, policy=harsh)
    assert verdict.outcome == "human_review"
    assert "RED_LINE" in [reason.code for reason in verdict.human.why]
