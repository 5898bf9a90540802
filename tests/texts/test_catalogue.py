"""The catalogue: what it refuses, that every key is used, and that every key used is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

import pytest

from skinscan.change.types import Pattern, Recovery
from skinscan.claims.claim import PhotoRef, ShadeClaim, Timeline
from skinscan.claims.consent import Standing
from skinscan.claims.consumer_words import PLACED
from skinscan.claims.field_errors import BY_TYPE
from skinscan.claims.form_words import WORD_ERRORS
from skinscan.claims.help.care import CareStep
from skinscan.claims.ingredients.relevance import Relevance, Why
from skinscan.claims.messages import message
from skinscan.claims.policy.model import Outcome
from skinscan.claims.reaction.alternatives import AlternativeKind
from skinscan.claims.reaction.chronology import Delay, Evolution, Rechallenge
from skinscan.claims.terms import (
    DifferenceReading,
    EvidenceStrength,
    FactName,
    HazardKind,
    ImageReading,
    Item,
    Observation,
    Source,
)
from skinscan.color import ITA_CLASSES
from skinscan.evidence.cipher import PARTS
from skinscan.evidence.verify import Replay, State
from skinscan.facemesh.zones import AREAS, ZONES
from skinscan.output.report.change import in_shares, in_steps
from skinscan.shades.direction import WORDS
from skinscan.shades.types import Question, ShadeVerdict, Site
from skinscan.signals.types import Kind
from skinscan.texts import bilingual, catalogue
from skinscan.texts.bilingual import Texts, advise
from skinscan.texts.catalogue import check_texts, read_texts
from skinscan.types import METRICS, CardFault, ChangeVerdict, Reference
from tests.texts.uses import codes, uses

CHANGE = get_args(ChangeVerdict)
SCORES = (
    "redness",
    "redness_local",
    "oil_balance",
    "sensitivity",
    "sensitivity_with_answers",
    "pigmentation",
    "blemishes",
)
MEASURES = ("erythema_index", "erythema_contrast", "melanin_index", "shine", "lightness")
ITA = tuple(name for name, _ in ITA_CLASSES)
UNDERTONES = ("cool", "neutral", "warm")
REFERENCES = get_args(Reference)
ROLES = get_args(PhotoRef.model_fields["role"].annotation)
STEPS = tuple(dict.fromkeys(in_steps(tenth / 10) for tenth in range(200)))
SHARES = tuple(dict.fromkeys(in_shares(percent) for percent in range(100)))
MAPS = ("erythema map", "shine map")
DIRECTIONS = tuple(word for pair in WORDS for word in pair)
CARD = "CARD_UNUSABLE"
TOPICS = ("light", "far", "turned", "sheet", "filter", "pair")
CHECKS = tuple(code for code in codes("measure/quality.py", "_check", 1) if code != CARD)
FINDINGS = codes("change/pair_checks.py", "_finding", 0)
LISTED = (  # in loops over keys: `texts[key] for key in (...)`
    "score", "value", "interval", "another photo", "higher means",
    "delta EI", "sdc", "delta MI", "delta shine",
    "dE00",
    "bundle", "case", "outcome", "sealed at", "state", "judged again", "strip before", "strip after",
    "first answer by", "decision by", "regulator by", "erase photos by", "reasons", "a person must", "advice",
    "colour shown", "colour bought", "hours", "days", *MEASURES,
)  # fmt: skip
UNKNOWN_TONE = "NEEDS_WHITE_REFERENCE"
SKIN = (
    "normal", "dry", "oily", "combination", "sensitive", "dry_sensitive", "oily_sensitive",
    "combination_sensitive", "acne_prone",
)  # fmt: skip
EVENTS = ("first_use", "last_use", "onset", "stopped", "course", "doctor", "received")
SOURCES = (
    "exposure", "light", "camera", "segmentation", "site", "other_site", "catalogue", "total",
)  # fmt: skip

VALUES: Mapping[str, tuple[str, ...]] = {
    "{name}": (*ZONES, *AREAS, *SCORES, *METRICS, *ITA, *UNDERTONES, *MEASURES, "mask", "claimed"),
    "{part}": (*ZONES, *AREAS, *PARTS, "mask"),
    "{metric}": METRICS,
    "{key}": LISTED,
    "{label}": LISTED,
    "{title}": LISTED,
    "{held}": LISTED,
    "{unit}": LISTED,
    "{measure}": MEASURES,
    "{code}": DIRECTIONS,
    "{found.site}": get_args(Site),
    "{found.asked_site}": get_args(Site),
    "{worn.site}": get_args(Site),
    "{site}": get_args(Site),
    "{tone.ita_class}": ITA,
    "{light.white_balance.reference}": REFERENCES,
    "{scan.light.white_balance.reference}": REFERENCES,
    "{found.scan.light.white_balance.reference}": REFERENCES,
    "{name} >": SCORES,
    "{map.name}": MAPS,
    "{map.name} alt": MAPS,
    "{map.name} unit": MAPS,
    "tip %d": tuple("123456"),
    "{code} advice": (*CHECKS, *FINDINGS, "ZONES_COVERED"),
    "{code} reason": tuple(code for code in FINDINGS if code != "COLLAGE"),
    "{code} {kind} reason": tuple(f"COLLAGE {part}" for part in ("left", "right", "upper", "lower")),
    "{view_name(scan.face.pose)}": tuple(
        f"{side}_{part}" for side in ("left", "right") for part in ("three_quarter", "profile")
    ),
    "{why}": ("zone turned away", "zone hidden"),
    "{reason} advice": ("ZONES_COVERED",),
    "{tone.reason} advice": (UNKNOWN_TONE,),
    "{scan.tone.reason} advice": (UNKNOWN_TONE,),
    "{found.reason} advice": (UNKNOWN_TONE,),
    "{code} {fault} advice": tuple(f"{CARD} {fault}" for fault in get_args(CardFault)),
    "fact {item.fact}": get_args(FactName),
    "source {item.source}": get_args(Source),
    "source {item.needs}": get_args(Source),
    "{item.role}": ("try-on bought", "try-on recommended"),
    # A comparison and a series.
    "{verdict}": CHANGE,
    "{change.verdict}": CHANGE,
    "{change.verdict} verdict": CHANGE,
    "{pair.verdict} verdict": CHANGE,
    "{recovery.verdict} verdict": CHANGE,
    "h1 {change.verdict}": CHANGE,
    "h1 {pair.verdict}": CHANGE,
    "lead {change.verdict}": CHANGE,
    "next {change.verdict}": CHANGE,
    "course since {recovery.verdict}": CHANGE,
    "{ei.verdict} {in_steps(ei.delta)}": tuple(f"{sign} {step}" for sign in CHANGE[:2] for step in STEPS),
    "{pair.steps}": STEPS,
    "{pair.spread}": SHARES,
    "pattern {affected.pattern}": get_args(Pattern),
    "{affected.pattern}": tuple(name for name in get_args(Pattern) if name != "none"),
    "{zone.recovery}": get_args(Recovery),
    "{chart.zone.recovery}": get_args(Recovery),
    "{trend.recovery} course": get_args(Recovery),
    "{first}": ("before", "reaction"),
    "{second}": ("after", "recovery"),
    # A claim.
    "you {verdict.outcome}": get_args(Outcome),
    "{entry.verdict}": CHANGE,
    "{score}": tuple(metric for metric in METRICS if metric != "tone"),
    "you lead {verdict.outcome}": get_args(Outcome),
    "due {name}": ("first_answer", "decision", "regulator", "erase_photos"),
    "delay {c.delay}": get_args(Delay),
    "evolution {c.evolution}": get_args(Evolution),
    "rechallenge {c.rechallenge}": get_args(Rechallenge),
    "image {c.image}": get_args(ImageReading),
    "observation {c.observation}": get_args(Observation),
    "hazard {hazard}": get_args(HazardKind),
    "plain {hazard}": get_args(HazardKind),
    "evidence {item.evidence}": get_args(EvidenceStrength),
    "relevance {item.relevance}": get_args(Relevance),
    "why {why}": get_args(Why),
    "question {verdict.shade.question}": get_args(ShadeClaim.model_fields["question"].annotation),
    "shade {verdict.shade.difference}": get_args(DifferenceReading),
    "item {verdict.shade.item}": get_args(Item),
    "colour on {claim.measured_on}": ("skin", "worn", "swatch"),
    "photo role {photo.role}": ("photo", "before", "after", "recovery"),
    "event {name}": EVENTS,
    "event photo {photo.role}": ROLES,
    "course {timeline.course}": get_args(Timeline.model_fields["course"].annotation),
    "care {step}": get_args(CareStep),
    "care {line.step}": get_args(CareStep),
    "consent {verdict.consent.standing}": get_args(Standing),
    "cause {kind}": get_args(AlternativeKind),
    "{kind}": tuple(kind for kind in WORD_ERRORS if kind != "misplaced_word"),
    "group {pairs[0][0]}": PLACED,
    "{BY_TYPE.get(kind, 'field other')}": (*BY_TYPE.values(), "field other"),
    # The photo guide.
    "guide {topic.name}": TOPICS,
    "guide {topic.name} text": TOPICS,
    "guide {topic.name} {kind}": tuple(f"{topic} {kind}" for topic in TOPICS for kind in ("right", "wrong")),
    "guide {kind}": ("right", "wrong"),
    # Evidence.
    "replay {check.replay}": get_args(Replay),
    "{check.state}": get_args(State),
    "{part} kept": PARTS,
    # Early warning.
    "kind {signal.kind}": get_args(Kind),
    "kind {row.signal.kind}": get_args(Kind),
    "skin {row.skin_type}": SKIN,
    # Shades.
    "error {name}": SOURCES,
    "grade {name}": ("lab", "spectrum", "hex"),
    "known {known.used}": ("True", "False"),
    "known {found.known.used}": ("True", "False"),
    "{claim.question} {claim.verdict}": tuple(
        f"{question} {verdict}" for question in get_args(Question) for verdict in get_args(ShadeVerdict)
    ),
    "{claim.question} direction": get_args(Question),
}
"""What keys that are put together when the program runs are made of."""

GAP = re.compile(r"\{.*\}|%d")


def asked_for() -> set[str]:
    """Every key that the program can ask for."""
    keys = {key for _, key in uses()}
    whole = {key for key in keys if not GAP.search(key)}
    return whole | {GAP.sub(value, key) for key in keys - whole for value in VALUES.get(key, ())}


def test_every_key_put_together_is_listed_with_its_values() -> None:
    assert {key for _, key in uses() if GAP.search(key)} == set(VALUES)


def test_every_key_asked_for_is_in_the_catalogue() -> None:
    assert asked_for() - set(read_texts()) == set()


def test_every_text_is_asked_for() -> None:
    assert set(read_texts()) - asked_for() == set()


def test_no_key_without_a_text_stands_for_itself() -> None:
    for language in get_args(catalogue.Language):
        texts = Texts(language)
        with pytest.raises(KeyError, match="no such text"):
            texts["no such text"]
        with pytest.raises(KeyError, match="no such text"):
            texts("no such text")
        with pytest.raises(KeyError, match="no_such_zone"):
            texts.area("chin,no_such_zone")
    with pytest.raises(KeyError, match="no such text"):
        advise("no such text")


def test_a_gap_is_never_shown_open() -> None:
    assert Texts("en")("series title", 3) == "3 dates, each against the first"
    with pytest.raises(IndexError):
        Texts("en")("series title")


def test_areas_and_dates_have_words() -> None:
    assert Texts("en").area("left_cheek,chin") == "left cheek, chin"
    assert Texts("zh").area("left_cheek,t_zone") == "左脸颊、T 区"
    assert Texts("en").date(0, None) == "first"
    assert Texts("en").date(2, None) == "date 3"
    assert Texts("en").date(2, 14.0) == "day 14"
    assert (Texts("zh").space, Texts("en").space) == ("", " ")
    assert bilingual.capital("dE00") == "DE00"


def test_both_halves_of_a_text_are_those_of_the_two_languages() -> None:
    both = advise("SAME_PHOTO reason")
    assert [Texts("zh").of(both), Texts("en").of(both)] == [both.zh, both.en]
    assert both.en == "The same file was given on both sides"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ({"zh": "好"}, "'key': nothing in en"),
        ({"zh": "好", "en": " "}, "'key': nothing in en"),
        ({"zh": "", "en": "good"}, "'key': nothing in zh"),
        ({"zh": "好", "en": 1}, "'key': nothing in en"),
        ({"zh": "好", "en": "good", "fr": "bon"}, "'key': no language 'fr'"),
        ({"zh": "好 {0}", "en": "good"}, "'key': not the same gaps"),
        ({"zh": "好 {0}", "en": "good {1}"}, "'key': not the same gaps"),
        ({"zh": "好 {0:.1f}", "en": "good {0}"}, "'key': not the same gaps"),
        ({"zh": "好 {0", "en": "good {0}"}, "'key': expected '}'"),
        ("good", "'key': not a text in zh and en"),
        (None, "'key': not a text in zh and en"),
    ],
)
def test_a_text_that_is_not_whole_is_refused(text: Any, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        check_texts([("key", text)])


def test_gaps_may_stand_in_another_order() -> None:
    text = {"zh": "{1}，{0}", "en": "{0}, {1}"}
    assert check_texts([("key", text)]) == {"key": text}


def test_a_key_of_two_files_is_refused() -> None:
    text = {"zh": "好", "en": "good"}
    with pytest.raises(ValueError, match="'key' is there twice"):
        check_texts([("key", text), ("other", text), ("key", text)])


def test_the_messages_of_verdicts_pass_the_same_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert message("outcome", "uphold").en.startswith("upheld")
    from skinscan.claims import messages

    row = {"group": "step", "code": "x", "zh": "好", "en": ""}
    monkeypatch.setattr(messages, "read_table", lambda name: (row,))
    with pytest.raises(ValueError, match="'step x': nothing in en"):
        messages._messages.__wrapped__()
