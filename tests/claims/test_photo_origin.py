"""Signals about the origin of photos: what is there is found, what is missing is neutral, none decides."""

import html
import json
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinscan.casework import DuplicateIndex, work_case
from skinscan.casework.duplicates import NEAR_BITS, perceptual_hash
from skinscan.claims import load_claim, load_policy
from skinscan.claims.photo_origin.labels import PhotoLabels, read_labels
from skinscan.claims.photo_origin.signals import PhotoMarks, Twin, find_signals
from skinscan.claims.tables import read_table
from skinscan.errors import DataError
from skinscan.scanner import Scanner
from tests.claims.cases import CLEAR_REACTION, RED, changed
from tests.claims.test_verdict import why
from tests.faces import decoded, encoded, sample
from tests.paths import SAMPLES

NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"
CLAIM = load_claim(CLEAR_REACTION)
BEFORE, AFTER = CLAIM.photos


def label(code: str, **more: str) -> str:
    return json.dumps({"Label": code, "ContentProducer": "maker", **more})


def as_element(text: str, prefix: str = "TC260") -> bytes:
    return f'<d xmlns:{prefix}="{NAMESPACE}"><{prefix}:AIGC>{html.escape(text)}</{prefix}:AIGC></d>'.encode()


def as_attribute(text: str) -> bytes:
    return f'<d xmlns:TC260="{NAMESPACE}" TC260:AIGC="{html.escape(text)}"/>'.encode()


# What a file says of itself


@pytest.mark.parametrize(("code", "meaning"), [("1", "made"), ("2", "possible"), ("3", "suspected")])
@pytest.mark.parametrize("form", [as_element, as_attribute])
def test_the_label_of_the_standard_is_read(code: str, meaning: str, form: Any) -> None:
    labels = read_labels(b"\xff\xd8 jpeg " + form(label(code)) + b" pixels")
    assert (labels.ai, labels.ai_source) == (meaning, "GB 45438-2025 maker")


def test_other_forms_that_generators_write() -> None:
    assert read_labels(as_element(label("1"), prefix="ns0")).ai == "made"
    assert read_labels(as_element(json.dumps({"AIGC": {"Label": "1"}}))).ai == "made"
    assert read_labels(as_element(json.dumps({"Label": 2}))).ai == "possible"
    assert read_labels(b"tEXtAIGC\x00" + label("1").encode() + b"crc").ai == "made"
    assert read_labels(b"iTXtAIGC\x00\x00\x00\x00\x00" + label("1").encode() + b"crc").ai == "made"
    assert read_labels(b"x digitalsourcetype/trainedAlgorithmicMedia x").ai == "made"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        sample("face_medium"),
        as_element("not json"),
        as_element("[]"),
        as_element(label("9")),
        as_element("[" * 5000),
        as_element("&#" + "9" * 10_000 + ";"),  # more digits than Python reads
        b"<TC260:AIGC>" + label("1").encode() + b"</TC260:AIGC>",  # not in the namespace of the standard
        b"x compositeWithTrainedAlgorithmicMedia x",
    ],
)
def test_no_label_is_nothing(data: bytes) -> None:
    assert read_labels(data) == PhotoLabels()


@pytest.mark.parametrize(
    "unit",
    [
        b"tEXtAIGC\0{",
        b"tEXtAIGC\0{{{{",
        b"iTXtAIGC\0\0\0" + b"a" * 64,
        b"xmlns:p='http://www.tc260.org.cn/ns/AIGC/1.0/'",
        b"<p:AIGC>",
        b"<p:AIGC ",
        b"p:AIGC='",
        b"p:AIGC   =",
        b"trainedAlgorithmicMedi",
        b"xmlns:",
    ],
)
def test_the_search_for_labels_takes_time_in_step_with_the_file(unit: bytes) -> None:
    start = b'xmlns:p="http://www.tc260.org.cn/ns/AIGC/1.0/"'

    def seconds(size: int) -> float:
        data = start + unit * (size // len(unit))
        begun = time.process_time()
        read_labels(data)
        return time.process_time() - begun

    short, long = (min(seconds(size) for _ in range(3)) for size in (300_000, 1_200_000))
    assert long < max(9 * short, 0.1)
    assert long < 1


def test_content_credentials_are_noticed() -> None:
    box = bytes.fromhex("6a756d62 0000001e 6a756d64 63327061 00110010 8000 00aa00389b71")
    assert read_labels(b"\xff\xeb" + box).credentials
    assert read_labels(b"\xff\xeb c2pa").credentials is False


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_hostile_bytes_do_nothing(one: bytes, two: bytes) -> None:
    read_labels(one + as_element(label("1"))[:90] + two)
    read_labels(b"tEXtAIGC\x00{" + one + b"}" + two)


# Dates


def dates(before: str | None, after: str | None, **changes: Any) -> list[tuple[str, str]]:
    claim = load_claim(changed(CLEAR_REACTION, **changes))
    marks = [PhotoMarks(ref=ref, taken_at=at) for ref, at in zip(claim.photos, (before, after), strict=True)]
    return [(signal.photo, signal.detail) for signal in find_signals(claim, marks)]


def test_dates_that_fit_or_are_missing_are_no_signal() -> None:
    assert dates(None, None) == []
    assert dates("2026-10-30T12:00:00", "2026-11-03T12:00:00") == []
    assert dates("2026-10-31T20:00:00", "2026-11-03T20:00:00") == []  # a clock in another zone
    assert dates("1970-01-01T00:00:00", None) == []  # a dead clock says nothing
    assert dates(None, "1980-01-01T00:00:00") == []


@pytest.mark.parametrize(
    ("before", "after", "photo", "why"),
    [
        ("2026-11-08T21:00:00", None, "before.jpg", "later than the onset"),
        (None, "2026-10-20T12:00:00", "after.jpg", "earlier than the first use"),
        (None, "2026-11-25T12:00:00", "after.jpg", "later than the claim was received"),
        (None, "2026-11-06T12:00:00", "after.jpg", "later than stated"),
        ("2026-10-20T12:00:00", None, "before.jpg", "earlier than stated"),
        (
            "2026-10-30T12:00:00",
            "2026-10-29T12:00:00",
            "after.jpg",
            "earlier than the before photo before.jpg",
        ),
    ],
)
def test_dates_that_contradict(before: str | None, after: str | None, photo: str, why: str) -> None:
    found = dates(before, after)
    assert photo in {name for name, _ in found}
    assert any(why in detail for _, detail in found)


# What signals do


def marked(**marks: Any) -> Any:
    from skinscan.claims import judge

    signals = find_signals(CLAIM, [PhotoMarks(ref=BEFORE), PhotoMarks(ref=AFTER, **marks)])
    return judge(CLAIM, RED, policy=load_policy(), signals=signals)


@pytest.mark.parametrize(
    ("marks", "code", "reason"),
    [
        ({"labels": PhotoLabels(ai="suspected")}, "AI_SUSPECTED", "PHOTO_BY_MACHINE"),
        ({"taken_at": "2026-10-01T10:00:00"}, "FILE_DATE_CONTRADICTS", "PHOTO_DATE"),
        (
            {"twins": (Twin(case_id="other", exact=False, distance=3),)},
            "SEEN_IN_ANOTHER_CASE",
            "PHOTO_COPIED",
        ),
        ({"failed_checks": ("DRAWN_ON",)}, "DRAWN_ON", "PHOTO_DRAWN_ON"),
        ({"software": "Meitu 10.1"}, "EDITING_SOFTWARE", "PHOTO_EDITED"),
        ({"other_tone": "20 degrees"}, "SKIN_TONES_DIFFER", "PHOTO_TONES"),
    ],
)
def test_a_doubt_calls_a_person_and_proposes_the_same(marks: dict[str, Any], code: str, reason: str) -> None:
    verdict = marked(**marks)
    assert (verdict.outcome, verdict.proposal, verdict.queue) == ("human_review", "uphold", "legal")
    assert why(verdict) == [reason, "PHOTO_DOUBT"]  # what is doubted comes first
    assert code in {signal.code for signal in verdict.signals}
    assert f"photo.{code}" in [rule.rule for rule in verdict.trace]
    assert verdict.idempotency_key != marked().idempotency_key


@pytest.mark.parametrize(
    "marks",
    [
        {"labels": PhotoLabels(credentials=True)},
        {"failed_checks": ("SCREENSHOT",)},
        {"failed_checks": ("EYES_COVERED",)},
        {"software": "iOS 20.1"},
        {},
    ],
)
def test_weak_signs_are_noted_and_change_nothing(marks: dict[str, Any]) -> None:
    assert marked(**marks).outcome == "uphold"


def test_an_advertisement_may_be_drawn_by_a_machine() -> None:
    data = [{"path": "ad.jpg", "role": "advertised"}]
    claim = load_claim(changed(CLEAR_REACTION, photos=data))
    assert find_signals(claim, [PhotoMarks(ref=claim.photos[0], labels=PhotoLabels(ai="made"))]) == ()


def test_every_signal_has_a_sentence() -> None:
    written = {row["code"] for row in read_table("messages") if row["group"] == "signal"}
    text = (Path(find_signals.__code__.co_filename)).read_text(encoding="utf-8")
    assert written == {code for code in written if f'"{code}"' in text}
    assert len(written) == 11


# Duplicates


def flipped(value: int, bits: int) -> int:
    return value ^ sum(1 << (7 * k) for k in range(bits))


@given(st.integers(0, 2**64 - 1), st.integers(0, 8))
def test_the_index_finds_near_photos_of_other_cases_only(value: int, bits: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        index = DuplicateIndex(Path(folder) / "index.sqlite")
        index.add("a", [("sha-a", value)])
        found = index.twins("b", "sha-b", flipped(value, bits))
        assert [twin.distance for twin in found] == ([bits] if bits <= NEAR_BITS else [])
        assert index.twins("a", "sha-b", value) == ()
        assert index.twins("b", "sha-a", ~value % 2**64) == (Twin(case_id="a", exact=True, distance=0),)
        index.forget("a")
        assert index.twins("b", "sha-a", value) == ()


def test_copies_stay_near_and_other_faces_far() -> None:
    pixels = decoded(sample("face_medium"))
    own = perceptual_hash(pixels)
    half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    copies = [decoded(encoded(pixels, "JPEG", quality=50)), np.asarray(half, np.uint8)]
    assert all((perceptual_hash(copy) ^ own).bit_count() <= NEAR_BITS for copy in copies)
    assert (perceptual_hash(decoded(sample("face_dark"))) ^ own).bit_count() > NEAR_BITS


def test_a_case_with_an_index(tmp_path: Path) -> None:
    index = DuplicateIndex(tmp_path / "index.sqlite")

    def worked(case_id: str) -> Any:
        photo = {"path": "no_face.jpg", "role": "received"}
        claim = load_claim(changed(CLEAR_REACTION, case_id=case_id, photos=[photo]))
        return work_case(
            claim, folder=SAMPLES, policy=load_policy(), scanner=Scanner("cpu"), index=index
        ).verdict

    assert worked("one").signals == ()
    assert worked("one").signals == ()  # the same case again is no copy
    second = worked("two")
    assert [(signal.code, signal.detail) for signal in second.signals] == [
        ("SEEN_IN_ANOTHER_CASE", "one: same file")
    ]
    assert second.outcome == "human_review"


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text("no database, and long enough to be looked at as one " * 20, encoding="utf-8")
    for path in (file, tmp_path, tmp_path / "none" / "index"):
        with pytest.raises(DataError, match="index of photos"):
            DuplicateIndex(path)
