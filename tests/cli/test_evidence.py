"""`claim --evidence` and `evidence`: exit codes, one line for every failure, both languages."""

import base64
import hashlib
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rich.cells import cell_len

from skinscan.casework import DuplicateIndex
from skinscan.evidence import Keys, erase, keygen, load_keys, verify_evidence
from skinscan.evidence.folder import Folder
from skinscan.facemesh.canonical_face import load_canonical
from tests.claims.cases import CLEAR_REACTION, changed
from tests.conftest import Outcome, Run
from tests.evidence.cases import LATER, sealed
from tests.paths import SAMPLES


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Keys that every command finds by itself."""
    keygen(tmp_path / "keys")
    monkeypatch.setenv("SKINSCAN_EVIDENCE_KEYS", str(tmp_path / "keys"))
    return load_keys(None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


def claim_file(folder: Path, **paths: str) -> Path:
    """A claim with photos by role."""
    sent = [{"path": path, "role": role, "taken_at": "2026-11-03"} for role, path in paths.items()]
    file = folder / "claim.json"
    file.write_text(json.dumps(changed(CLEAR_REACTION, photos=sent)), encoding="utf-8")
    return file


def refused(done: Outcome, code: int, *words: str) -> None:
    assert done.code == code, done
    assert re.fullmatch(r"skinscan: [^\n]+[.?!]\n", done.err), done.err
    for word in words:
        assert word in done.err


# The way of a case


def test_a_case_from_claim_to_erasure(run: Run, folder: Path, tmp_path: Path) -> None:
    """With two photos of a rendered face; only its skin is kept."""
    shutil.copy(SAMPLES / "face_medium.jpg", tmp_path / "wang-before.jpg")
    shutil.copy(SAMPLES / "face_shiny.jpg", tmp_path / "wang-after.jpg")
    file = claim_file(tmp_path, before="wang-before.jpg", after="wang-after.jpg")
    done = run("claim", file, "--evidence", folder, "--json", "--device", "cpu")
    assert done.code == 0
    told = json.loads(done.out)["sealed"]
    bundle = Path(told["path"])
    assert (bundle, told["seq"]) == (folder / f"{told['bundle']}.bundle", 1)
    assert str(bundle) in done.err
    assert b"wang" not in b"".join(path.read_bytes() for path in folder.iterdir())

    checked = json.loads(run("evidence", "verify", folder, "--json").out)
    assert (checked["ok"], checked["bundles"][0]["replay"]) == (True, "same")
    shown = json.loads(run("evidence", "show", bundle, "--json", "--extract", tmp_path / "out").out)
    names = [member["name"] for member in shown["bundles"][0]["members"] if member["part"] == "images"]
    reports = ["reports/arbitration.html", "reports/consumer.html"]
    assert names == ["maps/after.png", "maps/before.png", "maps/change.png", *reports]
    models = {model["name"] for model in shown["bundles"][0]["facts"]["models"]}
    assert models == {"face_landmarker", "scores", "skinmaps"}
    pictures_show_skin_and_no_eyes(tmp_path / "out" / "maps")

    assert run("evidence", "erase", bundle, "--images") == (0, f"{told['bundle']}\n", "")
    assert json.loads(run("evidence", "verify", folder, "--json").out)["bundles"][0]["replay"] == "same"
    assert run("evidence", "erase", bundle, "--quiet") == (0, "", "")
    assert not bundle.exists()
    assert json.loads(run("evidence", "verify", bundle, "--json").out)["bundles"][0]["state"] == "erased"
    refused(run("evidence", "show", bundle, "--extract", tmp_path / "again"), 8, "erased")


def pictures_show_skin_and_no_eyes(maps: Path) -> None:
    mesh = load_canonical()
    ring = [33, 160, 158, 133, 153, 144, 263, 387, 385, 362, 380, 373]  # corners and lids of both eyes
    column, row = np.round(mesh.uv[ring].mean(axis=0)).astype(int), np.round(mesh.uv[ring]).astype(int)
    assert column.shape == (2,)
    before, after = (np.asarray(Image.open(maps / f"{name}.png")) for name in ("before", "after"))
    for picture in (before, after):
        assert picture.shape == (256, 256, 4)
        seen = picture[..., 3] > 0
        assert 0.05 < seen.mean() < 0.4
        assert not seen[mesh.label < 0].any()
        assert not seen[row[:, 1], row[:, 0]].any()
        assert (picture[~seen] == 0).all()
    both = (before[..., 3] > 0) & (after[..., 3] > 0)
    apart = np.abs(before[both].astype(float) - after[both].astype(float))
    assert np.median(apart) < 25  # of 255: the same skin under another light
    with Image.open(maps / "change.png") as image:
        change = np.asarray(image)
    assert change.dtype == np.uint16
    measured = (change[change > 0].astype(float) - 32768) * 0.01
    assert 0 < np.abs(measured).max() < 60


def test_photos_are_kept_only_when_asked(run: Run, folder: Path, tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "face_medium.jpg", tmp_path / "王.jpg")
    file = claim_file(tmp_path, before="王.jpg", after="gone.jpg")
    for options in ((), ("--keep-photos",)):
        assert run("claim", file, "--evidence", folder, "--quiet", *options).code == 0
    without, asked = json.loads(run("evidence", "show", folder, "--json").out)["bundles"]
    reports = ["reports/arbitration.html", "reports/consumer.html"]
    assert [member["name"] for member in without["members"] if member["part"] == "images"] == reports
    assert [member["name"] for member in asked["members"] if member["part"] == "images"] == [
        "photos/before-1.jpg",
        *reports,
    ]
    bundle = folder / f"{asked['bundle']}.bundle"
    assert run("evidence", "show", bundle, "--extract", tmp_path / "out", "--quiet").code == 0
    kept = (tmp_path / "out" / "photos" / "before-1.jpg").read_bytes()
    assert kept == (SAMPLES / "face_medium.jpg").read_bytes()
    assert Image.open(io.BytesIO(kept)).size


def test_every_photo_that_was_opened_can_be_proven_or_kept(run: Run, folder: Path, tmp_path: Path) -> None:
    """The page of a doctor is no face to be measured, and evidence all the same."""
    for name in ("face_medium.jpg", "no_face.jpg"):
        shutil.copy(SAMPLES / name, tmp_path)
    file = claim_file(tmp_path, before="face_medium.jpg", document="no_face.jpg", after="gone.jpg")
    assert run("claim", file, "--evidence", folder, "--quiet", "--keep-photos").code == 0
    bundle = next(folder.glob("*.bundle"))
    assert run("evidence", "show", bundle, "--extract", tmp_path / "out", "--quiet").code == 0
    envelope = json.loads((tmp_path / "out" / "statement.dsse.json").read_bytes())
    subjects = json.loads(base64.b64decode(envelope["payload"]))["subject"]
    digests = {subject["name"]: subject["digest"]["sha256"] for subject in subjects}
    document = (SAMPLES / "no_face.jpg").read_bytes()
    assert digests["photos/document-1"] == hashlib.sha256(document).hexdigest()
    assert (tmp_path / "out" / "photos" / "document-1.jpg").read_bytes() == document
    assert "photos/after-1" not in digests


def test_the_name_of_a_kept_photo_tells_nothing(run: Run, folder: Path, tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "face_medium.jpg", tmp_path / "x.王丽")
    file = claim_file(tmp_path, before="x.王丽")
    assert run("claim", file, "--evidence", folder, "--quiet", "--keep-photos").code == 0
    (held,) = json.loads(run("evidence", "show", folder, "--json").out)["bundles"]
    assert "photos/before-1.bin" in {member["name"] for member in held["members"]}


def test_keys_are_asked_for_before_any_work(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worked_after_all(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("skinscan.casework.work_case", worked_after_all)
    file = claim_file(tmp_path)
    (tmp_path / "keys" / "wrapping.key").unlink()
    refused(run("claim", file, "--evidence", folder), 8, "wrapping key")
    (tmp_path / "keys" / "signing.key").unlink()
    refused(run("claim", file, "--evidence", folder), 8, "signing key")
    monkeypatch.delenv("SKINSCAN_EVIDENCE_KEYS")
    refused(run("claim", file, "--evidence", folder), 8, "keygen")
    assert not folder.exists()


def test_a_claim_without_evidence_needs_no_keys(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SKINSCAN_EVIDENCE_KEYS")
    done = run("claim", claim_file(tmp_path, before="gone.jpg"), "--json")
    assert done.code == 0
    assert json.loads(done.out)["sealed"] is None


def test_an_evidence_folder_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    file = claim_file(tmp_path, before="gone.jpg")
    (tmp_path / "file").write_text("x")
    refused(run("claim", file, "--evidence", tmp_path / "file" / "evidence"), 2, "cannot be written")


# Keygen


def test_keygen(run: Run, tmp_path: Path) -> None:
    done = run("evidence", "keygen", tmp_path / "new")
    assert re.fullmatch(r"[0-9a-f]{64}\n", done.out)
    refused(run("evidence", "keygen", tmp_path / "new"), 2, "--rotate")
    assert run("evidence", "keygen", tmp_path / "new", "--rotate", "--quiet") == (0, "", "")
    assert len((tmp_path / "new" / "wrapping.key").read_text().split()) == 2


# Failures: exit 8 or 7, one line


def alter(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


@pytest.mark.parametrize(
    ("harm", "code", "word"),
    [
        (lambda bundle, place: alter(bundle), 8, "altered"),
        (lambda bundle, place: bundle.unlink(), 8, "missing"),
        (lambda bundle, place: place.key(bundle.stem).unlink(), 8, "missing"),
        (lambda bundle, place: place.log.unlink(), 8, "missing"),
        (lambda bundle, place: place.head.unlink(), 8, "missing"),
        (lambda bundle, place: alter(place.log), 8, "cut off"),
        (lambda bundle, place: alter(place.head), 8, "cannot be read"),
        (lambda bundle, place: place.log.write_bytes(b""), 8, "cut off"),
        (lambda bundle, place: bundle.write_bytes(b""), 8, "begin"),
        (lambda bundle, place: bundle.write_bytes(b"skinscan.bundle/0\n"), 7, "skinscan.bundle/0"),
    ],
)
def test_harm_is_one_line_and_an_exit_code(
    run: Run, folder: Path, keys: Keys, harm: Any, code: int, word: str
) -> None:
    bundle = sealed(folder, keys).path
    harm(bundle, Folder(folder))
    refused(run("evidence", "verify", folder), code, word)
    refused(run("evidence", "verify", folder, "--json"), code, word)
    refused(run("evidence", "show", folder), code, word)


def test_wrong_keys(run: Run, folder: Path, keys: Keys, tmp_path: Path) -> None:
    bundle = sealed(folder, keys).path
    keygen(tmp_path / "other")
    for command in ("verify", "show", "erase"):
        refused(run("evidence", command, bundle, "--keys", tmp_path / "other"), 8, "not trusted")
    shutil.copy(tmp_path / "keys" / "signing.pub", tmp_path / "other")
    refused(run("evidence", "verify", folder, "--keys", tmp_path / "other"), 8, "wrapping key")
    refused(run("evidence", "verify", folder, "--keys", tmp_path / "nowhere"), 8, "no key folder")
    assert bundle.exists()


def test_json_of_a_fault(run: Run, folder: Path, keys: Keys) -> None:
    good, bad = (sealed(folder, keys) for _ in range(2))
    alter(bad.path)
    told = json.loads(run("evidence", "verify", folder, "--json").out)
    assert (told["schema"], told["ok"]) == ("skinscan.evidence_check/1", False)
    faults = {check["bundle"]: check["fault"] for check in told["bundles"]}
    assert faults[good.bundle] is None
    assert faults[bad.bundle]["code"] == "EVIDENCE_ALTERED"
    Folder(folder).log.unlink()
    told = json.loads(run("evidence", "verify", folder, "--json").out)
    assert (told["schema"], told["code"]) == ("skinscan.error/1", "EVIDENCE_MISSING")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("verify", "{folder}", "--anchor", "1"), 2),
        (("verify", "{folder}", "--anchor", f"1:{'0' * 64}"), 8),
        (("verify", "{folder}/nowhere"), 8),
        (("verify", "{folder}/nowhere.bundle"), 8),
        (("show", "{folder}/nowhere.bundle"), 2),
        (("show", "{folder}", "--extract", "{folder}/out"), 2),
        (("erase", "{folder}"), 2),
        (("erase", "{bundle}", "--due"), 2),
        (("erase", "{folder}/nowhere.bundle"), 2),
        (("erase", "{folder}/nowhere", "--due"), 8),
        (("burn", "{folder}"), 2),
    ],
)
def test_usage(run: Run, folder: Path, keys: Keys, arguments: tuple[str, ...], code: int) -> None:
    bundle = sealed(folder, keys).path
    filled = [argument.format(folder=folder, bundle=bundle) for argument in arguments]
    done = run("evidence", *filled)
    assert done.code == code
    assert done.err.count("\n") == 1
    assert bundle.exists()


def test_extracting_writes_over_nothing(run: Run, folder: Path, keys: Keys, tmp_path: Path) -> None:
    bundle = sealed(folder, keys).path
    (tmp_path / "out").mkdir()
    refused(run("evidence", "show", bundle, "--extract", tmp_path / "out"), 2, "exists")
    assert list((tmp_path / "out").iterdir()) == []


def test_due(run: Run, folder: Path, keys: Keys) -> None:
    old = sealed(folder, keys, received_at="2020-01-01T10:00:00+08:00")
    sealed(folder, keys, received_at="2149-01-01T10:00:00+08:00")
    done = run("evidence", "erase", folder, "--due", "--json")
    assert json.loads(done.out) == {
        "schema": "skinscan.evidence_erased/1",
        "bundles": [old.bundle],
        "parts": ["images"],
    }
    assert run("evidence", "erase", folder, "--due") == (0, "", "")


# What a person reads


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("command", ["show", "verify"])
@pytest.mark.parametrize("width", [80, 120])
def test_text_fits_and_is_in_the_language(
    run: Run, folder: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch, lang: str, command: str, width: int
) -> None:
    done = [sealed(folder, keys, case_id=f"case-{n}") for n in range(4)]
    erase(folder, [done[0].bundle], keys, LATER)
    erase(folder, [done[1].bundle], keys, LATER, ("images",))
    alter(done[2].path) if command == "verify" else None
    monkeypatch.setenv("COLUMNS", str(width))
    told = run("evidence", command, folder, "--lang", lang)
    assert told.code == (8 if command == "verify" else 0)
    assert max(cell_len(line) for line in told.out.splitlines()) <= width
    assert ("封存" in told.out) == (lang == "zh")
    assert f"6:{verify_evidence(folder, keys).log.hash}" in re.sub(r"\s+", "", told.out)
    for word in ("images_erased", "not_reached", "…", "None"):
        assert word not in told.out


def test_quiet_says_nothing_but_failures(run: Run, folder: Path, keys: Keys) -> None:
    bundle = sealed(folder, keys).path
    assert run("evidence", "verify", folder, "--quiet") == (0, "", "")
    assert run("evidence", "show", folder, "--quiet") == (0, "", "")
    alter(bundle)
    refused(run("evidence", "verify", folder, "--quiet"), 8, "altered")


def test_every_command_has_help(run: Run) -> None:
    for command in ("", "keygen", "show", "verify", "erase", "forget"):
        code, out, err = run("evidence", *command.split(), "--help")
        assert (code, err) == (0, "")
        assert out.startswith(f"Usage: skinscan evidence {command}".rstrip())


# The index of photos


def test_an_index_forgets_one_case_and_keeps_the_others(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "photos.index"
    index = DuplicateIndex(path)
    index.add("wang", [("a" * 64, 1), ("b" * 64, 2)])
    index.add("li", [("a" * 64, 1)])
    done = run("evidence", "forget", path, "wang")
    assert (done.code, done.out) == (0, "")
    assert "2 photos of wang" in done.err
    assert index.twins("another", "b" * 64, 2**63 - 1) == ()
    assert [twin.case_id for twin in index.twins("another", "a" * 64, 1)] == ["li"]
    again = run("evidence", "forget", path, "wang", "--json")
    assert json.loads(again.out) == {
        "schema": "skinscan.index_forgotten/1",
        "case_id": "wang",
        "photos": 0,
    }


def test_what_is_no_index_is_refused_and_left_alone(run: Run, tmp_path: Path) -> None:
    missing, other = tmp_path / "missing.index", tmp_path / "photo.jpg"
    refused(run("evidence", "forget", missing, "wang"), 2, "no index", str(missing))
    assert not missing.exists()
    other.write_bytes(b"no index, but long enough to be told from one" * 100)
    refused(run("evidence", "forget", other, "wang"), 7, "cannot be used")
    assert other.read_bytes().startswith(b"no index")
