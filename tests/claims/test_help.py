"""What a verdict gives beside its outcome: care, remedy, promises, ingredients by sign, consent, texture."""

import itertools
from typing import Any, get_args

import pytest

from skinscan.claims import Verdict, load_claim
from skinscan.claims.claim import PromiseKind, ReactionClaim, Texture
from skinscan.claims.help.care import CareKind, CareStep, care_plan
from skinscan.claims.ingredients.substances import substances
from skinscan.claims.messages import message
from skinscan.claims.policy.decision_table import combinations, matches
from skinscan.claims.policy.load import load_policy
from skinscan.claims.policy.model import REMEDY_SPACE
from skinscan.claims.promises import weigh_promises
from skinscan.claims.reaction.causality import assess_causality
from skinscan.claims.tables import STATUSES, read_table
from skinscan.claims.vocabulary import Sign
from tests.claims.cases import CLEAR_REACTION, NO_PHOTOS, changed, verdict_of

CARE = read_table("care")
RULES = load_policy()


def plan(**changes: Any) -> Any:
    claim = load_claim(changed(CLEAR_REACTION, **changes))
    assert isinstance(claim, ReactionClaim)
    return care_plan(claim, assess_causality(claim, NO_PHOTOS), [])


# Care


def test_every_line_of_care_has_a_source_a_status_and_both_languages() -> None:
    for row in (*CARE, *read_table("texture_advice")):
        assert row["source"]
        assert row["status"] in STATUSES
        assert not row["zh"].isascii()
        assert row["en"].isascii()
        for word in ("过敏", "正常", "allerg", "normal", "cure"):
            assert word not in row["zh"] + row["en"].lower(), row["id"]
    assert len({row["id"] for row in CARE}) == len(CARE)
    assert {row["kind"] for row in CARE} <= set(get_args(CareKind))
    assert {row["step"] for row in CARE} <= set(get_args(CareStep))
    assert {row["complaint"] for row in read_table("texture_advice")} == set(get_args(Texture))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"symptoms": ["灼热感"], "product__ingredients": "水"}, "irritation"),
        ({"signs": [{"sign": "wheal", "areas": ["cheek"]}]}, "urticaria"),
        ({"signs": [{"sign": "comedone", "areas": ["cheek"]}], "symptoms": []}, "spots"),
        ({"signs": [{"sign": "scale", "areas": ["cheek"]}], "symptoms": ["干燥", "紧绷感"]}, "dryness"),
        ({"signs": [{"sign": "papulovesicle", "areas": ["cheek"]}]}, "allergic_pattern"),
        ({"signs": [{"sign": "erythema", "areas": ["periocular"]}]}, "eyelid"),
        ({"product__category": "口红"}, "lips"),
        ({"person__age": 1}, "infant"),
        ({"person__age": None, "product__category": "护臀膏"}, "infant"),
        ({"person__age": 9}, "child"),
        ({"alarms": ["呼吸困难"]}, "emergency"),
        ({"signs": [{"sign": "hyperpigmentation", "areas": ["cheek"]}]}, "pigment"),
        ({"product__ingredients": "水、乙醇酸", "usage__departures": ["too_often"]}, "over_exfoliation"),
        (
            {
                "product__ingredients": "水、视黄醇", "symptoms": [], "timeline__onset": "2026-11-14",
                "signs": [{"sign": "comedone", "areas": ["chin"]}],
            },
            "purge",
        ),
    ],
)  # fmt: skip
def test_the_kind_follows_from_the_complaint(changes: dict[str, Any], kind: str) -> None:
    assert kind in plan(**changes).kinds


def test_the_plan_knows_whether_the_product_is_still_used() -> None:
    using = plan(timeline__stopped=None, timeline__still_using=True)
    stopped = plan()
    assert (using.stopped, stopped.stopped) == (False, True)
    say = {p.stopped: " ".join(line.en for line in p.lines if line.step == "stop") for p in (using, stopped)}
    assert "From tonight on, stop" in say[False]
    assert "You have stopped" in say[True]
    assert "stop using" not in say[True].lower()


EXCLUDE = [
    ("before the skin is calm and you have done the test", "Do no test"),
    ("before the skin is calm and you have done the test", "do not use it again."),
    ("cool cloth", "needs no more cooling"),
    ("From tonight on, stop", "You have stopped"),
    ("Test at home", "do not test it on your skin"),
    ("Step 1", "After wheals do no test"),
    ("Step 1", "Do no tests"),
    ("Begin again when", "Do not begin again on your own"),
]
"""Pairs of sentences that must never stand in one plan."""


def test_no_plan_contradicts_itself_and_none_lacks_a_step() -> None:
    for sign, age, using, course, alarm in itertools.product(
        get_args(Sign), (1, 9, 30), (True, False), ("improved", "worse"), ((), ("fainting",))
    ):
        found = plan(
            signs=[{"sign": sign, "areas": ["cheek"]}], person__age=age, timeline__still_using=using,
            timeline__stopped=None if using else "2026-11-03", timeline__course=course, alarms=list(alarm),
        )  # fmt: skip
        told = "\n".join(line.en for line in found.lines)
        assert not [pair for pair in EXCLUDE if pair[0] in told and pair[1] in told], (sign, age, told)
        steps = {line.step for line in found.lines}
        assert {"stop", "cool", "cleanse", "moisturise", "restart"} <= steps
        assert ("doctor_first" in steps) != ("doctor" in steps)
        assert found.doctor_first or age == 30
        assert len({line.id for line in found.lines}) == len(found.lines)


def test_where_a_doctor_comes_first_nothing_is_tried_at_home() -> None:
    care = verdict_of(changed(CLEAR_REACTION, signs=[{"sign": "糜烂", "areas": ["颊"]}])).care
    assert care
    told = [line.id for line in care.lines]
    assert not [line for line in told if "_test_" in line]
    assert told[0].endswith(("doctor_1", "doctor_3"))


def test_the_advice_is_not_to_stop_for_who_has_stopped() -> None:
    stopped = verdict_of(CLEAR_REACTION)
    using = verdict_of(changed(CLEAR_REACTION, timeline__stopped=None, timeline__still_using=True))
    assert stopped.advice[0].code == "DO_NOT_RESTART"
    assert using.advice[0].code == "STOP_USING"


# Promises


def standings(ingredients: str, text: str, **more: Any) -> dict[str, str]:
    advertised = [{"by": "主播", "text": text, "proof": "录屏"} | more]
    claim = load_claim(
        changed(CLEAR_REACTION, product__ingredients=ingredients, product__advertised=advertised)
    )
    return {promise.kind: promise.standing for promise in weigh_promises(claim.product)}


@pytest.mark.parametrize(
    ("text", "ingredients", "expected"),
    [
        ("零酒精", "水、变性乙醇", {"alcohol_free": "contradicted"}),
        ("alcohol-free", "Aqua, Cetearyl Alcohol, Benzyl Alcohol", {"alcohol_free": "not_contradicted"}),
        ("无香精", "水、芳樟醇", {"fragrance_free": "contradicted"}),
        ("无防腐剂", "水、羟苯甲酯", {"preservative_free": "contradicted"}),
        ("100%敏感肌可用，烂脸也能用", "水、香精", {"sensitive_skin": "to_weigh"}),
        ("敏感肌适用", "水、甘油", {"sensitive_skin": "not_contradicted"}),
        (
            "孕妇可用，零添加",
            "水、视黄醇、香精",
            {"pregnancy_safe": "to_weigh", "zero_additives": "to_weigh"},
        ),
        ("hypoallergenic", "Aqua, Methylisothiazolinone", {"hypoallergenic": "to_weigh"}),
        ("non-comedogenic", "Aqua, Isopropyl Myristate", {"non_comedogenic": "to_weigh"}),
        ("无激素", "水、香精", {"hormone_free": "cannot_tell"}),
        ("敏感肌适用", "", {"sensitive_skin": "cannot_tell"}),
        ("好用到哭", "水、香精", {"other": "cannot_tell"}),
    ],
)
def test_promises_are_held_against_the_list(text: str, ingredients: str, expected: dict[str, str]) -> None:
    assert standings(ingredients, text) == expected


def test_may_contain_breaks_no_promise_and_a_finding_of_others_stands() -> None:
    assert standings("水。可能含有：香精", "无香精") == {"fragrance_free": "not_contradicted"}
    assert standings("水", "", kind="无香精", found_false=True) == {"fragrance_free": "found_false"}


def test_the_dictionary_of_promises_is_whole() -> None:
    rows = read_table("promises")
    assert {row["kind"] for row in rows} == set(get_args(PromiseKind))
    known = {substance.inci for substance in substances()}
    functions = {substance.function for substance in substances()}
    for row in rows:
        assert row["stands"] in ("contradicts", "weighs", "cannot_tell")
        assert set(row["substances"].split("|")) - {""} <= known
        assert set(row["functions"].split("|")) - {""} <= functions
        assert bool(row["functions"] + row["substances"] + row["hazards"]) == (row["stands"] != "cannot_tell")


def promised(text: str, ingredients: str = "水、变性乙醇、甘油、香精、苯氧乙醇", **more: Any) -> Verdict:
    advertised = [{"by": "streamer", "text": text, "proof": "recording"} | more]
    return verdict_of(
        changed(CLEAR_REACTION, product__ingredients=ingredients, product__advertised=advertised)
    )


def test_a_promise_to_weigh_goes_to_a_person_and_a_contradiction_does_not_have_to() -> None:
    weighed, broken, kept = (
        promised("敏感肌适用"),
        promised("零酒精"),
        promised("零酒精", "水、甘油、月桂醇硫酸酯钠"),
    )
    assert (weighed.outcome, weighed.proposal) == ("human_review", "uphold")
    assert [why.code for why in weighed.human.why] == ["PROMISE_TO_WEIGH"]
    assert (weighed.responsibility[0].party, weighed.responsibility[0].basis_points) == ("streamer", 1500)
    assert (broken.outcome, broken.responsibility[0].basis_points) == ("uphold", 3000)
    assert [s.party for s in kept.responsibility] == ["brand"]
    assert promised("零酒精", proof="statement").responsibility[0].party == "brand"


def test_what_a_share_rests_on_is_shown_under_ingredients_and_first() -> None:
    found = promised("零酒精")
    assert found.promises[0].counts
    assert {named.inci for named in found.promises[0].broken_by} == {"Alcohol Denat."}
    assert found.ingredients[0].inci == "Alcohol Denat."
    assert found.ingredients[0].matters
    preserved = promised("无防腐剂")  # a substance without any hazard
    shown = {ingredient.inci: ingredient for ingredient in preserved.ingredients if ingredient.matters}
    assert "broken_promise" in shown["Phenoxyethanol"].why


# Ingredients by sign


def by_name(**changes: Any) -> dict[str, str]:
    return {
        found.inci: found.relevance for found in verdict_of(changed(CLEAR_REACTION, **changes)).ingredients
    }


def test_ingredients_follow_the_sign() -> None:
    listed = "水、椰子油、芳樟醇、变性乙醇"
    spots = by_name(
        product__ingredients=listed, signs=[{"sign": "comedone", "areas": ["cheek"]}], symptoms=[]
    )
    stinging = by_name(product__ingredients=listed, symptoms=["刺痛"])
    assert next(iter(spots)) == "Cocos Nucifera Oil"
    assert (spots["Cocos Nucifera Oil"], spots["Alcohol Denat."]) == ("medium", "low")
    assert stinging["Alcohol Denat."] == "medium"
    assert stinging["Cocos Nucifera Oil"] == "low"


def test_an_acid_left_on_is_not_of_low_relevance() -> None:
    listed: dict[str, Any] = {"product__ingredients": "水、柠檬酸、乙醇酸", "product__stays_on": False}
    assert by_name(**listed)["Glycolic Acid"] == "low"
    left = by_name(**listed, usage__departures=["没洗掉"])
    assert (left["Glycolic Acid"], left["Citric Acid"]) == ("high", "medium")


# Remedy


def test_the_remedy_table_has_one_row_for_every_combination() -> None:
    for facts in combinations(REMEDY_SPACE):
        assert sum(matches(row.when, facts) for row in RULES.remedy) == 1


def test_the_remedy_follows_the_outcome() -> None:
    upheld, doctor = (
        verdict_of(CLEAR_REACTION),
        changed(CLEAR_REACTION, doctor={"seen": "2026-11-04", "signs_confirmed": True}),
    )
    assert upheld.remedy
    assert (upheld.remedy.refund, upheld.remedy.medical_costs, upheld.remedy.confirmed) == (
        "full",
        False,
        True,
    )
    seen = verdict_of(doctor).remedy
    assert seen
    assert seen.medical_costs
    open_ = verdict_of(changed(CLEAR_REACTION, timeline__onset=None)).remedy
    assert open_
    assert (open_.refund, open_.confirmed, open_.goods) == ("open", False, "keep_until_decided")
    misuse = verdict_of(changed(CLEAR_REACTION, usage__departures=["天天用"])).remedy
    assert misuse
    assert (misuse.refund, misuse.confirmed) == ("share", False)


def test_a_policy_without_a_remedy_table_still_loads_and_proposes_nothing() -> None:
    text = RULES.text.decode()
    older = load_policy(text[: text.index("\nremedy:")].encode())
    assert verdict_of(CLEAR_REACTION, policy=older).remedy is None


# Consent


@pytest.mark.parametrize(
    ("consent", "age", "standing", "asked"),
    [
        (None, 30, "not_recorded", None),
        ({"photos": "是"}, 30, "given", None),
        ({"photos": "no"}, 30, "refused", "consent.photos"),
        ({"photos": "yes", "purposes": ["care"]}, 30, "other_purpose", "consent.photos"),
        (None, 9, "guardian_missing", "consent.guardian"),
        ({"photos": "yes"}, 9, "guardian_missing", "consent.guardian"),
        ({"photos": "yes", "given_by": "guardian"}, 9, "given", None),
    ],
)
def test_consent_is_checked_and_recorded(
    consent: dict[str, Any] | None, age: int, standing: str, asked: str | None
) -> None:
    claim = changed(CLEAR_REACTION, consent=consent, person__age=age, timeline__first_use=None)
    verdict = verdict_of(claim, NO_PHOTOS)
    assert verdict.consent.standing == standing
    assert verdict.consent.photos_allowed == (asked is None)
    wanted = [item.what for item in verdict.missing]
    assert [what for what in wanted if what.startswith("consent.")] == ([asked] if asked else [])
    if asked:
        assert wanted[0] == asked
        assert not [what for what in wanted if what.startswith("photos.")]
    assert "consent" in {line.rule for line in verdict.trace}


# Texture

PILLING: dict[str, Any] = {
    "kind": "texture", "case_id": "t", "received_at": "2026-11-20T10:00:00+08:00", "order": {"id": "o"},
    "product": {"sku": "s", "category": "防晒", "stays_on": True, "areas": ["全脸"]},
    "complaints": ["搓泥", "假白"],
}  # fmt: skip


def test_texture_is_answered_with_advice_and_an_exchange_without_photos() -> None:
    verdict = verdict_of(PILLING, NO_PHOTOS)
    assert (verdict.outcome, verdict.missing, verdict.causality) == ("advise", (), None)
    assert verdict.care
    assert {line.id.rsplit("_", 1)[0] for line in verdict.care.lines} == {"pilling", "white_cast"}
    assert verdict.remedy
    assert (verdict.remedy.exchange, verdict.remedy.refund) == (True, "none")
    spoiled = verdict_of(changed(PILLING, complaints=["分层", "有异味"]), NO_PHOTOS)
    assert (spoiled.outcome, [why.code for why in spoiled.human.why]) == ("human_review", ["MAY_BE_SPOILED"])


# Keys to group by


def test_a_verdict_carries_what_cases_are_grouped_by() -> None:
    claim = changed(
        CLEAR_REACTION, product__brand="B", product__batch="7", order__channel="room-7",
        order__streamer="host-2", person__skin_type="油皮", usage__season="夏天",
    )  # fmt: skip
    verdict = verdict_of(claim).model_dump(mode="json")
    assert verdict["product"] == {"sku": "cream-1", "brand": "B", "batch": "7", "category": "cream"}
    assert verdict["order"] == {"id": "order-1", "tenant": "", "channel": "room-7", "streamer": "host-2"}
    assert verdict["received_at"] == "2026-11-20T02:00:00Z"
    assert (verdict["skin_type"], verdict["season"]) == ("oily", "summer")
    assert verdict["implicated"] == ["Sodium Lauryl Sulfate", "Parfum"]


def test_sentences_of_help_exist_for_every_code() -> None:
    for standing in ("FOUND_FALSE", "CONTRADICTED", "TO_WEIGH", "NOT_CONTRADICTED", "CANNOT_TELL"):
        told = message("promise", standing)
        assert told.zh.format("甲", "乙", "丙", "丁")
        assert told.en.format("a", "b", "c", "d")
