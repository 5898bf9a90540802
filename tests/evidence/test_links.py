"""Whoever may write to the evidence folder, but holds no key, destroys nothing elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from skinscan.errors import EvidenceError, EvidenceLocked, SkinScanError, UsageError
from skinscan.evidence import Keys, erase, extract, keygen, load_keys, seal, verify_evidence
from skinscan.evidence.folder import Folder, destroy, replace_destroying, write_atomically, write_durably
from tests.evidence.cases import LATER, NOW, dossier, key_folder, sealed

SECRET = b"of the operator, in another folder"
OTHER = "0" * 32


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return key_folder(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def original(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence")
    sealed(folder, keys)
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "evidence"))


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "victim"
    path.write_bytes(SECRET)
    return path


def planted(kind: str, at: Path, victim: Path) -> None:
    """Something in the place of a file of ours."""
    at.unlink(missing_ok=True)
    match kind:
        case "link":
            at.symlink_to(victim)
        case "relative link":
            at.symlink_to(os.path.relpath(victim, at.parent))
        case "second name":
            at.hardlink_to(victim)
        case "dangling link":
            at.symlink_to(victim.with_name("not there yet"))
        case "pipe":
            os.mkfifo(at)
        case "device":
            at.symlink_to("/dev/zero")
        case "folder":
            at.mkdir()


KINDS = ["link", "relative link", "second name", "dangling link", "pipe", "device", "folder"]
BUNDLE_FILES: dict[str, Callable[[Folder, str], Path]] = {
    "bundle": Folder.bundle,
    "unfinished": Folder.unfinished,
    "key": Folder.key,
    "key_draft": Folder.key_draft,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BUNDLE_FILES)
def test_erasing_destroys_nothing_elsewhere(
    kind: str, name: str, folder: Path, victim: Path, keys: Keys, tmp_path: Path
) -> None:
    place = Folder(folder)
    (bundle,) = place.named(".bundle")
    log = place.log.read_bytes()
    planted(kind, BUNDLE_FILES[name](place, bundle), victim)
    for parts in (("images",), ("images", "findings")):
        with pytest.raises(EvidenceError, match="ordinary file"):
            erase(folder, [bundle], keys, LATER, parts)
    assert victim.read_bytes() == SECRET
    assert place.log.read_bytes() == log, "the log must not say that it is gone"
    assert not victim.with_name("not there yet").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name",
    [
        f"{OTHER}.bundle.part", "audit.jsonl", "audit.head", "audit.head.tmp", "audit.lock",
    ],
)  # fmt: skip
def test_sealing_destroys_nothing_elsewhere(
    kind: str, name: str, folder: Path, victim: Path, keys: Keys
) -> None:
    planted(kind, folder / name, victim)
    with pytest.raises(SkinScanError):
        seal(folder, dossier(), keys, NOW)
    assert victim.read_bytes() == SECRET
    assert not victim.with_name("not there yet").exists()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "folder"])
def test_the_first_seal_of_a_folder_does_not_begin_a_log_elsewhere(
    kind: str, victim: Path, keys: Keys, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    planted(kind, folder / "audit.jsonl", victim)
    with pytest.raises(SkinScanError):
        seal(folder, dossier(), keys, NOW)
    assert victim.read_bytes() == SECRET
    assert not victim.with_name("not there yet").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["bundle", "key"])
def test_what_is_no_file_is_not_read(kind: str, name: str, folder: Path, victim: Path, keys: Keys) -> None:
    place = Folder(folder)
    (bundle,) = place.named(".bundle")
    planted(kind, BUNDLE_FILES[name](place, bundle), victim)
    found = verify_evidence(folder, keys)
    assert found.faults


def test_a_folder_of_which_a_backup_by_second_names_was_made_can_be_checked(
    folder: Path, keys: Keys, tmp_path: Path
) -> None:
    (tmp_path / "backup").mkdir()
    for path in folder.iterdir():
        (tmp_path / "backup" / path.name).hardlink_to(path)
    (bundle,) = Folder(folder).named(".bundle")
    assert not verify_evidence(folder, keys).faults
    with pytest.raises(EvidenceError, match="ordinary file"):
        erase(folder, [bundle], keys, LATER)  # the key would stay, or a file elsewhere be destroyed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "call",
    [
        destroy,
        lambda path: replace_destroying(path, b"new"),
        lambda path: write_atomically(path, b"new"),
        lambda path: write_durably(path, b"new"),
    ],
    ids=["destroy", "replace_destroying", "write_atomically", "write_durably"],
)
def test_no_call_that_destroys_follows_a_link(
    kind: str, call: Callable[[Path], object], victim: Path, tmp_path: Path
) -> None:
    planted(kind, tmp_path / "file", victim)
    with pytest.raises((EvidenceError, OSError)):
        call(tmp_path / "file")
    assert victim.read_bytes() == SECRET
    assert not victim.with_name("not there yet").exists()


def test_a_draft_that_is_a_link_is_not_written_through(victim: Path, tmp_path: Path) -> None:
    (tmp_path / "file.tmp").symlink_to(victim)
    with pytest.raises(EvidenceError, match=r"file\.tmp"):
        write_atomically(tmp_path / "file", b"new")
    assert victim.read_bytes() == SECRET


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["signing.key", "signing.pub", "wrapping.key"])
def test_keys_are_never_written_over(kind: str, name: str, victim: Path, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    planted(kind, tmp_path / "keys" / name, victim)
    with pytest.raises(UsageError, match="already holds"):
        keygen(tmp_path / "keys")
    assert victim.read_bytes() == SECRET


def test_a_key_folder_is_private_and_one_open_to_everybody_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "keys"
    keygen(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "signing.key": 0o600, "signing.pub": 0o644, "wrapping.key": 0o600,
    }  # fmt: skip
    folder.chmod(0o777)
    with pytest.raises(EvidenceLocked, match="everybody may write"):
        load_keys(folder)
    with pytest.raises(EvidenceLocked, match="everybody may write"):
        keygen(folder, rotate=True)
    folder.chmod(0o1777)
    with pytest.raises(EvidenceLocked, match="everybody may write"):
        load_keys(folder)
    folder.chmod(0o700)
    (folder / "signing.pub").chmod(0o666)
    with pytest.raises(EvidenceLocked, match=r"signing\.pub"):
        load_keys(folder)
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(EvidenceLocked, match="everybody may write"):
        keygen(tmp_path / "open")


@pytest.mark.parametrize("kind", KINDS)
def test_extracting_makes_its_folder_anew_and_private(
    kind: str, folder: Path, victim: Path, keys: Keys, tmp_path: Path
) -> None:
    (bundle,) = Folder(folder).named(".bundle")
    planted(kind, tmp_path / "out", victim)
    with pytest.raises(UsageError, match="exists"):
        extract(folder, bundle, keys, tmp_path / "out")
    for path in extract(folder, bundle, keys, tmp_path / "fresh"):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
