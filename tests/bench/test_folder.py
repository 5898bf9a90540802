"""A labelled folder: what its rows must be, and what is reported of it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from models.training.samples import labelled_sets
from models.training.samples.portraits import BALANCED
from skinscan.bench import run as bench
from skinscan.bench.labels import read_labels
from skinscan.cli import app
from skinscan.color import ITA_CLASSES, ita_class
from skinscan.errors import DataError, UsageError
from tests.faces import scanned
from tests.paths import SAMPLES

FACES = ("face_light.jpg", "face_medium.jpg", "face_dark.jpg", "face_red_cheek.jpg")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*FACES, "no_face.jpg"):
        shutil.copy(SAMPLES / name, tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    return folder


def rows_of(result: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return [row for row in result["rows"] if row["what"] == what]


# ---- the file


def test_every_kind_of_label_is_read(folder: Path) -> None:
    write(
        folder,
        "file,before,after,area,person,tone,ita,lab_l,lab_a,lab_b,erythema_index,melanin_index.chin,"
        "grade_redness,delta_erythema_index,group_lamp\n"
        "face_light.jpg,,,,p1,light,46.1,70,10,15,27.5,26,2,,window\n"
        ',face_medium.jpg,face_red_cheek.jpg,"left_cheek,chin",p2,tan,,,,,,,,5.5,window\n',
    )
    labels = read_labels(folder)
    assert (len(labels.photos), len(labels.pairs)) == (1, 1)
    photo, pair = labels.photos[0], labels.pairs[0]
    assert (photo.line, photo.person, photo.tone, photo.ita) == (2, "p1", "light", 46.1)
    assert photo.lab == pytest.approx((70, 10, 15))
    assert photo.erythema_index == {"": 27.5}
    assert photo.melanin_index == {"chin": 26}
    assert photo.grades == {"redness": 2}
    assert photo.groups == {"lamp": "window"}
    assert (pair.line, pair.area, pair.delta_erythema_index) == (3, "left_cheek,chin", 5.5)
    assert pair.before.name == "face_medium.jpg"


BAD = {
    "no photo": ("file,ita\nmissing.jpg,20\n", "line 2: file: there is no missing.jpg"),
    "no number": ("file,ita\nface_light.jpg,warm\n", "line 2: ita: warm is no number"),
    "not finite": ("file,ita\nface_light.jpg,nan\n", "line 2: ita: nan is no number"),
    "out of range": ("file,ita\nface_light.jpg,120\n", "line 2: ita"),
    "no such tone": ("file,tone\nface_light.jpg,pale\n", "line 2: tone"),
    "grade in words": ("file,grade_redness\nface_light.jpg,high\n", "line 2: grades.redness"),
    "half a colour": ("file,lab_l\nface_light.jpg,60\n", "line 2: lab_l, lab_a and lab_b come together"),
    "no label": ("file,person\nface_light.jpg,p\n", "line 2: Value error, carries no label"),
    "pair without change": (
        "before,after\nface_light.jpg,face_dark.jpg\n",
        "delta_erythema_index is missing",
    ),
    "half a pair": ("before,after,delta_erythema_index\nface_light.jpg,,2\n", "line 2: after is missing"),
    "no such zone": (
        "before,after,area,delta_erythema_index\nface_light.jpg,face_dark.jpg,cheek,2\n",
        "line 2: area: cheek is none of",
    ),
    "outside": ("file,ita\n../secret.jpg,20\n", "line 2: file: ../secret.jpg lies outside the folder"),
    "unknown column": ("file,redness\nface_light.jpg,20\n", "unknown columns redness"),
    "column twice": ("file,ita,ita\nface_light.jpg,20,20\n", "column ita comes twice"),
    "too many cells": ("file,ita\nface_light.jpg,20,30\n", "line 2: 3 cells where the head has 2"),
    "empty": ("file,ita\n", "has no rows"),
    "nothing": ("", "it is empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_right_is_named_by_line(folder: Path, case: str) -> None:
    text, complaint = BAD[case]
    with pytest.raises(DataError) as caught:
        read_labels(write(folder, text))
    assert complaint in caught.value.message
    assert "\n" not in str(caught.value)


def test_lines_are_those_of_the_file_also_after_a_quoted_break(folder: Path) -> None:
    text = 'file,person,ita\nface_light.jpg,"two\nlines",20\nface_dark.jpg,p,x\n'
    with pytest.raises(DataError, match="line 4: ita: x is no number"):
        read_labels(write(folder, text))


def test_many_bad_rows_are_named_five_and_counted(folder: Path) -> None:
    with pytest.raises(DataError, match=r"line 6: .*; and 3 more"):
        read_labels(write(folder, "file,ita\n" + "face_light.jpg,x\n" * 8))


def test_bytes_that_are_no_text_are_a_data_error(folder: Path) -> None:
    (folder / "labels.csv").write_bytes(b"file,ita\n\xff\xfe\x00,3\n")
    with pytest.raises(DataError, match="is not clear"):
        read_labels(folder)


def test_a_folder_without_labels_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        bench.run(str(tmp_path))
    with pytest.raises(UsageError, match="no benchmark and no folder"):
        bench.run(str(tmp_path / "nowhere"))


# ---- the report


def test_photos_against_their_labels(folder: Path) -> None:
    names = [name for name, _ in ITA_CLASSES]
    lines = ["file,tone,ita,erythema_index.forehead,grade_redness,lab_l,lab_a,lab_b"]
    expected = []
    for grade, name in enumerate(FACES):
        scan = scanned(name.removesuffix(".jpg"))
        assert scan.tone.lab is not None
        assert scan.tone.ita is not None
        found = scan.zones["forehead"].erythema_index.value
        expected.append(found)
        lab = ",".join(str(measure.value) for measure in scan.tone.lab)
        lines.append(
            f"{name},{ita_class(scan.tone.ita.value)},{scan.tone.ita.value},{found + 2},{grade},{lab}"
        )
    lines.append("no_face.jpg,tan,20,20,0,60,10,10")
    result = bench.run(str(write(folder, "\n".join(lines))), device="cpu")
    (row,) = rows_of(result, "EI, zones")
    assert (row["n"], row["mae"], row["bias"], row["r"]) == (4, 2.0, -2.0, 1.0)
    assert row["coverage_90"] == 1.0
    (row,) = rows_of(result, "ITA")
    assert row["mae"] == 0
    (row,) = rows_of(result, "tone dE00")
    assert row["median"] == 0
    told = rows_of(result, "tone class")  # without a white reference few are
    assert all(row["right"] == 1.0 for row in told)
    assert names.index("light") < names.index("dark")
    (row,) = rows_of(result, "grade of redness")
    assert row["n"] == 4
    (row,) = rows_of(result, "refused")
    assert (row["asked"], row["refused"], row["codes"]) == (5, 1, "NO_FACE 1")
    (row,) = rows_of(result, "refused photo")
    assert (row["line"], row["file"]) == (6, "no_face.jpg")


def test_groups_are_reported_worst_first(folder: Path) -> None:
    lines = ["file,erythema_index.forehead,group_lamp"]
    for lamp, off in (("near", 1), ("far", 6)):
        for name in FACES[:3]:
            found = scanned(name.removesuffix(".jpg")).zones["forehead"].erythema_index.value
            lines.append(f"{name},{found + off},{lamp}")
    result = bench.run(str(write(folder, "\n".join(lines))), device="cpu")
    rows = rows_of(result, "EI, zones")
    assert [row["group"] for row in rows] == ["all", "lamp=far", "lamp=near"]
    assert [row["mae"] for row in rows] == [3.5, 6.0, 1.0]


def test_pairs_against_their_labels(tmp_path: Path) -> None:
    with (SAMPLES / "pairs" / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["before"] == "d_before.jpg"]
    rows = [row for row in rows if row["after"] in ("d_same.jpg", "d_strong.jpg")]
    for name in ("d_before.jpg", "d_same.jpg", "d_strong.jpg"):
        shutil.copy(SAMPLES / "pairs" / name, tmp_path)
    lines = [f"{row['before']},{row['after']},left_cheek,{row['delta_erythema_index']}" for row in rows]
    lines.append("d_before.jpg,d_before.jpg,left_cheek,0")
    result = bench.run(
        str(write(tmp_path, "\n".join(["before,after,area,delta_erythema_index", *lines]))), device="cpu"
    )
    (row,) = rows_of(result, "change of EI")
    assert row["n"] == 2
    assert row["mae"] < 1.5
    (row,) = rows_of(result, "change seen")
    assert (row["auc"], row["found"], row["false_alarms"]) == (1.0, 1.0, 0.0)
    (row,) = rows_of(result, "refused photo")
    assert (row["line"], row["file"], row["code"]) == (4, "d_before.jpg", "SAME_PHOTO")


def test_the_command_prints_a_table_and_saves(folder: Path, tmp_path: Path) -> None:
    write(folder, "file,ita\nface_light.jpg,46\nface_dark.jpg,-40\n")
    done = CliRunner().invoke(app, ["bench", str(folder), "--out", str(tmp_path / "out"), "--device", "cpu"])
    assert done.exit_code == 0
    assert "ITA" in done.stdout
    (saved,) = (tmp_path / "out").glob("*.json")
    assert saved.stem == folder.name
    assert json.loads(saved.read_text(encoding="utf-8"))["rows"]


def test_the_command_names_the_bad_line(folder: Path) -> None:
    write(folder, "file,ita\nface_light.jpg,46\nface_dark.jpg,x\n")
    done = CliRunner().invoke(app, ["bench", str(folder)])
    assert done.exit_code != 0
    assert "Traceback" not in done.output


# ---- the sets that are shipped


@pytest.mark.parametrize(("name", "photos", "pairs"), [("scan", 48, 0), ("pairs", 0, 24)])
def test_the_shipped_sets_are_sound(name: str, photos: int, pairs: int) -> None:
    labels = read_labels(SAMPLES / name)
    assert (len(labels.photos), len(labels.pairs)) == (photos, pairs)
    assert len({row.tone for row in (*labels.photos, *labels.pairs)}) >= 5
    listed = {path.name for path in (SAMPLES / name).iterdir()} - {"labels.csv", "README.md"}
    with (SAMPLES / name / "labels.csv").open(encoding="utf-8") as file:
        named = {
            row[key] for row in csv.DictReader(file) for key in ("file", "before", "after") if row.get(key)
        }
    assert listed == named


def test_the_shipped_set_is_made_again_byte_for_byte() -> None:
    name, person = next(iter(labelled_sets._people().items()))
    photo = labelled_sets._take(person, "window", (), BALANCED, 100)
    assert photo.jpeg == (SAMPLES / "scan" / f"{name}_window_calm.jpg").read_bytes()
    with (SAMPLES / "scan" / "labels.csv").open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    assert row.items() >= labelled_sets._truth(photo).items()
