"""The sample cases: each ends as a board would expect, and each fact that matters is in the trace."""

import json
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from models.training.samples.claim_photos import PHOTOS, photograph
from skinscan.casework import CaseFile, work_case
from skinscan.claims import ImageEvidence, Verdict, judge, load_claim, load_policy
from skinscan.scanner import Scanner
from skinscan.shades import load_catalog
from skinscan.types import ChangeVerdict
from tests.claims.cases import changed
from tests.paths import SAMPLES

CLAIMS = SAMPLES / "claims"
CASES = sorted(path.name for path in CLAIMS.iterdir() if path.is_dir())
POLICY = load_policy()


@cache
def filed(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((CLAIMS / name / "claim.json").read_text(encoding="utf-8"))
    return data


@cache
def worked(name: str) -> CaseFile:
    shades = CLAIMS / name / "catalog.csv"
    return work_case(
        load_claim(filed(name)),
        folder=CLAIMS / name,
        policy=POLICY,
        scanner=Scanner("cpu"),
        catalog=load_catalog(shades) if shades.exists() else None,
    )


def judged_again(name: str, image: ImageEvidence | None = None, **changes: Any) -> Verdict:
    case = worked(name)
    claim = load_claim(changed(filed(name), **changes))
    return judge(claim, image or case.image, case.shade, policy=POLICY, signals=case.signals)


@pytest.mark.parametrize("name", CASES)
def test_the_outcome_is_what_a_board_would_expect(name: str) -> None:
    expected = json.loads((CLAIMS / name / "expected.json").read_text(encoding="utf-8"))
    verdict = worked(name).verdict
    assert verdict.outcome == expected["outcome"], expected["why"]
    assert expected["why"]


def test_there_are_enough_of_them_in_both_languages_and_they_are_small() -> None:
    assert len(CASES) >= 12
    assert {name.rsplit("_", 1)[1] for name in CASES} == {"zh", "en"}
    assert sum(path.stat().st_size for path in CLAIMS.rglob("*") if path.is_file()) < 3e6


def test_every_photo_is_named_and_rendered_by_the_script() -> None:
    named = {f"{name}/{photo['path']}" for name in CASES for photo in filed(name).get("photos", [])}
    kept = {str(path.relative_to(CLAIMS)) for path in CLAIMS.rglob("*.jpg")}
    assert named == kept == set(PHOTOS)


@pytest.mark.parametrize("name", ["ai_made_zh/after.jpg", "filtered_zh/after.jpg"])
def test_the_script_writes_the_photos_byte_for_byte(name: str) -> None:
    assert sha256(photograph(PHOTOS[name])).digest() == sha256((CLAIMS / name).read_bytes()).digest()


REACTIONS = [name for name in CASES if filed(name)["kind"] == "reaction"]
FACTS: list[dict[str, Any]] = [
    {"timeline__onset": "2026-10-01T08:00:00+08:00"},
    {"timeline__first_use": None},
    {"signs": [{"sign": "erythema", "areas": ["neck"]}]},
    {"timeline__reuse": "recurred"},
    {"usage__departures": ["broken_skin"]},
    {"person__pregnant": "yes"},
    {"person__age": 9},
    {"product__ingredients": "水、对苯二胺"},
    {"doctor": {"seen": "2026-11-09", "signs_confirmed": True, "patch_test": "positive"}},
]


@pytest.mark.parametrize("name", REACTIONS)
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: next(iter(fact)))
def test_a_changed_fact_changes_the_trace(name: str, fact: dict[str, Any]) -> None:
    assert judged_again(name).trace == worked(name).verdict.trace
    if load_claim(changed(filed(name), **fact)) == load_claim(filed(name)):
        return  # it is so already
    assert judged_again(name, **fact).trace != worked(name).verdict.trace


@pytest.mark.parametrize("name", REACTIONS)
def test_other_photos_change_the_trace(name: str) -> None:
    image = worked(name).image
    other: ChangeVerdict = "no_change" if image.recovery != "no_change" else "increase"
    for changed_image in (replace(image, status="refused", reason="X"), replace(image, recovery=other)):
        assert judged_again(name, changed_image).trace != worked(name).verdict.trace


def test_the_streamer_who_was_recorded_pays_a_share() -> None:
    shares = {s.party: s.basis_points for s in worked("clear_reaction_dark_en").verdict.responsibility}
    assert shares == {"streamer": 3000, "brand": 7000}


def test_the_lamp_alone_is_no_reaction_and_no_proof_of_none() -> None:
    case = worked("other_light_en")
    assert not [change for change in case.image.areas if change.verdict != "inconclusive"]
    assert "photos.retake" in [item.what for item in case.verdict.missing]


def test_a_shade_is_measured_against_the_skin() -> None:
    case = worked("shade_too_light_zh")
    assert case.shade
    assert case.shade.delta_e00_low > case.shade.acceptable
    assert "lighter" in case.shade.direction
    assert case.verdict.proposal == "partial"
    assert [reason.code for reason in case.verdict.human.why] == ["CONSUMER_PAYS"]


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"product__sku": "nobody-sells-this"}, "product.sku"),
        ({"question": "not_as_shown"}, "shade.worn"),  # no photo of the shade worn
        ({"photos": []}, "shade.bare_skin"),
    ],
)
def test_a_shade_that_cannot_be_measured_stays_open(changes: dict[str, Any], asked: str) -> None:
    folder = CLAIMS / "shade_too_light_zh"
    case = work_case(
        load_claim(changed(filed("shade_too_light_zh"), **changes)),
        folder=folder,
        policy=POLICY,
        scanner=Scanner("cpu"),
        catalog=load_catalog(folder / "catalog.csv"),
    )
    assert (case.verdict.outcome, [item.what for item in case.verdict.missing]) == (
        "needs_info",
        [asked],
    )


def test_the_red_flag_comes_first() -> None:
    verdict = worked("red_flag_zh").verdict
    assert [flag.code for flag in verdict.red_flags] == ["SEE_DOCTOR_NOW", "SWOLLEN_EYELID_OR_LIP"]
    assert (verdict.priority, verdict.queue) == ("urgent", "derm")


def test_a_sign_from_before_is_seen_as_such_and_a_red_chin_is_not() -> None:
    def standing(name: str) -> set[str]:
        return {change.area for change in worked(name).image.areas if change.pre_existing}

    assert standing("pre_existing_en") == {"cheek"}
    assert standing("first_days_zh") == set()


def test_the_photos_of_a_case_may_lie_anywhere(tmp_path: Path) -> None:
    again = work_case(
        load_claim(filed("no_before_en")), folder=tmp_path, policy=POLICY, scanner=Scanner("cpu")
    )
    assert [photo.code for photo in again.photos] == ["PHOTO_MISSING"]
    assert again.verdict.outcome == "needs_info"
