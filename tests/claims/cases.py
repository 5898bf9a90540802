"""The claim that the tests of `skinscan.claims` start from, and ways to change it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from skinscan.claims import AreaChange, ImageEvidence, Policy, Verdict, judge, load_claim, load_policy
from skinscan.types import ChangeVerdict

CREAM = "水、甘油、月桂醇硫酸酯钠、鲸蜡硬脂醇、苯氧乙醇、香精"

CLEAR_REACTION: dict[str, Any] = {
    "kind": "reaction",
    "case_id": "case-1",
    "received_at": "2026-11-20T10:00:00+08:00",
    "order": {"id": "order-1"},
    "product": {
        "sku": "cream-1",
        "category": "cream",
        "stays_on": True,
        "areas": ["cheek"],
        "ingredients": CREAM,
    },
    "timeline": {
        "first_use": "2026-11-01T08:00:00+08:00",
        "last_use_before_onset": "2026-11-01T08:00:00+08:00",
        "onset": "2026-11-02T20:00:00+08:00",
        "stopped": "2026-11-03T08:00:00+08:00",
        "still_using": False,
        "course": "improved",
        "course_seen": "2026-11-10",
        "treated": "no",
        "reuse": "not_tried",
    },
    "symptoms": ["瘙痒"],
    "signs": [{"sign": "红斑", "areas": ["颊"]}],
    "usage": {"followed_instructions": "yes", "strong_sun": "no"},
    "person": {"age": 30, "pregnant": "no"},
    "photos": [
        {"path": "before.jpg", "role": "before", "taken_at": "2026-10-30"},
        {"path": "after.jpg", "role": "after", "taken_at": "2026-11-03T12:00:00+08:00"},
    ],
}
"""Red cheek 36 h after the first use of a cream with SLS, better after stopping, untreated."""

WRONG_SHADE: dict[str, Any] = {
    "kind": "shade",
    "case_id": "case-2",
    "received_at": "2026-11-20T10:00:00+08:00",
    "order": {"id": "order-2"},
    "product": {"sku": "f-1", "category": "foundation", "stays_on": True, "areas": ["cheek"]},
    "question": "not_as_shown",
}


def changed(claim: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy with fields set; `timeline__onset=...` reaches inside."""
    result = deepcopy(claim)
    for path, value in changes.items():
        *parents, field = path.split("__")
        part = result
        for parent in parents:
            part = part.setdefault(parent, {})
        if value is None:
            part.pop(field, None)
        else:
            part[field] = value
    return result


def photos(verdict: ChangeVerdict, *, power_ok: bool = True, pre_existing: bool = False) -> ImageEvidence:
    """A measured comparison of the cheek."""
    low, high = {
        "increase": (2.5, 5.5),
        "decrease": (-5.0, -2.0),
        "no_change": (-0.8, 0.9),
        "inconclusive": (-3.0, 4.0),
    }[verdict]
    cheek = AreaChange(
        area="cheek",
        verdict=verdict,
        delta_ei_low=low,
        delta_ei_high=high,
        sdc=1.2 if power_ok else 3.4,
        power_ok=power_ok,
        pre_existing=pre_existing,
    )
    return ImageEvidence(status="measured", areas=(cheek,))


DEFAULT_POLICY = load_policy()
NO_PHOTOS = ImageEvidence(status="absent")
RED = photos("increase")


def verdict_of(claim: dict[str, Any], image: ImageEvidence = RED, policy: Policy | None = None) -> Verdict:
    """Judge a claim given as a dict, by the default policy."""
    return judge(load_claim(claim), image, policy=policy or DEFAULT_POLICY)
