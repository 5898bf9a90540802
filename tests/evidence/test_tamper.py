"""Evidence against somebody who can write to its folder but holds no key: nothing passes unseen."""

import base64
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinscan.errors import DataError, EvidenceError, EvidenceLocked, EvidenceMissing, SkinScanError
from skinscan.evidence import Keys, erase, verify_evidence
from skinscan.evidence.bundle_file import parse
from skinscan.evidence.case_keys import read_case_key
from skinscan.evidence.dsse import STATEMENT, canonical, digest, open_envelope
from skinscan.evidence.folder import Folder
from skinscan.evidence.log import Anchor, Entry, LogEvent, _read, append, read_log
from tests.evidence.cases import LATER, NOW, THOROUGH, key_folder, sealed

CHANGES = 2000 if THOROUGH else 400


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return key_folder(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def original(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three bundles, one of them without its pictures, one erased: five lines of log."""
    folder = tmp_path_factory.mktemp("original")
    first, second, _ = (sealed(folder, keys, case_id=f"case-{n}") for n in range(3))
    erase(folder, [first.bundle], keys, LATER, ("images",))
    erase(folder, [second.bundle], keys, LATER)
    assert verify_evidence(folder, keys).faults == ()
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "evidence")
    return tmp_path / "evidence"


def found(folder: Path, keys: Keys) -> SkinScanError | None:
    """What verify says is wrong, however it says it."""
    try:
        faults = verify_evidence(folder, keys).faults
    except (EvidenceError, DataError) as error:
        return error
    return faults[0] if faults else None


def log_lines(folder: Path) -> list[bytes]:
    return Folder(folder).log.read_bytes().splitlines(keepends=True)


def test_every_single_byte_counts(folder: Path, keys: Keys) -> None:
    """At random places over bundles, key files, log and checkpoint, weighted by their size."""
    rng = random.Random(7)
    files = sorted(path for path in folder.iterdir() if path.suffix != ".lock")
    assert {path.suffix for path in files} == {".bundle", ".key", ".jsonl", ".head"}
    ends = {path: path.read_bytes() for path in files}
    places = [(path, at) for path, data in ends.items() for at in range(len(data))]
    every_file = [(path, at) for path, data in ends.items() for at in (0, len(data) - 1)]
    missed = []
    for path, at in every_file + rng.sample(places, CHANGES):
        data = bytearray(ends[path])
        data[at] ^= rng.randrange(1, 256)
        path.write_bytes(data)
        if found(folder, keys) is None:
            missed.append((path.name, at))
        path.write_bytes(ends[path])
    assert missed == []
    assert found(folder, keys) is None


def test_every_byte_of_the_log_and_its_checkpoint_counts(folder: Path, keys: Keys) -> None:
    place, rng = Folder(folder), random.Random(3)
    for path in (place.log, place.head):
        data = path.read_bytes()
        for at in range(0, len(data), 1 if THOROUGH else 7):
            path.write_bytes(data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :])
            with pytest.raises((EvidenceError, DataError)):
                read_log(place, keys.trusted)
        path.write_bytes(data)


def test_every_removed_doubled_or_moved_line_shows(folder: Path, keys: Keys) -> None:
    place, lines = Folder(folder), log_lines(folder)
    assert len(lines) == 5
    others = [lines[:k] + lines[k + 1 :] for k in range(5)]
    others += [lines[: k + 1] + lines[k:] for k in range(5)]
    for one in range(5):
        for other in range(one):
            moved = lines.copy()
            moved[one], moved[other] = moved[other], moved[one]
            others.append(moved)
    others += [lines[::-1], [], lines[1:] + lines[:1]]
    for changed in others:
        place.log.write_bytes(b"".join(changed))
        with pytest.raises(EvidenceError):
            read_log(place, keys.trusted)


def test_every_cut_tail_shows(folder: Path, keys: Keys) -> None:
    place = Folder(folder)
    data = place.log.read_bytes()
    for size in range(0, len(data), 1 if THOROUGH else 5):
        place.log.write_bytes(data[:size])
        with pytest.raises(EvidenceError, match="cut off"):
            read_log(place, keys.trusted)


@pytest.mark.parametrize("name", ["audit.jsonl", "audit.head"])
def test_a_missing_log_or_checkpoint_shows_and_stops_sealing(folder: Path, keys: Keys, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(EvidenceMissing, match=name):
        verify_evidence(folder, keys)
    before = sorted(folder.iterdir())
    with pytest.raises(EvidenceMissing, match=name):
        sealed(folder, keys)
    assert sorted(folder.iterdir()) == before


def test_nothing_is_built_on_an_altered_log(folder: Path, keys: Keys) -> None:
    place, lines = Folder(folder), log_lines(folder)
    place.log.write_bytes(b"".join(lines[:-1]) + lines[-1].replace(b'"seq":5', b'"seq":6'))
    with pytest.raises(EvidenceError):
        sealed(folder, keys)
    place.log.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(EvidenceError):
        sealed(folder, keys)
    assert len(log_lines(folder)) == 4


def test_a_log_put_back_with_its_checkpoint_shows_by_anchor_and_by_bundles(
    keys: Keys, tmp_path: Path
) -> None:
    folder = tmp_path / "evidence"
    sealed(folder, keys)
    place = Folder(folder)
    old = place.log.read_bytes(), place.head.read_bytes()
    later = sealed(folder, keys)
    anchor = read_log(place, keys.trusted).anchor
    assert anchor.count == 2
    place.log.write_bytes(old[0])
    place.head.write_bytes(old[1])
    with pytest.raises(EvidenceError, match="anchor"):
        verify_evidence(folder, keys, anchor=anchor)
    fault = found(folder, keys)
    assert fault is not None
    assert later.bundle in fault.message
    later.path.unlink()
    place.key(later.bundle).unlink()
    assert found(folder, keys) is None  # all traces gone: only the anchor tells, as the documents say
    with pytest.raises(EvidenceError, match="anchor"):
        verify_evidence(folder, keys, anchor=anchor)


def test_an_anchor_holds_while_the_log_grows(keys: Keys, tmp_path: Path) -> None:
    sealed(tmp_path, keys)
    anchor = read_log(Folder(tmp_path), keys.trusted).anchor
    sealed(tmp_path, keys)
    assert verify_evidence(tmp_path, keys, anchor=anchor).faults == ()
    for wrong in (Anchor(1, "0" * 64), Anchor(9, anchor.hash)):
        with pytest.raises(EvidenceError, match="anchor"):
            verify_evidence(tmp_path, keys, anchor=wrong)


def test_a_line_of_another_signer_is_refused(folder: Path, keys: Keys, tmp_path: Path) -> None:
    """An attacker who makes his own keys can write a perfect chain, but nobody trusts it."""
    stranger = key_folder(tmp_path / "stranger")
    place = Folder(folder)
    both = Keys(signing=stranger.signing, trusted={**keys.trusted, **stranger.trusted}, wrapping={})
    append(place, LogEvent(event="sealed", bundle="ab" * 16, digest="cd" * 32), both, NOW)
    with pytest.raises(EvidenceLocked, match="not trusted"):
        read_log(place, keys.trusted)
    assert len(read_log(place, both.trusted).entries) == 6


def test_bundles_and_keys_cannot_be_exchanged(keys: Keys, tmp_path: Path) -> None:
    first, second = (sealed(tmp_path, keys, case_id=f"case-{n}") for n in range(2))
    place = Folder(tmp_path)
    for one, other in (
        (first.path, second.path),
        (place.key(first.bundle), place.key(second.bundle)),
    ):
        kept = one.read_bytes()
        one.write_bytes(other.read_bytes())
        assert isinstance(found(tmp_path, keys), EvidenceError)
        one.write_bytes(kept)
    forged = place.key(second.bundle).read_bytes().replace(second.bundle.encode(), first.bundle.encode())
    place.key(first.bundle).write_bytes(forged)
    assert "does not unwrap" in str(found(tmp_path, keys))


def test_a_bundle_sealed_again_by_a_stranger_is_refused(folder: Path, keys: Keys, tmp_path: Path) -> None:
    stranger = key_folder(tmp_path / "stranger")
    other = sealed(tmp_path / "other", stranger)
    shutil.copy(other.path, folder)
    shutil.copy(Folder(tmp_path / "other").key(other.bundle), folder)
    assert "the log does not know it" in str(found(folder, keys))


def test_missing_files_of_a_bundle_are_named(keys: Keys, tmp_path: Path) -> None:
    done = sealed(tmp_path, keys)
    for path in (done.path, Folder(tmp_path).key(done.bundle)):
        kept = path.read_bytes()
        path.unlink()
        fault = found(tmp_path, keys)
        assert isinstance(fault, EvidenceMissing)
        assert path.name in fault.message
        path.write_bytes(kept)


def test_images_that_only_seem_erased_show(folder: Path, original: Path, keys: Keys) -> None:
    """A key file from before the erasing, put back."""
    done = sealed(folder, keys)
    key = Folder(folder).key(done.bundle)
    kept = key.read_bytes()
    erase(folder, [done.bundle], keys, LATER, ("images",))
    key.write_bytes(kept)
    assert "not destroyed" in str(found(folder, keys))
    erase(folder, [done.bundle], keys, LATER, ("images",))
    assert found(folder, keys) is None
    assert len(log_lines(folder)) == 7  # ended, not logged again


def test_an_envelope_has_one_spelling(folder: Path, keys: Keys) -> None:
    """Base64 and JSON can be written in several ways; all but one are refused."""
    path = next(folder.glob("*.bundle"))
    magic, line, rest = path.read_bytes().split(b"\n", 2)
    envelope = json.loads(line)
    spellings: list[Callable[[], bytes]] = [
        lambda: json.dumps(envelope).encode(),
        lambda: canonical(dict(reversed(envelope.items()))),
        lambda: line.replace(b'"payload":', b'"payload" :'),
        lambda: canonical({**envelope, "more": 1}),
        lambda: canonical({**envelope, "payloadType": "application/json"}),
        lambda: canonical({**envelope, "signatures": envelope["signatures"] * 2}),
        lambda: canonical({**envelope, "signatures": []}),
        lambda: canonical({**envelope, "payload": base64.b64encode(b"[]").decode()}),
        lambda: b"null",
        lambda: b"[" * 100_000,
    ]
    for spelling in spellings:
        path.write_bytes(b"\n".join([magic, spelling(), rest]))
        assert isinstance(found(folder, keys), EvidenceError)


def test_the_chain_can_be_checked_by_hand(folder: Path) -> None:
    """As docs/evidence.md says: `prev` is the SHA-256 of the line before."""
    lines = log_lines(folder)
    assert [json.loads(line)["prev"] for line in lines[1:]] == [digest(line) for line in lines[:-1]]
    assert json.loads(Folder(folder).head.read_bytes())["hash"] == digest(lines[-1])


KEYS = [
    "payload", "payloadType", "signatures", "keyid", "sig", "schema", "bundle", "wrapping_key", "parts",
    "findings", "images", "nonce", "key", "at", "seq", "prev", "event", "digest",
]  # fmt: skip


@settings(max_examples=40)
@given(st.data())
def test_hostile_files_are_refused_like_any_other(data: st.DataObject) -> None:
    """Whatever stands in a file that somebody else wrote, no reader fails otherwise than by name."""
    hostile = st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.sampled_from(["00" * 32, "\ud800", "\x1b[2J"]),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
        max_leaves=12,
    )
    text = json.dumps(data.draw(hostile)).encode()
    line = data.draw(st.sampled_from([text, text[:-1], b"", text * 2])) + data.draw(st.binary(max_size=9))
    signed = text[:-1] + b',"signature":"' + b"0" * 128 + b'"}\n'
    for read in (
        lambda: parse(b"skinscan.bundle/1\n" + line + b"\n", {}),
        lambda: parse(line, {}),
        lambda: read_case_key(line, "00" * 16),
        lambda: open_envelope(line, {}),
        lambda: _read(Entry, signed, "x", {}),
    ):
        with pytest.raises((EvidenceError, DataError)) as told:
            read()
        assert told.value.message.isprintable()


@pytest.mark.parametrize("keyid", ["\ud800", "\x1b[2J", "", "zz" * 32, ["00"], None, 7, "AB" * 32])
def test_a_hostile_signer_is_refused(keyid: object) -> None:
    signature = {"keyid": keyid, "sig": base64.b64encode(bytes(64)).decode()}
    envelope = {"payloadType": STATEMENT, "payload": "e30=", "signatures": [signature]}
    line = json.dumps(envelope, separators=(",", ":")).encode() + b"\n"
    with pytest.raises(EvidenceError) as told:
        open_envelope(line, {})
    assert told.value.message.isprintable()


@pytest.mark.parametrize(
    ("nonce", "key"), [("ab", "ab" * 48), ("ab" * 12, "ab"), ("ab" * 12, "AB" * 48), ("", "")]
)
def test_a_hostile_key_file_is_refused(folder: Path, keys: Keys, nonce: str, key: str) -> None:
    path = next(folder.glob("*.key"))
    told = json.loads(path.read_bytes())
    for part in told["parts"].values():
        part.update(nonce=nonce, key=key)
    path.write_bytes(canonical(told) + b"\n")
    assert "the key file was altered" in str(found(folder, keys))
