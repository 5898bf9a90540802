"""The operator's keys: Ed25519 to sign, AES-256 to wrap the keys of cases.

A key folder holds three text files. `signing.key`: the private key, PKCS 8 PEM. `signing.pub`: the public
keys that are trusted, PEM, newest first. `wrapping.key`: 64 hex digits a line, newest first. The newest
seals; older ones still open what they sealed. Each file may instead be given as text in the environment.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field

from skinscan.errors import EvidenceLocked, UsageError
from skinscan.evidence.folder import sync_folder, write_atomically, write_durably
from skinscan.files import private_folder

__all__ = ["KeyId", "Keys", "key_id", "keygen", "load_keys"]

_KEY_FOLDER = "SKINSCAN_EVIDENCE_KEYS"
"""Environment variable that names the key folder."""

KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 that names a key."""

SIGNING, TRUSTED, WRAPPING = "signing.key", "signing.pub", "wrapping.key"
_ENVIRONMENT = {
    SIGNING: "SKINSCAN_SIGNING_KEY",
    TRUSTED: "SKINSCAN_TRUSTED_KEYS",
    WRAPPING: "SKINSCAN_WRAPPING_KEY",
}
_PEM_BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)
_HEX_KEY = re.compile(r"[0-9a-f]{64}")
_PRIVATE, _PUBLIC = 0o600, 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys at hand; which are needed depends on what is done."""

    signing: Ed25519PrivateKey | None
    trusted: Mapping[str, Ed25519PublicKey]  # key id -> public key
    wrapping: Mapping[str, bytes]  # key id -> 32 bytes, newest first

    def __repr__(self) -> str:
        """Without secrets."""
        return f"Keys(trusted={list(self.trusted)}, wrapping={list(self.wrapping)})"

    def signer(self) -> Ed25519PrivateKey:
        """The private key. Raises `EvidenceLocked` if there is none."""
        if self.signing is None:
            raise EvidenceLocked(
                "the signing key is not there",
                f"give the folder of keys with {SIGNING}, or {_ENVIRONMENT[SIGNING]}",
            )
        return self.signing

    def newest_wrapping(self) -> tuple[str, bytes]:
        """Id and bytes of the wrapping key that seals. Raises `EvidenceLocked` if there is none."""
        for name, key in self.wrapping.items():
            return name, key
        raise EvidenceLocked(
            "the wrapping key is not there",
            f"give the folder of keys with {WRAPPING}, or {_ENVIRONMENT[WRAPPING]}",
        )


def key_id(public: Ed25519PublicKey) -> str:
    """SHA-256 of the 32 raw bytes of a public key, hex."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()


def load_keys(folder: Path | None) -> Keys:
    """Read what there is of the keys, from the environment first, then from the folder.

    Raises `EvidenceLocked` for a key that cannot be read, or if there is no public key to check with.
    """
    named = os.environ.get(_KEY_FOLDER)
    home = folder or (Path(named) if named else None)
    signing = _private(_text(SIGNING, home))
    trusted = _publics(_text(TRUSTED, home))
    if signing:
        trusted.setdefault(key_id(signing.public_key()), signing.public_key())
    if not trusted:
        where = f" in {home}" if home else ""
        raise EvidenceLocked(
            f"no signing key is known{where}",
            "give the folder of keys; `skinscan evidence keygen FOLDER` makes one",
        )
    wrapping = _wrapping(_text(WRAPPING, home))
    return Keys(signing=signing, trusted=MappingProxyType(trusted), wrapping=MappingProxyType(wrapping))


def keygen(folder: Path, *, rotate: bool = False) -> Keys:
    """Make a key folder, or, with `rotate`, put new keys before the old ones of an existing folder.

    Raises `UsageError` for a folder that already holds keys, or holds none to rotate; `EvidenceLocked` for
    one that everybody may write to.
    """
    there = [name for name in (SIGNING, TRUSTED, WRAPPING) if os.path.lexists(folder / name)]
    if there and not rotate:
        raise UsageError(f"{folder} already holds {there[0]}", "take another folder, or say rotate=True")
    if rotate and len(there) < len(_ENVIRONMENT):
        raise UsageError(
            f"{folder} does not hold a set of keys to rotate", "leave out rotate=True to make one"
        )
    old = load_keys(folder) if rotate else None
    write = write_atomically if rotate else write_durably  # which never takes the place of anything
    signing = Ed25519PrivateKey.generate()
    publics = [signing.public_key(), *(old.trusted.values() if old else ())]
    wrapping = [os.urandom(32), *(old.wrapping.values() if old else ())]
    try:
        private_folder(folder)
        _insist_private(folder)
        # In this order a crash leaves a set that can still open, and check, everything it ever sealed.
        for name, data, mode in (
            (TRUSTED, b"".join(map(_public_pem, publics)), _PUBLIC),
            (WRAPPING, "".join(f"{key.hex()}\n" for key in wrapping).encode(), _PRIVATE),
            (SIGNING, _private_pem(signing), _PRIVATE),
        ):
            write(folder / name, data, mode)
        sync_folder(folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}", "take another folder") from error
    return load_keys(folder)


def _text(name: str, folder: Path | None) -> bytes:
    """The text of a key from the environment, else from the folder; empty if neither has it."""
    given = os.environ.get(_ENVIRONMENT[name])
    if given:
        return given.encode()
    if folder is None:
        return b""
    if not folder.is_dir():
        raise EvidenceLocked(
            f"there is no key folder {folder}", "`skinscan evidence keygen FOLDER` makes one"
        )
    _insist_private(folder)
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise EvidenceLocked(f"{folder / name} cannot be read: {error.strerror}", "see its rights") from None


def _insist_private(folder: Path) -> None:
    """Refuse a folder, or a key in it, that everybody may write to: a key of anybody would be trusted."""
    for path in (folder, *(folder / name for name in (SIGNING, TRUSTED, WRAPPING))):
        with suppress(OSError):  # not there, or not to be read: reading it will tell
            if path.stat().st_mode & stat.S_IWOTH:
                raise EvidenceLocked(
                    f"everybody may write to {path}", "`chmod o-w` it, after a look at the keys in it"
                )


def _private(pem: bytes) -> Ed25519PrivateKey | None:
    if not pem:
        return None
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise EvidenceLocked(f"{SIGNING} holds no Ed25519 private key", "give the file that keygen wrote")
    return key


def _publics(pem: bytes) -> dict[str, Ed25519PublicKey]:
    found: dict[str, Ed25519PublicKey] = {}
    for block in _PEM_BLOCK.findall(pem):
        try:
            key = serialization.load_pem_public_key(block)
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise EvidenceLocked(f"{TRUSTED} holds no Ed25519 public key", "give the file that keygen wrote")
        found[key_id(key)] = key
    if pem and not found:
        raise EvidenceLocked(f"{TRUSTED} holds no Ed25519 public key", "give the file that keygen wrote")
    return found


def _wrapping(text: bytes) -> dict[str, bytes]:
    lines = text.decode("ascii", "replace").split()
    if not all(_HEX_KEY.fullmatch(line) for line in lines):
        raise EvidenceLocked(f"{WRAPPING} is not 64 hex digits a line", "give the file that keygen wrote")
    keys = [bytes.fromhex(line) for line in lines]
    return {hashlib.sha256(b"skinscan wrapping key\0" + key).hexdigest(): key for key in keys}


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, serialization.NoEncryption())


def _public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
