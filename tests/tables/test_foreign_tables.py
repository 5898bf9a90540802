"""Every table that is read, as spreadsheets of several countries write it: the same as plain UTF-8."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from skinscan.batch import Job, plan
from skinscan.claims.help.products import load_products
from skinscan.shades import load_catalog
from skinscan.signals.read import read_orders

READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "catalogue": (
        "sku,brand,product,shade,category,L,a,b\nA1,菱花,粉底液,自然色,foundation,60.5,11.25,17\n"
        "A2,菱花,粉底液,象牙白,foundation,66.5,10,16.5\n",
        lambda path: [shade.model_dump() for shade in load_catalog(path).shades],
    ),
    "products": (
        "sku,name,brand,category,ingredients,price\nP1,保湿面霜,菱花,cream,水、甘油、苯氧乙醇,99.5\n"
        "P2,舒缓乳液,菱花,cream,水、甘油,120\n",
        lambda path: load_products(path).products,
    ),
    "orders": (
        "order,sku,sold_at,brand,streamer\nO1,S1,2026-03-01,美白,小美的直播间\nO2,S2,2026-03-02,美白,\n",
        read_orders,
    ),
    "pairs": (
        "before,after,note\n使用前照片.jpg,使用后照片.jpg,红肿\n",
        lambda path: plan(str(path), Job(kind="pairs", device="cpu")).paths,
    ),
}


def european(text: str) -> str:
    """`;` between cells, decimal commas, capital heads, empty rows at the end."""
    head, *rows = text.replace(",", ";").splitlines()
    return "\r\n".join(
        [head.upper(), *(row.replace(".5", ",5").replace(".25", ",25") for row in rows), ";;", ""]
    )


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "BOM": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "GBK": lambda text: text.encode("gbk"),
    "European": lambda text: european(text).encode("utf-8-sig"),
    "European, UTF-16": lambda text: european(text).encode("utf-16"),
    "sep=": lambda text: ("sep=;\r\n" + european(text)).encode(),
    "tabs": lambda text: text.replace(",", "\t").encode("utf-16"),
    "zero width": lambda text: text.replace("\n", "\u200b\n").encode(),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("reader", READERS)
def test_a_table_is_read_as_meant(reader: str, written: str, tmp_path: Path) -> None:
    text, read = READERS[reader]
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    plain = read(path)
    assert plain
    path.write_bytes(WRITTEN[written](text))
    assert read(path) == plain
