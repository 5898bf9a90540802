"""The original without a drawing that was asked for is compared in place of the first one."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from skinscan.casework import CaseFile, work_case
from skinscan.claims import load_claim, load_policy
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from skinscan.scanner import Scanner
from tests.claims.cases import CLEAR_REACTION, changed
from tests.faces import encoded
from tests.marks import draw
from tests.paths import SAMPLES

CASE = SAMPLES / "claims" / "clear_reaction_dark_en"
DAY = "2026-11-03T12:00:00+08:00"


def worked(folder: Path, *after: str) -> CaseFile:
    """The clear reaction with these photos after, in a folder of a bare face and one circled in red."""
    for name, sample in (("before", "before"), ("original", "after")):
        shutil.copy(CASE / f"{sample}.jpg", folder / f"{name}.jpg")
    pixels = np.asarray(Image.open(CASE / "after.jpg"))
    circled = draw(pixels, find_face(open_photo(pixels)).landmarks, "rings", "red")
    (folder / "circled.jpg").write_bytes(encoded(circled, "JPEG", quality=92))
    photos: list[dict[str, Any]] = [{"path": "before.jpg", "role": "before", "taken_at": DAY}]
    photos += [{"path": f"{name}.jpg", "role": "after", "taken_at": DAY} for name in after]
    claim = load_claim(changed(CLEAR_REACTION, photos=photos))
    return work_case(claim, folder=folder, policy=load_policy(), scanner=Scanner("cpu"))


def test_an_original_sent_later_takes_the_place_of_the_marked_photo(tmp_path: Path) -> None:
    marked, mended = worked(tmp_path, "circled"), worked(tmp_path, "circled", "original")
    plain = worked(tmp_path, "original")
    asked = [{item.what for item in case.verdict.missing} for case in (marked, mended, plain)]
    assert "photos.unmarked" in asked[0]
    assert asked[1] == asked[2]
    assert [photo.code for photo in mended.photos] == ["", "SENT_AGAIN", ""]
    assert mended.image.areas == plain.image.areas != ()
    assert (marked.image.drawn_on, mended.image.drawn_on) == (True, False)
    assert [signal.code for signal in mended.signals] == [signal.code for signal in plain.signals]


def test_a_marked_photo_sent_after_the_original_is_still_named(tmp_path: Path) -> None:
    case = worked(tmp_path, "original", "circled")
    assert [photo.code for photo in case.photos] == ["", "", ""]
    assert case.image.drawn_on


def test_the_original_is_not_asked_for_without_end(tmp_path: Path) -> None:
    case = worked(tmp_path, "circled", "circled", "circled")
    assert case.image.drawn_on
    assert "photos.unmarked" not in {item.what for item in case.verdict.missing}
    assert case.verdict.outcome == "human_review"
