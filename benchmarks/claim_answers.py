"""What a verdict asks for, answered from the story of the case as far as the person has it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.claim_cases import OTHER_CAUSES, Story, measured_shade

__all__ = ["answer"]

_HAD = 0.85  # of the times, a fact or photo that is asked for can be supplied


def answer(story: Story, asked: Sequence[str], round_number: int) -> Story:
    """The same case after the person has sent what they can of what was asked."""
    rng = np.random.default_rng([sum(map(ord, story.claim["case_id"])), len(asked), round_number])
    claim, filtered, shade = deepcopy(story.claim), story.filtered, story.shade
    for what in asked:
        if rng.random() >= _HAD or not _supply(what, claim, story.true):
            claim.setdefault("cannot_provide", []).append(what)
        elif what == "photos.unfiltered":
            filtered = False
        elif what.startswith("shade."):
            shade = measured_shade(story.true["delta_e00"], rng)
    return replace(story, claim=claim, filtered=filtered, shade=shade)


_SHADE_ROLES = {
    "shade.worn": "after", "shade.swatch": "swatch", "shade.bare_skin": "before",
    "shade.bare_with_card": "before",
}  # fmt: skip


def _supply(what: str, claim: dict[str, Any], true: dict[str, Any]) -> bool:
    """Put what was asked for into the claim; false if there is no such thing."""
    group, _, name = what.partition(".")
    if group in ("photos", "shade"):
        return _send(what, claim, true)
    if what == "product.batch_record":
        claim["documented"] = ["batch_defect"] if true["proof"] else []
        return bool(true["proof"])
    if what == "order.received_sku":
        claim["photos"] += [{"path": "received.jpg", "role": "received"}]
    if what == "usage.other_causes":
        told = [_copy(claim, true, place) for place in OTHER_CAUSES]
        return any(told)
    if group == "usage":
        _copy(claim, true, ("usage", "departures"))
    if what == "doctor.record":
        return _copy(claim, true, ("doctor",))
    both = {"timeline.stopped": ("stopped", "still_using"), "timeline.course": ("course", "course_seen")}
    if what in both:
        known = true["timeline"].get("course") != "unknown" or what != "timeline.course"
        return known and all(_copy(claim, true, ("timeline", key)) for key in both[what])
    return _copy(claim, true, (group, name))


def _send(what: str, claim: dict[str, Any], true: dict[str, Any]) -> bool:
    """Photos, and a shade that fits; a photo without a filter can always be had."""
    role = what.removeprefix("photos.")
    if what == "shade.wears":
        claim["wears"] = "b"
    elif what in _SHADE_ROLES:
        claim["photos"] = [*claim["photos"], {"path": f"{what}.jpg", "role": _SHADE_ROLES[what]}]
    elif role in ("received", "parcel"):
        claim["photos"] += [{"path": f"{role}.jpg", "role": role}] if true["proof"] else []
        return bool(true["proof"])
    elif what != "photos.unfiltered":
        sent = [photo for photo in true["photos"] if photo["role"] == role and photo not in claim["photos"]]
        claim["photos"] += sent
        return bool(sent)
    return True


def _copy(claim: dict[str, Any], true: dict[str, Any], place: tuple[str, ...]) -> bool:
    for step in place[:-1]:
        claim, true = claim.setdefault(step, {}), true.get(step, {})
    if place[-1] not in true:
        return False
    claim[place[-1]] = true[place[-1]]
    return True
