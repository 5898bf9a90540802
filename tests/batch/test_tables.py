"""Tables of rows: the same columns for any input, and nothing in them that a spreadsheet runs."""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skinscan.batch import Job, Kind, plan
from skinscan.batch.columns import columns
from skinscan.batch.columns.photos import CHECKS, PARTS
from skinscan.batch.export import FORMATS, export
from skinscan.batch.index_page import write_index
from skinscan.batch.worker import Worker
from skinscan.texts.bilingual import Texts
from skinscan.types import METRICS
from tests import columns_page
from tests.batch.cases import CATALOG, lay_out_cases
from tests.conftest import Run
from tests.paths import SAMPLES

PAIRS = SAMPLES / "pairs"
KINDS: tuple[Kind, ...] = ("photos", "pairs", "claims")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, Path]:
    """Rows of each kind, done and refused, one JSONL file each."""
    root = tmp_path_factory.mktemp("rows")
    lay_out_cases(root / "cases")
    (root / "photos").mkdir()
    for name in ("face_light.jpg", "face_shiny.jpg", "no_face.jpg"):
        shutil.copy(SAMPLES / name, root / "photos" / name)
    listed = [
        ("a_before", "a_strong", '"left_cheek,chin"'),
        ("a_before", "a_before", ""),
        ("a_before", "x", "nose"),
    ]
    text = "".join(f"{PAIRS / one}.jpg,{PAIRS / other}.jpg,{area}\n" for one, other, area in listed)
    (root / "pairs.csv").write_text(f"before,after,area\n{text}")
    sources: dict[Kind, Path] = {
        "photos": root / "photos",
        "pairs": root / "pairs.csv",
        "claims": root / "cases",
    }
    files: dict[Kind, Path] = {}
    for kind, source in sources.items():
        job = Job(kind=kind, device="cpu", catalog=str(CATALOG) if kind != "pairs" else None)
        worker, work = Worker(job), plan(str(source), job)
        files[kind] = root / f"{kind}.rows"
        files[kind].write_bytes(b"".join(worker.row(unit).line for unit in work.units()))
    return files


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_holds_the_same_cells_under_the_same_heads(
    kind: Kind, rows: dict[Kind, Path], tmp_path: Path
) -> None:
    parquet, openpyxl = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    wanted = columns(kind)
    expected = [[column.get(row) for column in wanted] for row in read(rows[kind])]
    for suffix in FORMATS[1:]:
        export(rows[kind], tmp_path / f"a{suffix}", wanted)
    heads = [column.name for column in wanted]
    found = parquet.read_table(tmp_path / "a.parquet")
    assert found.column_names == heads
    assert [list(row.values()) for row in found.to_pylist()] == expected
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["rows"]
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert cells[0] == heads
    assert cells[1:] == expected
    in_csv = table(tmp_path / "a.csv")
    assert list(in_csv[0]) == heads
    shown = [["" if cell is None else str(cell) for cell in row] for row in expected]
    assert [[cell.removeprefix("'") for cell in row.values()] for row in in_csv] == shown


@pytest.mark.parametrize("kind", KINDS)
def test_the_columns_do_not_depend_on_the_rows(kind: Kind, rows: dict[Kind, Path], tmp_path: Path) -> None:
    refused = tmp_path / "refused"
    refused.write_bytes(rows[kind].read_bytes().splitlines(keepends=True)[-1])
    heads = []
    for source in (rows[kind], refused):
        export(source, tmp_path / "a.csv", columns(kind, "summary"))
        heads.append((tmp_path / "a.csv").read_bytes().splitlines()[0])
    assert heads[0] == heads[1]
    assert 35 <= heads[0].count(b",") + 1 <= 45
    names = [column.name for column in columns(kind)]
    assert {column.name for column in columns(kind, "summary")} <= set(names)
    assert len(set(names)) == len(names)


LEFT_OUT = re.compile(
    r"(^|\.)(schema|unit|range|direction|area_scale|run\.device|run\.provider|run\.models)$"  # always alike
    r"|(^|\.)(zh|en|direction_zh|criteria|lines)$|^trace$"  # sentences
    r"|^view\.yaw$|(^|\.)(summary\.area|summary\.redness\.verdict|face\.local|affected\.percent"
    r"|affected\.area_cm2|affected\.pattern|power\.erythema_sdc95\.\w+|status|unusable)$"  # other names
    r"|^shade\.(photo|light|categories|asked_site|colour|budget|known|purchased|catalog|run)\b"  # how
    r"|^evidence\.recovery\b"  # the verdict alone has a column
)


def leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    else:
        yield path


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_a_row_has_a_column(kind: Kind, rows: dict[Kind, Path]) -> None:
    known = {column.name for column in columns(kind)}
    known |= {name.rsplit(".", cut)[0] for name in known for cut in range(1, 4) if name.count(".") >= cut}
    paths = {path for row in read(rows[kind]) for path in leaves(row["result"] or {})}
    assert {path for path in paths - known if not LEFT_OUT.search(path)} == set()
    assert len(paths & known) > 100


@pytest.mark.parametrize("kind", ["photos", "pairs"])
def test_a_value_is_missing_where_a_reason_stands_and_nowhere_else(
    kind: Kind, rows: dict[Kind, Path]
) -> None:
    by_name = {column.name: column for column in columns(kind)}
    checked = 0
    for row in read(rows[kind]):
        for name, column in by_name.items():
            if not name.endswith(".reason") or name.startswith(("tone", "shade")):
                continue
            own = name.removesuffix(".reason")
            value = by_name.get(f"{own}.value") or by_name[f"{own}.erythema_index.delta"]
            assert (value.get(row) is None) == (column.get(row) is not None), (row["index"], name)
            checked += value.get(row) is None
    assert checked


def test_a_withheld_measure_tells_which_check_failed(rows: dict[Kind, Path]) -> None:
    row = read(rows["photos"])[0]
    result = row["result"]
    result["zones_withheld"] = {"shine": "OVEREXPOSED"}
    for zone in result["zones"].values():
        zone["shine"] = None
    del result["zones"]["chin"], result["zones"]["nose"]
    result["view"]["zones_not_seen"] = ["nose"]
    by_name = {column.name: column for column in columns("photos")}
    reasons = {
        "zones.forehead.shine": "OVEREXPOSED", "zones.chin.shine": "OVEREXPOSED",
        "zones.forehead.lightness": None, "zones.chin.lightness": "ZONES_COVERED",
        "zones.nose.erythema_index": "HEAD_TURNED",
    }  # fmt: skip
    assert {name: by_name[f"{name}.reason"].get(row) for name in reasons} == reasons


WILD = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\tx", "\rx", "＝1", "a\r=1+1"]


def test_cells_that_a_spreadsheet_would_run_are_text(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    rows = tmp_path / "rows"
    row = {
        "index": 0,
        "kind": "photos",
        "status": "done",
        "code": None,
        "device": "cpu",
        "provider": "p",
        "error": None,
    }
    wild = [
        row
        | {
            "source": {"photo": text},
            "result": {"photo": {"capture": {"software": text}}, "face": {"pose": {"yaw": -1.5}}},
        }
        for text in WILD
    ]
    rows.write_text("".join(json.dumps(each) + "\n" for each in wild))
    wanted = [c for c in columns("photos") if c.name in ("photo", "photo.capture.software", "face.pose.yaw")]
    for name in ("a.csv", "a.xlsx"):
        export(rows, tmp_path / name, wanted)
    expected = [*(f"'{text}".replace("\r", "\n") for text in WILD[:-1]), "a\n=1+1"]
    found = table(tmp_path / "a.csv")
    assert [each["photo"] for each in found] == [each["photo.capture.software"] for each in found] == expected
    assert {each["face.pose.yaw"] for each in found} == {"-1.5"}  # a number stays one
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["rows"]
    for cells, text in zip(sheet.iter_rows(min_row=2), WILD, strict=True):
        assert [cell.data_type for cell in cells] == ["s", "s", "n"]
        assert cells[0].value.replace("_x000D_", "\r") == text
    again = (tmp_path / "a.xlsx").read_bytes()
    export(rows, tmp_path / "a.xlsx", wanted)
    assert (tmp_path / "a.xlsx").read_bytes() == again
    export(rows, tmp_path / "a.jsonl")
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == len(WILD)


def test_pandas_reads_the_tables_of_docs(rows: dict[Kind, Path], tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    for name in ("rows.csv", "rows.parquet"):
        export(rows["photos"], tmp_path / name, columns("photos"))
    as_csv, typed = pandas.read_csv(tmp_path / "rows.csv"), pandas.read_parquet(tmp_path / "rows.parquet")
    assert list(as_csv) == list(typed)
    done = as_csv[as_csv.status == "done"].set_index("photo.name")
    redness = done.loc["face_light.jpg", "scores.redness.value"]
    assert redness == read(rows["photos"])[0]["result"]["scores"]["redness"]["value"]
    assert as_csv.loc[as_csv.status == "refused", "scores.redness.reason"].tolist() == ["NO_FACE"]
    counts = as_csv["scores.redness.reason"].value_counts()
    assert counts["NO_FACE"] == 1
    assert math.isnan(as_csv["scores.redness.value"].iloc[-1])


def test_the_overview_says_in_words_why_a_row_is_refused(rows: dict[Kind, Path], tmp_path: Path) -> None:
    for kind in KINDS:
        given = [row | {"report": None} for row in read(rows[kind])]
        (tmp_path / "rows").write_text("".join(json.dumps(row) + "\n" for row in given))
        write_index(tmp_path / "rows", tmp_path, "en")
        page = (tmp_path / "index.html").read_text("utf-8")
        english = page.split('<article lang="en"')[1].split("</table>")[0].split("<tbody>")[1]
        assert english.count("cannot be used") == sum(row["status"] == "refused" for row in given)
        found = next(row["result"]["findings"] for row in read(rows["pairs"]) if row["code"])
        said = {"photos": "No face was found", "claims": "DATA_INVALID"}.get(kind, found[0]["reason"]["en"])
        assert said in page


# What the columns say of themselves


def test_scores_and_checks_are_those_of_a_scan(rows: dict[Kind, Path]) -> None:
    result = read(rows["photos"])[0]["result"]
    assert list(CHECKS) == [check["name"] for check in result["quality"]["checks"]]
    assert {score: [part for part, *_ in parts] for score, parts in PARTS.items()} == {
        score: list(found["parts"]) for score, found in result["scores"].items()
    }
    assert set(METRICS) - {"tone"} <= set(PARTS)


@pytest.mark.parametrize("kind", KINDS)
def test_describe_prints_every_column(kind: Kind, run: Run) -> None:
    told = run("batch", "--describe", "--kind", kind)
    assert (told.code, told.err) == (0, "")
    assert [line.split(":")[0] for line in told.out.splitlines()] == [c.name for c in columns(kind)]
    parsed = json.loads(run("batch", "--describe", "--kind", kind, "--columns", "summary", "--json").out)
    assert [each["name"] for each in parsed["columns"]] == [c.name for c in columns(kind, "summary")]
    assert all(column.meaning for column in columns(kind))


def test_a_score_has_one_name_everywhere() -> None:
    texts = Texts("en"), Texts("zh")
    meanings = {column.name: column.meaning for column in columns("photos")}
    for score in PARTS:
        assert meanings[f"scores.{score}.value"] == ", ".join(each[score] for each in texts)


def test_the_page_of_columns_is_current() -> None:
    assert columns_page.PAGE.read_text() == columns_page.page(), "type `make columns`"
