"""Catalogue files: what is read, what is refused and why."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from skinscan.errors import DataError
from skinscan.shades import Catalog, Shade, load_catalog, make_catalog
from skinscan.shades.catalog_grades import GRADE_SIGMA, correct_web_swatch
from skinscan.shades.shade import hex_to_lab
from skinscan.shades.spectrum import spectrum_to_lab
from tests.paths import CATALOGS, SAMPLES

HEAD = "sku,brand,product,shade,category,coverage,L,a,b,hex"
GOOD = "A1,Linden,Veil,10N,foundation,light,60,11,17,"


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def problems_of(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(DataError):
        load_catalog(path)
    return [(p.row, p.field) for p in load_catalog(path, skip_bad=True).problems]


def only(catalog: Catalog) -> Shade:
    assert len(catalog.shades) == 1
    return catalog.shades[0]


def test_csv_json_and_json_lines_say_the_same(tmp_path: Path) -> None:
    names = {"sku": "A1", "brand": "Linden", "product": "Veil", "shade": "10N", "coverage": "light"}
    row = {**names, "lab": [60, 11, 17]}
    whole = written(tmp_path / "c.json", json.dumps({"shades": [row]}))
    lines = written(tmp_path / "c.jsonl", json.dumps(row))
    table = written(tmp_path / "c.csv", HEAD, GOOD)
    assert only(load_catalog(whole)) == only(load_catalog(lines)) == only(load_catalog(table))


def test_heads_and_words_in_chinese_and_an_excel_file(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    text = "货号,品牌,产品,色号,类别,遮瑕力,妆效,L,a,b\nX1,林登,水润唇釉,樱桃,口红,轻薄,镜面,40,50,20\n"
    path.write_bytes(text.encode("gb18030"))
    shade = only(load_catalog(path))
    assert (shade.category, shade.coverage, shade.finish) == ("lipstick", "sheer", "gloss")
    assert shade.brand == "林登"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("A2,Linden,Veil,20N,foundation,light,160,11,17,", "lab"),
        ("A2,Linden,Veil,20N,foundation,light,60,nan,17,", "lab.1"),
        ("A2,Linden,Veil,20N,foundation,light,60,red,17,", "lab.1"),
        ("A2,Linden,Veil,20N,foundation,thick,60,11,17,", "coverage"),
        ("A2,Linden,Veil,20N,perfume,light,60,11,17,", "category"),
        ("A2,Linden,Veil,20N,foundation,light,,,,", "row"),
        ("A2,Linden,Veil,20N,foundation,light,,,,#12345", "hex"),
        (",Linden,Veil,20N,foundation,light,60,11,17,", "sku"),
        ("A1,Linden,Veil,20N,foundation,light,60,11,17,", "sku"),
        ("A2,Linden,Veil,20N,foundation,light,60,11", "lab.2"),
        (f"{'x' * 201},Linden,Veil,20N,foundation,light,60,11,17,", "sku"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_field(tmp_path: Path, row: str, field: str) -> None:
    path = written(tmp_path / "c.csv", HEAD, GOOD, "", row)
    assert problems_of(path) == [(4, field)]
    assert only(load_catalog(path, skip_bad=True)).sku == "A1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "[",
        '{"a": 1}',
        "[1, 2]",
        '{"a": [], "b": []}',
        "[" * 100_000,
        "a,a\n1,2\n",
        'sku,brand\n"x,y\n',
        "sku\0,brand\n1,2\n",
        '[{"sku": {"deep": []}}]',
    ],
)
def test_what_is_no_catalogue_is_a_data_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError):
        load_catalog(path, skip_bad=True)


def test_bytes_that_are_no_text_missing_files_and_folders(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(b"\xff\xfe\x00\x81\xff")
    for wrong in (path, tmp_path, tmp_path / "none.csv"):
        with pytest.raises(DataError):
            load_catalog(wrong)


def test_an_unknown_sku_is_refused_with_the_nearest() -> None:
    catalog = load_catalog(SAMPLES / "catalog_foundations.csv")
    with pytest.raises(DataError, match="LIN-10C"):
        catalog.find("lin-10c")


def test_a_flat_spectrum_is_grey_and_a_spectrum_counts_as_measured(tmp_path: Path) -> None:
    grey = spectrum_to_lab({nm: 0.184 for nm in range(400, 701, 20)})
    assert grey == pytest.approx([50.0, 0.0, 0.0], abs=0.05)
    bands = [str(nm) for nm in range(400, 701, 20)]
    head, row = f"sku,brand,product,shade,{','.join(bands)}", "A,b,p,s," + ",".join(["0.184"] * len(bands))
    catalog = load_catalog(written(tmp_path / "c.csv", head, row))
    assert only(catalog).grade == "spectrum"
    assert catalog.lab[0] == pytest.approx(grey)
    per_cent = row.replace("A,", "B,").replace("0.184", "18.4")
    assert problems_of(written(tmp_path / "d.csv", head, row, per_cent)) == [(3, "spectrum")]


def test_the_spectrum_of_skin_agrees_with_color_science() -> None:
    from models.renderer.issa import WAVELENGTHS, linear_srgb
    from models.renderer.people import committed_people
    from skinscan.color import linear_to_lab

    for person in committed_people():
        spectrum = person.sites["cheek"]
        own = spectrum_to_lab(dict(zip(WAVELENGTHS.astype(int).tolist(), spectrum.tolist(), strict=True)))
        assert own == pytest.approx(linear_to_lab(linear_srgb(spectrum)), abs=0.05)


def test_web_swatches_are_brought_to_the_range_of_skin_and_trusted_less() -> None:
    swatches = np.array([[21.0, 5.5, 13.6], [91.8, 24.7, 40.4]])
    assert correct_web_swatch(swatches) == pytest.approx(np.array([[32.7, 7.8, 11.5], [68.3, 16.5, 20.9]]))
    web = Shade(sku="w", brand="b", product="p", shade="s", hex="c68642")
    lips = Shade(sku="l", brand="b", product="p", shade="s", hex="c68642", category="lipstick")
    measured = Shade(sku="m", brand="b", product="p", shade="s", lab=(60, 12, 18))
    catalog = make_catalog([web, lips, measured])
    assert (catalog.sigma[0] > 3 * GRADE_SIGMA["lab"][0]).any()
    assert catalog.lab[1] == pytest.approx(hex_to_lab("#c68642"))
    assert (catalog.sigma[2] < catalog.sigma[0]).all()


@pytest.mark.skipif(not CATALOGS.is_dir(), reason=f"the folder of real catalogues is not here: {CATALOGS}")
@pytest.mark.parametrize(
    ("name", "layout", "rows"),
    [
        ("foundation_swatches_625.csv", "swatches", 625),
        ("foundation_names_6816.csv", "names", 6816),
        ("lipstick_287.json", "lipsticks", 287),
    ],
)
def test_real_catalogues_are_read_whole(name: str, layout: str, rows: int) -> None:
    catalog = load_catalog(CATALOGS / name)
    assert (catalog.format, len(catalog.shades), catalog.grades()) == (layout, rows, {"hex": rows})


# As spreadsheets of other countries write it, and what no product is


@pytest.mark.parametrize(
    "text",
    [
        "sku;brand;product;shade;L;a;b\r\nA1;Linden;Veil;10C;60,5;11,2;17\r\n",
        "SKU,Brand,Product,Shade,L*,a*,b*\nA1,Linden,Veil,10C,60.5,11.2,17\n",
        "sep=,\r\nsku,brand,product,shade,L,a,b\r\nA1,Linden,Veil,10C,60.5,11.2,17\r\n",
        "sku,brand,product,shade,l,A,B,note\nA1,Linden,Veil,10C,60.5,11.2,17\n",
        "sku\tbrand\tproduct\tshade\tlab\nA1\u200b\tLinden\tVeil\u00a0\t10C\t60,5 11,2 17\n",
        "sku,brand,product,shade,lab\nA1,Linden,Veil,10C,60.5;11.2;17\n",
        '{"sku": "A1\\u200b", "brand": "Linden", "product": "Veil", "shade": "10C", "lab": [60.5, 11.2, 17]}',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_catalogues_of_other_countries_are_read_as_meant(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / ("c.jsonl" if text[0] == "{" else "c.csv")
    path.write_bytes(text.encode(encoding))
    shade = only(load_catalog(path))
    assert (shade.sku, shade.product, shade.lab) == ("A1", "Veil", (60.5, 11.2, 17.0))


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "cp1252", "cp932"])
def test_names_in_an_encoding_of_the_trade_are_no_noise(tmp_path: Path, encoding: str) -> None:
    names = {
        "gb18030": "完美日记丝绒粉底液",
        "big5": "絲絨光感粉底液",
        "cp1252": "Élise Légère Crème Lumière",
        "cp932": "カネボウファンデーション",
    }
    path = tmp_path / "c.csv"
    path.write_bytes(f"sku,brand,product,shade,hex\nA1,{names[encoding]},x,1,#c0a090\n".encode(encoding))
    catalog = load_catalog(path)
    assert only(catalog).brand == names[encoding]
    assert catalog.guessed_encoding
    assert load_catalog(path, encoding=encoding).guessed_encoding == ""


@pytest.mark.parametrize(
    ("color", "reason"),
    [
        ("0,0,0", "empty colour|so black"), ("0.691,8.2,13.2", "0..1"), ("100,0,0", "empty colour"),
        ("50,0,0", "empty colour"), ("176,136,141", "OpenCV"), ("160,11,17", "0..100"),
        ("60,90,100", "vivid"), ("5,2,3", "foundation has"),
    ],
)  # fmt: skip
def test_colours_that_no_product_has_are_refused_by_row(tmp_path: Path, color: str, reason: str) -> None:
    path = written(tmp_path / "c.csv", HEAD, GOOD, f"A2,Linden,Veil,20N,foundation,light,{color},")
    problem = load_catalog(path, skip_bad=True).problems[0]
    assert (problem.row, problem.field) == (3, "lab")
    assert re.search(reason, problem.reason)


def test_a_column_filled_down_is_refused(tmp_path: Path) -> None:
    rows = [f"A{n},Linden,Veil,{n}0C,foundation,light,60,11,17," for n in range(4)]
    with pytest.raises(DataError, match="same colour"):
        load_catalog(written(tmp_path / "c.csv", HEAD, *rows), skip_bad=True)


def test_a_sku_is_found_by_what_can_be_seen_of_it(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path / "c.csv", HEAD, GOOD.replace("A1", "A1\u200b")))
    assert catalog.find("A1") == catalog.find(" A1\ufeff") == 0


def test_a_json_row_that_says_two_things_is_refused(tmp_path: Path) -> None:
    row = '{"sku": "A1", "sku": "A2", "brand": "x", "product": "y", "shade": "z", "hex": "#c0a090"}'
    good = row.replace('"sku": "A2", ', "")
    lines = written(tmp_path / "c.jsonl", good, row)
    assert [(p.row, p.reason) for p in load_catalog(lines, skip_bad=True).problems] == [
        (2, 'the key "sku" is given twice')
    ]
    with pytest.raises(DataError, match="given twice"):
        load_catalog(written(tmp_path / "c.json", f"[{row}]"), skip_bad=True)


@pytest.mark.parametrize("row", ["{", '{"sku": "a', "{}", "x"])
def test_a_file_of_nearly_all_bad_rows_is_read_no_further(
    row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []
    validate = Shade.model_validate

    def counted(values: object) -> Shade:
        tried.append(values)
        return validate(values)

    monkeypatch.setattr(Shade, "model_validate", counted)
    with pytest.raises(DataError, match=r"a\.jsonl is no catalogue: 1000 of its first 1000 rows"):
        load_catalog(written(tmp_path / "a.jsonl", *[row] * 5_000), skip_bad=True)
    assert len(tried) <= 1_000


def test_many_bad_rows_among_good_ones_are_left_out(tmp_path: Path) -> None:
    good = [f"A{n},Linden,Veil,{n},foundation,light,{40 + n / 50},11,17," for n in range(400)]
    catalog = load_catalog(written(tmp_path / "a.csv", HEAD, *good, *["B1,,,,,,,,,"] * 1_500), skip_bad=True)
    assert len(catalog.shades) == 400
    assert len({problem.row for problem in catalog.problems}) == 1_500
