"""`skinscan compare` with one picture that holds both photos."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import Run
from tests.faces import decoded
from tests.paths import ROOT

PAIRS = ROOT / "samples" / "pairs"


@pytest.fixture(scope="module")
def collage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Before on the left, after on the right."""
    path = tmp_path_factory.mktemp("collage") / "both.jpg"
    parts = [decoded((PAIRS / f"c_{moment}.jpg").read_bytes()) for moment in ("before", "strong")]
    Image.fromarray(np.hstack(parts)).save(path, quality=90)
    return path


def test_one_picture_is_split_and_it_is_said_how(run: Run, collage: Path) -> None:
    code, out, err = run("compare", str(collage), "--json", "--device", "cpu")
    told = json.loads(out)
    assert (code, err, told["summary"]["redness"]["verdict"]) == (0, "", "increase")
    assert [photo["name"] for side in ("before", "after") for photo in told[side]] == [
        "both.jpg (left)", "both.jpg (right)",
    ]  # fmt: skip
    assert [finding["code"] for finding in told["findings"]] == ["COLLAGE"]


def test_the_sides_are_swapped_on_demand(run: Run, collage: Path) -> None:
    code, out, _ = run("compare", str(collage), "--swap", "--json", "--device", "cpu")
    told = json.loads(out)
    assert (code, told["before"][0]["name"]) == (0, "both.jpg (right)")
    assert told["summary"]["redness"]["verdict"] == "decrease"


def test_people_read_which_part_was_taken_for_which(run: Run, collage: Path) -> None:
    _, out, _ = run("compare", str(collage), "--lang", "en", "--device", "cpu")
    assert "left part as" in out
    _, out, _ = run("compare", str(collage), "--lang", "zh", "--device", "cpu")
    assert "左为“前”" in out.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        ([PAIRS / "a_before.jpg"], 4, "NOT_A_COLLAGE"),
        ([PAIRS / "a_before.jpg", PAIRS / "a_same.jpg", "--swap"], 2, "USAGE"),
        ([PAIRS / "a_before.jpg", "--after", PAIRS / "a_same.jpg"], 2, "USAGE"),
        ([PAIRS / "a_before.jpg"] * 3, 2, "USAGE"),
        (["-"], 2, "USAGE"),
    ],
)  # fmt: skip
def test_what_is_neither_two_photos_nor_a_collage(
    run: Run, arguments: list[object], code: int, reason: str
) -> None:
    done, out, _ = run("compare", *map(str, arguments), "--json")
    assert (done, json.loads(out)["code"]) == (code, reason)
