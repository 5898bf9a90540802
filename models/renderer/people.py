"""The people whose measured skin is rendered: per person one spectrum per face site.

`python -m models.renderer.people` writes the dozen training people that are committed, so that rendering and
its tests work without the ISSA spreadsheet.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.renderer.issa import WAVELENGTHS, linear_srgb, load_issa
from skinscan import color

__all__ = ["SITES", "Person", "committed_people", "people"]

COMMITTED = Path(__file__).parent / "data" / "training_faces.csv"
SITES = ("forehead", "cheek", "chin", "nose_tip")

# log10(nose tip / cheek), median of the 522 training people with both: for people without a nose record.
NOSE_OVER_CHEEK = np.array([
    -16, -29, -39, -42, -37, -29, -23, -19, -17, -15, -12, -12, -13, -12, -13, -18,
    -19, -12, -5, -2, -3, 1, 6, 8, 9, 10, 11, 14, 16, 17, 18,
]) / 1000.0  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One measured face."""

    key: str  # "<origin>-<subject>" of ISSA
    ethnicity: str  # ISSA group code
    sites: dict[str, NDArray[np.float64]]  # SITES -> (31,) SCI reflectance 0..1, mean of the person's records

    @property
    def tone(self) -> str:
        """Tone class (Chardon) of the cheek."""
        lab = color.linear_to_lab(linear_srgb(self.sites["cheek"]))
        return color.ita_class(float(color.ita(lab)))


def people(*, test: bool) -> list[Person]:
    """Everybody in ISSA with forehead, cheek and chin measured, of the training or of the test set."""
    issa = load_issa()
    face = issa.select(np.isin(issa.site, SITES) & (issa.is_test == test))
    found = []
    for key in np.unique(face.person):
        own = face.select(face.person == key)
        sites = {site: own.reflectance[own.site == site].mean(axis=0) for site in SITES if site in own.site}
        if {"forehead", "cheek", "chin"} <= sites.keys():
            found.append(Person(key=str(key), ethnicity=str(own.ethnicity[0]), sites=_with_nose(sites)))
    return found


def _with_nose(sites: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    nose = sites.get("nose_tip", sites["cheek"] * 10.0**NOSE_OVER_CHEEK)
    return {**sites, "nose_tip": nose}


def committed_people() -> list[Person]:
    """The committed training people, lightest cheek first; two of each tone class."""
    with COMMITTED.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    found: dict[str, Person] = {}
    for row in rows:
        person = found.setdefault(
            row["person"], Person(key=row["person"], ethnicity=row["ethnicity"], sites={})
        )
        person.sites[row["site"]] = np.array([float(row[f"{nm:.0f}"]) for nm in WAVELENGTHS])
    return list(found.values())


def _typical(everybody: list[Person]) -> list[Person]:
    """Two people of each tone class and of two groups: near the median cheek, forehead like the cheek."""
    chosen: list[Person] = []
    for name, _ in color.ITA_CLASSES:
        members = [person for person in everybody if person.tone == name]
        cheeks = np.log10([person.sites["cheek"] for person in members])
        foreheads = np.log10([person.sites["forehead"] for person in members])
        far = np.abs(cheeks - np.median(cheeks, axis=0)).mean(axis=1) + np.abs(foreheads - cheeks).mean(
            axis=1
        )
        near = [members[i] for i in np.argsort(far, kind="stable")]
        others = [person for person in near[1:] if person.ethnicity != near[0].ethnicity and name != "dark"]
        chosen += [near[0], (others or near[1:])[0]]  # a dark face not labelled AF is a slip of the archive
    return sorted(chosen, key=lambda person: -float(linear_srgb(person.sites["cheek"])[1]))


def main() -> None:
    """Write the committed people."""
    COMMITTED.parent.mkdir(exist_ok=True)
    with COMMITTED.open("w", newline="", encoding="utf-8") as file:
        file.write(
            "# Skin reflectance (SCI, 0..1) of twelve people of the training set, two of each tone class.\n"
            "# From the International Skin Spectra Archive, Lu et al. 2025, Scientific Data 12:487,\n"
            "# doi 10.6084/m9.figshare.28228571.v4, CC BY 4.0; mean of a person's records of a site.\n"
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["person", "ethnicity", "tone", "site", *(f"{nm:.0f}" for nm in WAVELENGTHS)])
        for person in _typical(people(test=False)):
            for site, values in person.sites.items():
                row = [person.key, person.ethnicity, person.tone, site]
                writer.writerow([*row, *(f"{value:.4f}" for value in values)])


if __name__ == "__main__":
    main()
