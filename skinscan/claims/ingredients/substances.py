"""The substances skinscan knows, and finding one by a name that a label, a person or OCR wrote.

A name is compared after folding case, width, spaces and punctuation. What then still differs may only be
letters that OCR confuses by shape (`_LOOKALIKES`). Edit distance is not used: one letter separates
citronellol from citronellal and retinol from retinal, and two separate cetyl alcohol from batyl alcohol.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from skinscan.claims.tables import Status, read_table
from skinscan.claims.terms import EvidenceStrength, HazardKind

__all__ = ["EVIDENCE", "HAZARDS", "Match", "Substance", "find_substance", "substances"]

HAZARDS: tuple[HazardKind, ...] = get_args(HazardKind)
EVIDENCE: tuple[EvidenceStrength, ...] = get_args(EvidenceStrength)
Match = Literal["exact", "ocr"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    """One row of ``data/ingredients.csv``."""

    inci: str
    zh: tuple[str, ...]  # Chinese names, the usual one first
    aliases: tuple[str, ...]  # other names
    cas: tuple[str, ...]  # several for mixtures and isomers; none if not certain
    function: str  # e.g. "fragrance", "preservative", "bha"
    hazards: tuple[HazardKind, ...]
    evidence: EvidenceStrength  # that it does this to human skin at cosmetic strength
    note: str
    source: str
    date: str  # state of the source, ISO 8601
    status: Status


@cache
def substances() -> tuple[Substance, ...]:
    """Every known substance, in the order of the data file."""
    return tuple(
        Substance(
            inci=row["inci"],
            zh=_several(row["zh"]),
            aliases=_several(row["aliases"]),
            cas=_several(row["cas"]),
            function=row["function"],
            hazards=cast(tuple[HazardKind, ...], _several(row["hazard"])),
            evidence=cast(EvidenceStrength, row["evidence"]),
            note=row["note"],
            source=row["source"],
            date=row["date"],
            status=cast(Status, row["status"]),
        )
        for row in read_table("ingredients")
    )


def find_substance(name: str) -> tuple[Substance, Match] | None:
    """The substance of that name or CAS number, and whether the name had to be repaired."""
    key = _fold(name)
    if not key:
        return None
    if exact := _by_key().get(key):
        return exact, "exact"
    repaired = _by_shape().get(_shape(key))
    return (repaired, "ocr") if repaired else None


_GREEK = str.maketrans({"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta"})
_NOT_A_LETTER = re.compile(r"[\W_]+")

_LOOKALIKES = (
    ("rn", "m"),
    ("vv", "w"),
    *((digit, letter) for digit, letter in zip("0158", "olsb", strict=True)),
    ("i", "l"),  # 1 is l by now: the upright strokes are one
    ("酷", "酯"),
    ("脂", "酯"),
    ("巳", "己"),
    ("已", "己"),
    ("氨", "胺"),
    ("酵", "醇"),
    ("抽", "油"),
    ("笨", "苯"),
    ("硫酸醋", "硫酸酯"),
)
"""Written shape, right shape. Never two letters that separate substances, such as a/o in -al and -ol."""


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def _fold(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold().translate(_GREEK).translate(_simplified())
    return _NOT_A_LETTER.sub("", text)


@cache
def _simplified() -> dict[int, str]:
    """Traditional characters that occur in our names, as the simplified ones of ``data/ingredients.csv``."""
    return {ord(row["traditional"]): row["simplified"] for row in read_table("traditional")}


def _shape(key: str) -> str:
    """What is left of a folded name when look-alikes are one. Locants keep their digits: 1,2- is not 1,3-."""
    for written, meant in _LOOKALIKES:
        key = key.replace(written, meant)
    return key


@cache
def _by_key() -> dict[str, Substance]:
    """Folded name or CAS number -> substance; of two rows that share a CAS number, the first."""
    keys: dict[str, Substance] = {}
    for substance in substances():
        for name in (substance.inci, *substance.zh, *substance.aliases, *substance.cas):
            keys.setdefault(_fold(name), substance)
    return keys


@cache
def _by_shape() -> dict[str, Substance]:
    """Shapes of names long enough to repair; a shape that two substances share repairs nothing."""
    owners: dict[str, dict[str, Substance]] = {}
    for key, substance in _by_key().items():
        if len(key.encode()) >= MIN_REPAIR_BYTES:
            owners.setdefault(_shape(key), {})[substance.inci] = substance
    return {shape: next(iter(owner.values())) for shape, owner in owners.items() if len(owner) == 1}


MIN_REPAIR_BYTES = 6
"""Six Latin letters or two Chinese characters; in SLS or PPD every stroke counts."""
