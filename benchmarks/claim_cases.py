"""Labelled claims for `bench claims`: the cause is known by construction, the facts follow from it.

A case is drawn as it happened (`Story`), then filed as people file: part of the facts left out, some photos
missing. Every share below is this project's assumption; none is a statistic of real claims.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import numpy as np

from benchmarks.claim_pool import Condition, Shown
from skinscan.claims.image_evidence import ImageEvidence, UnusablePhoto
from skinscan.claims.photo_origin.signals import Signal
from skinscan.claims.reported_times import CHINA
from skinscan.claims.shade_evidence import ShadeEvidence

__all__ = ["CAUSES", "OTHER_CAUSES", "Cause", "Story", "draw_story", "measured_shade"]

Cause = Literal[
    "product_reaction", "misuse", "pre_existing", "unrelated_flare", "light_or_camera", "shade_wrong",
    "shade_right", "wrong_person", "drawn_on", "duplicate",
]  # fmt: skip
CAUSES: tuple[Cause, ...] = get_args(Cause)

_CONDITION: Mapping[Cause, Condition] = {
    "product_reaction": "reacted",
    "misuse": "reacted",
    "unrelated_flare": "reacted",
    "pre_existing": "standing",
    "light_or_camera": "unchanged",
    "wrong_person": "other_person",
    "drawn_on": "unchanged",
    "duplicate": "unchanged",
}
_FIRST_USE = datetime(2026, 11, 1, 8, tzinfo=CHINA)
_LISTS = (
    "水、甘油、月桂醇硫酸酯钠、鲸蜡硬脂醇、苯氧乙醇、香精",
    "Aqua, Glycerin, Methylisothiazolinone, Cetearyl Alcohol, Parfum",
    "水、甘油、角鲨烷、鲸蜡硬脂醇、苯氧乙醇",
    "Aqua, Niacinamide, Salicylic Acid, Propanediol, Phenoxyethanol",
)
_ONSETS = (
    (1.0, 24.0),
    (12.0, 96.0),
    (96.0, 336.0),
)  # h after the last use: irritation, contact dermatitis, slow
_ONSET_SHARES = (0.45, 0.40, 0.15)
_LEFT_OUT = 0.25  # of the times, a fact is not in the first filing
_HAS_BEFORE, _HAS_AFTER, _HAS_RECOVERY, _FILTERED = 0.75, 0.95, 0.35, 0.06
_UNTOLD = 0.2  # of the claims, each: how it was used, the age
_SILENT = 0.5  # of the claims: nothing is said of other causes before they are asked about
_REMEMBERED = 0.5  # of the flares whose cause nobody named: something comes to mind when asked
_BLAMED = 0.05  # of the claims, each: transport, batch
_PROOF = 0.3  # of the times, somebody who blames transport or batch has a photo or a record of it
OTHER_CAUSES = (
    ("usage", "strong_sun"), ("usage", "co_used"), ("usage", "procedures"), ("usage", "other_causes"),
    ("person", "skin_conditions"),
)  # fmt: skip
_SHADE_SIGMA = 1.2  # dE00: light, camera, segmentation, catalogue together


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One case: what happened, what has been told of it, and what the photos show."""

    cause: Cause
    tone: str
    true: dict[str, Any]  # the claim as it would be if everything were told
    claim: dict[str, Any]  # as filed so far
    shown: Shown | None  # none: a claim about a shade
    filtered: bool  # the after photo had a beauty filter on
    shade: ShadeEvidence | None  # once photos for it have been sent
    signals: tuple[Signal, ...] = ()  # about the origin of the photos

    @property
    def image(self) -> ImageEvidence:
        """What the photos filed so far say."""
        roles = {photo["role"] for photo in self.claim["photos"]}
        if self.shown is None or not {"before", "after"} <= roles:
            return ImageEvidence(status="absent")
        image = self.shown.back if "recovery" in roles else self.shown.image
        if self.cause == "duplicate":
            again = UnusablePhoto(path="after.jpg", code="SAME_PHOTO", same_as="before.jpg", role="after")
            return ImageEvidence(status="absent", unusable=(again,))
        if self.cause == "drawn_on":
            image = replace(image, drawn_on=True)
        return replace(image, after_filtered=True) if self.filtered else image

    @property
    def is_reaction_to_product(self) -> bool:
        """The product did it, used as told or not."""
        return self.cause in ("product_reaction", "misuse")


def draw_story(cause: Cause, tone: str, number: int, pool: Mapping[Condition, Sequence[Shown]]) -> Story:
    """The same cause, tone, number and pool give the same case."""
    rng = np.random.default_rng([CAUSES.index(cause), sum(map(ord, tone)), number])
    case_id = f"{cause}-{tone}-{number}"
    if cause in ("shade_wrong", "shade_right"):
        return _shade_story(cause, tone, case_id, rng)
    choices = pool[_CONDITION[cause]]
    shown = choices[int(rng.integers(len(choices)))]
    true = _reaction(cause, case_id, shown, rng)
    return Story(
        cause=cause, tone=tone, true=true, claim=_filed(true, rng), shown=shown,
        filtered=bool(rng.random() < _FILTERED), shade=None,
        signals=_signals(cause),
    )  # fmt: skip


def _signals(cause: Cause) -> tuple[Signal, ...]:
    """Red drawn on the photo after; the same check finds it on photos that are opened."""
    drawn = Signal(code="DRAWN_ON", weight="escalates", photo="after.jpg", detail="ink on the skin")
    return (drawn,) if cause == "drawn_on" else ()


def _reaction(cause: Cause, case_id: str, shown: Shown, rng: np.random.Generator) -> dict[str, Any]:
    """Everything about a claim of a reaction."""
    areas = list(shown.areas)
    kind = int(rng.choice(len(_ONSETS), p=_ONSET_SHARES))
    wait = float(rng.uniform(*_ONSETS[kind]))
    last_use = _FIRST_USE + timedelta(days=int(rng.integers(0, 9)))
    onset = last_use + timedelta(hours=wait)
    stopped = max(last_use, onset + timedelta(hours=float(rng.uniform(0, 24))))
    seen = stopped + timedelta(days=float(rng.uniform(3, 25)))
    signs = [
        "erythema",
        *(["papule"] if rng.random() < 0.25 else []),
        *(["scale"] if rng.random() < 0.15 else []),
    ]
    claim: dict[str, Any] = {
        "kind": "reaction",
        "case_id": case_id,
        "received_at": (seen + timedelta(days=1)).isoformat(),
        "order": {"id": case_id},
        "product": {
            "sku": "p", "category": "cream", "stays_on": True, "areas": areas,
            "ingredients": _LISTS[int(rng.integers(len(_LISTS)))],
        },
        "timeline": {
            "first_use": _FIRST_USE.isoformat(), "last_use_before_onset": last_use.isoformat(),
            "onset": onset.isoformat(), "stopped": stopped.isoformat(), "still_using": False,
            "course": "improved", "course_seen": seen.isoformat(),
            "treated": "yes" if rng.random() < 0.25 else "no", "reuse": "not_tried",
        },
        "symptoms": [("itch", "burning", "dryness")[int(rng.integers(3))]],
        "signs": [{"sign": sign, "areas": areas} for sign in signs],
        "usage": {"strong_sun": "no", "followed_instructions": "yes"},
        "person": {"age": int(rng.integers(18, 60)), "pregnant": "yes" if rng.random() < 0.02 else "no"},
        "photos": [],
    }  # fmt: skip
    _ALTER[cause](claim, rng)
    claim["proof"] = bool(rng.random() < _PROOF)
    if rng.random() < _BLAMED:
        claim["product"]["transport_damage"] = "yes"
    if rng.random() < _BLAMED:
        claim["product"]["batch_defect"] = "yes"
    _see_doctor(claim, cause, rng)
    _photograph(claim, cause, rng)
    return claim


def _product(claim: dict[str, Any], rng: np.random.Generator) -> None:
    timeline = claim["timeline"]
    draw = rng.random()
    if draw < 0.10:
        timeline["reuse"] = "recurred"
    if rng.random() < 0.12:
        claim["usage"]["co_used"] = [{"name": "new serum", "started": "2026-10-30"}]
    if rng.random() < 0.08:
        claim["person"]["skin_conditions"] = ["eczema"]
    if rng.random() < 0.04:
        claim["usage"]["strong_sun"] = "yes"


def _misuse(claim: dict[str, Any], rng: np.random.Generator) -> None:
    _product(claim, rng)
    departures = ("too_often", "left_on_rinse_off", "mixed_products", "broken_skin")
    claim["usage"] |= {
        "followed_instructions": "no", "departures": [departures[int(rng.integers(len(departures)))]]
    }  # fmt: skip


def _standing(claim: dict[str, Any], rng: np.random.Generator) -> None:
    claim["timeline"]["course"] = "unchanged" if rng.random() < 0.85 else "improved"
    claim["timeline"]["reuse"] = "tolerated" if rng.random() < 0.15 else "not_tried"
    if rng.random() < 0.4:
        claim["person"]["skin_conditions"] = ["rosacea"]


def _flare(claim: dict[str, Any], rng: np.random.Generator) -> None:
    """Something else reddened the skin; three in four know what."""
    draw, timeline = rng.random(), claim["timeline"]
    onset = datetime.fromisoformat(timeline["onset"])
    if draw < 0.2:
        claim["usage"]["procedures"] = [{"kind": "peel", "at": (onset - timedelta(days=2)).isoformat()}]
    elif draw < 0.35:
        claim["usage"]["strong_sun"] = "yes"
    elif draw < 0.55:
        started = (onset - timedelta(days=3)).date().isoformat()
        claim["usage"]["co_used"] = [{"name": "another cream", "started": started}]
    elif draw < 0.75:
        timeline["first_use"] = (onset + timedelta(days=1)).isoformat()  # it began before the product
        timeline.pop("last_use_before_onset")
        timeline["stopped"] = (onset + timedelta(days=2)).isoformat()
    elif rng.random() < _REMEMBERED:
        claim["usage"]["other_causes"] = "yes"
    if rng.random() < 0.3:
        timeline["course"] = "unchanged"
    if rng.random() < 0.2:
        timeline["reuse"] = "tolerated"


def _swindle(claim: dict[str, Any], rng: np.random.Generator) -> None:
    """A story like a true reaction's: only the photo of somebody else, drawn on or sent twice is wrong."""
    claim["timeline"]["treated"] = "no"


def _nothing(claim: dict[str, Any], rng: np.random.Generator) -> None:
    """The lamp made the difference, and the person believes what they saw."""
    claim["timeline"]["course"] = ("improved", "unchanged", "unknown")[int(rng.choice(3, p=(0.5, 0.3, 0.2)))]
    claim["timeline"]["reuse"] = "tolerated" if rng.random() < 0.1 else "not_tried"


_ALTER = {
    "product_reaction": _product,
    "misuse": _misuse,
    "pre_existing": _standing,
    "unrelated_flare": _flare,
    "light_or_camera": _nothing,
    "wrong_person": _swindle,
    "drawn_on": _swindle,
    "duplicate": _swindle,
}


def _see_doctor(claim: dict[str, Any], cause: Cause, rng: np.random.Generator) -> None:
    """One in five goes; a doctor confirms what there is, and is right more often than not about the cause."""
    if rng.random() >= 0.2:
        return
    real = _CONDITION[cause] in ("reacted", "standing")
    seen: dict[str, Any] = {"seen": claim["timeline"]["stopped"], "signs_confirmed": real}
    by_product = cause in ("product_reaction", "misuse")
    if by_product and rng.random() < 0.4:
        seen["other_causes_excluded"] = True
    if by_product and rng.random() < 0.2:
        seen["patch_test"] = "positive"
    if not by_product and rng.random() < 0.6:
        seen["other_cause"] = "another cause"
    claim["doctor"] = seen


def _photograph(claim: dict[str, Any], cause: Cause, rng: np.random.Generator) -> None:
    """Which photos exist at all, and when they were taken."""
    timeline = claim["timeline"]
    onset, stopped, seen = (
        datetime.fromisoformat(timeline[key]) for key in ("onset", "stopped", "course_seen")
    )
    early = rng.random() < 0.7
    after = onset + timedelta(hours=6) if early else stopped + timedelta(hours=100)
    dates = {
        "before": onset - timedelta(days=20),
        "after": min(max(after, onset), seen),
        "recovery": seen,
    }
    exists = {"before": _HAS_BEFORE, "after": _HAS_AFTER, "recovery": 1.0}
    claim["photos"] = [
        {"path": f"{role}.jpg", "role": role, "taken_at": dates[role].isoformat()}
        for role, share in exists.items()
        if rng.random() < share
    ]


def _filed(true: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """The first filing: some facts left out, the recovery photo seldom there yet."""
    claim = {key: deepcopy(value) for key, value in true.items() if key != "proof"}
    if rng.random() < _UNTOLD:
        claim["usage"].pop("followed_instructions")
        claim["usage"].pop("departures", None)
    if rng.random() < _UNTOLD:
        claim["person"].pop("age")
    for key in ("treated", "stopped", "course", "first_use"):
        if rng.random() < _LEFT_OUT * (0.4 if key == "first_use" else 1.0):
            claim["timeline"].pop(key, None)
            if key == "stopped":
                claim["timeline"].pop("still_using")
    if rng.random() < 0.5:
        claim["product"].pop("ingredients")
    if rng.random() < 0.5:
        claim.pop("doctor", None)
    _hold_back(claim, rng)
    if rng.random() >= _HAS_RECOVERY:
        claim["photos"] = [photo for photo in claim["photos"] if photo["role"] != "recovery"]
    return claim


def _hold_back(claim: dict[str, Any], rng: np.random.Generator) -> None:
    """Other causes are often not thought of, and some never unasked."""
    claim["usage"].pop("other_causes", None)
    if rng.random() < _SILENT:
        for group, name in OTHER_CAUSES:
            claim[group].pop(name, None)


def _shade_story(cause: Cause, tone: str, case_id: str, rng: np.random.Generator) -> Story:
    """A claim about a shade. Its colour difference is drawn, not photographed."""
    wrong = cause == "shade_wrong"
    question = ("not_as_shown", "does_not_suit", "wrong_item")[int(rng.choice(3, p=(0.5, 0.3, 0.2)))]
    true: dict[str, Any] = {
        "kind": "shade",
        "case_id": case_id,
        "received_at": "2026-11-20T10:00:00+08:00",
        "order": {"id": case_id, "ordered_sku": "a", "received_sku": "b" if wrong else "a"},
        "product": {"sku": "a", "category": "foundation", "stays_on": True, "areas": ["cheek"]},
        "question": question,
        "photos": [],
        "proof": True,
        "delta_e00": float(rng.uniform(5.0, 12.0) if wrong else rng.uniform(0.0, 2.5)),
    }
    claim = {key: deepcopy(value) for key, value in true.items() if key not in ("delta_e00", "proof")}
    if rng.random() < 0.5:
        claim["order"].pop("received_sku")
    elif rng.random() < 0.5:
        claim["photos"] = [{"path": "received.jpg", "role": "received"}]
    shade = measured_shade(true["delta_e00"], rng) if rng.random() < 0.5 else None
    return Story(
        cause=cause, tone=tone, true=true, claim=claim, shown=None, filtered=False, shade=shade,
    )  # fmt: skip


def measured_shade(true: float, rng: np.random.Generator) -> ShadeEvidence:
    """A colour difference of `true` dE00 as it is read, with its 90 % interval."""
    found = max(true + _SHADE_SIGMA * float(rng.standard_normal()), 0.0)
    reach = 1.645 * _SHADE_SIGMA
    return ShadeEvidence(
        status="measured", delta_e00_low=max(found - reach, 0.0), delta_e00_high=found + reach, acceptable=3.5
    )
