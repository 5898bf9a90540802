"""The key file of a bundle: its data keys, wrapped. Without it no copy of the bundle can be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skinscan.errors import DataError, EvidenceError, EvidenceLocked
from skinscan.evidence.cipher import PARTS, Part, unwrap, wrap
from skinscan.evidence.dsse import canonical
from skinscan.evidence.operator_keys import KeyId, Keys

__all__ = ["read_case_key", "unwrap_keys", "wrap_keys"]


class _Wrapped(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    nonce: str = Field(pattern=r"^[0-9a-f]{24}$")
    key: str = Field(pattern=r"^[0-9a-f]{96}$")  # 32 bytes and the tag


class CaseKey(BaseModel):
    """What the file holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal["skinscan.case_key/1"] = Field(default="skinscan.case_key/1", alias="schema")
    bundle: str
    wrapping_key: KeyId  # id of the operator's key
    parts: dict[Part, _Wrapped]  # those that are not erased

    def to_bytes(self) -> bytes:
        """One spelling, one line."""
        return canonical(self.model_dump(mode="json", by_alias=True)) + b"\n"


def wrap_keys(bundle: str, data_keys: Mapping[Part, bytes], keys: Keys) -> CaseKey:
    """Wrap the data keys by the operator's newest key."""
    name, wrapping = keys.newest_wrapping()
    parts: dict[Part, _Wrapped] = {}
    for part, key in data_keys.items():
        nonce, wrapped = wrap(wrapping, name, bundle, part, key)
        parts[part] = _Wrapped(nonce=nonce.hex(), key=wrapped.hex())
    return CaseKey(bundle=bundle, wrapping_key=name, parts=parts)


def read_case_key(data: bytes, bundle: str) -> CaseKey:
    """Read a key file. Raises `EvidenceError`, `DataError` for another schema."""
    try:
        read = CaseKey.model_validate_json(data)
    except ValidationError:
        read = None
    if read is None and _is_other_schema(data):
        raise DataError("the key file is of another version", "use the skinscan that wrote it")
    if read is None or read.to_bytes() != data or read.bundle != bundle:
        raise EvidenceError("the key file was altered", "restore it from a copy")
    return read


def unwrap_keys(case_key: CaseKey, keys: Keys) -> dict[Part, bytes]:
    """The data keys. Raises `EvidenceLocked` for a wrong operator's key, `EvidenceError` for a wrong file."""
    wrapping = keys.wrapping.get(case_key.wrapping_key)
    if wrapping is None:
        raise EvidenceLocked(
            f"sealed under wrapping key {case_key.wrapping_key[:12]}, which is not given",
            "give the folder of keys with that wrapping.key",
        )
    return {
        part: unwrap(
            wrapping,
            case_key.wrapping_key,
            case_key.bundle,
            part,
            bytes.fromhex(case_key.parts[part].nonce),
            bytes.fromhex(case_key.parts[part].key),
        )
        for part in PARTS
        if part in case_key.parts
    }


def _is_other_schema(data: bytes) -> bool:
    try:
        schema = json.loads(data)["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return isinstance(schema, str) and schema.startswith("skinscan.case_key/") and not schema.endswith("/1")
