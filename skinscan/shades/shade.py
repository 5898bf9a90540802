"""One row of a shade catalogue, as a brand or a shop hands it in.

A colour is given in one of three grades: `lab` measured with an instrument, `spectrum` measured, or `hex` of
a picture on the web. The best one given counts. What is not known is left out.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from skinscan.color import linear_to_lab, srgb_decode
from skinscan.shades.plausible import implausible_hex, implausible_lab
from skinscan.shades.spectrum import spectrum_to_lab
from skinscan.tables import decimal, tidy
from skinscan.types import FloatArray

__all__ = ["Basis", "Category", "Finish", "Grade", "Shade", "hex_to_lab"]

Category = Literal["foundation", "concealer", "lipstick"]
Coverage = Literal["sheer", "light", "medium", "full"]
Finish = Literal["matte", "natural", "satin", "dewy", "gloss"]
Basis = Literal["swatch", "worn"]
Grade = Literal["lab", "spectrum", "hex"]

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_UNDERTONES = {
    "c": "cool", "r": "cool", "p": "cool", "cool": "cool", "rosy": "cool", "pink": "cool", "冷": "cool",
    "冷调": "cool", "n": "neutral", "neutral": "neutral", "中性": "neutral", "w": "warm", "y": "warm",
    "g": "warm", "warm": "warm", "golden": "warm", "yellow": "warm", "暖": "warm", "暖调": "warm",
}  # fmt: skip


def _no_blank(value: Any) -> Any:
    """An empty cell is no value."""
    return None if isinstance(value, str) and not tidy(value) else value


def _tidy(value: Any) -> Any:
    """Without what cannot be seen: a zero-width space behind a sku makes another sku of it."""
    return tidy(value) if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    value = _no_blank(value)
    return value.strip().lower() if isinstance(value, str) else value


def _numbers(value: Any) -> Any:
    """Accept "58.1 11.6 16.6", with commas or blanks, for a list of numbers; "58,1 11,6 16,6" as well."""
    value = _no_blank(value)
    if not isinstance(value, str):
        return value
    parts = re.split(r"[\s;]+", value.strip())
    return [decimal(part) for part in parts] if len(parts) == 3 else re.split(r"[\s,;]+", value.strip())


def _undertone(value: Any) -> Any:
    value = _lower(value)
    return _UNDERTONES.get(value, value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_tidy), Field(min_length=1, max_length=200)]
MaybeText = Annotated[str | None, BeforeValidator(_no_blank), Field(max_length=200)]
MaybePath = Annotated[str | None, BeforeValidator(_no_blank), Field(max_length=2000)]
Number = Annotated[float, Field(allow_inf_nan=False)]
LabField = Annotated[tuple[Number, Number, Number] | None, BeforeValidator(_numbers)]
Hex = Annotated[str | None, BeforeValidator(_no_blank)]


class Shade(BaseModel):
    """One shade of one product. CIELAB is D65, 2 degrees, surface reflection included (SCI)."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True
    )

    sku: Text
    brand: Text
    product: Text
    shade: Text
    category: Annotated[Category, BeforeValidator(_lower)] = "foundation"
    lab: LabField = None  # measured on the instrument: swatch thick enough to hide what is below
    spectrum: dict[int, Number] | None = None  # nm -> reflectance 0..1, at least 400..700 nm, steps <= 20 nm
    hex: Hex = None  # of a web swatch: low grade
    basis: Annotated[Basis, BeforeValidator(lambda v: _lower(v) or "swatch")] = "swatch"
    coverage: Annotated[Coverage | None, BeforeValidator(_lower)] = None
    finish: Annotated[Finish | None, BeforeValidator(_lower)] = None
    undertone: Annotated[Literal["cool", "neutral", "warm"] | None, BeforeValidator(_undertone)] = None
    batch: MaybeText = None
    advertised_lab: LabField = None  # of the colour shown in the shop, measured
    advertised_hex: Hex = None  # of the picture in the shop
    advertised_image: MaybePath = None  # that picture: a file beside the catalogue, or an address

    @field_validator("lab", "advertised_lab")
    @classmethod
    def _possible_lab(
        cls, lab: tuple[float, float, float] | None, info: ValidationInfo
    ) -> tuple[float, float, float] | None:
        if lab and (reason := implausible_lab(lab, info.data.get("category", ""))):
            raise ValueError(reason)
        return lab

    @field_validator("hex", "advertised_hex")
    @classmethod
    def _six_digits(cls, code: str | None, info: ValidationInfo) -> str | None:
        if code is None:
            return None
        found = _HEX.fullmatch(code)
        if not found:
            raise ValueError("not a colour of six hexadecimal digits such as #c68642")
        code = f"#{found[1].lower()}"
        if reason := implausible_hex(code, info.data.get("category", "")):
            raise ValueError(reason)
        return code

    @field_validator("spectrum")
    @classmethod
    def _whole_spectrum(cls, spectrum: dict[int, float] | None) -> dict[int, float] | None:
        if spectrum is not None:
            _check_spectrum(spectrum)
        return spectrum

    @model_validator(mode="after")
    def _some_color(self) -> Shade:
        if self.lab is None and self.spectrum is None and self.hex is None:
            raise ValueError("no colour: give lab, a spectrum or hex")
        return self

    @property
    def grade(self) -> Grade:
        """What the colour rests on."""
        return "lab" if self.lab is not None else "spectrum" if self.spectrum is not None else "hex"

    @property
    def color(self) -> FloatArray:
        """(3,) L*a*b* as given; a web swatch is not corrected here."""
        if self.lab is not None:
            return np.array(self.lab)
        if self.spectrum is not None:
            return spectrum_to_lab(self.spectrum)
        return hex_to_lab(self.hex or "")

    @property
    def advertised(self) -> tuple[FloatArray, Grade] | None:
        """(3,) L*a*b* of the colour shown to the customer, and what it rests on; None if it is not known."""
        if self.advertised_lab is not None:
            return np.array(self.advertised_lab), "lab"
        return (hex_to_lab(self.advertised_hex), "hex") if self.advertised_hex else None


def hex_to_lab(code: str) -> FloatArray:
    """L*a*b* (3,) of "#rrggbb" seen as sRGB."""
    return linear_to_lab(srgb_decode(np.frombuffer(bytes.fromhex(code.lstrip("#")), np.uint8) / 255))


def _check_spectrum(spectrum: dict[int, float]) -> None:
    at = sorted(spectrum)
    if len(at) < 2 or at[0] > 400 or at[-1] < 700 or max(b - a for a, b in pairwise(at)) > 20:
        raise ValueError("a spectrum covers 400..700 nm in steps of at most 20 nm")
    if not all(0 <= value <= 1.2 for value in spectrum.values()):
        raise ValueError("reflectance is 0..1, not per cent")
    if max(spectrum.values()) < 0.003:
        raise ValueError("a reflectance of 0 throughout is an empty spectrum: leave the cells empty")
