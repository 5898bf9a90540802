"""AES-256-GCM: two data keys a case, one for findings and one for images, wrapped by the operator's key.

A data key is random and used for one bundle only, so that the position of a member is nonce enough. What a
ciphertext belongs to (bundle, part, name, position) is bound to it as associated data. GCM alone does not
bind the key; the manifest carries a commitment to each, so that no second key can open another story.
"""

from __future__ import annotations

import hmac
import os
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from skinscan.errors import EvidenceError

__all__ = ["PARTS", "TAG_BYTES", "Part", "commit", "decrypt", "encrypt", "unwrap", "wrap"]

Part = Literal["findings", "images"]
PARTS: tuple[Part, ...] = ("findings", "images")
"""Findings: claim, numbers, policy, verdict. Images: everything that shows skin, reports among them."""

TAG_BYTES, _WRAP_NONCE_BYTES = 16, 12


def encrypt(key: bytes, bundle: str, part: Part, position: int, name: str, plain: bytes) -> bytes:
    """One member; `position` is its place in the bundle.

    `key`: the data key, 32 bytes. `bundle`: its id; `part`: the one that the key opens. `name`: of the
    member; `plain`: its bytes. Returns the ciphertext with its tag of 16 bytes at the end.
    """
    return AESGCM(key).encrypt(_nonce(position), plain, _bound("member", bundle, part, str(position), name))


def decrypt(key: bytes, bundle: str, part: Part, position: int, name: str, sealed: bytes) -> bytes:
    """The member. Raises `EvidenceError` if it is not what was encrypted in this place of this bundle.

    `key`: the data key, 32 bytes. `bundle`, `part`, `position`, `name`: as they were given to `encrypt`.
    `sealed`: what that returned.
    """
    try:
        return AESGCM(key).decrypt(
            _nonce(position), sealed, _bound("member", bundle, part, str(position), name)
        )
    except InvalidTag:
        raise EvidenceError(f"{name} does not decrypt", "this is not what was sealed") from None


def wrap(wrapping: bytes, wrapping_id: str, bundle: str, part: Part, key: bytes) -> tuple[bytes, bytes]:
    """Nonce and the data key encrypted for its bundle and part alone.

    `wrapping`: the operator's key, 32 bytes; `wrapping_id`: its id. `bundle`: id of the bundle; `part`: the
    one that the data key opens. `key`: the data key, 32 bytes.
    """
    nonce = os.urandom(_WRAP_NONCE_BYTES)
    return nonce, AESGCM(wrapping).encrypt(nonce, key, _bound("key", bundle, part, wrapping_id))


def unwrap(wrapping: bytes, wrapping_id: str, bundle: str, part: Part, nonce: bytes, wrapped: bytes) -> bytes:
    """The data key. Raises `EvidenceError` if it was not wrapped for this bundle and part.

    `wrapping`: the operator's key, 32 bytes. `wrapping_id`, `bundle`, `part`: as they were given to `wrap`.
    `nonce` and `wrapped`: what that returned.
    """
    try:
        return AESGCM(wrapping).decrypt(nonce, wrapped, _bound("key", bundle, part, wrapping_id))
    except InvalidTag:
        raise EvidenceError(f"the key of the {part} does not unwrap", "its key file was altered") from None


def commit(key: bytes, bundle: str, part: Part) -> str:
    """HMAC-SHA256 that binds a bundle to its data key, hex; tells nothing about the key."""
    return hmac.new(key, _bound("commitment", bundle, part), "sha256").hexdigest()


def _nonce(position: int) -> bytes:
    return position.to_bytes(12, "big")


def _bound(*what: str) -> bytes:
    return "\0".join(("skinscan.bundle/1", *what)).encode()
