"""Published tables, entry by entry, against the rows in the data files."""

from itertools import product
from typing import get_args

import pytest

from skinscan.claims.claim import Person
from skinscan.claims.reaction.causality import crosswalk
from skinscan.claims.tables import STATUSES, read_table
from skinscan.claims.terms import Level, Variant
from skinscan.claims.vocabulary import Sign, Symptom

TABLES = (
    "begaud_chronology", "begaud_semiology", "imputability", "imputability_levels", "levels", "patterns",
    "conditions", "vocabulary", "ingredients", "traditional", "terms", "consumer_words", "promises", "care",
    "texture_advice", "sign_fit",
)  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_source_and_a_known_status(name: str) -> None:
    for row in read_table(name):
        assert row["source"]
        assert row["status"] in STATUSES
        assert None not in row.values()


# ClinMed NetPrints 2003010004, Table 1: rows evolution; columns delay (highly suggestive, compatible) x
# re-use (positive, not done, negative), then incompatible.
CHRONOLOGY = {
    "suggestive": "331 321 0",
    "inconclusive": "321 311 0",
    "non_suggestive": "111 111 0",
}


def test_begaud_chronology() -> None:
    table = {(r["delay"], r["evolution"], r["rechallenge"]): r for r in read_table("begaud_chronology")}
    assert len(table) == len(read_table("begaud_chronology")) == 27
    for evolution, line in CHRONOLOGY.items():
        high, compatible, incompatible = line.split()
        for index, rechallenge in enumerate(("positive", "not_done", "negative")):
            assert table["highly_suggestive", evolution, rechallenge]["score"] == f"C{high[index]}"
            assert table["compatible", evolution, rechallenge]["score"] == f"C{compatible[index]}"
            assert table["incompatible", evolution, rechallenge]["score"] == f"C{incompatible}"
    assert {row["status"] for row in table.values()} == {"verified"}


# Same source: rows other explanation; columns signs (evocative, other) x test (positive, not done, negative).
SEMIOLOGY = {"absent": "331 321", "possible": "321 311"}


def test_begaud_semiology() -> None:
    table = {(r["signs"], r["other_explanation"], r["test"]): r for r in read_table("begaud_semiology")}
    assert len(table) == len(read_table("begaud_semiology")) == 12
    for other, line in SEMIOLOGY.items():
        for signs, scores in zip(("evocative", "other"), line.split(), strict=True):
            for score, test in zip(scores, ("positive", "not_done", "negative"), strict=True):
                assert table[signs, other, test]["score"] == f"S{score}"
    assert {row["status"] for row in table.values()} == {"verified"}


# S1 S2 S3 of each C, with the status of the line.
COMBINATIONS = {
    ("begaud_1985", "C0"): ("000", "verified"),
    ("begaud_1985", "C1"): ("112", "verified"),
    ("begaud_1985", "C2"): ("123", "unverified"),
    ("begaud_1985", "C3"): ("334", "unverified"),
    ("begaud_2011", "C0"): ("000", "secondary"),
    ("begaud_2011", "C1"): ("124", "secondary"),
    ("begaud_2011", "C2"): ("235", "secondary"),
    ("begaud_2011", "C3"): ("456", "secondary"),
}


def test_combinations_and_their_status() -> None:
    table = {(r["variant"], r["chronology"], r["semiology"]): r for r in read_table("imputability")}
    assert len(table) == len(read_table("imputability")) == 24
    for (variant, chronology), (line, status) in COMBINATIONS.items():
        for score, semiology in zip(line, ("S1", "S2", "S3"), strict=True):
            row = table[variant, chronology, semiology]
            assert (row["imputability"], row["status"]) == (f"I{score}", status)


@pytest.mark.parametrize("variant", get_args(Variant))
def test_levels_rise_with_imputability_and_cover_it(variant: str) -> None:
    steps = {
        r["imputability"]: r["level"] for r in read_table("imputability_levels") if r["variant"] == variant
    }
    used = {r["imputability"] for r in read_table("imputability") if r["variant"] == variant}
    assert used <= set(steps)
    order = list(reversed(get_args(Level)[:5]))
    ranks = [order.index(steps[f"I{step}"]) for step in range(len(steps))]
    assert ranks == sorted(ranks)
    assert (ranks[0], ranks[-1]) == (0, 4)


# WHO-UMC term and Chinese grade of each level.
CROSSWALK = {
    "very_likely": ("certain", "肯定", "no"),
    "likely": ("probable", "很可能", "yes"),
    "not_clearly_attributable": ("possible", "可能", "yes"),
    "unlikely": ("unlikely", "可能无关", "yes"),
    "excluded": ("", "", "no"),
    "insufficient": ("conditional", "待评价", "yes"),
    "unassessable": ("unassessable", "无法评价", "yes"),
}


def test_crosswalk() -> None:
    for level, expected in CROSSWALK.items():
        row = crosswalk(next(one for one in get_args(Level) if one == level))
        assert (row["who_umc"], row["cn"], row["automatic"]) == expected
        assert row["zh"]
        assert row["en"]


# PMC6039921: words that each term's criteria must hold.
WHO_UMC = {
    "certain": [
        "Plausible time relation",
        "no explanation by disease",
        "definitive",
        "rechallenge satisfactory",
    ],
    "probable": ["Reasonable time relation", "unlikely", "reasonable withdrawal", "rechallenge not required"],
    "possible": ["Reasonable time relation", "other explanation possible", "lacking or unclear"],
    "unlikely": ["improbable, not impossible", "other explanations plausible"],
    "conditional": ["More data needed"],
    "unassessable": ["cannot be supplemented"],
}


def test_who_umc_criteria() -> None:
    criteria = {row["who_umc"]: row["who_umc_criteria"] for row in read_table("levels") if row["who_umc"]}
    assert set(criteria) == set(WHO_UMC)
    for term, words in WHO_UMC.items():
        assert all(word in criteria[term] for word in words), term


# Onset after last (L) or first (F) use, hours.
ONSETS = {
    "contact_urticaria": ("last_use", 0, 1),
    "acute_irritation": ("last_use", 0, 24),
    "delayed_irritation": ("last_use", 8, 48),
    "contact_dermatitis": ("last_use", 12, 96),
    "first_sensitisation": ("first_use", 240, 720),
    "cumulative_irritation": ("first_use", 72, 1008),
    "photo_reaction": ("last_use", 0, 72),
    "retinoid_irritation": ("first_use", 48, 240),
    "purge": ("first_use", 168, 672),
    "acne_from_cosmetics": ("first_use", 336, 4320),
    "pigment_change": ("first_use", 720, 8760),
}


def test_onset_table() -> None:
    rows = {row["pattern"]: row for row in read_table("patterns")}
    assert {
        name: (row["clock"], int(row["from_hours"]), int(row["to_hours"])) for name, row in rows.items()
    } == ONSETS
    words = {*get_args(Sign), *get_args(Symptom), ""}
    for row in rows.values():
        for column in ("signs", "symptoms", "not_with"):
            assert set(row[column].split("|")) <= words
        assert row["delay"] in ("highly_suggestive", "compatible")
    # Low-grade and unverified rows never make a delay highly suggestive.
    assert all(r["status"] == "verified" for r in rows.values() if r["delay"] == "highly_suggestive")


def test_purge_needs_an_active_and_is_never_burning() -> None:
    purge = next(row for row in read_table("patterns") if row["pattern"] == "purge")
    assert set(purge["needs"].split("|")) == {"retinoid", "aha", "bha"}
    assert "burning" in purge["not_with"]


def test_every_skin_condition_is_described() -> None:
    annotation = get_args(Person.model_fields["skin_conditions"].annotation)[0]
    conditions = get_args(get_args(annotation)[0])
    assert {row["condition"] for row in read_table("conditions")} == set(conditions)
    for row, sign in product(read_table("conditions"), [""]):
        assert set(row["signs"].split("|")) - {sign} <= set(get_args(Sign))
