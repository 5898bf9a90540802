"""Many cases sealed into one folder, each once: what lies there already, to the byte, is not sealed again.

The id of a bundle is a keyed hash of its files. Without the wrapping key it tells as little as a random one;
with it, a run that was killed and is taken up finds what it has sealed before.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
from datetime import datetime
from pathlib import Path

from skinscan.errors import EvidenceError, UsageError
from skinscan.evidence.bundle_state import BundleState, replay_log
from skinscan.evidence.dossier import Dossier, to_members
from skinscan.evidence.folder import Folder
from skinscan.evidence.log import open_log, read_log
from skinscan.evidence.operator_keys import Keys
from skinscan.evidence.seal import seal, settle
from skinscan.files import private_folder

__all__ = ["Sealer"]

_PURPOSE = b"skinscan bundle id\0"


class Sealer:
    """Seals cases into one evidence folder."""

    def __init__(self, folder: Path, keys: Keys, now: datetime) -> None:
        """Read the log once; the folder is made if need be. `now`: of a log that is begun here.

        Raises EvidenceLocked for a key that is not there, EvidenceError for an altered log, UsageError for a
        folder that cannot be written.
        """
        keys.signer()
        keys.newest_wrapping()
        self._place, self._keys = Folder(folder), keys
        try:
            private_folder(folder)
            with self._place.locked(exclusive=True):
                open_log(self._place, keys, now)
                settle(self._place, keys)
                self._known = dict(replay_log(read_log(self._place, keys.trusted).entries))
        except OSError as error:
            raise UsageError(
                f"{folder} cannot be written: {error.strerror}", "give another folder"
            ) from error

    def seal(self, dossier: Dossier, now: datetime) -> str:
        """Seal a case unless its bundle is there; the bundle's id. What was erased is sealed anew.

        `now`: goes into the statement. Raises what `evidence.seal` raises.
        """
        total = _digest(dossier)
        for number in itertools.count():
            held = [_id(key, total, number) for key in self._keys.wrapping.values()]  # newest key first
            there = [self._known[bundle] for bundle in held if bundle in self._known]
            live = next((state.bundle for state in there if not state.gone), None)
            if live:
                return live
            if not there:
                return self._sealed(dossier, held[0], now)
        raise AssertionError

    def _sealed(self, dossier: Dossier, bundle: str, now: datetime) -> str:
        path = self._place.bundle(bundle)
        try:
            seal(self._place.path, dossier, self._keys, now, bundle=bundle)
        except EvidenceError:
            if not path.exists():  # else another run over the same cases was quicker
                raise
        self._known[bundle] = BundleState(bundle=bundle, digest="", sealed_at=now)
        return bundle


def _digest(dossier: Dossier) -> bytes:
    """SHA-256 over names and contents of everything that would be sealed."""
    total = hashlib.sha256()
    for name, data in to_members(dossier).items():
        total.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    for name, sha256 in sorted(dossier.photos.items()):
        total.update(f"photos/{name}\0{sha256}\n".encode())
    return total.digest()


def _id(key: bytes, digest: bytes, number: int) -> str:
    """`number`: 0, and more after erasures."""
    return hmac.new(key, _PURPOSE + number.to_bytes(4, "big") + digest, hashlib.sha256).hexdigest()[:32]
