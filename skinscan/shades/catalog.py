"""A shade catalogue as columns, ready to be matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from skinscan.errors import DataError
from skinscan.shades.catalog_grades import GRADE_SIGMA, correct_web_swatch
from skinscan.shades.kubelka_munk import MODEL_SIGMA, SCATTER, SURFACE, body_of, transmission
from skinscan.shades.shade import Category, Shade
from skinscan.tables import tidy
from skinscan.types import FloatArray, Indices, IntMap
from skinscan.value import Result, Value

__all__ = ["Catalog", "Problem", "make_catalog"]

_CATEGORIES: tuple[Category, ...] = ("foundation", "concealer", "lipstick")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a row is refused."""

    row: int  # line of a CSV or JSON Lines file, else place in the list; both from 1
    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Catalog(Result, Value):
    """Shades as columns; N rows in the order of the file."""

    name: str  # for messages
    sha256: str  # of the file; empty if there was none
    format: str  # what it was read as
    shades: tuple[Shade, ...]
    lab: FloatArray  # (N, 3) L*a*b* of the product; web swatches of foundations brought to the range of skin
    sigma: FloatArray  # (N, 3) sigma of the worn colour predicted from it: grade of the colour, mixing model
    body: FloatArray  # (N, 3) the same as linear RGB without surface reflection: what mixing works on
    scatter: FloatArray  # (N,) Kubelka-Munk scattering power of the layer; inf hides what is below
    hiding: FloatArray  # (N, 1) share of the way from skin to product that the layer goes, about
    surface: FloatArray  # (N,) share of the surface reflection that the finish leaves
    code: IntMap  # (N,) place of the category in _CATEGORIES
    number: Mapping[str, int]  # sku -> row
    problems: tuple[Problem, ...] = ()  # rows left out
    guessed_encoding: str = ""  # of the file, where neither a mark nor its bytes settle it

    def rows(self, *categories: Category) -> Indices:
        """Rows of these categories."""
        return np.flatnonzero(np.isin(self.code, [_CATEGORIES.index(name) for name in categories]))

    def find(self, sku: str) -> int:
        """Row of a sku. Raises DataError if there is none."""
        sku = tidy(sku)
        if sku not in self.number:
            near = [known for known in self.number if known.lower() == sku.lower()]
            hint = f"did you mean {near[0]}?" if near else "see `skinscan catalog check` for what is in it"
            raise DataError(f"there is no sku {sku} in {self.name}", hint)
        return self.number[sku]

    def grades(self) -> dict[str, int]:
        """Rows of each grade of colour."""
        return dict(sorted(Counter(shade.grade for shade in self.shades).items()))

    def __repr__(self) -> str:
        return f"Catalog({self.name}: {len(self.shades)} shades, {len(self.problems)} problems)"


def make_catalog(
    shades: Sequence[Shade],
    *,
    name: str = "catalogue",
    sha256: str = "",
    format: str = "python",
    problems: Sequence[Problem] = (),
    guessed_encoding: str = "",
) -> Catalog:
    """Make the columns of a catalogue.

    Args:
        shades: its rows.
        name: for messages.
        sha256: of the file it came from; empty if there was none.
        format: what it was read as.
        problems: rows that were left out.
        guessed_encoding: of the file, where neither a mark nor its bytes settle it; else empty.

    Raises:
        DataError: a sku comes twice, or no row is left.
    """
    if not shades:
        raise DataError(f"no usable row in {name}", "run `skinscan catalog check` on it")
    number = {shade.sku: row for row, shade in enumerate(shades)}
    if len(number) < len(shades):
        twice = Counter(shade.sku for shade in shades).most_common(1)[0][0]
        raise DataError(f"sku {twice} comes twice in {name}", "give each shade a sku of its own")
    lab = np.array([shade.color for shade in shades])
    web = np.array([shade.grade == "hex" for shade in shades])
    lips = np.array([shade.category == "lipstick" for shade in shades])
    worn = np.array([shade.basis == "worn" for shade in shades])
    of_skin = web & ~lips & ~worn
    lab[of_skin] = correct_web_swatch(lab[of_skin])
    grade = np.array([GRADE_SIGMA[_kind(shade)] for shade in shades])
    model = np.where(worn[:, None], 0.0, MODEL_SIGMA)
    surface = np.array([SURFACE[shade.finish or "matte"] for shade in shades])
    # A surface that a finish does not show is no part of its colour; taken off a lipstick, reds turn orange.
    body = body_of(lab, np.where(lips, surface, 1.0))
    scatter = np.array([SCATTER[_layer(shade)] for shade in shades])
    return Catalog(
        name=name,
        sha256=sha256,
        format=format,
        shades=tuple(shades),
        lab=lab,
        sigma=np.hypot(grade, model),
        body=body,
        scatter=scatter,
        hiding=1 - transmission(body, scatter).mean(axis=1, keepdims=True),
        surface=surface,
        code=np.array([_CATEGORIES.index(shade.category) for shade in shades], np.int32),
        number=MappingProxyType(number),
        problems=tuple(problems),
        guessed_encoding=guessed_encoding,
    )


def _kind(shade: Shade) -> str:
    return f"{shade.grade} lipstick" if shade.grade == "hex" and shade.category == "lipstick" else shade.grade


def _layer(shade: Shade) -> str:
    """Name of the layer on the skin; a worn colour needs no mixing."""
    if shade.basis == "worn":
        return "worn"
    return f"{shade.category} {shade.coverage or 'unknown'}"
