"""Sealing, checking, replaying: what a board relies on, and what keys do."""

import base64
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from skinscan.claims import ImageEvidence, ShadeEvidence, judge, load_claim
from skinscan.claims.photo_origin.signals import Signal
from skinscan.errors import DataError, EvidenceError, EvidenceLocked, UsageError
from skinscan.evidence import (
    Dossier,
    Keys,
    extract,
    keygen,
    load_keys,
    seal,
    take_inventory,
    verify_evidence,
)
from skinscan.evidence import (
    dossier as dossier_module,
)
from skinscan.evidence.dossier import part_of, replay, to_members
from skinscan.evidence.dsse import check_signature
from skinscan.evidence.folder import Folder
from skinscan.evidence.operator_keys import key_id
from tests.claims.cases import DEFAULT_POLICY, NO_PHOTOS, RED, WRONG_SHADE, photos, verdict_of
from tests.evidence.cases import NOW, PICTURES, dossier, key_folder, sealed
from tests.paths import ROOT


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return key_folder(tmp_path / "keys")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


def fault(folder: Path, keys: Keys) -> Any:
    (check,) = verify_evidence(folder, keys).bundles
    return check.fault


# Sealing and reading back


def test_what_is_sealed_comes_back_byte_for_byte(folder: Path, keys: Keys, tmp_path: Path) -> None:
    case = dossier()
    done = seal(folder, case, keys, NOW)
    written = extract(folder, done.bundle, keys, tmp_path / "out")
    files = {str(path.relative_to(tmp_path / "out")): path.read_bytes() for path in written}
    assert files.pop("statement.dsse.json")
    assert files == to_members(case)
    assert {name for name in files if part_of(name) == "images"} == set(PICTURES)


def test_a_stranger_checks_an_extracted_case_with_the_public_key_alone(
    folder: Path, keys: Keys, tmp_path: Path
) -> None:
    """By DSSE and in-toto as they are specified, with none of our code."""
    extract(folder, sealed(folder, keys).bundle, keys, tmp_path / "out")
    public = load_pem_public_key((tmp_path / "keys" / "signing.pub").read_bytes())
    assert isinstance(public, Ed25519PublicKey)
    envelope = json.loads((tmp_path / "out" / "statement.dsse.json").read_text())
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"]
    (signature,) = envelope["signatures"]
    pae = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    public.verify(base64.b64decode(signature["sig"]), pae)
    statement = json.loads(payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    digests = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
    for path in (tmp_path / "out").rglob("*.*"):
        name = str(path.relative_to(tmp_path / "out"))
        if path.is_file() and name != "statement.dsse.json":
            assert digests.pop(name) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert digests == {"photos/after-1": "cd" * 32, "photos/before-1": "ab" * 32}  # not kept, yet provable
    facts = statement["predicate"]
    assert (facts["case_id"], facts["policy"]["sha256"]) == ("case-1", DEFAULT_POLICY.sha256)
    assert facts["models"] == [{"name": "skinmaps", "sha256": "ef" * 32}]


def test_the_encoding_is_that_of_the_dsse_specification() -> None:
    """protocol.md gives PAE of "http://example.com/HelloWorld" and "hello world" in full."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    pae = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    name = key_id(key.public_key())
    trusted = {name: key.public_key()}
    check_signature(trusted, name, key.sign(pae), "http://example.com/HelloWorld", b"hello world")
    with pytest.raises(EvidenceError):
        check_signature(trusted, name, key.sign(pae), "http://example.com/HelloWorl", b"dhello world")


def test_the_verdict_is_the_same_in_another_folder_and_process(folder: Path, tmp_path: Path) -> None:
    keys = key_folder(tmp_path / "keys")
    done = sealed(folder, keys)
    away = tmp_path / "away" / "evidence"
    shutil.copytree(folder, away)
    shutil.rmtree(folder)
    code = (
        "import sys; from pathlib import Path; from skinscan.evidence import *\n"
        "from skinscan.evidence.dossier import replay\n"
        "folder, keys, out = map(Path, sys.argv[1:4]); held = load_keys(keys)\n"
        "print([check.replay for check in verify_evidence(folder, held).bundles])\n"
        "extract(folder, sys.argv[4], held, out)\n"
        "members = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}\n"
        "(out / 'again.json').write_bytes(replay(members))"
    )
    arguments = [away, tmp_path / "keys", tmp_path / "out", done.bundle]
    ran = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TZ": "America/New_York", "PYTHONHASHSEED": "99"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "['same']"
    again = (tmp_path / "out" / "again.json").read_bytes()
    assert again == (tmp_path / "out" / "verdict.json").read_bytes()
    assert again == dossier().verdict.to_json().encode()


@pytest.mark.parametrize("image", [NO_PHOTOS, RED, photos("no_change", power_ok=False)])
def test_every_kind_of_evidence_replays(folder: Path, keys: Keys, image: ImageEvidence) -> None:
    case = replace(dossier(), image_evidence=image, verdict=verdict_of_image(image))
    assert replay(to_members(case)) == case.verdict.to_json().encode()
    seal(folder, case, keys, NOW)
    assert fault(folder, keys) is None


def test_signals_about_the_photos_replay() -> None:
    signals = (Signal(code="AI_SUSPECTED", weight="escalates", photo="after.jpg", detail="possible"),)
    case = dossier()
    told = judge(case.claim, RED, policy=DEFAULT_POLICY, signals=signals)
    case = replace(case, signals=signals, verdict=told)
    assert told.outcome == "human_review"
    assert replay(to_members(case)) == told.to_json().encode()


def verdict_of_image(image: ImageEvidence) -> Any:
    from tests.claims.cases import CLEAR_REACTION

    return verdict_of(CLEAR_REACTION, image)


def test_a_claim_about_a_shade_replays(folder: Path, keys: Keys) -> None:
    claim = load_claim(WRONG_SHADE)
    shade = ShadeEvidence(
        status="measured", delta_e00_low=4.1, delta_e00_high=6.123456789012345, direction="更深"
    )
    verdict = judge(claim, NO_PHOTOS, shade, policy=DEFAULT_POLICY)
    case = Dossier(
        claim=claim, image_evidence=NO_PHOTOS, shade_evidence=shade, policy=DEFAULT_POLICY, verdict=verdict
    )
    seal(folder, case, keys, NOW)
    (check,) = verify_evidence(folder, keys).bundles
    assert (check.replay, check.outcome, check.images_until) == ("same", "uphold", None)


def test_a_verdict_that_the_evidence_does_not_give_is_found(folder: Path, keys: Keys) -> None:
    """Even the holder of all keys cannot seal another outcome unnoticed."""
    case = dossier()
    seal(folder, replace(case, verdict=case.verdict.model_copy(update={"outcome": "reject"})), keys, NOW)
    found = fault(folder, keys)
    assert isinstance(found, EvidenceError)
    assert "another verdict: outcome" in found.message


def test_every_file_that_judges_is_in_the_digest_of_the_rules(tmp_path: Path) -> None:
    packages = {name: tmp_path / name for name in ("claims", "texts")}
    for name, copy in packages.items():
        shutil.copytree(ROOT / "skinscan" / name, copy, ignore=shutil.ignore_patterns("__pycache__"))
    whole = dossier_module.digest_rules(packages)
    assert whole == dossier_module.environment().rules
    judging = [path for path in packages["claims"].rglob("*") if path.is_file()]
    assert {"causality.py", "relevance.py", "decision_table.py", "signals.py", "messages.csv"} <= {
        path.name for path in judging
    }
    for path in (*judging, packages["texts"] / "strict_yaml.py"):
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        assert dossier_module.digest_rules(packages) != whole, path.name
        path.write_bytes(before)
    assert dossier_module.digest_rules(packages) == whole


def test_other_rules_are_no_forgery(folder: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an update of the rules an old case is told apart from an altered one."""
    case = dossier()
    told = case.verdict.model_copy(update={"priority": "urgent"})
    with monkeypatch.context() as old:
        old.setattr(dossier_module, "_rules", lambda: "0" * 64)
        seal(folder, replace(case, verdict=told), keys, NOW)
        seal(folder, case, keys, NOW)
    differs, same = verify_evidence(folder, keys).bundles
    assert isinstance(differs.fault, DataError)
    assert "rules of skinscan" in differs.fault.message
    assert (same.fault, same.replay) == (None, "same")


def test_names_of_members_cannot_tell_whose_they_are(folder: Path, keys: Keys) -> None:
    for name in ("maps/王丽.png", "../claim.json", "maps/Wang Li.png", "/etc/passwd", "maps/a/b.png", ""):
        with pytest.raises(UsageError, match="no name"):
            seal(folder, replace(dossier(), images={name: b"x"}), keys, NOW)
    assert not folder.exists()


def test_two_cases_share_no_key_and_no_ciphertext(folder: Path, keys: Keys) -> None:
    one, other = (sealed(folder, keys) for _ in range(2))
    first, second = (path.read_bytes()[-2000:] for path in (one.path, other.path))
    blocks = {first[at : at + 16] for at in range(len(first) - 16)}
    assert not any(second[at : at + 16] in blocks for at in range(len(second) - 16))


def test_nobody_else_can_read_the_files(folder: Path, keys: Keys, tmp_path: Path) -> None:
    done = sealed(folder, keys)
    private = [done.path, Folder(folder).key(done.bundle)]
    private += [tmp_path / "keys" / name for name in ("signing.key", "wrapping.key")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# What is shown


def test_without_the_wrapping_key_only_what_is_not_personal(folder: Path, keys: Keys, tmp_path: Path) -> None:
    sealed(folder, keys, case_id="case-4711")
    for secret in ("signing.key", "wrapping.key"):
        (tmp_path / "keys" / secret).unlink()
    outside = load_keys(tmp_path / "keys")
    (held,) = take_inventory(folder, outside).holdings
    assert held.facts is None
    assert "4711" not in repr(held)
    assert {member.name for member in held.members} >= {"claim.json", "maps/before.png"}
    assert held.images_until is not None
    (check,) = verify_evidence(folder, outside).bundles
    assert (check.replay, check.case_id, check.fault) == ("locked", None, None)


def test_the_inventory_names_case_clock_and_signer(folder: Path, keys: Keys) -> None:
    sealed(folder, keys)
    (held,) = take_inventory(folder, keys).holdings
    assert held.facts is not None
    assert held.facts.case_id == "case-1"
    assert held.signer in keys.trusted
    assert held.images_until == dossier().verdict.due.erase_photos  # on the hour in this case
    assert held.sealed_at == held.facts.sealed_at == NOW


def test_the_public_deadline_does_not_tell_the_second_of_the_claim(folder: Path, keys: Keys) -> None:
    sealed(folder, keys, received_at="2026-11-20T10:59:59+08:00")
    (held,) = take_inventory(folder, keys).holdings
    assert held.images_until is not None
    assert held.images_until.isoformat() == "2026-11-23T02:00:00+00:00"  # never after the 72 h


# Keys


def test_the_wrong_keys_open_and_prove_nothing(folder: Path, keys: Keys, tmp_path: Path) -> None:
    done = sealed(folder, keys)
    other = key_folder(tmp_path / "other")
    with pytest.raises(EvidenceLocked, match="not trusted"):
        verify_evidence(folder, other)
    mixed = Keys(signing=None, trusted=keys.trusted, wrapping=other.wrapping)
    assert isinstance(fault(folder, mixed), EvidenceLocked)
    with pytest.raises(EvidenceLocked, match="wrapping key"):
        extract(folder, done.bundle, mixed, tmp_path / "out")
    (name,) = keys.wrapping
    renamed = Keys(signing=None, trusted=keys.trusted, wrapping={name: bytes(32)})
    assert "does not unwrap" in str(fault(folder, renamed))


def test_rotated_keys_still_open_and_check_what_came_before(folder: Path, tmp_path: Path) -> None:
    old = key_folder(tmp_path / "keys")
    sealed(folder, old)
    new = keygen(tmp_path / "keys", rotate=True)
    assert list(new.trusted)[1:] == list(old.trusted)
    assert list(new.wrapping)[1:] == list(old.wrapping)
    sealed(folder, new)
    found = verify_evidence(folder, new)
    assert found.faults == ()
    assert [check.signer for check in found.bundles] == [*old.trusted, next(iter(new.trusted))]
    with pytest.raises(EvidenceLocked):  # the old keys know nothing of the new ones
        verify_evidence(folder, old)


def test_keygen_never_overwrites(tmp_path: Path) -> None:
    key_folder(tmp_path / "keys")
    before = {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    with pytest.raises(UsageError, match="already holds"):
        keygen(tmp_path / "keys")
    assert {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before
    with pytest.raises(UsageError, match="set of keys"):
        keygen(tmp_path / "none", rotate=True)


def test_keys_from_the_environment(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "keys"
    keygen(home)
    for name, variable in {
        "signing.key": "SKINSCAN_SIGNING_KEY",
        "signing.pub": "SKINSCAN_TRUSTED_KEYS",
        "wrapping.key": "SKINSCAN_WRAPPING_KEY",
    }.items():
        monkeypatch.setenv(variable, (home / name).read_text())
    shutil.rmtree(home)
    keys = load_keys(None)
    sealed(folder, keys)
    monkeypatch.delenv("SKINSCAN_TRUSTED_KEYS")  # the private key tells its public one
    assert verify_evidence(folder, load_keys(None)).faults == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("signing.key", "nonsense"),
        ("signing.pub", "nonsense"),
        ("signing.pub", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
        ("wrapping.key", "zz" * 32),
        ("wrapping.key", "ab" * 16),
    ],
)
def test_a_key_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str) -> None:
    keygen(tmp_path / "keys")
    (tmp_path / "keys" / name).write_text(text)
    with pytest.raises(EvidenceLocked, match=name):
        load_keys(tmp_path / "keys")


def test_no_keys_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKINSCAN_EVIDENCE_KEYS", raising=False)
    for folder in (None, tmp_path / "nowhere", tmp_path):
        with pytest.raises(EvidenceLocked, match="keygen"):
            load_keys(folder)


def test_keys_do_not_print_their_secrets(tmp_path: Path) -> None:
    keys = key_folder(tmp_path / "keys")
    (secret,) = keys.wrapping.values()
    assert secret.hex() not in repr(keys)
    assert repr(secret) not in repr(keys)


# Other versions


def test_another_version_of_a_file_is_named_as_such(folder: Path, keys: Keys) -> None:
    done = sealed(folder, keys)
    key = Folder(folder).key(done.bundle)
    for path, old, new in (
        (done.path, b"skinscan.bundle/1\n", b"skinscan.bundle/2\n"),
        (key, b"skinscan.case_key/1", b"skinscan.case_key/2"),
    ):
        data = path.read_bytes()
        path.write_bytes(data.replace(old, new, 1))
        assert isinstance(fault(folder, keys), DataError)
        path.write_bytes(data)
    place = Folder(folder)
    for path in (place.log, place.head):
        data = path.read_bytes()
        path.write_bytes(data.replace(b"skinscan.log/1", b"skinscan.log/0").replace(b"head/1", b"head/0"))
        with pytest.raises(DataError, match="another version"):
            verify_evidence(folder, keys)
        path.write_bytes(data)
    assert fault(folder, keys) is None
