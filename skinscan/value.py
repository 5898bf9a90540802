"""What values share: they are equal by what they hold, can be copied and pickled, and show no arrays.

A `Result` is a value that a caller is handed: it can also tell itself as JSON, as text and in a notebook. The
writers are loaded when they are asked for, so that a value needs none of them.
"""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

__all__ = ["WRITERS", "Result", "Value"]

WRITERS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "CaseFile": ("claim", "case_to_dict", "summarise_case"),
        "Catalog": ("shade", "catalog_to_dict", "summarise_catalog"),
        "Change": ("change", "compare_to_dict", "summarise_change"),
        "Scan": ("scan", "scan_to_dict", "summarise"),
        "ShadeMatch": ("shade", "shade_to_dict", "summarise_shades"),
        "Signals": ("signals", "signals_to_dict", "summarise_signals"),
        "Trend": ("trend", "trend_to_dict", "summarise_trend"),
        "TryOn": ("tryon", "tryon_to_dict", "summarise_tryon"),
        "Verdict": ("claim", "verdict_to_dict", "summarise_verdict"),
        "Verification": ("evidence", "verification_to_dict", "summarise_verification"),
    }
)
"""Class of a result -> the file of `output.records` and of `output.terminal`, and the writer in each."""


_LISTED = 3  # entries of a tuple that a repr shows


class Value:
    """Base of the frozen dataclasses that hold arrays; give these `eq=False, repr=False`."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # as of any value that holds an array

    def __eq__(self, other: object) -> bool:
        return _same(self, other) if type(self) is type(other) else NotImplemented

    def __repr__(self) -> str:
        """Every field, arrays as dtype and shape."""
        told = (f"{field.name}={_brief(getattr(self, field.name))}" for field in fields(self))  # type: ignore[arg-type]
        return f"{type(self).__name__}({', '.join(told)})"

    def __reduce__(self) -> tuple[Any, ...]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return _restore, (type(self), values, _read_only(values))


class Result:
    """Base of what a caller is handed: the JSON contract, text, and a cell of a notebook."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data by the JSON contract (docs/json.md)."""
        file, write, _ = WRITERS[type(self).__name__]
        record: dict[str, Any] = getattr(import_module(f"skinscan.output.records.{file}"), write)(self)
        return record

    def to_json(self) -> str:
        """The text of `to_dict()`, without a trailing newline."""
        text: str = import_module("skinscan.output.records.common").to_json(self.to_dict())
        return text

    def summary(self, lang: Literal["en", "zh"] = "en") -> str:
        """What the command line prints, 80 columns wide and without colours."""
        file, _, tell = WRITERS[type(self).__name__]
        text: str = getattr(import_module(f"skinscan.output.terminal.{file}"), tell)(self, lang)
        return text

    def _repr_html_(self) -> str:
        html: str = import_module("skinscan.output.report.notebook").notebook_cell(self)
        return html


def _same(one: Any, other: Any) -> bool:
    """Equal, arrays and numbers that are none (NaN) included."""
    if one is other:
        return True
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and _same_array(one, other)
    if isinstance(one, Mapping):
        return isinstance(other, Mapping) and one.keys() == other.keys() and _all_same(one, other, one)
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(map(_same, one, other))
    if type(one) is not type(other):
        return bool(one == other)
    if is_dataclass(one):
        return all(_same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, Exception):
        return bool(one.args == other.args)
    return bool(one == other or (one != one and other != other))


def _same_array(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    same_kind = one.dtype == other.dtype
    return bool(same_kind and np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


def _all_same(one: Mapping[Any, Any], other: Mapping[Any, Any], keys: Any) -> bool:
    return all(_same(one[key], other[key]) for key in keys)


def _brief(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_brief(one)}' for key, one in value.items())}}}"
    if isinstance(value, tuple) and len(value) > _LISTED:
        return f"({len(value)} x {type(value[0]).__name__})"
    return repr(value)


def _read_only(values: Mapping[str, object]) -> tuple[str, ...]:
    """Names of the arrays that must not be written to: pickle forgets."""
    return tuple(n for n, v in values.items() if isinstance(v, np.ndarray) and not v.flags.writeable)


def _restore(cls: type[Any], values: dict[str, Any], read_only: tuple[str, ...]) -> Any:
    for name in read_only:
        values[name].setflags(write=False)
    made = object.__new__(cls)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def _restore_proxy(values: dict[str, Any], read_only: tuple[str, ...]) -> MappingProxyType[str, Any]:
    for name in read_only:
        values[name].setflags(write=False)
    return MappingProxyType(values)


def _reduce_proxy(proxy: MappingProxyType[str, Any]) -> tuple[Any, ...]:
    return _restore_proxy, (dict(proxy), _read_only(proxy))


copyreg.pickle(MappingProxyType, _reduce_proxy)
