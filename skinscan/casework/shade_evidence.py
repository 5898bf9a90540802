"""A claim about a shade and its photos in, the colour difference in question out, as the rules read it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from skinscan.casework.case_file import CasePhoto
from skinscan.claims.claim import ShadeClaim
from skinscan.claims.shade_evidence import ShadeEvidence
from skinscan.errors import DataError, QualityError, UsageError
from skinscan.shades import Catalog, ShadeMatch, match_shades
from skinscan.shades.direction import Direction
from skinscan.texts.bilingual import Language, Texts
from skinscan.types import DiffuseColor, Scan

__all__ = ["match_shade", "shade_evidence", "sold"]

_ROLE = {"not_as_shown": "after", "does_not_suit": "before"}
"""Question -> the photo that answers it: the shade worn, or the bare skin it was bought for. A swatch beside
a colour card says more of what came than the shade worn, and then counts instead."""


def match_shade(
    claim: ShadeClaim, photos: Sequence[CasePhoto], catalog: Catalog, acceptable: float | None
) -> tuple[ShadeMatch | None, str]:
    """Measure the shade that was bought, named by the product's sku; and why there is nothing, if so.

    `claim`: its question says which photo answers, of the shade worn or of the skin before. `photos`: of the
    claim; the first of that role that was scanned counts. `catalog`: where the sku is looked up.
    `acceptable`: dE00 that the policy accepts; None: what counts as fitting on this skin. Never raises for a
    photo or shade that gives no answer: the claim then stays open.
    """
    role = _ROLE.get(claim.question)
    scan = next((photo.scan for photo in photos if photo.scan and photo.ref.role == role), None)
    if scan is None or role is None:
        return None, ""
    if "BEAUTY_FILTER" in scan.quality.failed_checks:
        return None, "a beauty filter lightens skin"
    try:
        swatch = next((photo.swatch for photo in photos if photo.swatch), None)
        return _match(scan, claim, catalog, acceptable, swatch), ""
    except (DataError, QualityError, UsageError) as error:
        return None, str(error)


def _match(
    scan: Scan, claim: ShadeClaim, catalog: Catalog, acceptable: float | None, swatch: DiffuseColor | None
) -> ShadeMatch:
    shown = claim.question == "not_as_shown"
    return match_shades(
        scan, catalog, purchased=claim.product.sku, advertised=shown, site="cheek" if shown else "jaw",
        acceptable=acceptable, received=swatch if shown else None, known=_known(claim, catalog),
    )  # fmt: skip


def sold(claim: ShadeClaim, catalog: Catalog) -> bool:
    """The catalogue has the shade that was bought."""
    return _has(catalog, claim.product.sku)


def _known(claim: ShadeClaim, catalog: Catalog) -> str | None:
    """The shade that the person is content with; None if the catalogue does not have it."""
    asked = claim.question == "does_not_suit" and bool(claim.wears)
    return claim.wears if asked and _has(catalog, claim.wears) else None


def _has(catalog: Catalog, sku: str) -> bool:
    with contextlib.suppress(DataError):
        catalog.find(sku)
        return True
    return False


def shade_evidence(found: ShadeMatch | None) -> ShadeEvidence:
    """Fill the evidence of the question that was asked; "absent" when none was.

    The upper end is that of the 90 % interval of the whole error budget, the lower end that of the test for
    a mismatch, so that "beyond" here is what `skinscan shade` calls one. A sheer layer that agrees with what
    was shown may owe that to the skin below, so it is handed on as refused, not as a small difference.
    """
    if found is None or found.claim is None:
        return ShadeEvidence(status="absent")
    claim = found.claim
    sheer_agreement = (
        claim.question == "as_advertised"
        and claim.verdict == "inconclusive"
        and (claim.difference.high <= found.acceptable)
    )
    return ShadeEvidence(
        status="refused" if sheer_agreement else "measured",
        delta_e00_low=min(claim.at_least, claim.difference.low),
        delta_e00_high=claim.difference.high,
        acceptable=found.acceptable,
        direction=_in_words(claim.difference.direction, "en"),
        direction_zh=_in_words(claim.difference.direction, "zh"),
    )


def _in_words(direction: tuple[Direction, ...], language: Language) -> str:
    texts = Texts(language)
    return texts.join(texts[code] for code in direction)
