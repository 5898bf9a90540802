"""What the face is painted with against what it was: colours of one site in one photo's light.

A photo's absolute colour carries the error of its light; what a coat of colour changes does not. So the worn
colour is the bare one plus the change that the picture shows, with the camera's contrast taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from skinscan.errors import QualityError
from skinscan.shades.lip_color import measure_lips
from skinscan.skin_indices import od_to_lab
from skinscan.types import BoolMap, FaceTexture, FloatArray, Scan

__all__ = ["BareSite", "Where", "find_bare_site", "measure_worn", "site_texels"]

Where = Literal["skin", "lips"]

_SITES = {"jaw": ("left_jaw", "right_jaw"), "cheek": ("left_cheek", "right_cheek")}
_LIPS = ("upper_lip", "lower_lip")
_LEAST = 60  # texels
_BODY = (0.3, 0.9)  # quantiles of R that count: without shadow and gloss
_CONTRAST = (1.0, 1.6)  # of a photo's colour differences over those of the skin; beyond is a bad estimate
_DARKEST = 1e-4  # linear


@dataclass(frozen=True, slots=True, kw_only=True)
class BareSite:
    """The bare site that a shade is laid on."""

    site: str  # "jaw", "cheek" or "lips"
    od: tuple[float, float, float]  # matte colour: density of R, log R/G and log G/B, OD
    seen: FloatArray  # (3,) the same as the photo shows it, balanced, contrast and all
    contrast: tuple[float, float]  # of log R/G and log G/B: photo over skin

    @property
    def lab(self) -> FloatArray:
        """L*a*b* (3,), D65, 2 degrees."""
        return od_to_lab(np.array(self.od))


def find_bare_site(scan: Scan, where: Where) -> BareSite:
    """The bare jaw (the cheek where the jaw is hidden) or the bare lips.

    Raises QualityError when they could not be measured.
    """
    if where == "lips":
        site, matte = "lips", measure_lips(scan.texture, scan.light, scan.zone_masks)
    else:
        tone = scan.tone
        if tone.status == "abstained":
            raise QualityError(
                f"the skin's colour could not be measured in {scan.photo.name}: {tone.reason}",
                "take the photo in even daylight without filter, cheeks and jaw free",
            )
        site = "jaw" if "jaw" in tone.sites else "cheek"
        matte = tone.sites[site].matte
    seen = _seen(scan, scan.texture, site)
    light = scan.light
    if where == "lips":
        shown, true = seen[1:], np.array(matte.od[1:])
    else:
        true = np.array(light.chroma)
        shown = true if light.white_balance.by_card else true + light.excess
    ratio = np.where(np.abs(true) > 1, shown / np.where(np.abs(true) > 1, true, 1), 1.0)
    rg, gb = np.clip(ratio, *_CONTRAST).tolist()
    return BareSite(site=site, od=matte.od, seen=seen, contrast=(rg, gb))


def measure_worn(before: Scan, after: Scan | FaceTexture, where: Where) -> FloatArray:
    """L*a*b* (3,) of the painted site, in the light of the bare photo `before`.

    `after`: a scan of the painted picture, or its texture. Raises QualityError as `find_ground` does.
    """
    ground = find_bare_site(before, where)
    texture = after if isinstance(after, FaceTexture) else after.texture
    change = (_seen(before, texture, ground.site) - ground.seen) / (1.0, *ground.contrast)
    return od_to_lab(np.array(ground.od) + change)


def _seen(scan: Scan, texture: FaceTexture, site: str) -> FloatArray:
    """Density of R, log R/G and log G/B (3,) in OD of a site as `texture` shows it; medians of its body."""
    mask = site_texels(scan, site) & texture.inside
    if np.count_nonzero(mask) < _LEAST:
        raise QualityError("too little of the face is visible to paint", "take the photo from the front")
    bare = scan.texture.rgb[..., 0][mask]
    low, high = np.quantile(bare, _BODY)
    rgb = np.maximum(
        texture.rgb[mask][(bare >= low) & (bare <= high)] * scan.light.white_balance.gain, _DARKEST
    )
    red = 100 * float(np.median(np.log10(rgb[:, 0])))
    rg, gb = 100 * np.median(np.log10(rgb[:, :2] / rgb[:, 1:]), axis=0)
    return np.array([-red, rg, gb])


def site_texels(scan: Scan, site: str) -> BoolMap:
    """(S, S) where a site is measured: its valid skin, or the lips without their rim."""
    names = _LIPS if site == "lips" else _SITES[site]
    mask: BoolMap = np.logical_or.reduce([scan.zone_masks[name] for name in names])
    if site != "lips":
        return mask & scan.maps.valid
    return np.asarray(cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
