"""Codes of what is missing in, what is told to the person out: what, why, how, by when, and what if not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from skinscan.claims.children import is_child
from skinscan.claims.claim import Claim, PhotoRef, ReactionClaim
from skinscan.claims.image_evidence import ImageEvidence
from skinscan.claims.messages import message
from skinscan.claims.policy.model import Policy
from skinscan.claims.reported_times import CHINA, Moment
from skinscan.claims.requests import request_texts
from skinscan.claims.verdict_model import Missing, PhotoProblem

__all__ = ["ask_for"]

_RECOVERY_HOURS = 48, 72
"""After stopping, hours in which the change since is photographed: without such a photo the evolution stays
inconclusive (Bégaud)."""


class _When(NamedTuple):
    """From when on and until when it can be sent, and the wording that fits."""

    opens: datetime | None
    closes: datetime
    variant: str


def ask_for(codes: Sequence[str], claim: Claim, image: ImageEvidence, policy: Policy) -> tuple[Missing, ...]:
    """Each request with its clock.

    `codes`: what is missing. `claim`: as filed; its times set the clocks of photos. `image`: names the photos
    that were sent and cannot be used. `policy`: how long a person has to answer.
    """
    return tuple(_ask(code, claim, image, policy) for code in codes)


def _ask(code: str, claim: Claim, image: ImageEvidence, policy: Policy) -> Missing:
    when = _when(code, claim, policy)
    texts = request_texts(code, when.variant)
    return Missing(
        what=code,
        zh=texts["what"].zh,
        en=texts["what"].en,
        why=texts["why"],
        how=texts["how"],
        otherwise=texts["otherwise"],
        not_before=when.opens,
        by=when.closes,
        sent=_unfit(code, claim, image),
    )


def _when(code: str, claim: Claim, policy: Policy) -> _When:
    """What can only be seen later is wanted later; all else within the days that the policy gives."""
    asked = claim.received_at.astimezone(UTC)
    reply = asked + timedelta(hours=policy.clocks.reply_hours)
    if isinstance(claim, ReactionClaim):
        if code == "photos.recovery":
            return _recovery(claim, asked, reply)
        if code == "photos.later" and claim.timeline.stopped:
            opens = _end_of(claim.timeline.stopped) + timedelta(hours=policy.causality.observation_hours)
            span = timedelta(hours=policy.clocks.reply_hours)
            return _When(opens, opens + span, "") if opens > asked else _When(None, reply, "past")
        if code == "doctor.record" and is_child(claim, policy.red_flags.child_below_age):
            return _When(None, reply, "child")
    return _When(None, reply, "")


def _recovery(claim: ReactionClaim, asked: datetime, reply: datetime) -> _When:
    first, last = (timedelta(hours=hours) for hours in _RECOVERY_HOURS)
    timeline = claim.timeline
    if timeline.still_using is not False and timeline.stopped is None:
        return _When(asked + first, asked + last, "using")
    stopped = _end_of(timeline.stopped) if timeline.stopped else asked - last
    if stopped + last <= asked:
        return _When(None, reply, "past")
    return _When(max(stopped + first, asked), stopped + last, "")


def _end_of(moment: Moment) -> datetime:
    """The latest that a moment can have been, UTC: a bare day is over at midnight in China."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    start = datetime.combine(moment, datetime.min.time(), tzinfo=CHINA)
    return (start + timedelta(days=1)).astimezone(UTC)


def _unfit(what: str, claim: Claim, image: ImageEvidence) -> tuple[PhotoProblem, ...]:
    """The photos that were sent for it and cannot be used, each with what is wrong with it."""
    wanted = _ROLES.get(what, ())
    problems = {(photo.path, photo.role): photo for photo in image.unusable}
    found = []
    for photo in claim.photos:
        bad = problems.get((photo.path, photo.role)) or problems.get((photo.path, ""))
        code = bad.code if bad else _unread(photo, claim)
        if photo.role in wanted and code:
            text, other = message("photo", code), bad.same_as if bad else ""
            zh, en = (words.replace("{0}", other) for words in (text.zh, text.en))
            found.append(PhotoProblem(path=photo.path, code=code, zh=zh, en=en, same_as=other))
    return tuple(found)


def _unread(photo: PhotoRef, claim: Claim) -> str:
    """Code of why a photo that is sound settles nothing in a claim about a shade."""
    if photo.role == "advertised":
        return "ADVERTISED"
    return "WORN_LIPS" if photo.role == "after" and claim.product.category == "lipstick" else ""


_ROLES = {
    "photos.before": ("before",),
    "photos.after": ("after",),
    "photos.recovery": ("recovery",),
    "photos.received": ("received", "label"),
    "photos.parcel": ("parcel",),
    "photos.area": ("area",),
    "shade.bare_skin": ("before",),
    "shade.bare_with_card": ("before",),
    "shade.worn": ("after", "advertised"),
    "shade.swatch": ("swatch", "after", "advertised"),
}
"""Request -> roles of photos that were sent for it."""
