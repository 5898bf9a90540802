"""The sealed case that the tests of `skinscan.evidence` start from."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from skinscan.claims import load_claim
from skinscan.evidence import Dossier, Keys, Sealed, keygen, load_keys, seal
from tests.claims.cases import CLEAR_REACTION, DEFAULT_POLICY, RED, changed, verdict_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=4)  # past the 72 h of the default policy
THOROUGH = bool(os.environ.get("SKINSCAN_THOROUGH"))
"""Set to run every trial instead of a share of them."""

PICTURES = {
    "maps/before.png": b"\x89PNG before " * 9,
    "reports/consumer.zh.html": "<p>泛红 红斑</p>".encode() * 9,
}


def dossier(**changes: Any) -> Dossier:
    """The clear reaction, judged."""
    filed = changed(CLEAR_REACTION, **changes)
    return Dossier(
        claim=load_claim(filed),
        image_evidence=RED,
        shade_evidence=None,
        policy=DEFAULT_POLICY,
        verdict=verdict_of(filed),
        images=PICTURES,
        photos={"before-1": "ab" * 32, "after-1": "cd" * 32},
        models=(("skinmaps", "ef" * 32),),
    )


def key_folder(folder: Path) -> Keys:
    """New keys in a folder of their own."""
    keygen(folder)
    return load_keys(folder)


def sealed(folder: Path, keys: Keys, **changes: Any) -> Sealed:
    """Seal the case at noon."""
    return seal(folder, dossier(**changes), keys, NOW)
