"""Products that could stand in: never with what was avoided, nearest first, each with why."""

from pathlib import Path
from typing import Any

import pytest

from skinscan.claims import load_claim
from skinscan.claims.help.products import ListedProduct, ProductList, load_products
from skinscan.claims.help.replacements import CLASSES, Replacements, suggest_replacements
from skinscan.claims.ingredients.label import parse_ingredients
from skinscan.claims.ingredients.substances import find_substance, substances
from skinscan.errors import DataError
from tests.claims.cases import CLEAR_REACTION, changed

HEAD = "sku,name,category,ingredients,price,claims,shades,stays_on\n"


def shop(*rows: tuple[str, str, float | None, str]) -> ProductList:
    """(sku, ingredients, price, claims) of creams."""
    products = tuple(
        ListedProduct(sku=sku, category="cream", ingredients=listed, price=price, claims=claims)
        for sku, listed, price, claims in rows
    )
    return ProductList(name="shop.csv", products=products, refused=())


def suggested(products: ProductList, implicated: list[str], **changes: Any) -> Replacements:
    return suggest_replacements(load_claim(changed(CLEAR_REACTION, **changes)), implicated, products)


@pytest.mark.parametrize("substance", substances(), ids=lambda substance: substance.inci)
def test_what_is_avoided_and_its_class_is_never_proposed(substance: Any) -> None:
    other = next(
        (s for s in substances() if s.function == substance.function and s.inci != substance.inci), substance
    )
    products = shop(
        ("same", f"Aqua, Glycerin, {substance.inci}", 100, ""),
        ("class", f"Aqua, Glycerin, {other.inci}", 100, ""),
        ("plain", "Xanthan Gum, Carbomer, Mica" if substance.inci != "Mica" else "Carbomer", 100, ""),
    )
    found = suggested(products, [substance.inci])
    proposed = {item.sku for item in found.products}
    assert "same" not in proposed
    assert not (substance.function in CLASSES and "class" in proposed)
    for item in found.products:
        listed = next(p.ingredients for p in products.products if p.sku == item.sku)
        names = {entry.substance.inci for entry in parse_ingredients(listed) if entry.substance}
        assert not names & set(found.avoided)


def test_known_triggers_count_as_the_implicated_do() -> None:
    products = shop(
        ("a", "Aqua, Parfum", 10, ""), ("b", "Aqua, Linalool", 10, ""), ("c", "Aqua, Glycerin", 10, "")
    )
    found = suggested(products, [], person__allergies=["香精"])
    assert [item.sku for item in found.products] == ["c"]
    assert found.avoided_classes == ("fragrance",)


def test_a_list_that_cannot_be_read_is_never_proposed() -> None:
    products = shop(("a", "Aqua, Xyzol, Foobar, Quux", 10, ""), ("b", "", 10, ""))
    found = suggested(products, ["Parfum"])
    assert (found.standing, found.products) == ("none_without", ())


def test_the_nearest_in_use_then_in_price_comes_first_and_says_why() -> None:
    products = shop(
        ("cream-1", "Aqua, Parfum", 100, "保湿"), ("dear", "Aqua, Glycerin", 400, "保湿"),
        ("near", "Aqua, Squalane", 110, "保湿"), ("other-use", "Aqua, Betaine", 100, "美白"),
        ("unpriced", "Aqua, Trehalose", None, "保湿"),
    )  # fmt: skip
    found = suggested(products, ["Parfum"])
    assert [item.sku for item in found.products] == ["near", "dear", "unpriced"]
    near = found.products[0]
    assert near.price_difference == 10
    assert {why.code for why in near.why} >= {"SAME_CATEGORY", "WITHOUT_SUSPECTED", "SAME_PROMISES"}
    assert found.note.code == "TEST_FIRST"


def test_alcohols_are_one_and_spots_avoid_what_clogs() -> None:
    products = shop(("a", "Aqua, Alcohol", 10, ""), ("b", "Aqua, Cetyl Alcohol", 10, ""))
    assert [item.sku for item in suggested(products, ["Alcohol Denat."]).products] == ["b"]
    oils = shop(("a", "Aqua, Isopropyl Palmitate", 10, ""), ("b", "Aqua, Squalane", 10, ""))
    spots = suggested(oils, ["Cocos Nucifera Oil"], signs=[{"sign": "闭口", "areas": ["下巴"]}])
    assert [item.sku for item in spots.products] == ["b"]


def test_nothing_is_proposed_where_nothing_is_known_to_avoid_or_nothing_is_sold() -> None:
    products = shop(("a", "Aqua, Glycerin", 10, ""))
    assert suggested(products, []).standing == "nothing_implicated"
    assert suggested(products, ["Parfum"], product__category="serum").standing == "none_of_kind"


def test_a_product_file_is_read_as_other_tables_are(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_bytes(
        (
            HEAD + 'c-1,霜,面霜,"水、甘油","1 0",保湿,,是\n'
            'c-2,霜,护臀膏,"水、氧化锌",59.5,,,\nc-2,再来,面霜,水,1,,,\n,无号,面霜,水,1,,,\nc-3,霜,飞船,水,1,,,\n'
        ).encode("gb18030")
    )
    read = load_products(path, language="zh")
    assert [product.sku for product in read.products] == ["c-2"]
    assert read.products[0].category == "baby_nappy_cream"
    reasons = {row.line: row.reason for row in read.refused}
    assert "price" in reasons[2]
    assert "c-2" in reasons[4]
    assert "sku" in reasons[5]
    assert "飞船" in reasons[6]
    assert read.guessed_encoding == "gb18030"


@pytest.mark.parametrize(
    ("text", "fault"), [("sku,name\n1,a\n", "no column category, ingredients"), ("", "is no table")]
)
def test_a_file_that_is_no_product_table_is_refused_by_name(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=fault):
        load_products(path)
    with pytest.raises(DataError, match="Cannot read products"):
        load_products(tmp_path / "nothing.csv")


def test_every_class_is_a_function_of_the_data_file() -> None:
    assert {substance.function for substance in substances()} >= CLASSES
    assert find_substance("Parfum")
