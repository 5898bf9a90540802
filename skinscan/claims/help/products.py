"""The products on sale that could stand in for one: a CSV file in, its rows out.

Columns: sku, name, category, ingredients; and, where known, brand, price, claims, shades, stays_on. Bad rows
are refused by line number and do not lose the others.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from skinscan.claims.claim import Category, IngredientText, Named, Part, Prose, Word
from skinscan.claims.field_errors import explain
from skinscan.claims.form_words import one_of
from skinscan.errors import DataError
from skinscan.files import read_bounded
from skinscan.tables import SAY_ENCODING, decimal, decode, fold_head, read_table
from skinscan.texts.bilingual import Language

__all__ = ["ListedProduct", "ProductList", "RefusedRow", "load_products"]

_MOST_BYTES = 50_000_000
_HEADS = {"sku", "name", "brand", "category", "ingredients", "price", "claims", "shades", "stays_on"}
_NEEDED = ("sku", "category", "ingredients")

_Price = Annotated[
    Annotated[float, Field(gt=0, le=1_000_000)] | None,
    BeforeValidator(lambda cell: (decimal(cell) or None) if isinstance(cell, str) else cell),
]


class ListedProduct(Part):
    """A row of the file."""

    sku: Named
    name: Word = ""
    brand: Word = ""
    category: Annotated[Category, one_of("category")]
    ingredients: IngredientText
    price: _Price = None  # in the shop's currency
    claims: Prose = ""  # what it is sold with, in words
    shades: Prose = ""
    stays_on: Word = ""  # yes or no, in any of the words; empty: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that cannot be used."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductList:
    """The products of a file, in its order."""

    name: str
    products: tuple[ListedProduct, ...]
    refused: tuple[RefusedRow, ...]
    guessed_encoding: str = ""  # empty: named, marked or UTF-8
    sha256: str = ""  # of the file; empty if there was none

    def find(self, sku: str) -> ListedProduct | None:
        """The product of that sku."""
        return next((product for product in self.products if product.sku == sku), None)


def load_products(path: str | Path, *, encoding: str | None = None, language: Language = "en") -> ProductList:
    """Read a product file. `encoding`: overrules the guess; `language`: of the reasons of refused rows.

    Raises DataError when the file cannot be read, is no table, or lacks a column that is needed.
    """
    data = _bytes(Path(path))
    name = Path(path).name
    text = decode(data, name, encoding, advice=SAY_ENCODING)
    try:
        table = read_table(text.text)
    except ValueError as error:
        raise DataError(f"{name} is no table: {error}", "give a CSV file with a head") from None
    heads = {head: fold_head(head) for head in table.heads}
    missing = [needed for needed in _NEEDED if needed not in heads.values()]
    if missing:
        raise DataError(f"{name} has no column {', '.join(missing)}", "name the columns in its first line")
    products: list[ListedProduct] = []
    refused: list[RefusedRow] = []
    seen: set[str] = set()
    for line, cells in table.rows:
        if isinstance(cells, ValueError):
            refused.append(RefusedRow(line=line, reason=str(cells)))
            continue
        known = {heads[head]: cell for head, cell in cells.items() if heads[head] in _HEADS}
        try:
            product = ListedProduct.model_validate(known)
        except ValidationError as error:
            reasons = (f"{problem['loc'][0]}: {explain(problem, language)}" for problem in error.errors())
            refused.append(RefusedRow(line=line, reason="; ".join(reasons)))
            continue
        if product.sku in seen:
            refused.append(RefusedRow(line=line, reason=f"sku {product.sku} is given twice"))
            continue
        seen.add(product.sku)
        products.append(product)
    return ProductList(
        name=name, sha256=hashlib.sha256(data).hexdigest(), products=tuple(products), refused=tuple(refused),
        guessed_encoding=text.encoding if text.guessed else "",
    )  # fmt: skip


def _bytes(path: Path) -> bytes:
    try:
        return read_bounded(path, _MOST_BYTES)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"Cannot read products {path}: {reason}", "Give the path of a CSV file") from None
