"""What the photos say, as the comparison hands it over, and what of it may count in a claim.

`ImageEvidence` is filled by the before/after stage. `read_image` decides how far it may be used. An increase
counts only where the product was used and the sign is claimed, and not if the whole face changed. "No
change" counts only if the photos could have shown the change claimed, and were taken when it should have
been visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skinscan.claims.children import is_infant
from skinscan.claims.claim import Claim, PhotoRef, ReactionClaim
from skinscan.claims.reported_times import hours_between
from skinscan.claims.terms import ImageReading, Observation
from skinscan.claims.vocabulary import Area, Sign
from skinscan.types import ChangeVerdict

__all__ = [
    "AreaChange",
    "ImageEvidence",
    "ImageStatus",
    "PersonShown",
    "increase_seen",
    "observe",
    "read_image",
    "roles_doubtful",
]

ImageStatus = Literal["measured", "refused", "absent"]
PersonShown = Literal["one", "probably", "unsure", "not_checked"]
"""one: plainly alike. probably: nothing speaks against it, and it is too little to pay on without somebody
looking. unsure: something speaks against it. not_checked: the check was switched off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaChange:
    """Change of redness in one area, before to after."""

    area: Area
    verdict: ChangeVerdict
    delta_ei_low: float  # lower end of the interval of the change, erythema index units
    delta_ei_high: float  # upper end
    sdc: float  # smallest change these photos could have shown, erythema index units
    power_ok: bool  # sdc is below the just-visible step: "no change" means something
    pre_existing: bool = False  # the claimed sign is already on the before photo
    part_fell: bool = False  # a part of the area became less red and another did not


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusablePhoto:
    """A photo that was sent but cannot be measured."""

    path: str  # as in the claim
    code: str  # of the error or quality check, a key of the group `photo` in ``messages.csv``
    same_as: str = ""  # path of another photo of the claim that shows the same moment
    role: str = ""  # in which it cannot be used; empty: in none


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageEvidence:
    """The result of comparing the photos of a claim."""

    status: ImageStatus
    areas: tuple[AreaChange, ...] = ()
    reason: str = ""  # codes of why it was refused, joined by "; "
    global_change: bool = (
        False  # the whole face changed alike: light, camera, flushing, or a whole-face reaction
    )
    doubted: bool = False  # a drawing, a filter, an expression or another person leaves no verdict
    before_filtered: bool = False  # beauty filter
    after_filtered: bool = False
    drawn_on: bool = False  # circles, arrows, text or stickers on a photo; what is under them is not measured
    recovery: ChangeVerdict | None = (
        None  # from the after photo to one taken after stopping; none: no such photo
    )
    unusable: tuple[UnusablePhoto, ...] = ()
    person: PersonShown = "one"  # whether the photos compared show one person

    def usable(self, claim: Claim) -> list[PhotoRef]:
        """The claim's photos without those that cannot be measured."""
        bad = {(photo.path, photo.role) for photo in self.unusable}
        return [p for p in claim.photos if not bad & {(p.path, p.role), (p.path, "")}]


FADED_HOURS = 14 * 24.0
"""Contact dermatitis fades over 2-3 weeks (Medscape 963142): a clear photo after two shows little."""

MEASURED_SIGNS: frozenset[Sign] = frozenset({"erythema"})
"""Signs that unchanged redness speaks against. It says nothing about swelling, wheals or peeling."""


def observe(claim: ReactionClaim, image: ImageEvidence, observation_hours: float) -> Observation:
    """Place the usable after photos against last use and onset; the best placed one counts.

    Closed only while the person says that it is still there: what has cleared, as a wheal does within a
    day, is on no later photo.
    """
    timeline = claim.timeline
    if timeline.stopped is None or timeline.still_using or timeline.onset is None:
        return "unknown"
    placed: set[Observation] = set()
    for photo in image.usable(claim):
        if photo.role != "after" or photo.taken_at is None:
            continue
        if hours_between(timeline.stopped, photo.taken_at).low < observation_hours:
            placed.add("open")
        elif timeline.course == "unknown":
            placed.add("unknown")
        elif (
            timeline.course == "improved" or hours_between(timeline.onset, photo.taken_at).high > FADED_HOURS
        ):
            placed.add("late")
        else:
            placed.add("closed")
    for observation in ("closed", "open", "late"):
        if observation in placed:
            return observation
    return "unknown"


def increase_seen(image: ImageEvidence) -> bool:
    """Redness increased somewhere, whatever else is wrong with the photos. The red line looks at this."""
    return any(change.verdict == "increase" for change in image.areas)


def roles_doubtful(claim: ReactionClaim, image: ImageEvidence) -> bool:
    """The photo called before is the redder one where the product was used: it may be the one after."""
    used = [change for change in image.areas if change.area in claim.product.areas]
    fell = any(change.verdict == "decrease" or change.part_fell for change in used)
    return image.status == "measured" and image.person != "unsure" and fell and not increase_seen(image)


def read_image(claim: ReactionClaim, image: ImageEvidence, observation: Observation) -> ImageReading:
    """What the photos may say in this claim."""
    if image.status != "measured":
        return "absent"
    used = set(claim.product.areas)
    relevant = [change for change in image.areas if change.area in used]
    filtered = image.before_filtered or image.after_filtered
    if is_infant(claim) or image.doubted or image.person == "unsure" or filtered or not relevant:
        return "inconclusive"
    complained_of = {area for seen in claim.signs for area in seen.areas} or used
    if any(change.verdict == "increase" and change.area in complained_of for change in relevant):
        return "inconclusive" if image.global_change else "increase"
    if observation == "closed" and not increase_seen(image) and _absence_shown(claim, relevant):
        return "no_change"
    return "inconclusive"


def _absence_shown(claim: ReactionClaim, relevant: list[AreaChange]) -> bool:
    """Every area of use and of complaint was measured with power, and redness would show what is claimed."""
    signs = {seen.sign for seen in claim.signs}
    claimed = {area for seen in claim.signs for area in seen.areas} | set(claim.product.areas)
    measured = {change.area for change in relevant if change.verdict == "no_change" and change.power_ok}
    return bool(signs) and signs <= MEASURED_SIGNS and claimed <= measured
