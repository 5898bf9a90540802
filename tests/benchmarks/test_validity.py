"""The benchmark of the validity map on masks so simple that its numbers are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import validity
from benchmarks.validity import BARE, WORN, Judged
from skinscan.facemesh.canonical_face import load_canonical

SKIN = load_canonical().skin
LEFT = np.arange(256)[None, :] < 128
EVERYWHERE = np.ones((256, 256), bool)


def picture(covered: np.ndarray, seen: np.ndarray = EVERYWHERE) -> SimpleNamespace:
    return SimpleNamespace(valid=seen & ~covered, occluded=seen & covered)


def judged(says_valid: np.ndarray, shown: SimpleNamespace, worn: str = "mask") -> Judged:
    return validity._compared(shown, says_valid, EVERYWHERE, "tan", worn, False)


def test_a_map_that_is_right_scores_one() -> None:
    done = judged(~LEFT, picture(LEFT & EVERYWHERE))
    row = validity._row("worn", "mask", [done])
    assert [row[k] for k in ("iou_valid", "iou_covered", "covered_found", "false_invalid")] == [1, 1, 1, 0]


def test_a_map_that_sees_nothing_of_the_mask_finds_none_of_it() -> None:
    row = validity._row("worn", "mask", [judged(EVERYWHERE, picture(LEFT & EVERYWHERE))])
    half = float((SKIN & ~LEFT).sum() / SKIN.sum())
    assert row["iou_valid"] == pytest.approx(half, abs=1e-3)
    assert row["covered_found"] == row["iou_covered"] == row["false_invalid"] == 0


def test_what_the_head_hides_is_nobodys_error() -> None:
    turned = picture(np.zeros_like(EVERYWHERE), seen=~LEFT & EVERYWHERE)
    row = validity._row("bare face", "tan", [judged(EVERYWHERE, turned, BARE), judged(~LEFT, turned, BARE)])
    assert row["iou_valid"] == 1
    assert row["false_invalid"] == 0
    assert row["iou_covered"] is row["covered_found"] is None


def test_bare_skin_that_is_refused_is_counted() -> None:
    row = validity._row("bare face", "tan", [judged(~LEFT, picture(np.zeros_like(EVERYWHERE)), BARE)])
    assert row["false_invalid"] == pytest.approx(float((SKIN & LEFT).sum() / SKIN.sum()), abs=1e-3)


def test_the_worst_comes_first_and_a_refused_photo_counts_as_such() -> None:
    good, bad = picture(LEFT & EVERYWHERE), judged(EVERYWHERE, picture(LEFT & EVERYWHERE), "hand")
    refused = Judged(tone="dark", worn="beard", hard=True, refused=True)
    rows = validity._rows([judged(~LEFT, good), bad, refused, judged(EVERYWHERE, picture(~EVERYWHERE), BARE)])
    worn = [row["group"] for row in rows if row["what"] == "worn"]
    assert worn == ["all", "beard", "hand", "mask"]
    assert [row["refused"] for row in rows[:2]] == [1, 1]
    assert [(row["what"], row["group"]) for row in rows[-2:]] == [("bare face", "all"), ("bare face", "tan")]
    assert rows[0]["photos"] == 3


def test_every_kind_is_shown_once_a_tone() -> None:
    shown = [
        kind
        for number in range(validity.PEOPLE_PER_TONE)
        for kind in WORN[number :: validity.PEOPLE_PER_TONE]
    ]
    assert sorted(shown) == sorted(WORN)
