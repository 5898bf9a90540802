"""Facts that move money: each is asked for once, rests on something, and flips what it should."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skinscan.claims import ImageEvidence, Verdict, judge, load_claim, load_policy
from skinscan.claims.tables import read_table
from tests.claims.cases import CLEAR_REACTION, NO_PHOTOS, RED, WRONG_SHADE, changed, photos, verdict_of
from tests.claims.test_policy import DEFAULT

LABEL = {"path": "label.jpg", "role": "received"}
WRONG_ITEM = changed(
    WRONG_SHADE, question="wrong_item", order__ordered_sku="a", order__received_sku="b", photos=[LABEL]
)


def missing(verdict: Verdict) -> list[str]:
    return [item.what for item in verdict.missing]


@pytest.mark.parametrize(
    ("fact", "asked"),
    [
        ({"usage__followed_instructions": None}, "usage.followed_instructions"),
        ({"usage__followed_instructions": "no"}, "usage.departures"),
        ({"person__age": None}, "person.age"),
        ({"product__ingredients": ""}, "product.ingredients"),
        ({"usage__strong_sun": None}, "usage.other_causes"),
    ],
)
def test_nothing_is_paid_on_what_nobody_asked(fact: dict[str, Any], asked: str) -> None:
    assert verdict_of(CLEAR_REACTION).outcome == "uphold"
    claim = changed(CLEAR_REACTION, **fact)
    verdict = verdict_of(claim)
    assert (verdict.outcome, verdict.responsibility) == ("needs_info", ())
    assert missing(verdict).count(asked) == 1
    told = verdict_of(changed(claim, cannot_provide=[asked]))
    assert told.outcome == "human_review"
    assert asked not in missing(told)
    assert "FACT_NOT_CHECKED" in [why.code for why in told.human.why]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"usage__other_causes": "no"}, "uphold"),
        ({"usage__other_causes": "yes"}, "needs_info"),
        ({"usage__other_causes": "有"}, "needs_info"),
        ({"usage__co_used": [{"name": "old soap", "started": "2025-01-01"}]}, "uphold"),
        ({"usage__co_used": [{"name": "new acid", "started": "2026-11-01"}]}, "needs_info"),
        ({"person__skin_conditions": ["rosacea"]}, "needs_info"),
        (
            {"doctor": {"seen": "2026-11-04", "signs_confirmed": True, "other_causes_excluded": True}},
            "uphold",
        ),
    ],
)
def test_other_causes_are_asked_for_once_and_an_honest_yes_is_no_payment(
    said: dict[str, Any], outcome: str
) -> None:
    silent = changed(CLEAR_REACTION, usage__strong_sun=None)
    assert "usage.other_causes" in missing(verdict_of(silent))
    verdict = verdict_of(changed(silent, **said))
    assert verdict.outcome == outcome
    assert "usage.other_causes" not in missing(verdict)


def test_another_cause_is_not_asked_for_where_it_would_decide_nothing() -> None:
    silent = changed(CLEAR_REACTION, usage__strong_sun=None)
    before_use = changed(silent, timeline__onset="2026-10-01")
    assert "usage.other_causes" not in missing(verdict_of(before_use))
    assert "usage.other_causes" not in missing(verdict_of(silent, photos("increase", pre_existing=True)))


def test_who_is_only_probably_one_person_is_looked_at_before_money_moves() -> None:
    probably = replace(photos("increase"), person="probably")
    verdict = verdict_of(CLEAR_REACTION, probably)
    assert (verdict.outcome, verdict.proposal) == ("human_review", "uphold")
    assert [why.code for why in verdict.human.why] == ["PERSON_PROBABLY_ONE"]
    misused = changed(CLEAR_REACTION, usage__departures=["left_on_rinse_off"])
    assert verdict_of(misused, probably).human.why[0].code == "PERSON_PROBABLY_ONE"
    open_case = verdict_of(changed(CLEAR_REACTION, person__age=None), probably)
    assert open_case.outcome == "needs_info"  # nothing is paid yet


def test_a_no_without_more_stands_in_the_reasons_and_shares_are_for_a_person() -> None:
    no = changed(CLEAR_REACTION, usage__followed_instructions="no")
    assert "INSTRUCTIONS_NOT_FOLLOWED" in [reason.code for reason in verdict_of(no).reasons]
    told = verdict_of(changed(no, usage__departures=["left_on_rinse_off"]))
    assert (told.outcome, told.proposal) == ("human_review", "partial")
    assert {share.party for share in told.responsibility} == {"consumer", "brand"}


def test_a_word_about_the_parcel_shifts_no_cost_a_photo_proposes_it_and_a_person_decides() -> None:
    said = changed(CLEAR_REACTION, product__transport_damage="yes")
    verdict = verdict_of(said)
    assert "photos.parcel" in missing(verdict)
    assert {share.party for share in verdict.responsibility} == {"brand"}
    shown = changed(said, photos=[*CLEAR_REACTION["photos"], {"path": "p.jpg", "role": "parcel"}])
    proposed = verdict_of(shown)
    assert {share.party for share in proposed.responsibility} == {"logistics"}
    for one in (verdict, proposed):
        assert [why.code for why in one.human.why] == ["TRANSPORT_DAMAGE"]
    without = verdict_of(changed(said, cannot_provide=["photos.parcel"]))
    assert (without.outcome, {s.party for s in without.responsibility}) == ("uphold", {"brand"})


def test_a_batch_is_blamed_only_by_a_record() -> None:
    said = changed(CLEAR_REACTION, product__batch_defect="yes")
    parties = {share.party for share in verdict_of(said).responsibility}
    recorded = {
        share.party for share in verdict_of(changed(said, documented=["batch_defect"])).responsibility
    }
    assert (parties, recorded) == ({"brand"}, {"manufacturer"})


def test_a_typed_number_is_no_item() -> None:
    assert verdict_of(WRONG_ITEM, NO_PHOTOS).outcome == "uphold"
    typed = verdict_of(changed(WRONG_ITEM, photos=[]), NO_PHOTOS)
    assert (typed.outcome, missing(typed)) == ("needs_info", ["photos.received"])
    recorded = verdict_of(changed(WRONG_ITEM, photos=[], documented=["received_item"]), NO_PHOTOS)
    assert recorded.outcome == "uphold"


def test_another_product_than_ordered_is_for_a_person() -> None:
    other = verdict_of(changed(CLEAR_REACTION, order__ordered_sku="other"))
    assert [why.code for why in other.human.why] == ["OTHER_PRODUCT"]
    same = verdict_of(changed(CLEAR_REACTION, order__ordered_sku="cream-1"))
    assert same.outcome == "uphold"
    assert next(f for f in same.facts if f.fact == "product").source == "documented"


def test_the_policy_says_what_is_enough(tmp_path: Path) -> None:
    strict = tmp_path / "strict.yaml"
    text = DEFAULT.replace("    needs: said\n  - id: E2", "    needs: documented\n  - id: E2")
    strict.write_text(text, encoding="utf-8")
    assert verdict_of(CLEAR_REACTION, policy=load_policy(strict)).outcome == "needs_info"
    old = DEFAULT[: DEFAULT.index("evidence:\n")] + DEFAULT[DEFAULT.index("# Who answers for it, in basis") :]
    assert load_policy(old.encode()).evidence == load_policy().evidence  # written before the table


def test_eczema_explains_who_reacts_and_not_what_caused_it() -> None:
    claim = changed(CLEAR_REACTION, person__skin_conditions=["eczema"])
    assert verdict_of(claim).outcome == "uphold"
    stood = verdict_of(claim, photos("increase", pre_existing=True))
    assert stood.causality
    assert "skin_condition: eczema" in stood.causality.alternatives
    assert verdict_of(changed(CLEAR_REACTION, person__skin_conditions=["rosacea"])).outcome == "needs_info"


@pytest.mark.parametrize("image", [NO_PHOTOS, photos("inconclusive")])
def test_photos_that_cannot_tell_make_nothing_unlikely(image: ImageEvidence) -> None:
    claim = changed(CLEAR_REACTION, timeline__course="unchanged", symptoms=[], signs=[
        {"sign": "comedone", "areas": ["cheek"]}])  # fmt: skip
    verdict = verdict_of(claim, image)
    assert verdict.causality
    assert verdict.causality.level == "not_clearly_attributable"
    tolerated = verdict_of(changed(claim, timeline__reuse="tolerated"), image)
    assert tolerated.causality
    assert tolerated.causality.level == "unlikely"


def test_what_cannot_be_assessed_is_a_level_of_its_own() -> None:
    unknown = changed(CLEAR_REACTION, timeline__first_use=None, timeline__onset=None)
    asked = verdict_of(unknown)
    every = ["timeline.first_use", "timeline.onset", *missing(asked)]
    left = verdict_of(changed(unknown, cannot_provide=every))
    assert asked.causality
    assert left.causality
    assert (asked.causality.level, left.causality.level) == ("insufficient", "unassessable")
    assert (left.causality.cn_grade, left.outcome) == ("无法评价", "human_review")


# Requests and clocks


def recovery(**changes: Any) -> Any:
    claim = changed(CLEAR_REACTION, timeline__course="unchanged", **changes)
    return next(item for item in verdict_of(claim).missing if item.what == "photos.recovery")


def test_a_photo_after_stopping_is_wanted_when_it_can_be_taken() -> None:
    received = datetime(2026, 11, 4, 2, tzinfo=UTC)
    soon = recovery(received_at=received.isoformat(), timeline__stopped=received.isoformat())
    assert (soon.not_before, soon.by) == (received + timedelta(hours=48), received + timedelta(hours=72))
    using = recovery(received_at=received.isoformat(), timeline__stopped=None, timeline__still_using=True)
    assert using.en.startswith("Stop using")
    late = recovery()  # stopped 17 days before
    assert late.not_before is None
    assert "48" not in late.en


def test_the_answer_waits_for_what_was_asked_and_photos_are_held_until_then() -> None:
    claim = changed(CLEAR_REACTION, timeline__course="unchanged", timeline__stopped=None,
                    timeline__still_using=True)  # fmt: skip
    verdict = verdict_of(claim)
    assert verdict.due.decision > max(item.by for item in verdict.missing)
    assert verdict.due.hold
    assert verdict.due.hold.until == verdict.due.erase_photos > verdict.due.decision
    closed = verdict_of(CLEAR_REACTION).due
    assert closed.hold is None
    assert closed.erase_photos == datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_every_request_says_why_how_and_what_if_not() -> None:
    rows = read_table("requests")
    assert len({(row["what"], row["variant"]) for row in rows}) == len(rows)
    for row in rows:
        assert all(text for name, text in row.items() if name != "variant"), row["what"]
        for word in ("过敏", "正常", "allerg", "normal"):
            assert not any(word in text.lower() for text in row.values()), row["what"]


def test_a_copy_is_named_with_the_photo_that_it_repeats() -> None:
    from skinscan.claims import UnusablePhoto

    again = UnusablePhoto(path="after.jpg", code="MIRRORED_COPY", same_as="before.jpg", role="after")
    verdict = verdict_of(CLEAR_REACTION, replace(NO_PHOTOS, unusable=(again,)))
    asked = next(item for item in verdict.missing if item.what == "photos.after")
    assert [(sent.path, sent.same_as) for sent in asked.sent] == [("after.jpg", "before.jpg")]
    assert "before.jpg" in asked.sent[0].en
    assert verdict.reasons[0].code == "PHOTOS_ARE_ONE"


def test_swapped_photos_are_asked_about_before_anything_is_said() -> None:
    verdict = verdict_of(CLEAR_REACTION, photos("decrease", pre_existing=True))
    assert (verdict.outcome, verdict.reasons[0].code) == ("needs_info", "ROLES_DOUBTFUL")
    assert "photos.roles" in missing(verdict)
    kept = verdict_of(
        changed(CLEAR_REACTION, cannot_provide=["photos.roles"]), photos("decrease", pre_existing=True)
    )
    assert "DOUBTFUL_ROLES" in [why.code for why in kept.human.why]


# Children


def test_of_a_baby_no_face_and_no_covered_skin_is_asked_for() -> None:
    nappy = changed(
        CLEAR_REACTION, person__age=0, product__category="baby_nappy_cream", product__areas=["other_area"],
        signs=[{"sign": "erythema", "areas": ["other_area"]}], photos=[],
    )  # fmt: skip
    verdict = verdict_of(nappy, NO_PHOTOS)
    assert missing(verdict)[0] == "doctor.record"
    assert not any(what.startswith("photos.") for what in missing(verdict))
    agreed = {"photos": "yes", "given_by": "guardian", "purposes": ["claim"]}
    cheek = changed(CLEAR_REACTION, person__age=1, consent=agreed, photos=[])
    assert [what for what in missing(verdict_of(cheek, NO_PHOTOS)) if "photos" in what] == ["photos.area"]
    assert verdict_of(cheek, RED).reasons[0].code == "INFANT_NOT_MEASURED"
    untold = verdict_of(changed(nappy, person__age=None), NO_PHOTOS)
    assert "CHILD" in [flag.code for flag in untold.red_flags]
    assert "person.age" in missing(untold)


# Shades


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"question": "does_not_suit"}, ["shade.bare_skin"]),
        (
            {"question": "does_not_suit", "photos": [{"path": "b", "role": "before"}]},
            ["shade.bare_with_card", "shade.wears"],
        ),
        ({"product__category": "lipstick"}, ["shade.swatch"]),
        ({"photos": [{"path": "a", "role": "after"}]}, ["shade.swatch"]),
        ({"question": "does_not_suit", "product__category": "lipstick"}, []),  # taste: a person
    ],
)
def test_each_question_asks_for_what_settles_it(changes: dict[str, Any], asked: list[str]) -> None:
    from skinscan.claims import ShadeEvidence

    claim = load_claim(changed(WRONG_SHADE, **changes))
    shade = ShadeEvidence(status="measured", delta_e00_low=2.0, delta_e00_high=5.0)
    verdict = judge(claim, NO_PHOTOS, shade, policy=load_policy())
    assert missing(verdict) == asked
    assert verdict.outcome == ("needs_info" if asked else "human_review")
