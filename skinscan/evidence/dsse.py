"""Signatures: DSSE envelopes around in-toto statements.

DSSE 1.0.2: the signature covers PAE(type, payload) = "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP
payload, so that nothing rests on how JSON is spelt and no signature passes for one of another type. An
envelope is one line of JSON and is accepted in one spelling only, so that every byte of it counts.
Sources: github.com/secure-systems-lab/dsse, protocol.md; github.com/in-toto/attestation, Statement v1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from skinscan.errors import EvidenceError, EvidenceLocked
from skinscan.evidence.operator_keys import key_id

__all__ = [
    "STATEMENT",
    "canonical",
    "check_signature",
    "digest",
    "make_statement",
    "open_envelope",
    "seal_envelope",
    "sign",
]

STATEMENT = "application/vnd.in-toto+json"
_STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
Json = dict[str, Any]


def make_statement(subjects: Mapping[str, str], predicate_type: str, predicate: Json) -> Json:
    """An in-toto Statement v1 over named SHA-256 digests (hex)."""
    return {
        "_type": _STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects.items()],
        "predicateType": predicate_type,
        "predicate": predicate,
    }


def canonical(value: Json) -> bytes:
    """One spelling of a JSON object: order as given, no spaces, UTF-8, one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def sign(key: Ed25519PrivateKey, payload_type: str, payload: bytes) -> bytes:
    """The 64 bytes of the signature over PAE(type, payload)."""
    return key.sign(_pae(payload_type, payload))


def check_signature(
    trusted: Mapping[str, Ed25519PublicKey], signer: str, signature: bytes, payload_type: str, payload: bytes
) -> None:
    """Raises `EvidenceLocked` for a signer who is not trusted, `EvidenceError` for a wrong signature.

    `trusted`: key id to public key. `signer`: id of the key that is said to have signed. `signature`: 64
    bytes, over PAE of `payload_type` and `payload`, see `sign`.
    """
    if signer not in trusted:
        raise EvidenceLocked(
            f"signed by key {signer[:12]}, which is not trusted here",
            "give the folder of keys with the signer's signing.pub",
        )
    try:
        trusted[signer].verify(signature, _pae(payload_type, payload))
    except InvalidSignature:
        raise EvidenceError("the signature does not fit", "this is not what was sealed") from None


def seal_envelope(key: Ed25519PrivateKey, statement: Json) -> bytes:
    """Sign a statement: one line of JSON with its line break."""
    payload = canonical(statement)
    return _spell(payload, key_id(key.public_key()), sign(key, STATEMENT, payload))


def open_envelope(line: bytes, trusted: Mapping[str, Ed25519PublicKey]) -> tuple[Json, str]:
    """The statement and the id of the key that signed it.

    Raises `EvidenceError` for anything but the one spelling of an envelope with a signature that fits.
    """
    try:
        envelope = json.loads(line)
        payload = base64.b64decode(envelope["payload"], validate=True)
        (signature,) = envelope["signatures"]
        signer = bytes.fromhex(signature["keyid"]).hex()
        mark = base64.b64decode(signature["sig"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        raise EvidenceError("the envelope cannot be read", "this is not what was sealed") from None
    if _spell(payload, signer, mark) != line:
        raise EvidenceError("the envelope is spelt otherwise", "this is not what was sealed")
    check_signature(trusted, signer, mark, STATEMENT, payload)
    statement = json.loads(payload)
    if not isinstance(statement, dict) or statement.get("_type") != _STATEMENT_TYPE:
        raise EvidenceError("the envelope holds no statement", "this is not what was sealed")
    return statement, signer


def digest(data: bytes) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(data).hexdigest()


def _spell(payload: bytes, signer: str, signature: bytes) -> bytes:
    signatures = [{"keyid": signer, "sig": base64.b64encode(signature).decode()}]
    return (
        canonical(
            {
                "payloadType": STATEMENT,
                "payload": base64.b64encode(payload).decode(),
                "signatures": signatures,
            }
        )
        + b"\n"
    )


def _pae(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
