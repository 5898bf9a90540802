"""Before and after: signs, swaps, refusals, what is found and what is never said."""

import dataclasses
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.change import inject
from models.renderer.people import committed_people
from models.renderer.sittings import PLAIN, Sitting, sit
from skinscan import cli
from skinscan.change.compare import compare
from skinscan.change.light_difference import TURN
from skinscan.change.types import Change
from skinscan.errors import UsageError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.output.pictures.change import draw_change
from skinscan.output.records.change import COMPARE_SCHEMA, compare_to_dict
from skinscan.output.records.common import to_json
from skinscan.scanner import Scanner
from skinscan.types import Capture, FloatMap, Scan
from tests.paths import SAMPLES

MESH = load_canonical()


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Sitting:
    return sit(committed_people()[4], 3, tmp_path_factory.mktemp("sitting"))


@pytest.fixture(scope="module")
def scans(sitting: Sitting) -> dict[str, Scan]:
    scanner = Scanner("cpu")
    return {name: scanner.scan(jpeg, name=f"{name}.jpg") for name, jpeg in sitting.jpeg.items()}


@pytest.fixture(scope="module")
def rendered(scans: dict[str, Scan]) -> Change:
    return compare([scans["home"]], [scans["home_reaction"]])


def patch(u: float, v: float, radius: float) -> FloatMap:
    at = (np.arange(256, dtype=np.float32) + 0.5) / 256
    far = np.hypot(at[None, :] - u, at[:, None] - v)
    return np.asarray(1 / (1 + np.exp(np.clip((far - radius) / 0.006, -60, 60))), np.float32)


CHEEK = patch(0.72, 0.57, 0.08)  # the person's own left


def cast(scan: Scan, gain: tuple[float, float, float]) -> Scan:
    """The same scan with a white balance that is off by `gain`."""
    red, green, blue = (old * new for old, new in zip(scan.light.white_balance.gain, gain, strict=True))
    balance = replace(scan.light.white_balance, gain=(red, green, blue))
    return replace(scan, light=replace(scan.light, white_balance=balance))


def copied(
    photo: bytes, scale: float = 1.0, gain: float = 1.0, quality: int = 88, mirror: bool = False
) -> bytes:
    """The photo re-encoded, smaller, at another exposure, or mirrored."""
    image: Image.Image = Image.open(io.BytesIO(photo))
    image = image.resize((round(image.width * scale), round(image.height * scale)))
    image = image.point([min(255, round(code * gain)) for code in range(256)] * 3)
    if mirror:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


COPIES: tuple[dict[str, Any], ...] = (
    {"quality": 75},
    {"scale": 0.8},
    {"gain": 0.9},
    {"scale": 0.9, "gain": 1.06, "quality": 92},
)


def test_a_rendered_reaction_is_found_where_it_is(rendered: Change, sitting: Sitting) -> None:
    assert rendered.maps is not None
    assert rendered.verdict == "inconclusive"  # more than half of the face is not control
    assert rendered.doubt is not None
    assert rendered.doubt.code == "NO_CONTROL"
    for name, zone in rendered.zones.items():
        truth = float(sitting.rise[MESH.zones[name] & rendered.maps.valid].mean())
        assert zone.erythema_index.delta == pytest.approx(truth, abs=1.5 + 0.3 * truth), (
            name
        )  # cameras stretch color
        if truth >= 3.6:
            assert zone.erythema_index.verdict == "increase", name


@pytest.mark.parametrize(
    ("before", "after"), [("home", "home_again"), ("home", "away"), ("away", "home_again")]
)
def test_nothing_is_found_where_nothing_changed(scans: dict[str, Scan], before: str, after: str) -> None:
    change = compare([scans[before]], [scans[after]])
    moved = [n for n, z in change.zones.items() if z.erythema_index.verdict in ("increase", "decrease")]
    assert not moved
    assert change.verdict in ("no_change", "inconclusive")


@pytest.mark.parametrize("after", ["home_again", "away"])
@pytest.mark.parametrize("gain", [(1.0, 1.0, 1.0), (1.25, 1.0, 1.1), (0.85, 1.0, 0.8)])
def test_the_map_stands_on_untouched_skin_whatever_the_cast(
    scans: dict[str, Scan], after: str, gain: tuple[float, float, float]
) -> None:
    """A white balance that is off by 5 EI is no change of the map, and is told as taken off."""
    change = compare([scans["home"]], [cast(scans[after], gain)])
    plain = compare([scans["home"]], [scans[after]])
    assert change.maps is not None
    assert change.face is not None
    assert plain.face is not None
    assert abs(float(np.median(change.maps.erythema[change.maps.valid & MESH.skin]))) < 0.4
    assert change.affected is not None
    assert change.affected.percent < 5
    added = 100 * np.log10(gain[0] / gain[1]) * TURN[0][0] + 100 * np.log10(gain[1] / gain[2]) * TURN[0][1]
    taken_off = change.face.erythema_offset - plain.face.erythema_offset
    assert taken_off == pytest.approx(added, abs=1.0)


@pytest.mark.parametrize(
    "sides", [(["home"], ["away_reaction"]), (["home", "home_again"], ["home_reaction"])]
)
@pytest.mark.parametrize("area", [None, "left_cheek"])
def test_swapping_negates_every_difference_exactly(
    scans: dict[str, Scan], sides: tuple[list[str], list[str]], area: str | None
) -> None:
    first, second = ([scans[name] for name in side] for side in sides)
    there, back = compare(first, second, area), compare(second, first, area)
    assert there.maps is not None
    assert back.maps is not None
    np.testing.assert_array_equal(there.maps.erythema, -back.maps.erythema)
    np.testing.assert_array_equal(there.maps.affected, back.maps.affected)
    opposite = {"increase": "decrease", "decrease": "increase"}
    for name, zone in there.zones.items():
        other = back.zones[name]
        for key in ("erythema_index", "melanin_index", "shine"):
            one, two = getattr(zone, key), getattr(other, key)
            assert (one.delta, one.low, one.high) == (-two.delta, -two.high, -two.low)
            assert (one.sdc, one.p) == (two.sdc, two.p)
            assert opposite.get(one.verdict, one.verdict) == two.verdict
        assert [d.delta for d in zone.lab] == [-d.delta for d in other.lab]
        assert zone.delta_e00.value == pytest.approx(other.delta_e00.value, abs=0.01)


@pytest.mark.parametrize("how", COPIES, ids=str)
def test_a_copy_is_refused_and_shows_nothing_if_let_through(
    scans: dict[str, Scan], sitting: Sitting, how: dict[str, Any]
) -> None:
    copy = Scanner("cpu").scan(copied(sitting.jpeg["home"], **how), name="copy.jpg")
    assert [f.code for f in compare([scans["home"]], [copy]).findings if f.refuses] == ["NEAR_DUPLICATE"]
    change = compare([scans["home"]], [copy], allow_copies=True)
    assert change.status == "ok"
    for name, zone in change.zones.items():
        for delta in (zone.erythema_index, zone.melanin_index):
            assert abs(delta.delta) <= delta.sdc, name


def test_two_moments_are_no_copies(scans: dict[str, Scan]) -> None:
    for a, b in (("home", "home_again"), ("away", "away_again"), ("home", "away")):
        assert compare([scans[a]], [scans[b]]).status == "ok"


@pytest.mark.parametrize("sign", [1, -1])
def test_an_injected_patch_has_side_sign_and_size(scans: dict[str, Scan], sign: int) -> None:
    change = compare([scans["home"]], [inject(scans["home_again"], sign * 3.6 * CHEEK)])
    expected = "increase" if sign > 0 else "decrease"
    assert change.verdict == expected
    assert change.zones["left_cheek"].erythema_index.verdict == expected
    assert change.zones["right_cheek"].erythema_index.verdict not in ("increase", "decrease")
    assert change.affected is not None
    assert change.maps is not None
    assert change.affected.regions[0].centre[0] > 0.5
    truth = float(MESH.area_cm2[(CHEEK > 0.5) & change.maps.valid & MESH.skin].sum())
    assert change.affected.area_cm2 == pytest.approx(truth, rel=0.4)


def test_the_claimed_area_takes_no_part_in_matching_the_lights(scans: dict[str, Scan]) -> None:
    """Half of the face redder by 5 EI: with the claim known, the other half is the control."""
    half = np.logical_or.reduce([MESH.zones[z] for z in ("left_cheek", "right_cheek", "nose", "perioral")])
    change = compare([scans["home"]], [inject(scans["home_again"], 5.0 * half.astype(np.float32))], half)
    assert change.area is not None
    assert change.verdict == "increase"
    assert change.area.erythema_index.delta == pytest.approx(1.25 * 5.0, abs=1.5)  # as inject stretches it


@pytest.mark.parametrize("rise", [0.0, 1.2, 1.8, 2.4, 5.0])
def test_a_zone_says_the_same_as_the_same_claim(scans: dict[str, Scan], rise: float) -> None:
    for first, second in (("home", "home_again"), ("home", "away")):
        change = compare([scans[first]], [inject(scans[second], rise * CHEEK)], "left_cheek")
        assert change.area is not None
        assert change.area.erythema_index == change.zones["left_cheek"].erythema_index
        assert change.verdict == change.area.erythema_index.verdict


def test_a_claim_off_the_skin_is_never_no_change(scans: dict[str, Scan]) -> None:
    change = compare([scans["home"]], [scans["home_again"]], MESH.on_mesh & ~MESH.skin)
    assert change.area is None
    assert change.verdict == "inconclusive"


def test_skin_that_rose_and_fell_alike_has_no_one_verdict(scans: dict[str, Scan]) -> None:
    other = patch(0.28, 0.57, 0.08)
    change = compare([scans["home"]], [inject(scans["home_again"], 5.0 * CHEEK - 5.0 * other)])
    sides = [change.zones[z].erythema_index.verdict for z in ("left_cheek", "right_cheek")]
    assert sides == ["increase", "decrease"]
    assert change.verdict == "inconclusive"


@pytest.mark.parametrize("seed", range(24))
def test_no_change_is_never_said_when_something_was_injected(scans: dict[str, Scan], seed: int) -> None:
    rng = np.random.default_rng(seed)
    side = rng.choice([0.28, 0.72])
    shape = patch(side, float(rng.uniform(0.53, 0.62)), float(rng.uniform(0.06, 0.12)))
    pair = ("home", "home_again") if seed % 2 else ("away", "away_again")
    change = compare([scans[pair[0]]], [inject(scans[pair[1]], 3.6 * shape)])
    assert change.verdict != "no_change"
    assert change.zones["left_cheek" if side > 0.5 else "right_cheek"].erythema_index.verdict != "no_change"


def test_no_change_needs_the_power_to_say_so(scans: dict[str, Scan]) -> None:
    for a in PLAIN:
        for b in PLAIN:
            if a < b:
                zones = compare([scans[a]], [scans[b]]).zones.values()
                said = [z.erythema_index for z in zones if z.erythema_index.verdict == "no_change"]
                assert all(d.sdc < 1.8 and d.low > -1.8 and d.high < 1.8 for d in said)


def test_more_photos_make_narrower_intervals(scans: dict[str, Scan]) -> None:
    one = compare([scans["home"]], [scans["home_reaction"]]).zones
    two = compare([scans["home"], scans["home_again"]], [scans["home_reaction"]]).zones
    narrower = [two[n].erythema_index.sdc < one[n].erythema_index.sdc for n in one if n in two]
    assert np.mean(narrower) > 0.7


def codes(change: Change) -> set[str]:
    return {finding.code for finding in change.findings}


def test_refusals(scans: dict[str, Scan], sitting: Sitting) -> None:
    home = scans["home"]
    same = compare([home], [home])
    assert (same.status, codes(same)) == ("refused", {"SAME_PHOTO"})
    mirrored = Scanner("cpu").scan(copied(sitting.jpeg["home"], mirror=True), name="mirrored.jpg")
    assert "MIRRORED_COPY" in codes(compare([home], [mirrored]))
    pose = dataclasses.replace(home.face.pose, yaw=home.face.pose.yaw + 45)
    turned = dataclasses.replace(scans["away"], face=dataclasses.replace(scans["away"].face, pose=pose))
    refused = compare([home], [turned])
    assert refused.status == "refused"
    assert "POSE_DIFFERS" in codes(refused)


def test_warnings_leave_the_numbers(scans: dict[str, Scan]) -> None:
    def dated(scan: Scan, when: str) -> Scan:
        capture = dataclasses.replace(Capture(), taken_at=when)
        return dataclasses.replace(scan, photo=dataclasses.replace(scan.photo, capture=capture))

    late, early = (
        dated(scans["home"], "2026-03-02T09:00:00"),
        dated(scans["home_again"], "2026-03-01T09:00:00"),
    )
    change = compare([late], [early])
    assert change.status == "ok"
    assert "DATES_REVERSED" in codes(change)
    for finding in change.findings:
        assert finding.reason.zh
        assert finding.reason.en
        assert finding.advice.zh
        assert finding.advice.en


def test_unknown_area_and_empty_side_are_usage_errors(scans: dict[str, Scan]) -> None:
    with pytest.raises(UsageError, match="no area"):
        compare([scans["home"]], [scans["away"]], "elbow")
    with pytest.raises(UsageError):
        compare([], [scans["away"]])


def test_contract(rendered: Change) -> None:
    data = json.loads(to_json(compare_to_dict(rendered)))
    assert data["schema"] == COMPARE_SCHEMA == "skinscan.compare/1"
    assert data["summary"]["redness"]["verdict"] == "inconclusive"  # too little skin is left as it was
    assert data["summary"]["doubt"] == "NO_CONTROL"
    assert data["summary"]["area_percent"] > 0
    for zone in data["zones"].values():
        assert {"delta", "low", "high", "sdc", "p", "verdict"} <= zone["erythema_index"].keys()
    assert to_json(compare_to_dict(rendered)) == to_json(compare_to_dict(rendered))


def test_the_strip_is_drawn(rendered: Change) -> None:
    page = draw_change(rendered)
    assert page.ndim == 3
    red = (page[..., 0].astype(int) - page[..., 2] > 60).mean()
    assert red > 0.005


def test_command_line(sitting: Sitting, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("home", "home_reaction"):
        (tmp_path / f"{name}.jpg").write_bytes(sitting.jpeg[name])
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 not a photo")
    home, after, strip = (str(tmp_path / n) for n in ("home.jpg", "home_reaction.jpg", "strip.png"))
    assert cli.run(["compare", home, after, "--json", "--overlay", strip, "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["doubt"] == "NO_CONTROL"
    assert Path(strip).stat().st_size > 10_000
    assert cli.run(["compare", home, after, "--lang", "zh"]) == 0
    assert "使用" in capsys.readouterr().out
    assert cli.run(["compare", home, after, "--check", "--quiet"]) == 1
    assert cli.run(["compare", home, home]) == 4
    assert cli.run(["compare", home, after, "--area", "elbow"]) == 2
    assert cli.run(["compare", home]) == 4  # no collage
    assert cli.run(["compare", "-", home]) == 2
    assert cli.run(["compare", home, str(tmp_path / "broken.jpg")]) == 3
    assert cli.run(["compare", home, str(tmp_path / "absent.jpg")]) == 3
    assert cli.run(["compare", home, str(SAMPLES / "no_face.jpg")]) == 4
