"""Evidence folders with bytes changed: every change is found, and nothing fails otherwise than by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinscan.errors import DataError, EvidenceError, SkinScanError
from skinscan.evidence import Keys, erase, seal, take_inventory, verify_evidence
from tests.evidence.cases import LATER, NOW, dossier, key_folder, sealed
from tests.fuzz.mutations import attempted, examples, mutated


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return key_folder(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def original(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence")
    for _ in range(2):
        sealed(folder, keys)
    return folder


def altered(data: st.DataObject, original: Path, folder: Path) -> bool:
    """Copy the folder with one file changed; false if the change is none, or one that a crash may leave."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder)
    files = sorted(path for path in folder.iterdir() if path.name != "audit.lock")
    path = data.draw(st.sampled_from(files))
    before = path.read_bytes()
    after = mutated(data, before)
    path.write_bytes(after)
    torn_end = path.name == "audit.jsonl" and after.startswith(before) and b"\n" not in after[len(before) :]
    return after != before and not torn_end


@examples(120)
@given(data=st.data())
def test_every_change_is_found(
    keys: Keys, original: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp() / "altered"
    changed = altered(data, original, folder)
    found = attempted(lambda: verify_evidence(folder, keys))
    if isinstance(found, SkinScanError):
        assert changed
        assert isinstance(found, EvidenceError | DataError)
        return
    assert bool(found.faults) == changed
    for fault in found.faults:
        assert isinstance(fault, EvidenceError | DataError)
        assert fault.message.isprintable()


@examples(40)
@given(data=st.data())
def test_an_altered_folder_is_listed_erased_and_sealed_into_or_refused_by_name(
    keys: Keys, original: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp() / "altered"
    altered(data, original, folder)
    names = sorted(path.stem for path in original.glob("*.bundle"))
    attempted(lambda: take_inventory(folder, keys))
    attempted(lambda: erase(folder, names[:1], keys, LATER, ("images",)))
    attempted(lambda: seal(folder, dossier(), keys, NOW))
