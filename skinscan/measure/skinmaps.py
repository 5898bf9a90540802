"""Texture and light in, maps of erythema, melanin, shine and validity out, by ONNX."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from skinscan import runtime
from skinscan.measure.bare_skin import bare_skin
from skinscan.skin_indices import EI_PER_GB, EI_PER_RG
from skinscan.types import Device, FaceTexture, Light, SkinMaps

__all__ = ["as_feeds", "map_skin"]

# How shared errors reach the indices: slopes of the fitted formulas (models/training/issa_constants.py) in
# index units per OD, at the median face; against exposure the root mean square over faces.
_EI_PER_EXPOSURE = 0.06
_MI_PER_RG, _MI_PER_GB, _MI_PER_EXPOSURE = -0.23, 0.09, 0.95
_EI_FORMULA_SIGMA = 1.7  # EI, SD of formula against spectrum on unseen people: `skinscan bench physics`
_MI_FORMULA_SIGMA = 1.0  # MI, the same
# Left of the errors of white and exposure once the network has corrected the face, and what its correction is
# unsure by, of its amount: seven families of photos of people it has not seen, each left out in turn.
_EI_LEFT, _EI_PER_CORRECTION = 0.6, 0.6
_EI_LEFT_BY_CARD = 0.85  # 60 photos with a card
_MI_LEFT = 0.72


def map_skin(texture: FaceTexture, light: Light, device: Device = "auto") -> SkinMaps:
    """Run skinmaps.onnx on one face.

    Raises ModelError when the file is missing or altered, DeviceError when the device does not run.
    """
    model = runtime.open_onnx("skinmaps", device)
    out = model.run({name: value[None] for name, value in as_feeds(texture, light).items()})
    # The spread of each texel's error is an output too: intervals take the scatter that a zone shows instead.
    maps = {name: out[name][0] for name in ("erythema", "melanin", "shine", "validity")}
    maps["validity"] = np.where(texture.drawn, np.float32(0), maps["validity"])
    erythema, melanin = out["correction"][0].tolist()
    ei_left, mi_left = _EI_LEFT, _MI_LEFT
    if light.white_balance.reference == "chart24":
        # The network has learned without: by a chart EI is nearer by the formulas alone, by a sheet not.
        maps["erythema"] = maps["erythema"] - np.float32(erythema)
        erythema, ei_left, mi_left = 0.0, _EI_LEFT_BY_CARD, 1.0
    rg_sigma, gb_sigma = (
        math.hypot(*both) for both in zip(light.white_balance.residual, light.chroma_sigma, strict=True)
    )
    return SkinMaps(
        **maps,
        valid=bare_skin(maps["erythema"], maps["melanin"], maps["validity"], texture),
        correction=(erythema, melanin),
        erythema_shared_sigma=math.hypot(
            _EI_PER_CORRECTION * erythema,
            *(
                ei_left * sigma
                for sigma in (
                    _EI_FORMULA_SIGMA,
                    EI_PER_RG * rg_sigma,
                    EI_PER_GB * gb_sigma,
                    _EI_PER_EXPOSURE * light.exposure.sigma,
                )
            ),
        ),
        melanin_shared_sigma=mi_left
        * math.hypot(
            _MI_FORMULA_SIGMA,
            _MI_PER_RG * rg_sigma,
            _MI_PER_GB * gb_sigma,
            _MI_PER_EXPOSURE * light.exposure.sigma,
        ),
        provider=model.provider,
        fallback=model.fallback_reason,
        model_sha256=model.sha256,
    )


def as_feeds(texture: FaceTexture, light: Light) -> dict[str, NDArray[np.float32]]:
    """Inputs of skinmaps.onnx for one face, no batch axis; shapes and units in models/manifest.json.

    What was drawn on is shown to the network filled in: a hole would shift its correction of the whole face.
    """
    feeds = {
        "rgb": texture.rgb,
        "inside": texture.inside | texture.drawn,
        "clipped": texture.clipped,
        "cosine": texture.cosine,
        "gain": light.white_balance.gain,
        "knots": light.tone_curve.knots,
        "curve": light.tone_curve.slopes,
        "level": [light.tone_curve.level],
        "excess": light.excess,
        "chroma": light.chroma,
        "calm": light.calm,
        "reference_od": [light.exposure.reference_od],
    }
    return {name: np.asarray(value, np.float32) for name, value in feeds.items()}
