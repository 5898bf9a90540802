"""A scan and a catalogue in, everything `skinscan shade` tells out."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import get_args

import numpy as np

from skinscan.errors import QualityError, UsageError
from skinscan.shades.advertised import as_lab, judge_received
from skinscan.shades.catalog import Catalog
from skinscan.shades.color_samples import lab_points, lip_points, skin_points
from skinscan.shades.error_budget import error_budget
from skinscan.shades.known_shade import goes_with
from skinscan.shades.lip_color import measure_lips
from skinscan.shades.ranking import MANY, acceptable_delta_e00, judge_shades, rank_shades, worn_cloud
from skinscan.shades.shade import Category
from skinscan.shades.types import Candidate, Known, ShadeAnswer, ShadeMatch, Site
from skinscan.shades.verdict import decide, least_difference
from skinscan.types import DiffuseColor, FloatArray, Indices, Measure, Scan

__all__ = ["match_shades", "site_color"]

_SKIN: tuple[Category, ...] = ("foundation", "concealer")
_OTHER_SITE = (5.0, 3.0, 2.5)  # OD; jaw guessed from the cheek: between chin (dE 4.3) and neck (6.2) of ISSA
# OD: which texels, and how cameras see one skin and another, most of which a card tells: rendered portraits.
_SEEN_SIGMA, _SEEN_BY_CARD = (0.0, 2.4, 2.0), (0.0, 1.2, 1.0)
_BETTER = 1.5  # times the probability of the shade bought, to be offered instead of it
_NEAR = 4  # neighbours and equivalents told


def match_shades(
    scan: Scan,
    catalog: Catalog,
    *,
    category: Category | None = None,
    site: Site = "jaw",
    top: int = 10,
    purchased: str | None = None,
    advertised: bool = False,
    received: DiffuseColor | None = None,
    shown: str | None = None,
    known: str | None = None,
    acceptable: float | None = None,
) -> ShadeMatch:
    """Match the shades of a catalogue to a face; judge one that was bought.

    Args:
        scan: of the face.
        catalog: the shades.
        category: by default foundations and concealers, or what `purchased` is.
        site: where foundation is to fit; the cheek stands in, with a wider interval, where it is not seen.
        top: so many shades at most.
        purchased: sku to judge: does it suit the skin?
        advertised: judge instead whether `purchased` has the colour that was shown.
        received: colour of a swatch of what came (swatch_photo.py); else it is taken from where it is worn.
        shown: hex of the colour that was shown, if the catalogue does not have it.
        known: sku of a foundation or concealer that the customer is content with; it narrows what the skin
            may be.
        acceptable: dE00 up to which a shade counts as fitting; by default that of this skin.

    Raises:
        QualityError: the colour could not be measured.
        DataError: there is no such sku.
        UsageError: the question has no answer.
    """
    if site not in get_args(Site):
        raise UsageError(f"there is no site {site}", f"choose from {', '.join(get_args(Site))}")
    row = None if purchased is None else catalog.find(purchased)
    if (advertised and row is None) or (received is not None and not advertised):
        raise UsageError("advertised asks about one shade", "name it with purchased=SKU")
    if category is None and row is not None:
        category = catalog.shades[row].category
    categories = (category,) if category else _SKIN
    on_lips = categories == ("lipstick",)
    if on_lips and row is not None and not advertised:
        raise UsageError("whether a lipstick suits is taste", "ask with advertised=True if it is as shown")
    found, matte = site_color(scan, "lips" if on_lips else site)
    rows = catalog.rows(*categories)
    worn = None if known is None else _known(matte, catalog, known, acceptable, on_lips=on_lips)
    fits = goes_with(catalog, catalog.find(worn.shade.sku)) if worn and worn.used else None
    points = _lips(scan, matte) if on_lips else skin_points(matte, MANY, fits)
    limit = acceptable_delta_e00(points[:, 0].mean()) if acceptable is None else acceptable
    matches = rank_shades(points, catalog, rows, top, limit) if len(rows) else []
    if not matches:
        raise UsageError(f"no {' or '.join(categories)} in {catalog.name}", "choose another category")
    claim = None
    if row is not None and advertised:
        swatched = received is not None
        came = points if on_lips and not swatched else lab_points(received or matte, MANY)
        claim = judge_received(
            received or matte, came, catalog, row, swatched=swatched, shown=shown, acceptable=acceptable
        )
    elif row is not None:
        claim = _suits(matte, points, catalog, row, rows, limit)
    ranked = scan.tone.status == "ok" or fits is not None
    if not ranked and isinstance(claim, ShadeAnswer):
        claim = replace(claim, neighbours=(), equivalents=())
    best = catalog.number[matches[0].shade.sku]
    return ShadeMatch(
        scan=scan,
        catalog=catalog,
        categories=categories,
        site=found,
        asked_site="lips" if on_lips else site,
        color=_measured(points, matte.n_pixels),
        acceptable=round(limit, 2),
        status="ok" if ranked else "uncertain",
        reason=None if ranked else "NEEDS_WHITE_REFERENCE",
        matches=tuple(matches) if ranked else (),
        budget=error_budget(matte, np.array(matches[0].worn), catalog.sigma[best]),
        known=worn,
        claim=claim,
    )


def _known(
    matte: DiffuseColor, catalog: Catalog, sku: str, acceptable: float | None, *, on_lips: bool
) -> Known:
    """A shade that is worn against the skin by the photo alone."""
    row = catalog.find(sku)
    if on_lips or catalog.shades[row].category == "lipstick":
        raise UsageError("known names a foundation or concealer", "it says nothing about lips")
    points = skin_points(matte, MANY)
    [own] = judge_shades(points, catalog, np.array([row]), acceptable)
    [least] = least_difference(points, worn_cloud(points, catalog, np.array([row])))
    limit = acceptable_delta_e00(points[:, 0].mean()) if acceptable is None else acceptable
    used = decide(own.difference, least, limit) != "mismatch"
    return Known(shade=own.shade, used=used, difference=own.difference)


def site_color(scan: Scan, site: Site) -> tuple[Site, DiffuseColor]:
    """Colour of the site asked for, or of the cheek with a wider interval.

    Raises QualityError when it could not be measured.
    """
    if site == "lips":
        return site, measure_lips(scan.texture, scan.light, scan.zone_masks)
    tone = scan.tone
    if tone.status == "abstained":
        raise QualityError(
            f"the skin's colour could not be measured in {scan.photo.name}: {tone.reason}",
            "take the photo in even daylight without filter, cheeks and jaw free",
        )
    found: Site = site if site in tone.sites else "cheek"
    matte = tone.sites[found].matte
    by_card = scan.light.white_balance.by_card
    more = {"segmentation": _SEEN_BY_CARD if by_card else _SEEN_SIGMA} | (
        {} if found == site else {"other_site": _OTHER_SITE}
    )
    return found, replace(matte, sigma=MappingProxyType({**matte.sigma, **more}))


def _lips(scan: Scan, matte: DiffuseColor) -> FloatArray:
    """(MANY, 3) L*a*b* that the lips may have, by the skin beside them where that could be measured."""
    if scan.tone.status == "abstained":
        return lab_points(matte, MANY)
    return lip_points(matte, site_color(scan, "cheek")[1], MANY)


def _suits(
    matte: DiffuseColor, points: FloatArray, catalog: Catalog, row: int, rows: Indices, limit: float
) -> ShadeAnswer:
    """The worn colour against the skin."""
    rows_of = np.array([row])
    own = judge_shades(points, catalog, rows_of, limit)[0]
    shade = own.shade
    [least] = least_difference(points, worn_cloud(points, catalog, rows_of))
    product = [
        k
        for k in rows
        if k != row and (catalog.shades[k].brand, catalog.shades[k].product) == (shade.brand, shade.product)
    ]
    others = np.array([k for k in rows if catalog.shades[k].brand != shade.brand], np.intp)
    neighbours = rank_shades(points, catalog, np.array(product, np.intp), _NEAR, limit) if product else []
    equivalents = rank_shades(points, catalog, others, _NEAR, limit) if len(others) else []
    return ShadeAnswer(
        question="suits",
        shade=shade,
        verdict=decide(own.difference, least, limit),
        difference=own.difference,
        at_least=round(float(least), 2),
        expected=own.worn,
        measured=as_lab(points.mean(axis=0)),
        measured_on="skin",
        grade=shade.grade,
        budget=error_budget(matte, np.array(own.worn), catalog.sigma[row]),
        neighbours=_better(neighbours, own),
        equivalents=_better(equivalents, own),
    )


def _better(candidates: list[Candidate], own: Candidate) -> tuple[Candidate, ...]:
    """Those that fit clearly better, not by a hair that the errors make meaningless."""
    least = _BETTER * own.difference.probability_acceptable
    return tuple(one for one in candidates if one.difference.probability_acceptable > least)


def _measured(points: FloatArray, count: int) -> tuple[Measure, Measure, Measure]:
    middle, (low, high) = points.mean(axis=0), np.quantile(points, (0.05, 0.95), axis=0)
    found = [
        Measure(
            value=round(float(middle[k]), 1), low=round(float(low[k]), 1), high=round(float(high[k]), 1),
            unit=unit, n_pixels=count,
        )
        for k, unit in enumerate(("L*", "a*", "b*"))
    ]  # fmt: skip
    return found[0], found[1], found[2]
