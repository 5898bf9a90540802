"""The one file of a case: a line that names the format, a signed manifest, and the encrypted members.

    skinscan.bundle/1 LF
    DSSE envelope of the manifest, one line, LF
    ciphertext of the first member, of the second, ...

The manifest is readable without a key and holds nothing personal. A zip or tar would leave bytes that no
digest covers (headers, padding, comments); here every byte is either fixed, signed or digested.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skinscan.errors import DataError, EvidenceError
from skinscan.evidence.cipher import Part
from skinscan.evidence.dsse import digest, make_statement, open_envelope, seal_envelope

__all__ = ["MEMBER_NAME", "Bundle", "Manifest", "Member", "pack", "parse"]

_MAGIC = b"skinscan.bundle/1\n"
_OTHER_MAGIC = re.compile(rb"skinscan\.bundle/\d+\n")
_PREDICATE = "urn:skinscan:bundle:1"

MEMBER_NAME = r"^[a-z0-9_-]+(/[a-z0-9_-]+)?\.[a-z0-9]+(\.[a-z0-9]+)?$"
"""Names of members are readable without a key, so they say what a file is and never whose."""

MemberName = Annotated[str, Field(pattern=MEMBER_NAME, max_length=100)]


class Member(BaseModel):
    """An encrypted member as the manifest lists it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: MemberName
    part: Part
    bytes: int = Field(ge=0)  # of the ciphertext


class Manifest(BaseModel):
    """What anybody may read of a bundle."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal["skinscan.bundle/1"] = Field(default="skinscan.bundle/1", alias="schema")
    bundle: str  # 32 hex digits, random or as good as that: see sealer.py
    sealed_at: datetime
    images_until: (
        datetime | None
    )  # when the policy wants the images erased, whole hours; none: there are none
    version: str  # of skinscan
    key_commitments: dict[Part, str]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A parsed file whose signature and digests fit."""

    manifest: Manifest
    signer: str  # id of the key that signed
    ciphertexts: Mapping[str, bytes]  # member name -> bytes


def pack(manifest: Manifest, ciphertexts: Mapping[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """The bytes of the file; `ciphertexts` in the order of the manifest."""
    subjects = {name: digest(data) for name, data in ciphertexts.items()}
    predicate = manifest.model_dump(mode="json", by_alias=True)
    envelope = seal_envelope(key, make_statement(subjects, _PREDICATE, predicate))
    return b"".join([_MAGIC, envelope, *ciphertexts.values()])


def parse(data: bytes, trusted: Mapping[str, Ed25519PublicKey]) -> Bundle:
    """Read a file and check all that needs no secret: format, signature, sizes, digests.

    Raises `EvidenceError` for an altered file, `EvidenceLocked` for a signer who is not trusted, `DataError`
    for another version of the format.
    """
    if not data.startswith(_MAGIC):
        if other := _OTHER_MAGIC.match(data):
            raise _other_schema(other[0].decode().strip())
        raise EvidenceError("it does not begin like a bundle", "this is not what was sealed")
    end = data.find(b"\n", len(_MAGIC)) + 1
    statement, signer = open_envelope(data[len(_MAGIC) : end], trusted)
    manifest = _manifest_of(statement)
    ciphertexts, at = {}, end
    for member in manifest.members:
        ciphertexts[member.name] = data[at : at + member.bytes]
        at += member.bytes
    if at != len(data):
        raise EvidenceError(f"it has {len(data)} bytes instead of {at}", "this is not what was sealed")
    found = {name: digest(part) for name, part in ciphertexts.items()}
    if make_statement(found, _PREDICATE, statement["predicate"]) != statement:
        signed = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
        wrong = next((name for name in found if signed.get(name) != found[name]), "the list of members")
        raise EvidenceError(f"{wrong} was altered", "this is not what was sealed")
    return Bundle(manifest=manifest, signer=signer, ciphertexts=ciphertexts)


def _manifest_of(statement: dict[str, Any]) -> Manifest:
    if statement.get("predicateType") != _PREDICATE:
        raise _other_schema(str(statement.get("predicateType")))
    try:
        return Manifest.model_validate(statement["predicate"])
    except (ValidationError, KeyError):
        raise _other_schema("a manifest of another version") from None


def _other_schema(found: str) -> DataError:
    return DataError(
        f"sealed as {found}, this skinscan reads skinscan.bundle/1", "use the version that sealed it"
    )
