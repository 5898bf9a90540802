"""A claim with photos: nothing a photo does may lose the case, and nothing unmeasured may be said."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from skinscan import scanner
from skinscan.casework import CaseFile, photos, work_case
from skinscan.claims import load_claim, load_policy
from skinscan.cli import run
from skinscan.errors import DataError
from skinscan.measure.photo import open_photo
from skinscan.output.records.claim import case_to_dict
from skinscan.scanner import Scanner
from skinscan.types import Photo, Scan
from tests.claims.cases import CLEAR_REACTION, WRONG_SHADE, changed
from tests.paths import SAMPLES

POLICY = load_policy()
AFTER = "2026-11-03T12:00:00+08:00"


def photographed(**paths: str) -> dict[str, Any]:
    """The clear reaction with these photos, by role."""
    return changed(
        CLEAR_REACTION,
        photos=[{"path": path, "role": role, "taken_at": AFTER} for role, path in paths.items()],
    )


def worked(claim: dict[str, Any], folder: Path = SAMPLES) -> CaseFile:
    return work_case(load_claim(claim), folder=folder, policy=POLICY, scanner=Scanner("cpu"))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("gone.jpg", "PHOTO_MISSING"),
        ("labels.csv", "PHOTO_UNDECODABLE"),
        ("no_face.jpg", "NO_FACE"),
        ("two_faces.jpg", "SEVERAL_FACES"),
        ("../README.md", "PHOTO_OUTSIDE"),
        ("/etc/hostname", "PHOTO_OUTSIDE"),
        (".", "PHOTO_MISSING"),
        ("\0", "PHOTO_OUTSIDE"),
    ],
)
def test_a_photo_that_cannot_be_read_is_asked_for_again(path: str, code: str) -> None:
    case = worked(photographed(before="face_medium.jpg", after=path))
    assert [photo.code for photo in case.image.unusable] == [code]
    assert case.comparison is None
    assert case.image.status == "absent"
    assert case.verdict.outcome != "reject"
    asked = {item.what: item for item in case.verdict.missing}
    assert "photos.after" in asked
    assert [(sent.path, sent.code) for sent in asked["photos.after"].sent] == [(path, code)]
    assert asked["photos.after"].sent[0].zh


def test_a_pipe_in_the_place_of_a_photo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "after.jpg")
    case = worked(photographed(after="after.jpg"), tmp_path)
    assert [photo.code for photo in case.photos] == ["PHOTO_MISSING"]
    assert "not an ordinary file" in case.photos[0].problem


def test_the_same_photo_twice_is_no_evidence() -> None:
    case = worked(photographed(before="face_medium.jpg", after="face_medium.jpg"))
    assert (case.image.status, case.image.reason) == ("refused", "SAME_PHOTO")
    assert case.verdict.causality
    assert case.verdict.causality.image == "absent"


def test_photos_of_a_shade_claim_are_not_compared() -> None:
    case = worked(changed(WRONG_SHADE, photos=[{"path": "gone.jpg", "role": "swatch"}]))
    assert (case.comparison, case.image.status) == (None, "absent")
    assert [item.what for item in case.verdict.missing] == ["shade.worn"]


def test_the_json_holds_the_verdict_and_what_it_stands_on() -> None:
    case = worked(photographed(before="gone.jpg"))
    data = case_to_dict(case)
    assert data["schema"] == "skinscan.verdict/1"
    assert data["outcome"] == case.verdict.outcome
    assert data["evidence"]["photos"][0]["code"] == "PHOTO_MISSING"
    json.dumps(data, allow_nan=False)


def test_the_command_prints_the_verdict(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "claim.json"
    file.write_text(json.dumps(photographed(before="gone.jpg")), encoding="utf-8")
    assert run(["claim", str(file), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["case_id"] == "case-1"
    assert run(["claim", str(file), "--lang", "zh", "--check"]) == 1
    assert "请重新发送原图" in capfd.readouterr().out
    file.write_text("{}", encoding="utf-8")
    assert run(["claim", str(file)]) == 7
    assert run(["claim", str(tmp_path / "none.json")]) == 7
    assert run(["claim"]) == 2
    capfd.readouterr()
    assert run(["claim", "--schema"]) == 0
    assert json.loads(capfd.readouterr().out)["$id"] == "skinscan.claim/1"


def test_policy_check_names_the_lines(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from importlib.resources import files

    text = (files("skinscan.claims") / "data" / "policy_default.yaml").read_text(encoding="utf-8")
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    assert run(["policy", "check", str(file)]) == 0
    file.write_text(text.replace("basis_points: 3000", "basis_points: 30000"), encoding="utf-8")
    capfd.readouterr()
    assert run(["policy", "check", str(file)]) == 7
    assert f"{file}:" in capfd.readouterr().out
    assert run(["policy", "check", str(file), "--json"]) == 7
    assert json.loads(capfd.readouterr().out)["faults"]


def test_two_people_go_to_a_person_and_nothing_is_concluded_from_the_photos() -> None:
    case = worked(photographed(before="face_light.jpg", after="face_dark.jpg"))
    assert case.image.person == "unsure"
    verdict = case.verdict
    assert verdict.outcome == "human_review"
    assert verdict.human.why[0].code == "PERSON_UNSURE"
    assert verdict.reasons[0].code == "PERSON_UNSURE"
    assert verdict.causality is not None
    assert verdict.causality.image in ("inconclusive", "absent")
    assert all(change.verdict == "inconclusive" for change in case.image.areas)
    assert "no finding of fraud" in verdict.reasons[0].en


def test_without_the_check_of_persons_every_comparison_goes_to_a_person() -> None:
    claim = photographed(before="pairs/a_before.jpg", after="pairs/a_strong.jpg")
    checked = worked(claim)
    assert checked.image.person == "one"
    by_policy = work_case(
        load_claim(claim), folder=SAMPLES, policy=POLICY.model_copy(update={"identity_check": False}),
        scanner=Scanner("cpu"),
    )  # fmt: skip
    by_argument = work_case(
        load_claim(claim), folder=SAMPLES, policy=POLICY, scanner=Scanner("cpu", identity=False)
    )
    for case in (by_policy, by_argument):
        assert case.image.person == "not_checked"
        assert case.image.areas == checked.image.areas
        assert case.verdict.outcome == "human_review"
        assert case.verdict.human.why[0].code == "PERSON_NOT_CHECKED"
        assert case.verdict.reasons[0].code == "PERSON_NOT_CHECKED"


def test_what_is_told_names_photos_as_the_claim_does(tmp_path: Path) -> None:
    """The folder of the desk, often with a person's name in it, goes to nobody."""
    desk = tmp_path / "desk-of-a-person"
    desk.mkdir()
    (desk / "junk.jpg").write_bytes(b"junk")
    case = worked(photographed(before="gone.jpg", after="junk.jpg", recovery="sub/none.jpg"), desk)
    told = json.dumps(case_to_dict(case), ensure_ascii=False) + "".join(p.problem for p in case.photos)
    assert "desk-of-a-person" not in told
    assert "sub/none.jpg" in told


class Counting(Scanner):
    """Counts the photos it is given."""

    def __init__(self) -> None:
        super().__init__("cpu")
        self.names: list[str | None] = []

    def scan(self, *arguments: Any, **options: Any) -> Scan:
        self.names.append(options.get("name"))
        return super().scan(*arguments, **options)


def test_a_file_named_often_is_scanned_once_under_each_of_its_names(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(SAMPLES / "face_medium.jpg", tmp_path / name)
    shutil.copy(SAMPLES / "no_face.jpg", tmp_path / "none.jpg")
    names = ["a.jpg", "b.jpg", "none.jpg"] * 6
    claim = changed(CLEAR_REACTION, photos=[{"path": n, "role": "after", "taken_at": AFTER} for n in names])
    counting = Counting()
    case = work_case(load_claim(claim), folder=tmp_path, policy=POLICY, scanner=counting)
    assert counting.names == ["a.jpg", "none.jpg"]
    assert [photo.scan.photo.name for photo in case.photos if photo.scan] == ["a.jpg", "b.jpg"] * 6
    assert [photo.code for photo in case.photos] == ["", "", "NO_FACE"] * 6
    assert len({photo.sha256 for photo in case.photos}) == 2


def test_a_photo_is_decoded_once_for_its_marks_and_its_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str | None] = []

    def counted(source: Any, **options: Any) -> Photo:
        decoded.append(options["name"])
        return open_photo(source, **options)

    for module in (photos, scanner):
        monkeypatch.setattr(module, "open_photo", counted)
    case = worked(photographed(before="face_medium.jpg", after="face_light.jpg"))
    assert decoded == ["face_medium.jpg", "face_light.jpg"]
    assert all(photo.scan for photo in case.photos)


def test_more_photos_than_a_claim_may_have_are_refused(tmp_path: Path) -> None:
    many = [{"path": "a.jpg", "role": "after", "taken_at": AFTER}] * 41
    with pytest.raises(DataError, match=r"photos: .*40") as refusal:
        load_claim(changed(CLEAR_REACTION, photos=many))
    assert refusal.value.exit_code == 7
