"""How often identity.onnx takes two people for one, and one for two, on the folders of real photos.

    python -m models.training.fit.identity_rates ../shared

Prints rates for each stated ethnicity, for the checks of a pair as they stand, and a cross-validation in
which the limit of doubt comes from other people than those it is tried on. Takes a minute.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from skinscan.change.alignment import Alignments
from skinscan.change.identity import DOUBTED_PERSON, OTHER_PERSON
from skinscan.change.pair_checks import check_pairs
from skinscan.change.types import PERSON_DOUBTS
from skinscan.errors import SkinScanError
from skinscan.scanner import Scanner
from skinscan.types import FloatArray, Scan

_FOLDS = 5
_MARGIN = 1.08  # of the largest distance of one person in training: the limit of doubt that is tried


@dataclass(frozen=True, slots=True, kw_only=True)
class _Photo:
    person: str
    group: str  # ethnicity as stated, or the folder
    scan: Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    first: _Photo
    second: _Photo
    distance: float

    @property
    def same(self) -> bool:
        return self.first.person == self.second.person


def _photos(shared: Path) -> list[_Photo]:
    with (shared / "real" / "people.csv").open(encoding="utf-8") as stream:
        stated = {row["id"]: row["ethnicity"] for row in csv.DictReader(stream)}
    with (shared / "photos" / "photos.csv").open(encoding="utf-8") as stream:
        press = {row["file"]: row["person"] or row["file"] for row in csv.DictReader(stream)}
    found = []
    for path in sorted((shared / "real" / "london").glob("*.jpg")):
        found.append((path, f"london {path.name[:3]}", stated[path.name[:3]]))
    found += [(p, p.stem, "white, Canada") for p in sorted((shared / "real" / "canada").glob("*.jpg"))]
    for folder in ("zoom", "lisa"):  # one woman, as both the pictures and the distances say
        found += [(p, "lisa", "selfies") for p in sorted((shared / "real" / folder).glob("*.jpg"))]
    found += [(shared / "photos" / name, person, "press") for name, person in press.items()]
    scanner, photos = Scanner("cpu"), []
    for path, person, group in found:
        try:
            photos.append(_Photo(person=person, group=group, scan=scanner.scan(path)))
        except SkinScanError as error:
            print(f"left out: {path.name}: {error.message}")
    return photos


def _quantiles(pairs: list[_Pair]) -> FloatArray:
    return np.quantile([pair.distance for pair in pairs], [0, 0.5, 1])


def _report(name: str, pairs: list[_Pair]) -> None:
    for kind, part in (("one", [p for p in pairs if p.same]), ("two", [p for p in pairs if not p.same])):
        if part:
            low, middle, high = _quantiles(part)
            doubted, refused = (
                100 * np.mean([p.distance > limit for p in part]) for limit in (DOUBTED_PERSON, OTHER_PERSON)
            )
            print(
                f"{name:14} {kind} {len(part):6} pairs, distance {low:.3f} {middle:.3f} {high:.3f}, "
                f"above the limit of doubt {doubted:.2f} %, of refusal {refused:.2f} %"
            )


def _checks(pairs: list[_Pair], alignments: Alignments) -> None:
    """What the whole check says, tone and shape with it."""
    for kind, part in (("one", [p for p in pairs if p.same]), ("two", [p for p in pairs if not p.same])):
        near = [pair for pair in part if pair.distance <= DOUBTED_PERSON]
        found = [
            {f.code for f in check_pairs([p.first.scan], [p.second.scan], alignments, allow_copies=True)}
            for p in near
        ]
        codes = sorted({code for each in found for code in each & PERSON_DOUBTS})
        print(
            f"{kind}: {len(part)} pairs, {len(near)} within the limit of doubt; of those by tone and shape "
            f"{ {code: sum(code in each for each in found) for code in codes} }"
        )


def _cross_validate(pairs: list[_Pair], people: list[str]) -> None:
    fold = dict(zip(people, np.random.default_rng(0).permutation(len(people)) % _FOLDS, strict=True))
    for k in range(_FOLDS):
        inside = [fold[p.first.person] == k and fold[p.second.person] == k for p in pairs]
        outside = [p.distance for p in pairs if p.same and fold[p.first.person] != k]
        limit = _MARGIN * max(outside)
        tried = [pair for pair, here in zip(pairs, inside, strict=True) if here]
        one, two = [p for p in tried if p.same], [p for p in tried if not p.same]
        print(
            f"fold {k}: limit {limit:.3f}; one person above it {sum(p.distance > limit for p in one)} of "
            f"{len(one)}, two people below it {sum(p.distance <= limit for p in two)} of {len(two)}"
        )


def main(shared: Path) -> None:
    """Print all rates."""
    photos, alignments = _photos(shared), Alignments()
    assert alignments.identities
    pairs = [
        _Pair(first=a, second=b, distance=alignments.identities.distance(a.scan, b.scan))
        for a, b in combinations(photos, 2)
    ]
    _report("all", pairs)
    for group in sorted({photo.group for photo in photos}):
        _report(group, [pair for pair in pairs if pair.first.group == group == pair.second.group])
    _checks(pairs, alignments)
    _cross_validate(pairs, sorted({photo.person for photo in photos}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
