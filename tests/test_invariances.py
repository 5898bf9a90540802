"""What must not change when the same face is stored, turned, scaled or exposed otherwise."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.renderer.render import render
from skinscan.color import delta_e_2000
from skinscan.errors import QualityError
from skinscan.output.records.scan import scan_to_dict
from skinscan.scanner import Scanner
from skinscan.types import Measure, Scan
from tests.faces import (
    MIRRORED_ZONE,
    RED_LEFT_CHEEK,
    Pixels,
    decoded,
    encoded,
    relit,
    resized,
    sample_pixels,
    shot,
    subject,
)
from tests.measure.test_photo import as_display_p3, exif_with, icc_profile
from tests.paths import PHOTOS, real_photos

FACES = ("face_light", "face_medium", "face_dark")
REAL = ("series_6", "actor_a_3", "wild_3", "official_a_1")
BURNT_OUT = 0.2  # share of the face at the end of the scale from which a photo is refused, or told as a bound
MEASURES = ("erythema_index", "erythema_contrast", "melanin_index", "shine", "lightness")
TURNED = {1: (), 2: (1,), 3: (0, 1), 4: (0,)}  # EXIF orientation -> axes to flip; 5..8 transpose as well


def scan(pixels: Pixels) -> Scan:
    return Scanner("cpu").scan(pixels)


def outside(original: Scan, other: Scan) -> list[Any]:
    """Everything measured in both whose value in `other` leaves the interval that `original` stated.

    What `other` tells as a lower bound may lie below.
    """
    found: list[Any] = []
    for name, score in original.scores.items():
        value = other.scores[name].value
        low = None if other.scores[name].value is None else _floor(score.low, other.scores[name].at_least)
        if score.value is not None and value is not None and not _within(low, value, score.high):
            found.append((name, score.low, value, score.high))
    for zone in original.zones.keys() & other.zones.keys():
        for measure in MEASURES:
            stated = getattr(original.zones[zone], measure)
            seen = getattr(other.zones[zone], measure)
            if not _within(_floor(stated.low, seen.at_least), seen.value, stated.high):
                found.append((zone, measure, stated.low, seen.value, stated.high))
    for stated, seen in zip(_tones(original), _tones(other), strict=False):
        if not _within(stated.low, seen.value, stated.high):
            found.append((stated.unit, stated.low, seen.value, stated.high))
    return found


def _floor(low: float | None, at_least: bool) -> float | None:
    return -np.inf if at_least else low


def _measures(scan: Scan) -> list[Measure]:
    """Measures of all zones."""
    return [getattr(zone, name) for zone in scan.zones.values() for name in MEASURES]


def _tones(scan: Scan) -> list[Measure]:
    """Lab, ITA and hue angle of the headline site."""
    return [m for m in (*(scan.tone.lab or ()), scan.tone.ita, scan.tone.hue_angle) if m]


def _within(low: float | None, value: float, high: float | None) -> bool:
    return low is not None and high is not None and low - 0.05 <= value <= high + 0.05


def compared(original: Scan) -> int:
    """How many numbers `outside` looks at."""
    return len(original.scores) + len(MEASURES) * len(original.zones) + 5


def pictures() -> list[Any]:
    rendered = [pytest.param(name, id=name) for name in FACES]
    return rendered + [pytest.param(f"real:{name}", id=name, marks=real_photos) for name in REAL]


def pixels_of(name: str) -> Pixels:
    if name.startswith("real:"):
        return decoded((PHOTOS / f"{name[5:]}.jpg").read_bytes())
    return sample_pixels(name)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_changes_nothing(orientation: int) -> None:
    upright = sample_pixels("face_medium")
    stored = upright.transpose(1, 0, 2) if orientation > 4 else upright
    axes = TURNED[orientation] if orientation <= 4 else {5: (), 6: (0,), 7: (0, 1), 8: (1,)}[orientation]
    stored = np.flip(stored, axes) if axes else stored
    file = encoded(np.ascontiguousarray(stored), exif=exif_with({274: orientation}))
    assert measured(Scanner("cpu").scan(file)) == measured(scan(upright))


def measured(result: Scan) -> dict[str, Any]:
    out = scan_to_dict(result, timings=False)
    return {key: out[key] for key in ("scores", "zones", "tone", "light", "quality", "face")}


def test_the_same_photo_gives_the_same_numbers() -> None:
    data = encoded(sample_pixels("face_dark"))
    first, second = (scan_to_dict(Scanner("cpu").scan(data), timings=False) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", pictures())
def test_encoding_and_size_stay_within_the_intervals(name: str) -> None:
    pixels = pixels_of(name)
    original = scan(pixels)
    copies = {
        "q90": decoded(encoded(pixels, "JPEG", quality=90)),
        "half": resized(pixels, 0.5),
        "double": resized(pixels, 2.0),
    }
    for how, copy in copies.items():
        again = scan(copy)
        found = outside(original, again)
        assert len(found) <= 0.1 * compared(original), (how, found)
        lost = {n: s.reason for n, s in again.scores.items() if s.value is None}
        kept = {n: s.reason for n, s in original.scores.items() if s.value is None}
        assert how == "half" or lost == kept, how
        assert set(lost.values()) - set(kept.values()) <= {"FACE_LACKS_DETAIL"}, (how, lost)


@pytest.mark.parametrize("stops", [-0.7, 0.7])
@pytest.mark.parametrize("name", pictures())
def test_exposure_stays_within_the_intervals(name: str, stops: float) -> None:
    pixels = pixels_of(name)
    original = scan(pixels)
    exposed = relit(pixels, 2.0**stops)
    corners = original.face.landmarks[:, :2]
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    burnt = (exposed[int(top) : int(bottom), int(left) : int(right)] == 255).any(axis=-1).mean()
    try:
        again = scan(exposed)
    except QualityError:
        with pytest.raises(QualityError, match="OVEREXPOSED"):
            scan(exposed)
        assert burnt > BURNT_OUT
        return
    found = outside(original, again)
    if burnt > BURNT_OUT:  # what burns is shine, and hides what lies below
        assert any(measure.at_least for measure in _measures(again))
        assert len(found) <= 0.4 * compared(original), found
    else:
        assert len(found) <= 0.04 * compared(original), found


@pytest.mark.parametrize("name", pictures())
def test_a_mirrored_face_swaps_left_and_right(name: str) -> None:
    pixels = pixels_of(name)
    original, mirrored = scan(pixels), scan(np.ascontiguousarray(pixels[:, ::-1]))
    assert mirrored.face.pose.yaw == pytest.approx(-original.face.pose.yaw, abs=4)
    assert mirrored.face.pose.roll == pytest.approx(-original.face.pose.roll, abs=3)
    shared = [z for z in original.zones if MIRRORED_ZONE[z] in mirrored.zones]
    assert len(shared) >= 8
    for zone in shared:
        stated = original.zones[zone].erythema_contrast
        assert _within(stated.low, mirrored.zones[MIRRORED_ZONE[zone]].erythema_contrast.value, stated.high)
    redness = original.scores["redness"]
    value = mirrored.scores["redness"].value
    assert value is not None
    assert _within(redness.low, value, redness.high)


def test_left_is_the_persons_own_left() -> None:
    def contrast(patches: tuple[Any, ...]) -> dict[str, float]:
        picture = render(subject(patches=patches), shot(), np.random.default_rng(0))
        zones = scan(np.asarray(picture.photo)).zones
        return {zone: m.erythema_contrast.value for zone, m in zones.items()}

    plain, red = contrast(()), contrast((RED_LEFT_CHEEK,))
    rise = {zone: red[zone] - plain[zone] for zone in plain}
    assert rise["left_cheek"] > 2
    assert max(v for zone, v in rise.items() if "lip" not in zone) == rise["left_cheek"]
    assert abs(rise["right_cheek"]) < 1


@pytest.mark.parametrize("name", pictures())
def test_a_display_p3_copy_has_the_same_tone(name: str) -> None:
    pixels = pixels_of(name)
    original = scan(pixels)
    out = io.BytesIO()
    profile = icc_profile(((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), "Display P3")
    Image.fromarray(as_display_p3(pixels)).save(out, "PNG", icc_profile=profile)
    copy = Scanner("cpu").scan(out.getvalue())
    assert copy.photo.icc == "Display P3"
    assert original.tone.lab
    assert copy.tone.lab
    before, after = (np.array([m.value for m in tone.lab or ()]) for tone in (original.tone, copy.tone))
    assert float(delta_e_2000(before, after)) < 0.5
