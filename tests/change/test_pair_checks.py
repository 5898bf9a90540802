"""What forbids or weakens a comparison: each finding is provoked, and stays away where it should."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations, permutations

import numpy as np
import pytest
from PIL import Image

from models.renderer.render import render
from models.renderer.sittings import PLAIN
from skinscan.change import pair_checks
from skinscan.change.alignment import Alignments
from skinscan.change.compare import compare
from skinscan.change.makeup_and_filters import lip_color_difference, smoothing
from skinscan.change.pair_checks import check_pairs
from skinscan.change.same_person import face_distance
from skinscan.change.types import Finding
from skinscan.scanner import Scanner
from skinscan.types import Scan
from tests.faces import resized, shot, subject
from tests.marks import covered_eyes, draw
from tests.paths import PHOTOS, real_photos
from tests.sittings import (
    blurred,
    filtered,
    jpeg,
    pixels_of,
    scan_of,
    scanned,
    with_lipstick,
)


def trouble(first: Scan, second: Scan) -> dict[str, bool]:
    """Codes found, and whether they refuse."""
    return {f.code: f.refuses for f in check_pairs([first], [second], Alignments(), allow_copies=False)}


def turned(scan: Scan, yaw: float) -> Scan:
    pose = replace(scan.face.pose, yaw=scan.face.pose.yaw + yaw)
    return replace(scan, face=replace(scan.face, pose=pose))


def test_photos_of_two_moments_raise_no_doubt() -> None:
    for first, second in permutations(("home", "home_again", "away"), 2):
        assert trouble(scanned(first), scanned(second)) == {}


def test_a_reaction_raises_no_doubt() -> None:
    for after in ("home_reaction", "away_reaction"):
        assert trouble(scanned("home"), scanned(after)) == {}


# ---- copies


def test_the_same_file_is_refused() -> None:
    assert trouble(scanned("home"), scanned("home")) == {"SAME_PHOTO": True}


@pytest.mark.parametrize("order", [1, -1])
def test_copies_are_refused(order: int) -> None:
    again = Image.fromarray(pixels_of("home")).rotate(2, expand=False, resample=Image.Resampling.BICUBIC)
    for copy in (resized(pixels_of("home"), 0.8), np.asarray(again)):
        first, second = (scanned("home"), scan_of(copy))[::order]
        assert trouble(first, second) == {"NEAR_DUPLICATE": True}


def test_a_mirrored_copy_is_refused() -> None:
    mirrored = scan_of(np.ascontiguousarray(pixels_of("home")[:, ::-1]))
    assert trouble(scanned("home"), mirrored)["MIRRORED_COPY"]


# ---- retouching and make-up


@pytest.mark.parametrize("texels", [0.5, 1.0, 1.6])
@pytest.mark.parametrize("first", ["home", "away"])
def test_a_blur_is_neither_filter_nor_make_up(first: str, texels: float) -> None:
    soft = scan_of(blurred("home_again", texels))
    assert trouble(scanned(first), soft) == {}
    checks = tuple(replace(c, ok=c.code != "BEAUTY_FILTER") for c in soft.quality.checks)
    accused = replace(soft, quality=replace(soft.quality, checks=checks))
    assert "FILTER_ON_ONE_SIDE" not in trouble(scanned(first), accused)


@pytest.mark.parametrize("order", [1, -1])
def test_a_filter_on_one_side_is_refused(order: int) -> None:
    first, second = (scanned("home"), filtered("home_again"))[::order]
    assert trouble(first, second) == {"FILTER_ON_ONE_SIDE": True}


def test_a_filter_on_both_sides_is_the_scans_business() -> None:
    first, second = filtered("home"), filtered("home_again")
    assert "FILTER_ON_ONE_SIDE" not in trouble(first, second)


def test_skin_that_is_smoother_than_blur_makes_it_is_doubted() -> None:
    mild = filtered("home_again")
    checks = tuple(replace(c, ok=True) for c in mild.quality.checks)  # as on skin that has relief to spare
    unflagged = replace(mild, quality=replace(mild.quality, checks=checks))
    assert trouble(scanned("home"), unflagged) == {"SKIN_FINISH_DIFFERS": False}


def test_smoothing_names_the_smoother_photo() -> None:
    found = smoothing(scanned("home"), filtered("home_again"))
    assert found
    assert found.second
    assert found.ratio > 2
    back = smoothing(filtered("home_again"), scanned("home"))
    assert back
    assert not back.second
    assert back.excess == pytest.approx(found.excess, rel=0.02)


def test_lipstick_on_one_side_is_doubted() -> None:
    painted = scan_of(with_lipstick("home_again"))
    assert trouble(scanned("home"), painted) == {"MAKEUP_ON_ONE_SIDE": False}
    assert trouble(painted, scan_of(with_lipstick("away"))) == {}
    assert lip_color_difference(scanned("home"), painted) > 3 * lip_color_difference(
        scanned("home"), scanned("away")
    )


# ---- geometry, resolution, dates


@pytest.mark.parametrize(("yaw", "refused"), [(30.0, False), (45.0, True)])
def test_poses_too_far_apart(yaw: float, refused: bool) -> None:
    straight = turned(scanned("home"), scanned("home_again").face.pose.yaw - scanned("home").face.pose.yaw)
    assert trouble(straight, turned(scanned("home_again"), yaw)) == {"POSE_DIFFERS": refused}


def test_unequal_resolution_is_told() -> None:
    small = scan_of(resized(pixels_of("home_again"), 0.3))
    assert trouble(scanned("home"), small) == {"RESOLUTION_DIFFERS": False}


def test_a_before_photo_taken_after_the_after_photo_is_told() -> None:
    late, early = (
        scan_of(jpeg(pixels_of(name), date))
        for name, date in (("home", "2026:03:02 09:00:00"), ("home_again", "2026:03:01 09:00:00"))
    )
    assert trouble(late, early) == {"DATES_REVERSED": False}
    assert trouble(early, late) == {}
    assert trouble(late, scanned("home_again")) == {}  # one date alone says nothing


# ---- another person


@cache
def stranger(seed: int) -> Scan:
    """Skin of the same person's spectra on other bones, in other light."""
    seen = shot(interocular=150.0, yaw=4.0, width=700, height=900)
    return scan_of(np.asarray(render(subject(4, seed), seen, np.random.default_rng(seed)).photo))


def test_other_people_are_further_apart_than_one_person_ever_is() -> None:
    def apart(a: Scan, b: Scan) -> float:
        return face_distance(Alignments().of(a, b))

    own = [apart(scanned(a), scanned(b)) for a, b in permutations((*PLAIN, "away_reaction"), 2)]
    others = [apart(scanned("home"), stranger(seed)) for seed in range(4)]
    assert max(own) < min(others)
    assert max(own) < pair_checks._DOUBTED_SHAPE


def test_another_person_is_doubted_and_refused_only_when_sure() -> None:
    found = [trouble(scanned("home"), stranger(seed)) for seed in range(4)]
    assert any(codes.get("PROBABLY_ANOTHER_PERSON") for codes in found)
    assert all("PROBABLY_ANOTHER_PERSON" not in codes or codes["PROBABLY_ANOTHER_PERSON"] for codes in found)
    for seed in range(4):
        far = turned(stranger(seed), 30.0)
        assert "PROBABLY_ANOTHER_PERSON" not in trouble(scanned("home"), far)


def test_without_the_network_every_pair_says_that_nobody_checked() -> None:
    off = Alignments(identity=False)
    found = check_pairs([scanned("home")], [scanned("away")], off, allow_copies=False)
    assert [(f.code, f.refuses) for f in found] == [("PERSON_NOT_CHECKED", False)]
    codes = {f.code for f in check_pairs([scanned("home")], [stranger(1)], off, allow_copies=False)}
    assert codes >= {"PERSON_NOT_CHECKED", "PROBABLY_ANOTHER_PERSON"}


def test_the_doubt_is_the_same_in_both_orders() -> None:
    for seed in range(3):
        there, back = trouble(scanned("home"), stranger(seed)), trouble(stranger(seed), scanned("home"))
        assert there == back


def test_a_small_photo_is_not_taken_for_another_person() -> None:
    tiny = scan_of(resized(pixels_of("away"), 0.3))
    assert "PROBABLY_ANOTHER_PERSON" not in trouble(scanned("home"), tiny)


# ---- what a finding says


def provoked() -> list[Finding]:
    same = check_pairs([scanned("home")], [scanned("home")], Alignments(), allow_copies=False)
    painted = check_pairs(
        [turned(scanned("home"), 45.0)],
        [scan_of(with_lipstick("home_again"))],
        Alignments(),
        allow_copies=False,
    )
    return [*same, *painted, pair_checks.no_control(0.1, refuses=False)]


def test_every_finding_says_why_and_what_to_do_in_both_languages() -> None:
    for finding in provoked():
        assert finding.code.isupper()
        for text in (finding.reason, finding.advice):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
            assert text.en.isascii()
            assert "\n" not in text.zh + text.en


def test_findings_that_refuse_come_first() -> None:
    turned_and_painted = turned(scan_of(with_lipstick("home_again")), 60.0)
    found = check_pairs([scanned("home")], [turned_and_painted], Alignments(), allow_copies=False)
    assert [f.refuses for f in found] == sorted((f.refuses for f in found), reverse=True)
    assert {f.code for f in found} >= {"POSE_DIFFERS", "MAKEUP_ON_ONE_SIDE"}
    assert compare([scanned("home")], [turned_and_painted]).status == "refused"


# ---- real photos


@cache
def real(name: str) -> Scan:
    return Scanner("cpu").scan(PHOTOS / f"{name}.jpg")


@real_photos
def test_nobody_real_is_refused_as_another_person() -> None:
    """One person each: other days, lights, cameras, years; the hardest pairs there are."""
    hard = (
        ("series_1", "series_2"), ("series_3", "series_2"), ("official_a_2", "official_a_3"),
        ("actor_a_2", "actor_a_3"), ("actress_b_2", "actress_b_3"),
    )  # fmt: skip
    for first, second in hard:
        for a, b in ((first, second), (second, first)):
            assert "PROBABLY_ANOTHER_PERSON" not in trouble(real(a), real(b)), (a, b)


@real_photos
def test_real_people_are_told_apart_in_part() -> None:
    people = ("series_5", "founder_c_1", "official_a_1", "actress_a_1", "founder_b_1")
    codes = [trouble(real(a), real(b)) for a, b in combinations(people, 2)]
    assert any("PROBABLY_ANOTHER_PERSON" in c for c in codes)
    doubted = sum("PROBABLY_ANOTHER_PERSON" in c or "MAYBE_ANOTHER_PERSON" in c for c in codes)
    assert doubted >= 3


@real_photos
def test_lipstick_is_seen_on_a_real_face() -> None:
    assert "MAKEUP_ON_ONE_SIDE" in trouble(real("actress_a_1"), real("actress_a_2"))
    assert "MAKEUP_ON_ONE_SIDE" not in trouble(real("series_5"), real("series_8"))


# ---- drawn on


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("kind", ["rings", "arrow", "text"])
def test_a_drawing_is_named_and_is_no_redness(kind: str, order: int) -> None:
    """Nothing happened but that somebody drew on one photo: a doubt, and no zone changed."""
    landmarks = scanned("home_again").face.landmarks
    marked = scan_of(draw(pixels_of("home_again"), landmarks, kind, "red"))
    first, second = (scanned("home"), marked)[::order]
    assert trouble(first, second) == {"DRAWN_ON": False}
    found = compare([first], [second])
    assert found.verdict in ("no_change", "inconclusive")
    assert all(zone.erythema_index.verdict in ("no_change", "inconclusive") for zone in found.zones.values())


def test_a_reaction_beside_the_drawing_is_still_seen() -> None:
    after = scanned("home_reaction")
    marked = scan_of(draw(pixels_of("home_reaction"), after.face.landmarks, "ring", "red"))
    beside, plain = (compare([scanned("home")], [scan]) for scan in (marked, after))
    assert beside.verdict == "inconclusive"
    for change in (beside, plain):
        assert "increase" in {zone.erythema_index.verdict for zone in change.zones.values()}


def test_covered_eyes_are_no_filter_on_one_side() -> None:
    landmarks = scanned("home_reaction").face.landmarks
    barred = scan_of(covered_eyes(pixels_of("home_reaction"), landmarks, (0, 0, 0)))
    found = trouble(scanned("home"), barred)
    assert not found.keys() & {"FILTER_ON_ONE_SIDE", "SKIN_FINISH_DIFFERS"}
    assert not any(found.values())
