"""Erasing: what is left says nothing about anybody, and still holds."""

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from skinscan.errors import EvidenceError, EvidenceMissing, SkinScanError, UsageError
from skinscan.evidence import Keys, due_images, erase, extract, load_keys, take_inventory, verify_evidence
from skinscan.evidence.dossier import to_members
from skinscan.evidence.folder import Folder
from tests.evidence.cases import LATER, NOW, dossier, key_folder, sealed

SECRET = "case-秘密-4711"
SECRETS = {"case_id": SECRET, "received_at": "2026-11-20T10:23:45+08:00"}


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return key_folder(tmp_path / "keys")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


def pieces() -> Iterator[bytes]:
    """What would give the case away: pieces of every file, names and numbers, and digests of all of them."""
    case = dossier(**SECRETS)
    files = [data for name, data in to_members(case).items() if name != "policy.yaml"]
    words = [SECRET, "order-1", "cream-1", case.verdict.idempotency_key, *case.photos.values()]
    yield from (data[at : at + 24] for data in files for at in range(0, len(data) - 24, 5))
    yield from (word.encode() for word in words)
    for data in [*files, *(word.encode() for word in words)]:
        yield hashlib.sha256(data).digest()
        yield hashlib.sha256(data).hexdigest().encode()


def readable(folder: Path) -> list[bytes]:
    whole = b"".join(path.read_bytes() for path in folder.iterdir())
    whole += b"".join(map(base64.b64decode, re.findall(rb'"payload":"([^"]+)"', whole)))
    return [piece for piece in pieces() if piece in whole]


def test_the_search_for_readable_pieces_finds_them(folder: Path, keys: Keys, tmp_path: Path) -> None:
    extract(folder, sealed(folder, keys, **SECRETS).bundle, keys, tmp_path / "out")
    for path in (tmp_path / "out").glob("*.json"):
        shutil.copy(path, folder)
    assert len(readable(folder)) > 100


def test_sealed_nothing_is_readable_and_no_digest_is(folder: Path, keys: Keys) -> None:
    sealed(folder, keys, **SECRETS)
    assert readable(folder) == []


def test_after_erasing_nothing_is_left_but_the_log(folder: Path, keys: Keys) -> None:
    other = sealed(folder, keys)
    done = sealed(folder, keys, **SECRETS)
    assert erase(folder, [done.bundle], keys, LATER) == (done.bundle,)
    assert readable(folder) == []
    assert [path.name for path in folder.glob(f"{done.bundle}*")] == []
    found = verify_evidence(folder, keys)
    assert found.faults == ()
    states = {check.bundle: (check.state, check.replay) for check in found.bundles}
    assert states == {other.bundle: ("sealed", "same"), done.bundle: ("erased", "erased")}
    last = found.log.entries[-1]
    assert (last.event, last.bundle, last.parts, last.at) == (
        "erased",
        done.bundle,
        ("findings", "images"),
        LATER,
    )


def test_the_log_holds_random_ids_and_digests_of_ciphertext_only(folder: Path, keys: Keys) -> None:
    """The same case sealed twice leaves two lines that share nothing but the signer and the time."""
    one, other = (sealed(folder, keys, **SECRETS) for _ in range(2))
    lines = [json.loads(line) for line in Folder(folder).log.read_text().splitlines()]
    shared = {key for key in lines[0] if lines[0][key] == lines[1][key]}
    assert shared == {"schema", "at", "key", "event"}
    assert lines[0]["digest"] == hashlib.sha256(one.path.read_bytes()).hexdigest()
    assert one.bundle != other.bundle


def test_a_copy_made_before_cannot_be_read_after(folder: Path, keys: Keys, tmp_path: Path) -> None:
    done = sealed(folder, keys, **SECRETS)
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(done.path, copy)
    erase(folder, [done.bundle], keys, LATER)
    for file in ("audit.jsonl", "audit.head"):
        shutil.copy(folder / file, copy)
    assert readable(copy) == []
    (check,) = verify_evidence(copy, keys).bundles
    assert "not erased to the end" in str(check.fault)
    with pytest.raises(EvidenceError, match="erased"):
        extract(copy, done.bundle, keys, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_images_are_erased_and_the_verdict_still_replays(folder: Path, keys: Keys, tmp_path: Path) -> None:
    done = sealed(folder, keys)
    erase(folder, [done.bundle], keys, LATER, ("images",))
    (check,) = verify_evidence(folder, keys).bundles
    assert (check.state, check.replay, check.fault) == ("images_erased", "same", None)
    (held,) = take_inventory(folder, keys).holdings
    assert {member.part for member in held.members} == {"findings"}
    assert held.facts is not None
    written = extract(folder, done.bundle, keys, tmp_path / "out")
    assert "verdict.json" in {path.name for path in written}
    assert not (tmp_path / "out" / "maps").exists()
    assert set(json.loads(Folder(folder).key(done.bundle).read_text())["parts"]) == {"findings"}
    erase(folder, [done.bundle], keys, LATER)
    assert verify_evidence(folder, keys).bundles[0].state == "erased"


def test_erasing_twice_is_logged_once(folder: Path, keys: Keys) -> None:
    done = sealed(folder, keys)
    for _ in range(3):
        erase(folder, [done.bundle], keys, LATER)
    assert verify_evidence(folder, keys).log.anchor.count == 2


def test_due_follows_the_clock_of_the_policy(folder: Path, keys: Keys) -> None:
    done = [sealed(folder, keys, case_id=f"case-{n}") for n in range(3)]
    late = sealed(folder, keys, received_at="2026-11-25T10:00:00+08:00")
    assert due_images(folder, keys, NOW) == ((), ())
    erase(folder, [done[0].bundle], keys, NOW)
    erase(folder, [done[1].bundle], keys, NOW, ("images",))
    assert due_images(folder, keys, LATER) == ((done[2].bundle,), ())
    assert late.bundle not in due_images(folder, keys, LATER)[0]


def test_erasing_needs_the_signing_key_and_nothing_more(folder: Path, keys: Keys, tmp_path: Path) -> None:
    done = sealed(folder, keys)
    key_files = tmp_path / "keys"
    (key_files / "wrapping.key").rename(tmp_path / "wrapping.key")
    signing_only = load_keys(key_files)
    (key_files / "signing.key").unlink()
    with pytest.raises(SkinScanError, match="signing key"):
        erase(folder, [done.bundle], load_keys(key_files), LATER)
    assert verify_evidence(folder, keys).bundles[0].state == "sealed"
    erase(folder, [done.bundle], signing_only, LATER)
    assert verify_evidence(folder, keys).bundles[0].state == "erased"


def test_unknown_bundles_stop_everything_before_anything_is_erased(folder: Path, keys: Keys) -> None:
    done = sealed(folder, keys)
    with pytest.raises(UsageError, match="does not know"):
        erase(folder, [done.bundle, "00" * 16], keys, LATER)
    assert verify_evidence(folder, keys).bundles[0].state == "sealed"
    with pytest.raises(UsageError, match="no evidence folder"):
        erase(folder / "nowhere", [done.bundle], keys, LATER)


def test_an_altered_log_stops_erasing(folder: Path, keys: Keys) -> None:
    done = sealed(folder, keys)
    Folder(folder).log.unlink()
    with pytest.raises(EvidenceMissing):
        erase(folder, [done.bundle], keys, LATER)
    assert done.path.exists()


def test_one_altered_bundle_does_not_keep_the_others(folder: Path, keys: Keys) -> None:
    """Neither from being listed nor from being erased in time."""
    bad, good = (sealed(folder, keys) for _ in range(2))
    bad.path.write_bytes(b"")
    due, faults = due_images(folder, keys, LATER)
    assert due == (good.bundle,)
    assert bad.bundle in str(faults[0])
    first, second = take_inventory(folder, keys).holdings
    assert (first.fault is None, second.fault is None) == (False, True)
    assert second.facts is not None


def test_a_file_put_back_after_erasing_is_not_taken_up_again(folder: Path, keys: Keys) -> None:
    done = sealed(folder, keys)
    place = Folder(folder)
    kept = {
        path: path.read_bytes()
        for path in (place.unfinished(done.bundle), place.key(done.bundle))
        if path.exists()
    }
    kept[place.unfinished(done.bundle)] = done.path.read_bytes()
    erase(folder, [done.bundle], keys, LATER)
    for path, data in kept.items():
        path.write_bytes(data)
    assert "not erased to the end" in str(verify_evidence(folder, keys).bundles[0].fault)
    sealed(folder, keys)  # any command that writes ends it
    assert verify_evidence(folder, keys).faults == ()
