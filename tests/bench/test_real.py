"""`real`: paint of a known height, and rows on a folder so small that its outcome is known."""

from pathlib import Path

import numpy as np
import pytest

from skinscan.bench import real
from skinscan.bench.painted_erythema import paint, rise_on_texture
from skinscan.color import SRGB_DECODE_LUT
from skinscan.errors import DataError
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.skin_indices import erythema_index
from tests.faces import encoded, relit, sample_pixels, scanned

MESH = load_canonical()


def test_the_paint_is_the_formula_s_own_erythema_where_it_says() -> None:
    scan = scanned("face_medium")
    pixels, rise = paint(scan.photo, scan.face, "cheeks", 5.0)
    assert rise.max() == pytest.approx(5.0, abs=0.05)
    before, after = (erythema_index(SRGB_DECODE_LUT[p]) for p in (scan.photo.pixels, pixels))
    middle = rise > 4.5
    assert float(np.median((after - before)[middle])) == pytest.approx(
        0.91 * float(np.median(rise[middle])), rel=0.08
    )
    np.testing.assert_array_equal(pixels[rise < 1e-3], scan.photo.pixels[rise < 1e-3])


def test_one_side_is_the_person_s_own_left() -> None:
    scan = scanned("face_medium")
    _, rise = paint(scan.photo, scan.face, "left cheek", 5.0)
    laid = rise_on_texture(rise, scan.texture)
    assert laid[MESH.zones["left_cheek"]].mean() > 1.5
    assert laid[MESH.zones["right_cheek"]].max() < 0.1
    assert laid[MESH.zones["forehead"]].max() < 0.1


def test_a_flush_is_everywhere_but_in_eyes_and_mouth_and_a_butterfly_on_cheeks_and_nose() -> None:
    scan = scanned("face_medium")
    on = {
        kind: rise_on_texture(paint(scan.photo, scan.face, kind, 5.0)[1], scan.texture)
        for kind in ("flush", "butterfly")
    }
    means = {
        kind: {z: float(rise[mask].mean()) for z, mask in MESH.zones.items()} for kind, rise in on.items()
    }
    assert min(means["flush"][z] for z in ("forehead", "left_cheek", "right_cheek", "nose", "chin")) > 3
    assert max(means["flush"][z] for z in ("upper_lip", "lower_lip")) < 2
    assert min(means["butterfly"][z] for z in ("left_cheek", "right_cheek", "nose")) > 2
    assert max(means["butterfly"][z] for z in ("forehead", "chin")) < 0.5


def folder(path: Path) -> Path:
    pixels = sample_pixels("face_medium")
    for number, gain in enumerate((1.0, 1.03)):
        (path / f"a_{number}.jpg").write_bytes(encoded(relit(pixels, (gain, 1.0, gain)), "JPEG", quality=93))
    (path / "pairs.csv").write_text("before,after,set,expected\na_0.jpg,a_1.jpg,own,none\n", "utf-8")
    (path / "people.csv").write_text("id,ethnicity\na,somebody\n", "utf-8")
    return path


def test_a_shot_and_its_painted_copy_are_told_apart(tmp_path: Path) -> None:
    rows = real.real(folder(tmp_path), "cpu")
    null = [row for row in rows if row["what"] == "nothing changed"]
    assert [row["group"] for row in null] == ["all", "somebody"]
    assert (null[0]["pairs"], null[0]["zones_that_alarm_percent"]) == (1, 0.0)
    claimed = {row["ei"]: row for row in rows if row["what"] == "painted, claimed" and row["group"] == "all"}
    assert claimed[8.8]["increase_percent"] == 100
    assert (claimed[0.0]["truth_ei"], claimed[0.0]["increase_percent"]) == (0, 0)
    assert all(row["beyond_at_most_percent"] == 0 for row in claimed.values())
    assert 0 < null[0]["median_zone_at_most_ei"] <= null[0]["median_face_at_most_ei"]
    assert claimed[8.8]["height_percent"] == pytest.approx(95, abs=20)
    assert all(row["no_change"] == row["wrong_way"] == 0 for ei, row in claimed.items() if ei > 0)
    assert claimed[0.0]["no_change"] == 1
    heights = {
        row["painted"]: row for row in rows if row["what"] == "painted, one scan" and row["group"] == "all"
    }
    assert heights["cheeks"]["height_percent"] == pytest.approx(100, abs=20)
    assert heights["butterfly"]["height_percent"] == pytest.approx(100, abs=20)
    # One photo does not tell a flush of the whole face from the white of its camera.
    assert 10 < heights["flush"]["height_percent"] < 115
    assert heights["flush"]["height_without_level_percent"] > 75
    assert heights["flush"]["interval_holds_percent"] == 100


@pytest.mark.parametrize("text", [None, "before,after\na,b\n"])
def test_a_folder_without_pairs_is_told(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "pairs.csv").write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"pairs\.csv"):
        real.real(tmp_path, "cpu")
