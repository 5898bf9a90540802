"""No verdict says two things that cannot both be true: the forbidden pairs stand in a data file."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skinscan.claims import ImageEvidence, Verdict, judge, load_claim
from skinscan.claims.claim import Claim, ReactionClaim
from skinscan.claims.tables import read_table
from tests.casework.test_samples import CASES, worked
from tests.claims.cases import CLEAR_REACTION, DEFAULT_POLICY, changed, photos, verdict_of
from tests.claims.test_red_line import claims, images

PAIRS = [(row["one"], row["other"]) for row in read_table("forbidden_pairs")]
SPEAKS_AGAINST = {
    "TIMING_DOES_NOT_FIT", "SIGN_STOOD_BEFORE", "DID_NOT_IMPROVE", "IMPROVED_IN_USE", "TOLERATED_ON_REUSE",
    "NO_INCREASE_WITH_POWER",
}  # fmt: skip


def says(verdict: Verdict, claim: Claim) -> set[str]:
    """Everything that a verdict says, as names of ``forbidden_pairs.csv``."""
    reasons = {reason.code for reason in verdict.reasons}
    said = {f"reason.{code}" for code in reasons} | {f"outcome.{verdict.outcome}"}
    said |= {f"human.{why.code}" for why in verdict.human.why}
    said |= {f"advice.{advice.code}" for advice in verdict.advice}
    said |= {f"missing.{item.what}" for item in verdict.missing}
    holds = {
        "missing.any": bool(verdict.missing),
        "share.any": bool(verdict.responsibility),
        "hold.any": verdict.due.hold is not None,
        "reason.PHOTOS_CANNOT_TELL upheld": "PHOTOS_CANNOT_TELL" in reasons and verdict.outcome == "uphold",
    }
    if verdict.causality and isinstance(claim, ReactionClaim):
        timeline, patch = claim.timeline, claim.doctor.patch_test if claim.doctor else "none"
        alone = not reasons & SPEAKS_AGAINST and patch != "negative"
        said.add(f"level.{verdict.causality.level}")
        said |= {f"cause.{cause.split(': ')[-1]}" for cause in verdict.causality.alternatives}
        holds |= {
            "cause.any": bool(verdict.causality.alternatives),
            "reason.PHOTOS_CANNOT_TELL alone": "PHOTOS_CANNOT_TELL" in reasons and alone,
            "reason.TYPICAL_TIMING alone": "TYPICAL_TIMING" in reasons and alone,
            "claim.stopped": timeline.stopped is not None and not timeline.still_using,
            "claim.improved": timeline.course == "improved",
        }
    return said | {name for name, is_so in holds.items() if is_so}


def contradictions(verdict: Verdict, claim: Claim) -> list[tuple[str, str]]:
    said = says(verdict, claim)
    return [pair for pair in PAIRS if set(pair) <= said]


def test_no_sample_contradicts_itself() -> None:
    for name in CASES:
        case = worked(name)
        assert contradictions(case.verdict, case.claim) == [], name


@given(claim=claims, image=images)
@settings(max_examples=300, deadline=None)
def test_no_generated_claim_contradicts_itself(claim: dict[str, Any], image: ImageEvidence) -> None:
    loaded = load_claim(claim)
    assert contradictions(judge(loaded, image, policy=DEFAULT_POLICY), loaded) == []


@given(
    st.fixed_dictionaries(
        {
            "usage__followed_instructions": st.sampled_from(["yes", "no", "unknown"]),
            "person__age": st.sampled_from([None, 1, 9, 30]),
            "person__skin_conditions": st.lists(st.sampled_from(["eczema", "rosacea"]), max_size=1),
            "product__transport_damage": st.sampled_from(["yes", "no", "unknown"]),
            "timeline__course": st.sampled_from(["improved", "unchanged", "worse", "unknown"]),
            "timeline__still_using": st.sampled_from([None, True, False]),
            "timeline__treated": st.sampled_from(["yes", "no", "unknown"]),
            "cannot_provide": st.lists(
                st.sampled_from(["doctor.record", "photos.recovery", "person.age", "photos.roles"]),
                max_size=3,
            ),
        }
    ),
    st.sampled_from(["increase", "decrease", "no_change", "inconclusive"]),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_near_a_clear_reaction_nothing_contradicts(
    changes: dict[str, Any], verdict: Any, stood: bool
) -> None:
    claim = changed(CLEAR_REACTION, **changes)
    found = verdict_of(claim, photos(verdict, pre_existing=stood))
    assert contradictions(found, load_claim(claim)) == []


def test_a_pair_of_the_list_would_be_found() -> None:
    verdict, claim = verdict_of(CLEAR_REACTION), load_claim(CLEAR_REACTION)
    both = verdict.model_copy(update={"advice": (*verdict.advice, *_stop())})
    assert ("advice.STOP_USING", "claim.stopped") in contradictions(both, claim)


def _stop() -> tuple[Any, ...]:
    going_on = changed(CLEAR_REACTION, timeline__still_using=True, timeline__stopped=None)
    return tuple(advice for advice in verdict_of(going_on).advice if advice.code == "STOP_USING")
