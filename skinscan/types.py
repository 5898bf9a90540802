"""Every value that crosses a file boundary.

Frozen, slotted, keyword-only; arrays and scalars with unit, range, sign and frame in every field line.
A later stage never fills in an earlier one: it returns a new value.

Frames: *photo* is pixels of `Photo.pixels`, x right, y down, origin at the centre of the top left pixel.
*UV* is the canonical face texture, `TEXTURE_SIZE` squared, row 0 at the forehead, seen as in the photo:
the person's own right half lies on the left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from skinscan.value import Result, Value

__all__ = [
    "CONTRAST_SIGMA", "CORRELATED_TEXELS", "JUST_VISIBLE", "KEY_LIGHT_QUANTILE", "LEAST_ZONE_SHARE",
    "LEAST_ZONE_TEXELS", "METRICS", "RELIEF_SIGMA", "SHOWS_PORES", "TEXTURE_SIZE", "Z90", "Advice", "Blemish",
    "BoolMap", "Capture", "Card", "CardFault", "CardKind", "ChangeVerdict", "ChartFit", "Device",
    "DiffuseColor", "Exposure", "Face", "FaceTexture", "FloatArray", "FloatMap", "Indices", "IntMap",
    "Light", "Measure", "Metric", "Photo", "Pose", "Quality", "QualityCheck", "Reference", "RgbPixels",
    "Run", "Scan", "Score", "Scores", "SkinMaps", "Tone", "ToneCurve", "ToneSite",
    "WhiteBalance", "ZoneMeasures",
]  # fmt: skip

TEXTURE_SIZE = 256
"""Side of the UV square in texels; about 0.9 mm a texel on the cheek of the canonical face."""

ChangeVerdict = Literal["increase", "decrease", "no_change", "inconclusive"]
Metric = Literal["redness", "oil_balance", "sensitivity", "pigmentation", "blemishes", "tone"]
Z90 = 1.6448536  # standard deviations to each side of a 90 % interval
KEY_LIGHT_QUANTILE = 0.8  # of R: skin in full light, short of highlights (brightest clusters, Thong 2023)
CORRELATED_TEXELS = 64  # texels per independent sample: neighbours see the same pore, shadow and JPEG block
JUST_VISIBLE = 1.8
"""EI: rise of erythema just perceived: 8.7 EI without, 10.5 at minimal perceptible erythema (Park 1997)."""
CONTRAST_SIGMA = 0.12  # relative: how far a camera's contrast of colours may be off, of a spread of 0.25
LEAST_ZONE_TEXELS, LEAST_ZONE_SHARE = 60, 0.3  # of a zone that must be seen for it to be measured
SHOWS_PORES = (60.0, 0.25)  # px between the eyes and sharpness, 1/texel, from which pores must be seen
RELIEF_SIGMA = 1.2  # texels: what is finer is the relief of the skin
METRICS: tuple[Metric, ...] = (
    "redness", "oil_balance", "sensitivity", "pigmentation", "blemishes", "tone",
)  # fmt: skip
Device = Literal["auto", "cpu", "cuda", "tensorrt"]

CardFault = Literal["clipped", "blurred", "covered", "uneven", "shaded", "screen"]
CardKind = Literal["chart24", "parcel_card", "sheet"]
Reference = Literal["chart24", "parcel_card", "sheet", "paper", "sclera", "none"]

RgbPixels = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
FloatMap = NDArray[np.float32]
BoolMap = NDArray[np.bool_]
IntMap = NDArray[np.int32]
Indices = NDArray[np.intp]
F = TypeVar("F", bound=np.floating)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the photographer can do, one sentence in each language."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Facts of the capture that matter to measuring. Position and serial numbers never get this far."""

    make: str | None = None  # camera maker by EXIF
    model: str | None = None  # camera model by EXIF
    software: str | None = None  # last program by EXIF
    taken_at: str | None = None  # EXIF DateTimeOriginal as ISO 8601 without zone, e.g. "2026-03-01T09:30:00"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Photo(Value):
    """A decoded photo, upright and in sRGB."""

    name: str  # for messages: file name, "-" or "array"
    sha256: str  # of the bytes as given; of shape and pixels for an array
    pixels: RgbPixels  # (H, W, 3) uint8, gamma-coded sRGB, C-contiguous, read-only
    width: int  # of the upright photo at full scale, px
    height: int  # of the upright photo at full scale, px
    reduction: int  # 1, 2, 4 or 8: full scale divided by the scale of `pixels`
    format: str  # "JPEG", "PNG", "WEBP", "TIFF", "BMP", "HEIF", "AVIF", "array", ...
    icc: str  # profile it came in, e.g. "Display P3"; "sRGB" or "none": pixels as they were
    capture: Capture
    ends: bool  # the file has its end; False: only the end marker of a JPEG is missing, every pixel is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Head rotation in degrees; 0, 0, 0 looks straight into the camera."""

    yaw: float  # -90..90, positive: the person turns to the right edge of the photo
    pitch: float  # -90..90, positive: the person looks down
    roll: float  # -180..180, positive: the head tilts clockwise in the photo


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Face(Value):
    """One face in a photo."""

    landmarks: FloatMap  # (478, 3) float32: photo x, y in px; z in px, smaller is nearer to the camera
    pose: Pose
    interocular_px: float  # distance of the iris centres in px of `Photo.pixels`, corrected for yaw
    count: int  # faces found in the photo
    index: int  # which of them this is, 0-based, by size, largest first


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ChartFit(Value):
    """What a colour chart says about the camera: from its linear sRGB to reflectance under D65; chart.py."""

    curve: FloatArray  # (6,) log10 gain of R, G, B, then slope, bend and twist of the tone curve undone
    matrix: FloatArray  # (6, 3) R, G, B and the roots of RG, GB, RB to R, G, B


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Card(Value):
    """A colour reference in the photo: a 24-patch card, a parcel card or a printed sheet."""

    kind: CardKind  # what it serves as: a parcel card whose print run is not registered serves as a sheet
    run: int | None  # number of the print run of a parcel card
    # (4, 2) photo x, y in px: outer corners of dark skin, bluish green, black, white patch; of a sheet or
    # parcel card its own, clockwise from the top left
    corners: FloatMap
    normal: tuple[float, float, float] | None  # unit: x right, y up, z to the camera; None: unknown
    patches: int  # patches and steps that serve: in the photo, unclipped, even, in line with the others
    residual: float | None  # dE00, median: of patches by a fit that has not seen them, or of a sheet's steps
    fault: CardFault | None  # why the card cannot serve
    fit: ChartFit | None  # None if it cannot serve


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FaceTexture(Value):
    """The face unwrapped to the UV square; all maps are (TEXTURE_SIZE, TEXTURE_SIZE)."""

    rgb: FloatMap  # (S, S, 3) float32 linear sRGB, 0..1, area-averaged over the texel, corrected by a card
    inside: BoolMap  # the texel is on the mesh, turned to the camera, and neither drawn on nor under a cover
    drawn: (
        BoolMap  # the texel carries ink or lies beside it: circles, arrows, text, stickers; see graphics.py
    )
    eyes_covered: bool  # by a bar, boxes, mosaic or blur: nothing can be read from lids, irises and sclera
    clipped: FloatMap  # 0..1, share of the texel's pixels with a channel at the end of its range
    cosine: FloatMap  # 0..1, cosine between skin normal and camera axis
    density: (
        FloatMap  # photo pixels (at the scale of `Photo.pixels`) per texel; below 1 the texel is interpolated
    )
    detail: float  # edge sharpness of the source at texel scale, see texture.py
    photo_xy: FloatMap  # (2, S, S) float32: x and y of the texel's centre in the photo, px


@dataclass(frozen=True, slots=True, kw_only=True)
class WhiteBalance:
    """The white of the photo's light. Log units ("OD") are 100 log10: 1 OD of R/G moves EI by about 1.3."""

    reference: Reference  # what the white was taken from
    gain: tuple[float, float, float]  # multiply linear R, G, B by these; G stays 1
    residual: tuple[float, float]  # sigma of log R/G and of log G/B left after the gain, OD

    @property
    def by_card(self) -> bool:
        """Whether a card or sheet has set exposure and tone curve too."""
        return self.reference in ("chart24", "parcel_card", "sheet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How bright the skin is in the photo, and how deep that makes it."""

    key_light: float  # linear R of the face's skin in full light, as the photo shows it, 0..1
    reference_od: float  # optical density -100 log10 R of that skin, as far as the exposure can be believed
    sigma: float  # of reference_od, OD
    camera_sigma: (
        float  # sigma of the camera's exposure alone, OD: for what is bounded by no knowledge of skin
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ToneCurve(Value):
    """What the camera's tone curve does to the colour of one face, over its brightness."""

    knots: FloatArray  # (K,) log10 R where the hinges sit, quantiles of the face
    slopes: FloatArray  # (K, 2) hinge coefficients of the trend of log R/G and log G/B over log10 R
    level: float  # log10 R at which the trend is zero: the middle of the mid-tones this face has

    def trend(self, level: NDArray[F]) -> NDArray[F]:
        """Trend of log R/G and log G/B, (..., 2) in OD, at log10 R (...,), against that at `level`."""
        trend: NDArray[F] = self._hinged(level) - self._hinged(np.array([self.level], level.dtype))
        return trend

    def _hinged(self, level: NDArray[F]) -> NDArray[F]:
        """Knot by knot in the dtype of `level`, so that a photo costs no array of all knots."""
        rise = np.zeros((*level.shape, 2), level.dtype)
        for knot, slope in zip(self.knots.astype(level.dtype), self.slopes.astype(level.dtype), strict=True):
            rise += np.maximum(level - knot, 0)[..., None] * slope
        return rise


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Light(Value):
    """The photo's nuisances, estimated from the photo itself, and what stays uncertain."""

    white_balance: WhiteBalance
    exposure: Exposure
    tone_curve: ToneCurve
    card: Card | None  # the colour card in the photo, usable or not
    excess: tuple[float, float]  # log R/G and log G/B that camera contrast has added to the face, OD
    chroma: tuple[float, float]  # log R/G and log G/B of this face's skin: gain, curve, excess taken off, OD
    calm: tuple[float, float]  # the same of the face's skin without what is redder than the rest of it, OD
    chroma_sigma: tuple[float, float]  # sigma of `chroma` from contrast, shading and zones, OD
    zone_sigma: Mapping[str, float]  # sigma of a zone's EI against the own face from shading, EI
    scatter: float  # robust SD of log R/G about the fit, OD: texture, noise, hair
    # Skin zone or "lips" -> OD that it is darker than this face, shading taken off; those that are seen.
    darker: Mapping[str, float]
    n_pixels: int  # texels the fit stands on


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SkinMaps(Value):
    """Per-texel maps, (S, S) float32. Meaningless where `valid` is False."""

    erythema: FloatMap  # EI = 100 (log10 R655 - log10 R568); about 16..43 on healthy faces, up is redder
    melanin: FloatMap  # MI = -100 log10 R655; about 23..88, up is darker
    shine: FloatMap  # specular reflectance above matte skin, % of the light; 0..100, up is shinier
    validity: FloatMap  # 0..1: bare, lit, unclipped skin
    valid: BoolMap  # validity >= 0.5
    correction: tuple[float, float]  # EI and MI that the network adds to the formulas', the whole face alike
    erythema_shared_sigma: float  # EI, error that all texels of this photo share: white, exposure, formula
    melanin_shared_sigma: float  # MI, the same
    provider: str  # the execution provider that really ran
    fallback: str | None  # why `auto` did not take CUDA
    model_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityCheck:
    """One quality check."""

    name: str
    value: float
    limit: float
    unit: str
    ok: bool
    code: str  # UPPER_SNAKE; the same whether ok or not
    disables: tuple[Metric, ...]  # metrics that are not given when the check fails
    advice: Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """All checks, failed or not, in a fixed order."""

    checks: tuple[QualityCheck, ...]

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """Codes of the checks that failed, in their order."""
        return tuple(check.code for check in self.checks if not check.ok)

    @property
    def disabled(self) -> Mapping[Metric, QualityCheck]:
        """Each metric that must not be given, with the first check that forbids it."""
        out: dict[Metric, QualityCheck] = {}
        for check in self.checks:
            if not check.ok:
                for metric in check.disables:
                    out.setdefault(metric, check)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measured number: never without its 90 % interval and the texels it stands on."""

    value: float
    low: float
    high: float
    unit: str
    n_pixels: int
    at_least: bool = False  # skin that clips: the true value is this or more, and `high` is no bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score with interval and direction, or the reason why there is none."""

    status: Literal["ok", "abstained"]
    value: float | None
    low: float | None  # 90 % interval
    high: float | None
    unit: str
    range: tuple[float, float]
    direction: str  # what a larger value means
    reason: str | None  # code of the check that forbids it
    n_pixels: int  # texels of valid skin it stands on; 0 when abstained
    parts: Mapping[str, float]  # the numbers it is made of, named with their unit
    at_least: bool = False  # as in Measure
    repeat_low: float | None = None  # 90 % interval of the same score in another photo in this light
    repeat_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blemish:
    """One inflamed spot."""

    row: int  # texels of the UV square
    column: int
    zone: str  # of ZONES, the nearest where it lies between zones
    height: float  # EI above the skin around
    area_cm2: float  # on the canonical face, redder than half its height
    probability: float  # 0..1 that it is an inflamed spot


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneMeasures:
    """What is measured in one zone; None where too little valid skin is visible."""

    erythema_index: Measure
    melanin_index: Measure
    shine: Measure
    lightness: Measure
    erythema_contrast: Measure  # zone minus own face, EI: freed of the light's error
    blemishes: int = 0  # inflamed spots in it, and between zones nearest to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores of the face and measures of its zones."""

    scores: Mapping[str, Score]  # redness, redness_local, oil_balance, sensitivity, pigmentation, blemishes
    zones: Mapping[str, ZoneMeasures]  # zones with enough valid skin only
    blemishes: tuple[Blemish, ...]  # inflamed spots, the likeliest first; none where they may not be told
    blemish_relief: FloatMap = field(compare=False)  # (S, S) EI above the skin around; NaN where not looked
    model_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffuseColor:
    """Colour of a matte surface in full light in log units, its errors by source; see diffuse_color.py."""

    od: tuple[float, float, float]  # optical density -100 log10 R, log R/G, log G/B, OD
    sigma: Mapping[str, tuple[float, float, float]]  # source -> sigma of each of the three, OD; independent
    n_pixels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSite:
    """Colour of one site: CIELAB, D65, 2 degrees, as a matte surface under the photo's key light."""

    lab: tuple[Measure, Measure, Measure]
    matte: DiffuseColor  # the same before it became Lab


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Tone(Value):
    """Skin tone, or the reason why there is none.

    "uncertain": the colour is measured, but its interval touches more than two classes, so that no class and
    no Monk tone is told; a white reference narrows it.
    """

    status: Literal["ok", "uncertain", "abstained"]
    reason: str | None  # code of the check that forbids it; NEEDS_WHITE_REFERENCE where it is uncertain
    sites: Mapping[str, ToneSite]  # cheek, jaw, forehead, neck: those that are visible
    lab: tuple[Measure, Measure, Measure] | None  # of the cheek: the headline site
    ita: Measure | None  # degrees
    ita_class: str | None  # None where it is uncertain
    ita_classes: tuple[str, ...]  # every class the interval touches
    hue_angle: Measure | None  # degrees, atan2(b*, a*)
    undertone: Mapping[str, float]  # probability of cool, neutral, warm
    monk: Mapping[str, float]  # probability of Monk tones "1".."10"; empty where it is uncertain


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What ran."""

    version: str
    device: Device
    provider: str  # of the skin maps: the provider that really ran
    fallback: str | None  # why `auto` did not take CUDA
    models: tuple[tuple[str, str], ...]  # (name, sha256)
    timings_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Scan(Result, Value):
    """Everything one photo gave."""

    photo: Photo
    face: Face
    texture: FaceTexture
    light: Light
    zone_masks: Mapping[str, BoolMap]  # zone name -> (S, S): in the zone, on the mesh, facing the camera
    quality: Quality
    maps: SkinMaps
    scores: Mapping[str, Score]  # redness, redness_local, oil_balance, sensitivity, pigmentation, blemishes
    zones: Mapping[str, ZoneMeasures]  # zones with enough valid skin only
    blemishes: tuple[Blemish, ...]  # inflamed spots, the likeliest first; none where they may not be told
    blemish_relief: FloatMap  # (S, S) EI above the skin around, by which they are found; NaN where not looked
    tone: Tone
    run: Run

    @property
    def redness(self) -> float | None:
        """`scores["redness"].value`, 0..100; as those below None where the photo cannot tell."""
        return self.scores["redness"].value

    @property
    def redness_local(self) -> float | None:
        return self.scores["redness_local"].value

    @property
    def oil_balance(self) -> float | None:
        return self.scores["oil_balance"].value

    @property
    def sensitivity(self) -> float | None:
        return self.scores["sensitivity"].value

    @property
    def pigmentation(self) -> float | None:
        return self.scores["pigmentation"].value

    def __repr__(self) -> str:
        told = [f"{name} {_interval(score)}" for name, score in self.scores.items()]
        told.append(f"ITA {_interval(self.tone.ita)}, {len(self.zones)} zones")
        return f"Scan({self.photo.name}: {', '.join(told)})"


def _interval(measured: Score | Measure | None) -> str:
    if measured is None or measured.value is None:
        return "abstained"
    return f"{measured.value:.1f} [{measured.low:.1f}, {measured.high:.1f}]"
