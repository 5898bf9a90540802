"""What is kept of a case, as files: enough to judge it again, and the pictures that a person looks at."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from skinscan._version import __version__
from skinscan.claims import (
    Claim,
    ImageEvidence,
    Policy,
    ShadeEvidence,
    Verdict,
    judge,
    load_claim,
    load_policy,
)  # fmt: skip
from skinscan.claims.photo_origin.signals import Signal
from skinscan.errors import DataError
from skinscan.evidence.cipher import Part

__all__ = [
    "Dossier",
    "Environment",
    "Facts",
    "digest_rules",
    "environment",
    "part_of",
    "replay",
    "to_members",
]

_IMAGE_FOLDERS = ("maps/", "photos/", "reports/")
_IMAGE = TypeAdapter(ImageEvidence)
_SHADE = TypeAdapter(ShadeEvidence)
_SIGNALS = TypeAdapter(tuple[Signal, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A judged case."""

    claim: Claim
    image_evidence: ImageEvidence
    shade_evidence: ShadeEvidence | None
    signals: tuple[Signal, ...] = ()  # about the origin of the photos
    policy: Policy  # as it was loaded
    verdict: Verdict
    images: Mapping[str, bytes] = field(default_factory=dict)  # "maps/...", "reports/...", "photos/..."
    photos: Mapping[str, str] = field(default_factory=dict)  # "before-1" -> SHA-256 of each photo used
    models: tuple[tuple[str, str], ...] = ()  # (name, SHA-256) of the models that measured


class Environment(BaseModel):
    """What judged: enough to know whether the same rules run today."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    skinscan: str
    python: str
    platform: str
    rules: str  # SHA-256 over every file of the claims rules


class Facts(BaseModel):
    """The predicate of the signed statement inside a bundle."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bundle: str
    case_id: str
    outcome: str
    idempotency_key: str
    policy: dict[str, str]  # id, version, sha256
    models: tuple[dict[str, str], ...]  # name, sha256
    environment: Environment
    sealed_at: datetime


def to_members(dossier: Dossier) -> dict[str, bytes]:
    """The files of a case by name, findings first. Names say what a file is, never whose."""
    members = {
        "claim.json": dossier.claim.model_dump_json().encode(),
        "image_evidence.json": _json(asdict(dossier.image_evidence)),
        "policy.yaml": dossier.policy.text,
        "verdict.json": dossier.verdict.to_json().encode(),
    }
    if dossier.shade_evidence:
        members["shade_evidence.json"] = _json(asdict(dossier.shade_evidence))
    if dossier.signals:
        members["signals.json"] = _json([asdict(signal) for signal in dossier.signals])
    return {**members, **dict(sorted(dossier.images.items()))}


def part_of(name: str) -> Part:
    """Which key a member is under: pictures of skin are erased sooner than findings."""
    return "images" if name.startswith(_IMAGE_FOLDERS) else "findings"


def replay(members: Mapping[str, bytes]) -> bytes:
    """Judge again from the kept files alone; the bytes of the verdict.

    Raises `DataError` if a file is not of a form that this version reads.
    """
    try:
        image = _IMAGE.validate_json(members["image_evidence.json"])
        kept = members.get("shade_evidence.json")
        shade = _SHADE.validate_json(kept) if kept else None
        signals = _SIGNALS.validate_json(members.get("signals.json", b"[]"))
    except (ValidationError, KeyError):
        raise DataError(
            "the kept evidence is of another version", "use the skinscan that sealed it"
        ) from None
    claim, policy = load_claim(members["claim.json"]), _policy(members["policy.yaml"])
    return judge(claim, image, shade, policy=policy, signals=signals).to_json().encode()


@lru_cache(maxsize=16)
def _policy(text: bytes) -> Policy:
    """Most cases of a folder share one; proving it complete takes far longer than judging by it."""
    return load_policy(text)


def environment() -> Environment:
    """What judges here and now."""
    return Environment(
        skinscan=__version__,
        python=platform.python_version(),
        platform=f"{sys.platform}-{platform.machine()}",
        rules=_rules(),
    )


@cache
def _rules() -> str:
    """SHA-256 over the paths and contents of the claims rules: code, tables, default policy, their reader."""
    return digest_rules({"claims": files("skinscan.claims"), "texts": files("skinscan.texts")})


def digest_rules(packages: Mapping[str, Traversable]) -> str:
    """SHA-256 over every file in and below `claims` and the policy's reader in `texts`.

    By path inside the package, so that where it is installed does not matter.
    """
    rules = dict(_below(packages["claims"], "claims"))
    rules["texts/strict_yaml.py"] = packages["texts"] / "strict_yaml.py"
    total = hashlib.sha256()
    for path in sorted(rules):
        total.update(f"{path}\0{hashlib.sha256(rules[path].read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_file() and not entry.name.endswith(".pyc"):
            yield f"{path}/{entry.name}", entry
        elif entry.is_dir() and entry.name != "__pycache__":
            yield from _below(entry, f"{path}/{entry.name}")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
