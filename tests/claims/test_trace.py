"""The trace tells every fact that matters: change one, and it changes."""

from dataclasses import replace
from typing import Any

import pytest

from skinscan.claims import ImageEvidence
from tests.claims.cases import CLEAR_REACTION, NO_PHOTOS, RED, changed, photos, verdict_of

FACTS: list[dict[str, Any]] = [
    {"timeline__first_use": "2026-06-01"},
    {"timeline__onset": "2026-11-02T09:00:00+08:00"},
    {"timeline__stopped": None},
    {"timeline__still_using": True},
    {"timeline__course": "worse"},
    {"timeline__treated": "yes"},
    {"timeline__reuse": "recurred"},
    {"timeline__last_use_before_onset": "2026-11-02T19:30:00+08:00"},
    {"symptoms": ["疼痛"]},
    {"signs": [{"sign": "丘疹", "areas": ["颊"]}]},
    {"signs": [{"sign": "红斑", "areas": ["颏"]}]},
    {"alarms": ["发热"]},
    {"other_damage": ["renal"]},
    {"seriousness": ["scar"]},
    {"social_impact": True},
    {"usage__departures": ["broken_skin"]},
    {"usage__strong_sun": "yes"},
    {"usage__procedures": [{"kind": "peel", "at": "2026-10-30"}]},
    {"usage__co_used": [{"name": "new serum", "started": "2026-10-31"}]},
    {"person__age": 10},
    {"person__pregnant": "yes"},
    {"person__allergies": ["香精"]},
    {"person__allergies": ["芒果"]},
    {"person__skin_conditions": ["rosacea"]},
    {"doctor": {"seen": "2026-11-05", "signs_confirmed": True}},
    {"doctor": {"seen": "2026-11-05", "signs_confirmed": False, "patch_test": "positive"}},
    {"product__ingredients": "水、甘油"},
    {"product__ingredients": ""},
    {"product__stays_on": False},
    {"product__areas": ["periocular"]},
    {"product__batch_defect": "yes"},
    {"product__transport_damage": "yes"},
    {"product__advertised": [{"kind": "fragrance_free", "by": "streamer", "proof": "recording"}]},
    {"order__seller_identity": "unavailable"},
    {"ss10": dict.fromkeys(
        ["irritability", "tingling", "burning", "heat", "tautness", "itching", "pain", "discomfort",
         "flushes", "redness"], 5)},
    {"photos": [{"path": "a", "role": "after", "taken_at": "2026-11-08"}]},
]  # fmt: skip


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: next(iter(fact)))
def test_any_one_fact_that_matters_changes_the_trace(fact: dict[str, Any]) -> None:
    assert verdict_of(changed(CLEAR_REACTION, **fact)).trace != verdict_of(CLEAR_REACTION).trace


IMAGES = [
    NO_PHOTOS,
    photos("no_change"),
    photos("decrease"),
    photos("inconclusive"),
    photos("increase", pre_existing=True),
    photos("increase", power_ok=False),
    replace(RED, global_change=True),
    replace(RED, before_filtered=True),
    replace(RED, after_filtered=True),
    replace(RED, recovery="decrease"),
    ImageEvidence(status="refused", reason="mirrored copy"),
]


@pytest.mark.parametrize("image", IMAGES)
def test_any_change_of_the_photos_changes_the_trace(image: ImageEvidence) -> None:
    assert verdict_of(CLEAR_REACTION, image).trace != verdict_of(CLEAR_REACTION).trace


def test_facts_that_do_not_matter_do_not() -> None:
    for change in ({"product__name": "面霜"}, {"order__tenant": "shop"}, {"product__brand": "x"}):
        assert verdict_of(changed(CLEAR_REACTION, **change)).trace == verdict_of(CLEAR_REACTION).trace
