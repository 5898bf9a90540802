"""A bundle of a folder opened as far as the keys reach, every check on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from skinscan.errors import DataError, EvidenceError, SkinScanError
from skinscan.evidence.bundle_file import Bundle, parse
from skinscan.evidence.bundle_state import BundleState
from skinscan.evidence.case_keys import read_case_key, unwrap_keys
from skinscan.evidence.cipher import PARTS, commit, decrypt
from skinscan.evidence.dossier import Facts
from skinscan.evidence.dsse import digest, open_envelope
from skinscan.evidence.folder import Folder, read_file
from skinscan.evidence.operator_keys import Keys
from skinscan.evidence.seal import CASE_PREDICATE, STATEMENT_NAME

__all__ = ["Opened", "about", "check_outside", "unseal"]

_ALTERED = "this is not what was sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A bundle with what could be decrypted."""

    facts: Facts
    statement: bytes  # DSSE envelope: with the signer's public key it proves the members to anybody
    members: Mapping[str, bytes]  # of the parts that are not erased, without the statement


def about(bundle: str, error: SkinScanError) -> SkinScanError:
    """The error with the bundle it is about."""
    return type(error)(f"bundle {bundle}: {error.message}", error.advice)


def check_outside(place: Folder, record: BundleState, trusted: Mapping[str, Ed25519PublicKey]) -> Bundle:
    """Check what needs no secret: that the file is the one in the log, its signature, every digest."""
    path = place.bundle(record.bundle)
    if not path.exists() and place.unfinished(record.bundle).exists():
        path = place.unfinished(record.bundle)  # a crash after the entry in the log: whole, only not renamed
    data = read_file(path)
    bundle = parse(data, trusted)
    if digest(data) != record.digest or bundle.manifest.bundle != record.bundle:
        raise EvidenceError("it is not the file that is in the log", _ALTERED)
    key_file = read_case_key(read_file(place.key(record.bundle)), record.bundle)
    if set(key_file.parts) != set(PARTS) - record.erased:
        wrong = sorted(set(key_file.parts) ^ (set(PARTS) - record.erased))[0]
        if wrong in record.erased:
            raise EvidenceError(f"the key of the {wrong} was not destroyed to the end", "erase them again")
        raise EvidenceError(f"the key of the {wrong} is missing", "restore the key file from a copy")
    return bundle


def unseal(place: Folder, bundle: Bundle, keys: Keys) -> Opened:
    """Decrypt, and check what the signed statement inside says of it.

    Raises `EvidenceLocked` without the right wrapping key, `EvidenceError`, `DataError` for another schema.
    """
    manifest = bundle.manifest
    case_key = read_case_key(read_file(place.key(manifest.bundle)), manifest.bundle)
    data_keys = unwrap_keys(case_key, keys)
    for part, key in data_keys.items():
        if commit(key, manifest.bundle, part) != manifest.key_commitments.get(part):
            raise EvidenceError(f"the key of the {part} is not the one that sealed", _ALTERED)
    members = {
        member.name: decrypt(
            data_keys[member.part],
            manifest.bundle,
            member.part,
            position,
            member.name,
            bundle.ciphertexts[member.name],
        )
        for position, member in enumerate(manifest.members)
        if member.part in data_keys
    }
    statement = members.pop(STATEMENT_NAME, b"")
    facts = _check_statement(statement, members, bundle, keys)
    return Opened(facts=facts, statement=statement, members=members)


def _check_statement(statement: bytes, members: Mapping[str, bytes], bundle: Bundle, keys: Keys) -> Facts:
    """The facts of the signed statement, if every member is as it says and none is missing."""
    inside, _ = open_envelope(statement, keys.trusted)
    if inside.get("predicateType") != CASE_PREDICATE:
        raise DataError(f"sealed as {inside.get('predicateType')}", "use the skinscan that sealed it")
    try:
        facts = Facts.model_validate(inside["predicate"])
        signed = {subject["name"]: subject["digest"]["sha256"] for subject in inside["subject"]}
    except (ValidationError, KeyError, TypeError):
        raise DataError("sealed by another version", "use the skinscan that sealed it") from None
    listed = {member.name for member in bundle.manifest.members} - {STATEMENT_NAME}
    wrong = [name for name, data in members.items() if signed.get(name) != digest(data)]
    if wrong or not listed <= set(signed) or facts.bundle != bundle.manifest.bundle:
        raise EvidenceError(f"{wrong[0] if wrong else 'the statement inside'} does not fit", _ALTERED)
    return facts
