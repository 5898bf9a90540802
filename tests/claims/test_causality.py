from dataclasses import replace
from typing import Any

import pytest

from skinscan.claims import ImageEvidence, ReactionClaim, assess_causality, load_claim
from skinscan.claims.image_evidence import observe
from skinscan.claims.reaction.causality import Causality
from tests.claims.cases import CLEAR_REACTION, NO_PHOTOS, RED, changed, photos

DOCTOR = {"seen": "2026-11-05", "signs_confirmed": True}


def assessed(image: ImageEvidence = RED, **changes: Any) -> Causality:
    claim = load_claim(changed(CLEAR_REACTION, **changes))
    assert isinstance(claim, ReactionClaim)
    return assess_causality(claim, image)


def test_clear_reaction_is_likely_and_no_more() -> None:
    causality = assessed()
    assert (causality.chronology.score, causality.semiology, causality.imputability) == ("C3", "S2", "I5")
    assert causality.level == "likely"


@pytest.mark.parametrize(
    ("changes", "delay"),
    [
        ({}, "highly_suggestive"),
        ({"timeline__onset": "2026-10-31"}, "incompatible"),
        ({"timeline__onset": "2026-11-01"}, "highly_suggestive"),  # the same day: nobody knows the hour
        ({"timeline__onset": "2026-12-20", "timeline__stopped": "2026-11-03"}, "incompatible"),
        ({"timeline__first_use": "2026-06-01"}, "compatible"),  # months without trouble
        ({"timeline__onset": None}, "unknown"),
        ({"timeline__first_use": None}, "unknown"),
        ({"signs": [{"sign": "telangiectasia", "areas": ["cheek"]}]}, "compatible"),  # fits no early pattern
    ],
)
def test_delay(changes: dict[str, Any], delay: str) -> None:
    assert assessed(**changes).chronology.delay == delay


def test_a_sign_already_on_the_before_photo_counts_only_if_it_grew() -> None:
    assert assessed(photos("no_change", pre_existing=True)).chronology.delay == "incompatible"
    assert assessed(photos("inconclusive", pre_existing=True)).chronology.delay == "highly_suggestive"
    worse = assessed(photos("increase", pre_existing=True))
    assert worse.chronology.delay == "highly_suggestive"
    assert worse.level == "not_clearly_attributable"
    assert [found.kind for found in worse.alternatives] == ["pre_existing"]


@pytest.mark.parametrize(
    ("changes", "evolution"),
    [
        ({}, "suggestive"),
        ({"timeline__treated": "yes"}, "inconclusive"),
        ({"timeline__treated": "unknown"}, "inconclusive"),
        ({"timeline__course": "unknown"}, "inconclusive"),
        ({"timeline__course": "unchanged"}, "inconclusive"),  # 6 days are too few
        ({"timeline__course": "unchanged", "timeline__course_seen": "2026-12-01"}, "non_suggestive"),
        ({"timeline__still_using": True, "timeline__stopped": None}, "non_suggestive"),
        ({"timeline__still_using": None, "timeline__stopped": None}, "inconclusive"),
    ],
)
def test_evolution(changes: dict[str, Any], evolution: str) -> None:
    assert assessed(**changes).chronology.evolution == evolution


def test_a_recovery_photo_shows_improvement() -> None:
    image = replace(RED, recovery="decrease")
    assert assessed(image, timeline__course="unknown").chronology.evolution == "suggestive"


def test_without_stopping_the_chronology_stays_below_its_top() -> None:
    causality = assessed(timeline__stopped=None, timeline__still_using=True, timeline__course="worse")
    assert causality.chronology.score == "C2"


@pytest.mark.parametrize(("reuse", "score"), [("recurred", "C3"), ("tolerated", "C1"), ("not_tried", "C3")])
def test_rechallenge(reuse: str, score: str) -> None:
    assert assessed(timeline__reuse=reuse).chronology.score == score


@pytest.mark.parametrize(
    ("hours", "pattern"),
    [
        (0.5, "contact_urticaria"),
        (6, "acute_irritation"),
        (30, "delayed_irritation"),
        (90, "contact_dermatitis"),
    ],
)
def test_onset_leads_to_the_pattern(hours: float, pattern: str) -> None:
    day, rest = divmod(8 + hours, 24)
    onset = f"2026-11-{1 + int(day):02d}T{int(rest):02d}:{int(rest % 1 * 60):02d}:00+08:00"
    sign = "wheal" if pattern == "contact_urticaria" else "erythema"
    causality = assessed(timeline__onset=onset, signs=[{"sign": sign, "areas": ["cheek"]}])
    assert pattern in [row["pattern"] for row in causality.chronology.patterns]


def test_purge_is_considered_only_with_an_active_and_without_burning() -> None:
    breakout: dict[str, Any] = {
        "signs": [{"sign": "comedone", "areas": ["cheek"]}],
        "symptoms": [],
        "timeline__onset": "2026-11-12",
        "timeline__stopped": "2026-11-14",
    }

    def patterns(**more: Any) -> list[str]:
        return [row["pattern"] for row in assessed(**breakout, **more).chronology.patterns]

    assert "purge" in patterns(product__ingredients="水，视黄醇")
    assert "purge" not in patterns(product__ingredients="水，甘油")
    breakout["symptoms"] = ["灼热感"]
    assert "purge" not in patterns(product__ingredients="水，视黄醇")


def test_signs_need_more_than_the_persons_word_to_be_evocative() -> None:
    assert assessed(NO_PHOTOS).semiology == "S1"
    assert assessed(NO_PHOTOS, doctor=DOCTOR).semiology == "S2"
    assert assessed(NO_PHOTOS, person__allergies=["香精"]).semiology == "S2"
    assert assessed(RED).semiology == "S2"


@pytest.mark.parametrize(
    ("grade", "score"),
    [
        ("none", "S2"),
        ("doubtful", "S2"),
        ("irritant", "S2"),
        ("negative", "S1"),
        ("positive", "S3"),
        ("extreme", "S3"),
    ],
)
def test_patch_test(grade: str, score: str) -> None:
    assert assessed(doctor={**DOCTOR, "patch_test": grade}).semiology == score


def test_a_machine_never_says_very_likely_or_excluded() -> None:
    certain = assessed(doctor={**DOCTOR, "patch_test": "strong"}, timeline__reuse="recurred")
    assert (certain.table_level, certain.level) == ("very_likely", "likely")
    excluded = assessed(NO_PHOTOS, timeline__onset="2026-10-01")
    assert (excluded.table_level, excluded.level) == ("excluded", "unlikely")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"usage__procedures": [{"kind": "laser", "at": "2026-10-28"}]}, "procedure"),
        ({"usage__strong_sun": "yes"}, "sun"),
        ({"usage__co_used": [{"name": "acid", "started": "2026-11-01"}]}, "co_used"),
        ({"usage__co_used": [{"name": "retinol", "ingredients": "水，视黄醇"}]}, "co_used"),
        ({"person__skin_conditions": ["rosacea"]}, "skin_condition"),
        ({"person__skin_conditions": ["other"]}, "skin_condition"),
        ({"doctor": {**DOCTOR, "other_cause": "玫瑰痤疮"}}, "doctor"),
    ],
)
def test_a_documented_other_cause_holds_the_level(changes: dict[str, Any], kind: str) -> None:
    causality = assessed(**changes)
    assert [found.kind for found in causality.alternatives] == [kind]
    assert causality.level == "not_clearly_attributable"
    excluded_by_doctor = {**changes, "doctor": {**DOCTOR, "other_causes_excluded": True}}
    assert assessed(**excluded_by_doctor).level == "likely"


@pytest.mark.parametrize(
    "changes",
    [
        {"usage__procedures": [{"kind": "laser", "at": "2026-06-01"}]},
        {"usage__co_used": [{"name": "old cream", "started": "2025-01-01", "ingredients": "水，甘油"}]},
        {"person__skin_conditions": ["acne"]},  # does not show as redness alone
        {"usage__departures": ["too_often"]},  # misuse is no other cause
    ],
)
def test_what_explains_nothing_changes_no_level(changes: dict[str, Any]) -> None:
    assert assessed(**changes).level == "likely"


@pytest.mark.parametrize(
    ("image", "reading"),
    [
        (RED, "increase"),
        (replace(RED, global_change=True), "inconclusive"),
        (replace(RED, before_filtered=True), "inconclusive"),
        (replace(RED, after_filtered=True), "inconclusive"),
        (replace(RED, areas=tuple(replace(a, area="chin") for a in RED.areas)), "inconclusive"),
        (photos("no_change"), "inconclusive"),  # the window is still open
        (ImageEvidence(status="measured"), "inconclusive"),
        (ImageEvidence(status="refused", reason="different people"), "absent"),
        (NO_PHOTOS, "absent"),
    ],
)
def test_what_photos_may_say(image: ImageEvidence, reading: str) -> None:
    assert assessed(image).image == reading


STILL_RED = {"timeline__course": "unchanged"}


def after(day: str, **changes: Any) -> dict[str, Any]:
    return {**STILL_RED, "photos": [{"path": "a", "role": "after", "taken_at": day}], **changes}


@pytest.mark.parametrize(
    ("changes", "observation"),
    [
        (after("2026-11-08"), "closed"),
        (after("2026-11-05"), "open"),
        (after("2026-11-07"), "open"),  # that day may still be inside the 96 h
        (after("2026-12-01"), "late"),
        (after("2026-11-08", timeline__course="improved"), "late"),
        (after("2026-11-08", timeline__course="unknown"), "unknown"),
        (after("2026-11-08", timeline__still_using=True), "unknown"),
        (after("2026-11-08", timeline__stopped=None), "unknown"),
        ({"photos": []}, "unknown"),
    ],
)
def test_observation_window(changes: dict[str, Any], observation: str) -> None:
    claim = load_claim(changed(CLEAR_REACTION, **changes))
    assert isinstance(claim, ReactionClaim)
    assert observe(claim, NO_PHOTOS, 96.0) == observation


@pytest.mark.parametrize(
    ("image", "changes", "reading"),
    [
        (photos("no_change"), {}, "no_change"),
        (photos("no_change", power_ok=False), {}, "inconclusive"),
        (photos("decrease"), {}, "inconclusive"),
        # Unchanged redness says nothing about peeling, or about skin that was not measured.
        (photos("no_change"), {"signs": [{"sign": "scale", "areas": ["cheek"]}]}, "inconclusive"),
        (photos("no_change"), {"signs": [{"sign": "erythema", "areas": ["neck"]}]}, "inconclusive"),
        (photos("no_change"), {"product__areas": ["cheek", "chin"]}, "inconclusive"),
        (photos("no_change"), {"signs": [{"sign": "wheal", "areas": ["cheek"]}]}, "inconclusive"),
        (photos("no_change"), {"signs": []}, "inconclusive"),
        (RED, {"signs": [{"sign": "erythema", "areas": ["chin"]}]}, "inconclusive"),
    ],
)
def test_absence_needs_power_time_and_the_right_place(
    image: ImageEvidence, changes: dict[str, Any], reading: str
) -> None:
    assert assessed(image, **after("2026-11-08", **changes)).image == reading
