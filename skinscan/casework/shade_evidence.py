"""A claim about a shade and its photos in, the colour difference in question out."""

from __future__ import annotations

from collections.abc import Sequence

from skinscan.casework.case_file import CasePhoto
from skinscan.claims.claim import ShadeClaim
from skinscan.errors import DataError, QualityError, UsageError
from skinscan.shades import Catalog, ShadeMatch, match
from skinscan.types import Matte, Scan

__all__ = ["match_shade"]

_ROLE = {"not_as_shown": "after", "does_not_suit": "before"}
"""Question -> the photo that answers it: the shade worn, or the bare skin it was bought for. A swatch beside
a colour card says more of what came than the shade worn, and then counts instead."""


def match_shade(
    claim: ShadeClaim, photos: Sequence[CasePhoto], catalog: Catalog, acceptable: float | None
) -> tuple[ShadeMatch | None, str]:
    """Measure the shade that was bought, named by the product's sku; and why there is nothing, if so.

    `acceptable`: dE00 that the policy accepts; None: what counts as fitting on this skin. Never raises for a
    photo or shade that gives no answer: the claim then stays open.
    """
    role = _ROLE.get(claim.question)
    scan = next((photo.scan for photo in photos if photo.scan and photo.ref.role == role), None)
    if scan is None or role is None:
        return None, ""
    if any(check.code == "BEAUTY_FILTER" and not check.ok for check in scan.quality.checks):
        return None, "a beauty filter lightens skin"
    try:
        swatch = next((photo.swatch for photo in photos if photo.swatch), None)
        return _match(scan, claim, catalog, acceptable, swatch), ""
    except (DataError, QualityError, UsageError) as error:
        return None, str(error)


def _match(
    scan: Scan, claim: ShadeClaim, catalog: Catalog, acceptable: float | None, swatch: Matte | None
) -> ShadeMatch:
    shown = claim.question == "not_as_shown"
    return match(
        scan, catalog, purchased=claim.product.sku, advertised=shown, site="cheek" if shown else "jaw",
        acceptable=acceptable, received=swatch if shown else None,
    )  # fmt: skip
