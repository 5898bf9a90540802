"""Catalogue files as rows of plain values: our own layout, and three that others have published."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from skinscan.shades.shade import Shade
from skinscan.tables import decimal, fold_head, parse_json, read_table

__all__ = ["FORMATS", "Row", "recognise", "table_of"]

Row = tuple[int, Any]  # number for messages, values of one row

# Heads of columns as shops and spreadsheets write them, folded, and our own names.
_HEADS = MappingProxyType(
    {
        "品牌": "brand", "产品": "product", "产品名称": "product", "色号": "shade", "类别": "category",
        "遮瑕力": "coverage", "遮盖力": "coverage", "妆效": "finish", "质地": "finish", "色调": "undertone",
        "货号": "sku", "批号": "batch", "色值": "hex", "展示色": "advertised_hex",
        **{name.casefold(): name for name in (
            *Shade.model_fields, "L", "a", "b", "advertised_L", "advertised_a", "advertised_b"
        )},
        "l*": "L", "a*": "a", "b*": "b",
    }
)  # fmt: skip
_CELLS = MappingProxyType(
    {
        "粉底": "foundation", "粉底液": "foundation", "气垫": "foundation", "遮瑕": "concealer",
        "遮瑕膏": "concealer", "口红": "lipstick", "唇膏": "lipstick", "唇釉": "lipstick", "轻薄": "sheer",
        "薄": "light", "中等": "medium", "高": "full", "哑光": "matte", "自然": "natural", "缎光": "satin",
        "水光": "dewy", "镜面": "gloss",
    }
)  # fmt: skip
_COLORS = ("lab", "advertised_lab")
_NUMBERS = frozenset(prefix + axis for prefix in ("", "advertised_") for axis in "Lab")


def table_of(text: str, name: str) -> list[Row]:
    """Rows of CSV, JSON (a list, or an object that holds one) or JSON Lines. ValueError if it is neither."""
    start = text.lstrip()[:1]
    if start == "[" or (start == "{" and not _is_json_lines(text, name)):
        return list(enumerate(_list_in(parse_json(text)), start=1))
    if start == "{":
        return [(n, _json_row(line)) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    return list(read_table(text).rows)


def _json_row(line: str) -> Any:
    """One row of JSON Lines, or the error that says why it is none."""
    try:
        return parse_json(line)
    except ValueError as error:
        return ValueError(str(error))  # without the frames that it was raised in: there may be a million


def _is_json_lines(text: str, name: str) -> bool:
    if name.lower().endswith((".jsonl", ".ndjson")):
        return True
    first, _, rest = text.strip().partition("\n")
    return bool(rest.strip()) and first.rstrip().endswith("}") and rest.lstrip().startswith("{")


def _list_in(value: Any) -> list[Any]:
    """Return the list itself, or the only list of an object; {"shades": [...]} or {"brands": [...]}."""
    if isinstance(value, list):
        return value
    lists = [v for v in value.values() if isinstance(v, list)]
    if len(lists) != 1:
        raise ValueError('a JSON catalogue is a list of rows, or an object with one, such as {"shades": []}')
    return list(lists[0])


def recognise(rows: Sequence[Row]) -> str:
    """Name of the format of these rows; "skinscan" unless the columns are those of another."""
    first = next((values for _, values in rows if isinstance(values, dict)), {})
    if {"brand_short", "product_short", "hex"} <= first.keys():
        return "swatches"
    if {"imgAlt", "specific", "colorspace", "hex"} <= first.keys():
        return "names"
    return "lipsticks" if {"name", "series"} <= first.keys() else "skinscan"


def _own(rows: Sequence[Row]) -> list[Row]:
    """Our own layout; of a CSV `L`, `a`, `b` become lab, columns named by nm a spectrum."""
    return [(number, _own_row(values) if isinstance(values, dict) else values) for number, values in rows]


def _own_row(cells: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    spectrum: dict[int, Any] = {}
    for name, value in cells.items():
        key = _HEADS.get(fold_head(name), name)
        if key in row:
            raise ValueError(f"two columns are named {key}")
        if re.fullmatch(r"[34567]\d\d", key):
            if value != "":
                spectrum[int(key)] = _number(value)
        elif key in _NUMBERS:
            row[key] = _number(value)
        else:
            row[key] = _CELLS.get(value.strip(), value) if isinstance(value, str) else value
    if spectrum:
        row.setdefault("spectrum", spectrum)
    for name, prefix in zip(_COLORS, ("", "advertised_"), strict=True):
        parts = [row.pop(prefix + axis, None) for axis in "Lab"]
        if any(part not in (None, "") for part in parts):
            row.setdefault(name, parts)
    return row


def _number(value: Any) -> Any:
    return decimal(value) if isinstance(value, str) else value


def _swatches(rows: Sequence[Row]) -> list[Row]:
    """The Pudding, makeup-shades: hex without #, products by name, no shade names."""

    def row(values: Mapping[str, Any]) -> dict[str, Any]:
        code = str(values.get("hex", ""))
        return {
            "brand": values.get("brand"),
            "product": values.get("product"),
            "shade": code,
            "hex": code,
            "sku": f"{values.get('brand_short')}-{values.get('product_short')}-{code}",
        }

    return _numbered(rows, row)


def _names(rows: Sequence[Row]) -> list[Row]:
    """The Pudding, foundation-names: a name and a hex by picture."""

    def row(values: Mapping[str, Any]) -> dict[str, Any]:
        known = [values.get(key) for key in ("specific", "name", "imgAlt")]
        shade = next((text for text in known if text not in (None, "", "NA")), "?")
        code = str(values.get("hex", "")).lstrip("#")
        brand, product = values.get("brand"), values.get("product")
        whole = {"brand": brand, "product": product, "shade": str(shade)[:200], "hex": code}
        return {**whole, "sku": f"{brand}-{product}-{shade}"[:180]}

    return _numbered(rows, row)


def _lipsticks(rows: Sequence[Row]) -> list[Row]:
    """Brands that hold series that hold lipsticks of {color, id, name}."""
    flat: list[Row] = []
    try:
        for _, brand in rows:
            for series in brand["series"]:
                flat += [
                    (0, {"brand": brand["name"], "series": series["name"], **s}) for s in series["lipsticks"]
                ]
    except (KeyError, TypeError) as error:
        raise ValueError(f"a brand, series or lipstick is not laid out as the others ({error})") from error

    def row(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "brand": values["brand"],
            "product": values["series"],
            "shade": " ".join(str(values[key]) for key in ("id", "name") if values.get(key)),
            "category": "lipstick",
            "hex": values.get("color"),
            "sku": f"{values['brand']}-{values['series']}-{values.get('id')}",
        }

    return _numbered([(k, values) for k, (_, values) in enumerate(flat, start=1)], row)


def _numbered(rows: Sequence[Row], row: Callable[[Mapping[str, Any]], dict[str, Any]]) -> list[Row]:
    """Rows by `row`; these files have no sku, so what is made of names is numbered where it repeats."""
    seen: Counter[str] = Counter()
    out: list[Row] = []
    for number, values in rows:
        if not isinstance(values, dict):
            out.append((number, values))
            continue
        made = row(values)
        seen[made["sku"]] += 1
        if seen[made["sku"]] > 1:
            made["sku"] += f"-{seen[made['sku']]}"
        out.append((number, made))
    return out


FORMATS: Mapping[str, Callable[[Sequence[Row]], list[Row]]] = MappingProxyType(
    {"skinscan": _own, "swatches": _swatches, "names": _names, "lipsticks": _lipsticks}
)
"""Layouts by name: our own; foundation swatches and foundation names of The Pudding; nested lipsticks."""
