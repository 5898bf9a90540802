"""Many cases into one folder: each once, whatever keys are newest; what was erased is sealed anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from skinscan.errors import EvidenceError
from skinscan.evidence import erase, keygen, load_keys, seal, verify_evidence
from skinscan.evidence.sealer import Sealer
from tests.evidence.cases import NOW, dossier, key_folder


def test_a_case_is_sealed_once_whatever_key_is_newest(tmp_path: Path) -> None:
    keys, folder = key_folder(tmp_path / "keys"), tmp_path / "evidence"
    sealer = Sealer(folder, keys, NOW)
    first, other = sealer.seal(dossier(), NOW), sealer.seal(dossier(case_id="another"), NOW)
    assert first != other
    keygen(tmp_path / "keys", rotate=True)
    assert Sealer(folder, load_keys(tmp_path / "keys"), NOW).seal(dossier(), NOW) == first
    found = verify_evidence(folder, load_keys(tmp_path / "keys"))
    assert (len(found.bundles), found.faults) == (2, ())


def test_anything_else_in_the_case_is_another_bundle(tmp_path: Path) -> None:
    keys = key_folder(tmp_path / "keys")
    sealer, case = Sealer(tmp_path / "evidence", keys, NOW), dossier()
    others = (
        replace(case, images={}),
        replace(case, photos={}),
        replace(case, images={"maps/before.png": b""}),
    )
    assert len({sealer.seal(each, NOW) for each in (case, *others)}) == 4


def test_the_id_tells_nothing_without_the_key(tmp_path: Path) -> None:
    ids = [Sealer(tmp_path / n, key_folder(tmp_path / f"{n}k"), NOW).seal(dossier(), NOW) for n in "ab"]
    assert ids[0] != ids[1]


def test_what_was_erased_is_sealed_anew(tmp_path: Path) -> None:
    keys, folder = key_folder(tmp_path / "keys"), tmp_path / "evidence"
    first = Sealer(folder, keys, NOW).seal(dossier(), NOW)
    erase(folder, [first], keys, NOW, ("images",))
    assert Sealer(folder, keys, NOW).seal(dossier(), NOW) == first, "its findings are still there"
    erase(folder, [first], keys, NOW)
    again = Sealer(folder, keys, NOW).seal(dossier(), NOW)
    assert again != first
    assert Sealer(folder, keys, NOW).seal(dossier(), NOW) == again
    assert not verify_evidence(folder, keys).faults


def test_two_runs_at_once_seal_a_case_once(tmp_path: Path) -> None:
    keys, folder = key_folder(tmp_path / "keys"), tmp_path / "evidence"
    one, other = Sealer(folder, keys, NOW), Sealer(folder, keys, NOW)
    bundle = one.seal(dossier(), NOW)
    assert other.seal(dossier(), NOW) == bundle
    with pytest.raises(EvidenceError, match="already"):
        seal(folder, dossier(), keys, NOW, bundle=bundle)
    assert not verify_evidence(folder, keys).faults
