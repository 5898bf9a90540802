import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from skinscan.claims import ImageEvidence, ShadeEvidence, Verdict, judge, load_claim, load_policy
from skinscan.claims.image_evidence import PersonShown
from skinscan.claims.tables import read_table
from tests.claims.cases import (
    CLEAR_REACTION,
    DEFAULT_POLICY,
    NO_PHOTOS,
    RED,
    WRONG_SHADE,
    changed,
    photos,
    verdict_of,
)

MEASURED_FLAT = photos("no_change")
LATE_ENOUGH = [
    {"path": "before.jpg", "role": "before", "taken_at": "2026-10-30"},
    {"path": "after.jpg", "role": "after", "taken_at": "2026-11-08"},
]
NOTHING_WRONG = changed(
    CLEAR_REACTION,
    timeline__onset="2026-11-02T20:00:00+08:00",
    timeline__course="unchanged",
    timeline__course_seen="2026-12-10",
    timeline__reuse="tolerated",
    received_at="2026-12-12T10:00:00+08:00",
    photos=LATE_ENOUGH,
)
"""Complained of, but tolerated on re-use, and photos at the right time with power show nothing."""


def missing(verdict: Verdict) -> list[str]:
    return [item.what for item in verdict.missing]


def why(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.human.why]


# What a board would expect


def test_clear_reaction_is_upheld_without_a_human() -> None:
    verdict = verdict_of(CLEAR_REACTION)
    assert verdict.outcome == "uphold"
    assert not verdict.human.required
    assert verdict.causality
    assert (verdict.causality.level, verdict.causality.cn_grade) == ("likely", "很可能")
    assert [(s.party, s.basis_points) for s in verdict.responsibility] == [("brand", 10_000)]
    assert "MECHANISM_UNDETERMINED" in [reason.code for reason in verdict.reasons]


def test_misuse_is_shared_but_never_by_a_machine() -> None:
    verdict = verdict_of(changed(CLEAR_REACTION, usage__departures=["too_often"]))
    assert (verdict.outcome, verdict.proposal) == ("human_review", "partial")
    assert why(verdict) == ["CONSUMER_PAYS"]
    assert [(s.party, s.basis_points) for s in verdict.responsibility] == [
        ("consumer", 5000),
        ("brand", 5000),
    ]


@pytest.mark.parametrize(
    ("changes", "image", "asked"),
    [
        ({"timeline__onset": None}, RED, "timeline.onset"),
        ({"timeline__first_use": None}, RED, "timeline.first_use"),
        ({"timeline__treated": "unknown"}, RED, "timeline.treated"),
        ({"timeline__course": "unknown"}, RED, "photos.recovery"),
        ({"timeline__course": "unknown", "photos": []}, NO_PHOTOS, "photos.before"),
        ({"timeline__treated": "yes"}, replace(RED, after_filtered=True), "photos.unfiltered"),
        ({"timeline__treated": "yes"}, replace(RED, drawn_on=True), "photos.unmarked"),
        ({"timeline__course": "unchanged"}, replace(RED, global_change=True), "photos.retake"),
        (
            {"timeline__course": "unchanged", "received_at": "2026-11-05T10:00:00+08:00"},
            photos("no_change"),
            "photos.later",
        ),
        ({"usage__strong_sun": "yes"}, RED, "doctor.record"),
    ],
)
def test_asks_for_exactly_what_could_change_the_answer(
    changes: dict[str, Any], image: ImageEvidence, asked: str
) -> None:
    claim = changed(CLEAR_REACTION, **changes)
    verdict = verdict_of(claim, image)
    assert verdict.outcome in ("needs_info", "human_review")
    assert asked in missing(verdict)
    told = verdict_of(changed(claim, cannot_provide=[asked]), image)
    assert asked not in missing(told)


def test_when_nothing_is_left_to_ask_a_human_decides() -> None:
    claim = changed(CLEAR_REACTION, timeline__treated="yes", cannot_provide=["doctor.record"])
    verdict = verdict_of(claim)
    assert verdict.outcome == "human_review"
    assert why(verdict) == ["NOTHING_LEFT_TO_ASK"]
    assert verdict.causality


def test_pre_existing_redness_is_never_rejected_by_the_machine() -> None:
    verdict = verdict_of(CLEAR_REACTION, photos("no_change", pre_existing=True))
    assert verdict.outcome == "human_review"
    assert "ABOVE_AUTOMATIC_LEVEL" in why(verdict)  # "excluded" is for a human


def test_what_is_very_likely_is_paid_as_likely_only_with_photos_that_show_it() -> None:
    doctor = {
        "seen": "2026-11-04",
        "signs_confirmed": True,
        "patch_test": "positive",
        "other_causes_excluded": True,
    }
    sure = changed(CLEAR_REACTION, doctor=doctor)
    shown, unseen = verdict_of(sure), verdict_of(sure, NO_PHOTOS)
    for verdict in (shown, unseen):
        assert verdict.causality
        assert (verdict.causality.table_level, verdict.causality.level) == ("very_likely", "likely")
    assert shown.outcome == "uphold"
    assert unseen.outcome == "human_review"
    assert "ABOVE_AUTOMATIC_LEVEL" in why(unseen)
    other = verdict_of(
        changed(sure, doctor={**doctor, "other_causes_excluded": False}, usage__strong_sun="yes")
    )
    assert (
        other.outcome == "human_review"
    )  # another cause holds the level, so that the tables alone do not pay


@pytest.mark.parametrize("areas", [["全脸"], ["额", "颊", "鼻", "口周", "颏", "眼周"]])
def test_a_face_that_is_only_red_is_no_emergency(areas: list[str]) -> None:
    verdict = verdict_of(changed(CLEAR_REACTION, signs=[{"sign": "泛红", "areas": areas}]))
    assert verdict.red_flags == ()
    assert verdict.priority == "normal"


def test_a_case_without_a_reaction_is_only_proposed_for_rejection() -> None:
    verdict = verdict_of(NOTHING_WRONG, MEASURED_FLAT)
    assert (verdict.outcome, verdict.proposal) == ("human_review", "reject")
    assert why(verdict) == ["NOT_AUTOMATIC"]
    assert [(s.party, s.basis_points) for s in verdict.responsibility] == [("consumer", 10_000)]


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"alarms": ["呼吸困难"]}, "EMERGENCY"),
        ({"signs": [{"sign": "水疱", "areas": ["颊"]}]}, "BLISTERS_OR_OOZING"),
        ({"signs": [{"sign": "渗出", "areas": ["颊"]}]}, "BLISTERS_OR_OOZING"),
        ({"signs": [{"sign": "水肿", "areas": ["眼周"]}]}, "SWOLLEN_EYELID_OR_LIP"),
        ({"other_damage": ["全身性损害"]}, "BEYOND_THE_SKIN"),
        ({"person__age": 9}, "CHILD"),
        ({"signs": [{"sign": "红斑", "areas": ["额", "颊", "鼻", "口周", "颈"]}]}, "LARGE_AREA"),
        ({"signs": [{"sign": "水肿", "areas": ["全脸"]}]}, "LARGE_AREA"),
    ],
)
def test_red_flags_come_first_and_bring_a_human(changes: dict[str, Any], flag: str) -> None:
    verdict = verdict_of(changed(CLEAR_REACTION, **changes))
    codes = [message.code for message in verdict.red_flags]
    assert flag in codes
    assert codes[0] in ("SEE_DOCTOR_NOW", "EMERGENCY")
    assert (verdict.outcome, verdict.priority) == ("human_review", "urgent")
    keys = list(json.loads(verdict.to_json()))
    assert keys.index("red_flags") < keys.index("outcome")


@pytest.mark.parametrize(
    ("changes", "reason", "queue"),
    [
        ({"seriousness": ["需要住院治疗"]}, "SERIOUS", "regulator"),
        ({"social_impact": True}, "SOCIAL_IMPACT", "regulator"),
        ({"person__pregnant": "yes"}, "PREGNANCY", "derm"),
        ({"timeline__stopped": "2026-10-01"}, "CONTRADICTORY_DATES", "legal"),
        (
            {"photos": [{"path": "b", "role": "before", "taken_at": "2026-11-09"}]},
            "CONTRADICTORY_DATES",
            "legal",
        ),
        (
            {"photos": [{"path": "a", "role": "after", "taken_at": "2026-10-09"}]},
            "CONTRADICTORY_DATES",
            "legal",
        ),
        (
            {"photos": [{"path": "a", "role": "after", "taken_at": "2027-10-09"}]},
            "CONTRADICTORY_DATES",
            "legal",
        ),
    ],
)
def test_what_always_goes_to_a_human(changes: dict[str, Any], reason: str, queue: str) -> None:
    verdict = verdict_of(changed(CLEAR_REACTION, **changes))
    assert reason in why(verdict)
    assert (verdict.outcome, verdict.queue) == ("human_review", queue)


def test_clocks_run_from_receipt() -> None:
    def due(**changes: Any) -> Any:
        return verdict_of(changed(CLEAR_REACTION, **changes)).due

    assert due().first_answer == datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert due().decision == datetime(2026, 11, 21, 2, tzinfo=UTC)
    assert due().erase_photos == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert due().regulator == datetime(2026, 12, 20, 2, tzinfo=UTC)
    assert due(seriousness=["scar"]).regulator == datetime(2026, 12, 5, 2, tzinfo=UTC)
    assert due(social_impact=True).regulator == datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_severity_is_not_seriousness() -> None:
    severe = verdict_of(changed(CLEAR_REACTION, signs=[{"sign": "糜烂", "areas": ["颊"]}]))
    assert (severe.severity, severe.seriousness) == ("severe", "general")
    scar = verdict_of(changed(CLEAR_REACTION, seriousness=["瘢痕形成"]))
    assert (scar.severity, scar.seriousness) == ("mild", "serious")


@pytest.mark.parametrize(
    ("advertised", "share"),
    [
        ({"kind": "fragrance_free", "by": "streamer", "proof": "recording"}, ("streamer", 3000)),
        ({"kind": "sensitive_skin", "by": "agency", "found_false": True}, ("agency", 3000)),
        ({"kind": "fragrance_free", "by": "streamer", "proof": "statement"}, None),
        ({"kind": "sensitive_skin", "by": "streamer", "proof": "recording"}, ("streamer", 1500)),
        ({"kind": "oil_free", "by": "streamer", "proof": "recording"}, None),
    ],
)
def test_only_a_live_claim_that_is_shown_costs_the_one_who_made_it(
    advertised: dict[str, Any], share: tuple[str, int] | None
) -> None:
    verdict = verdict_of(changed(CLEAR_REACTION, product__advertised=[advertised]))
    shares = [(s.party, s.basis_points) for s in verdict.responsibility]
    assert sum(points for _, points in shares) == 10_000
    assert shares[0] == (share or ("brand", 10_000))


# Shades


def shade_verdict(low: float, high: float, **changes: Any) -> Verdict:
    shade = ShadeEvidence(status="measured", delta_e00_low=low, delta_e00_high=high, direction="deeper")
    return judge(load_claim(changed(WRONG_SHADE, **changes)), NO_PHOTOS, shade, policy=load_policy())


@pytest.mark.parametrize(
    ("low", "high", "changes", "outcome", "party"),
    [
        (5.0, 8.0, {}, "uphold", "brand"),
        (2.0, 6.0, {}, "needs_info", None),
        (0.5, 2.0, {}, "human_review", "consumer"),  # a rejection is only proposed
        (5.0, 8.0, {"question": "does_not_suit"}, "human_review", "consumer"),  # shares are only proposed
        (0.0, 0.0, {"question": "wrong_item"}, "needs_info", None),
        (
            0.0, 0.0,
            {"question": "wrong_item", "order__ordered_sku": "a", "order__received_sku": "b"},
            "needs_info", None,  # a typed number shows nothing
        ),
        (
            0.0, 0.0,
            {"question": "wrong_item", "order__ordered_sku": "a", "order__received_sku": "b",
             "photos": [{"path": "label.jpg", "role": "received"}]},
            "uphold", "live_room_operator",
        ),
    ],
)  # fmt: skip
def test_shade_claims(
    low: float, high: float, changes: dict[str, Any], outcome: str, party: str | None
) -> None:
    verdict = shade_verdict(low, high, **changes)
    assert verdict.outcome == outcome
    assert (verdict.responsibility[0].party if verdict.responsibility else None) == party
    assert verdict.causality is None
    assert verdict.due.regulator is None


def test_a_shade_claim_without_measurement_asks_for_the_photo() -> None:
    verdict = judge(load_claim(WRONG_SHADE), NO_PHOTOS, policy=load_policy())
    assert verdict.outcome == "needs_info"
    assert missing(verdict) == ["shade.worn"]


# The result as a whole


def test_same_input_same_bytes_and_same_key() -> None:
    one, two = verdict_of(CLEAR_REACTION), verdict_of(json.loads(json.dumps(CLEAR_REACTION)))
    assert one.to_json() == two.to_json()
    other = verdict_of(CLEAR_REACTION, photos("inconclusive"))
    assert other.idempotency_key != one.idempotency_key


def test_verdict_survives_its_own_json() -> None:
    for claim in (CLEAR_REACTION, WRONG_SHADE):
        verdict = verdict_of(claim)
        assert Verdict.model_validate_json(verdict.to_json()) == verdict
        assert json.loads(verdict.to_json())["schema"] == "skinscan.verdict/1"


def test_the_keys_that_others_build_on() -> None:
    data = json.loads(verdict_of(CLEAR_REACTION).to_json())
    assert {
        "schema", "case_id", "outcome", "causality", "severity", "seriousness", "responsibility", "reasons",
        "missing", "due", "human", "policy", "idempotency_key",
    } <= set(data)  # fmt: skip
    assert set(data["responsibility"][0]) == {"party", "basis_points", "rule"}
    assert set(data["reasons"][0]) == {"code", "zh", "en"}
    assert set(data["human"]) == {"required", "why"}
    assert set(data["policy"]) == {"id", "version", "sha256"}
    assert data["causality"]["level"] == "likely"


def test_no_sentence_names_an_allergy_or_calls_a_reaction_normal() -> None:
    for row in read_table("messages"):
        assert row["zh"]
        assert row["en"]
        for word in ("过敏", "正常", "没事"):
            assert word not in row["zh"], row["code"]
        for word in ("allerg", "normal", "all clear"):
            assert word not in row["en"].lower(), row["code"]


def test_every_code_in_use_has_a_sentence() -> None:
    from skinscan.claims.policy.model import Escalation

    written = {(row["group"], row["code"]) for row in read_table("messages")}
    assert {("human", name.upper()) for name in get_args(Escalation)} <= written


def test_no_retake_is_asked_of_what_has_healed_or_is_not_red() -> None:
    lit_otherwise = replace(RED, global_change=True)
    comedones = [{"sign": "comedone", "areas": ["cheek"]}]
    for changes in (
        {"timeline__treated": "yes"},
        {"timeline__course": "unchanged", "signs": comedones},
    ):
        assert "photos.retake" not in missing(verdict_of(changed(CLEAR_REACTION, **changes), lit_otherwise))


@pytest.mark.parametrize(
    ("person", "code"), [("unsure", "PERSON_UNSURE"), ("not_checked", "PERSON_NOT_CHECKED")]
)
def test_no_policy_decides_where_it_is_unsure_who_is_shown(person: PersonShown, code: str) -> None:
    generous = DEFAULT_POLICY.model_copy(
        update={"to_human": (), "automatic": ("uphold", "partial", "needs_info", "reject")}
    )
    verdict = verdict_of(CLEAR_REACTION, replace(RED, person=person), generous)
    assert verdict.outcome == "human_review"
    assert [why(verdict)[0], verdict.reasons[0].code] == [code, code]
    assert verdict.causality is not None
    assert verdict.causality.image == ("inconclusive" if person == "unsure" else "increase")
