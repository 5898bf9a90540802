"""Benchmarks on inputs so small that their result is known."""

from __future__ import annotations

import csv
import io
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks import physics
from models.renderer.issa import linear_srgb
from models.renderer.people import committed_people
from skinscan.batch import EngineOptions
from skinscan.bench import cpu_cost, growth, meter, models, peak, repeat, shared, speed
from skinscan.bench import run as bench
from skinscan.bench.agreement import agreement
from skinscan.casework import DuplicateIndex
from skinscan.errors import DataError, UsageError
from skinscan.evidence import keygen
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.scanner import Scanner
from skinscan.skin_indices import erythema_index, melanin_index
from skinscan.types import Device
from tests.faces import S, decoded, encoded, relit, rendered, sample, sample_pixels, scanned
from tests.paths import SAMPLES

Row = dict[str, Any]


def folder(path: Path, photos: list[tuple[str, str, int, bytes]]) -> Path:
    """A folder of photos with its photos.csv: (file, person, faces, bytes)."""
    with (path / "photos.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "person", "faces", "note"])
        for name, person, faces, data in photos:
            (path / name).write_bytes(data)
            writer.writerow([name, person, faces, ""])
    return path


def by_name(rows: list[Row]) -> dict[str, Row]:
    return {row["what"]: row for row in rows}


# ---- the frame


def test_an_unknown_benchmark_and_missing_data_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no benchmark and no folder other"):
        bench.run("other")
    for name in ("repeat", "speed"):
        with pytest.raises(DataError, match="missing") as caught:
            bench.run(name, tmp_path / "nowhere", device="cpu")
        assert caught.value.exit_code == 7
        assert "photos=FOLDER" in caught.value.advice


def test_a_result_is_saved_as_json_with_what_it_depends_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeat, "repeat", lambda photos, device: [{"what": "nothing", "sd": 1.5}])
    result = bench.run("repeat", tmp_path, out=tmp_path / "new" / "folder", device="cpu")
    saved = json.loads((tmp_path / "new" / "folder" / "repeat.json").read_text("utf-8"))
    assert saved == result
    assert saved["schema"] == "skinscan.bench/1"
    assert saved["rows"] == [{"what": "nothing", "sd": 1.5}]
    assert set(saved["context"]["models"]) == {"face_landmarker", "skinmaps", "scores", "identity"}
    assert saved["context"]["commit"]
    assert not any(str(tmp_path) in str(value) for value in saved["context"].values())


# ---- repeat


def test_one_photo_three_times_repeats_exactly(tmp_path: Path) -> None:
    same = [(f"series_{n}.jpg", "series", 1, sample("face_medium")) for n in range(3)]
    rows = by_name(repeat.repeat(folder(tmp_path, same), "cpu"))
    assert rows["median over zones"]["photos"] == 3
    for key in ("sd_zone_minus_own_face", "sd_zone_absolute", "sd_naive_absolute", "sd_naive_minus_own_face"):
        assert rows["median over zones"][key] == 0
    assert rows["whole face EI"]["sd"] == rows["score: redness"]["sd"] == 0
    tone = rows["tone of the cheek"]
    assert (tone["median_pairwise_de00"], tone["ita_class_flips_without_overlap"]) == (0, 0)


def test_noise_is_the_session_and_other_people_are_rows_of_their_own(tmp_path: Path) -> None:
    medium = sample_pixels("face_medium")
    cast = [encoded(relit(medium, (gain, 1.0, 1.0)), "JPEG", quality=92) for gain in (0.96, 1.0, 1.04)]
    photos = [(f"series_{n}.jpg", "series", 1, data) for n, data in enumerate(cast)]
    photos += [("b_1.jpg", "b", 1, sample("face_dark")), ("b_2.jpg", "b", 1, cast[0])]
    photos += [("none.jpg", "c", 1, sample("no_face")), ("two.jpg", "", 2, sample("two_faces"))]
    rows = by_name(repeat.repeat(folder(tmp_path, photos), "cpu"))
    middle = rows["median over zones"]
    # A cast of 4 % moves every zone alike: the plain formula by 2.2 EI, zone against face hardly.
    assert middle["sd_naive_absolute"] == pytest.approx(2.2, rel=0.2)
    assert middle["sd_zone_minus_own_face"] < 0.3
    assert middle["sd_naive_minus_own_face"] < 0.3
    assert rows["days apart: b"]["photos"] == 2
    assert rows["days apart: b"]["median_pairwise_de00"] > 10
    assert "days apart: c" not in rows
    assert rows["whole face EI"]["photos"] == 3


def test_spread_is_the_sample_sd_of_what_was_measured() -> None:
    assert repeat._sd(np.array([1.0, 2.0, 3.0, np.nan])) == 1.0
    assert repeat._sd(np.array([1.0, 2.0, np.nan])) is None
    table = repeat._table([scanned("face_medium")], ["nose", "no such zone"], "erythema_index")
    assert table[0, 0] == scanned("face_medium").zones["nose"].erythema_index.value
    assert np.isnan(table[0, 1])


def test_a_flip_of_class_counts_only_without_overlap() -> None:
    light, medium, dark = (scanned(f"face_{tone}") for tone in ("light", "medium", "dark"))
    assert repeat._tone([light, dark])["ita_class_flips_without_overlap"] == 1
    assert light.tone.ita is not None
    assert medium.tone.ita is not None
    overlap = light.tone.ita.low <= medium.tone.ita.high
    assert repeat._tone([light, medium])["ita_class_flips_without_overlap"] == int(not overlap)
    assert repeat._tone([light, light])["largest_pairwise_de00"] == 0


# ---- physics


def test_agreement_of_known_numbers() -> None:
    truth = np.array([10.0, 20.0, 30.0, 40.0])
    found, inside = truth + np.array([1.0, -1.0, 3.0, 1.0]), np.array([True, True, False, True])
    row = agreement(found, truth, 25.0, inside)
    assert row.pop("r") == pytest.approx(np.corrcoef(found, truth)[0, 1], abs=1e-3)
    assert row == {
        "n": 4, "mae": 1.5, "bias": 1.0, "sd": 1.41, "mae_percent_of_range": 6.0, "coverage_90": 0.75,
    }  # fmt: skip
    exact = agreement(truth, truth, None, None)
    assert exact == {"n": 4, "r": 1.0, "mae": 0.0, "bias": 0.0, "sd": 0.0}


def test_rows_by_tone_put_the_worst_class_first() -> None:
    tones = np.array(["light"] * 4 + ["dark"] * 4 + ["tan"] * 2)
    truth = np.arange(10.0)
    rows = physics._by_tone("x", tones, truth + np.array([1.0] * 4 + [5.0] * 4 + [9.0] * 2), truth, None)
    found = [(row["tone"], row["n"], row["mae"]) for row in rows]
    assert found == [("all", 10, 4.2), ("dark", 4, 5.0), ("light", 4, 1.0)]  # two tan faces are too few


@pytest.mark.parametrize("person", [0, 5, 11])
def test_one_patch_through_the_graph_is_near_the_plain_formula(person: int) -> None:
    rgb = linear_srgb(committed_people()[person].sites["cheek"])
    ei, mi = physics._through_graph(rgb, "cpu")
    assert ei == pytest.approx(float(erythema_index(rgb)), abs=1.5)
    assert mi == pytest.approx(float(melanin_index(rgb)), abs=1.5)


def test_a_rendered_photo_against_its_truth() -> None:
    picture = rendered()
    scan = Scanner("cpu").scan(np.asarray(picture.photo))
    shown = {"tone": "tan", "scan": scan, "picture": picture, "reference": "none", "held": None}
    rows = physics._against_truth(shown)
    zones = load_canonical().zones
    assert {row["zone"] for row in rows} >= {"forehead", "left_cheek", "right_cheek", "chin"}
    for row in rows:
        mask = zones[row["zone"]] & picture.valid
        found, true = row["ei"]
        assert true == pytest.approx(float(np.median(picture.erythema[mask])))
        assert found == scan.zones[row["zone"]].erythema_index.value
        measure = scan.zones[row["zone"]].erythema_index
        assert row["ei_inside"] == (measure.low <= true <= measure.high)
    assert sum(row["contrast"][1] for row in rows) == pytest.approx(0, abs=5)
    summary = physics._zone_rows("rendered", rows)
    assert {row["what"] for row in summary if row["what"].startswith("rendered")}


def test_even_gloss_is_no_highlight_and_a_spot_is() -> None:
    class Picture:
        valid = np.ones((S, S), bool)
        specular = np.full((S, S), 0.03, np.float32)

    assert physics._highlights(Picture())[50:200, 50:200].max() < 0.01
    spotted = Picture()
    spotted.specular = Picture.specular.copy()
    spotted.specular[120:124, 120:124] += 0.10
    found = physics._highlights(spotted)
    assert found[121, 121] == pytest.approx(10, rel=0.1)
    assert found[60, 60] < 0.05


# ---- speed and growth


@pytest.mark.parametrize("megapixels", [0.2, 1.0])
def test_a_photo_is_brought_to_size(tmp_path: Path, megapixels: float) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(sample("face_light"))
    data = meter.of_megapixels(path, megapixels)
    with Image.open(io.BytesIO(data)) as image:
        assert image.width * image.height == pytest.approx(megapixels * 1e6, rel=0.01)
        assert image.width / image.height == pytest.approx(900 / 1200, rel=0.01)
    assert decoded(data).std() > 10


def test_speed_has_a_row_per_size_with_floor_ratio_and_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(sample("face_light"))
    monkeypatch.setattr(speed, "_REPEATS", 2)
    monkeypatch.setattr(speed, "of_megapixels", lambda path, megapixels: path.read_bytes())
    rows = list(speed._stages(path, "cpu"))
    assert [row["what"] for row in rows] == ["1 MP photo", "2 MP photo", "12 MP photo"]
    for row in rows:
        assert min(row[name] for name in ("scan_ms", "floor_ms", "ratio", "skinmaps_ms")) > 0


def test_growth_counts_photos_time_and_memory(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(sample("face_light"))
    (tmp_path / "photos.csv").write_text("file,person,faces\nphoto.jpg,a,1\n")
    for number, name in enumerate(("before", "slight")):
        (tmp_path / f"series_{number}.jpg").write_bytes((SAMPLES / "pairs" / f"a_{name}.jpg").read_bytes())
    rows = growth.growth(tmp_path, "cpu", (2, 4), (1, 2))
    for what, found in (("photos", rows[:3]), ("comparisons", rows[3:])):
        *course, everything = found
        assert [row[what] for row in course] == ([2, 4] if what == "photos" else [1, 2])
        assert course[0]["s"] <= course[1]["s"]
        assert all(100 < row["memory_mib"] < 2000 for row in course)
        assert (everything["done"], everything["failed"]) == (course[1][what], 0)
    (tmp_path / "series_1.jpg").unlink()
    with pytest.raises(DataError, match=r"no two photos series_\*\.jpg"):
        growth.growth(tmp_path, "cpu", (1,), (1,))


def test_cpu_is_told_above_the_floor_and_beside_the_scans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("before", "slight", "same")
    for name, sent in zip(cpu_cost._SERIES, names, strict=True):
        (tmp_path / name).write_bytes((SAMPLES / "pairs" / f"a_{sent}.jpg").read_bytes())
    monkeypatch.setattr(cpu_cost, "_REPEATS", 1)
    monkeypatch.setattr(cpu_cost, "_PAIRS", (cpu_cost._SERIES[:2],))
    monkeypatch.setattr(cpu_cost, "of_megapixels", lambda path, megapixels: path.read_bytes())
    *photos, pair, claim = cpu_cost.cpu_cost(tmp_path / cpu_cost._SERIES[0], tmp_path, "cpu")
    assert len(photos) == 2
    for row in photos:
        assert 0 < row["floor_cpu_ms"] < row["scan_cpu_ms"]
        assert row["usd_per_1000"] == pytest.approx(row["scan_cpu_ms"] * 0.05 / 3600, abs=6e-5)
    assert pair["compare_cpu_ms"] > 0
    assert claim["claim_cpu_ms"] > pair["compare_cpu_ms"]


def test_shared_compares_threads_with_a_serial_run(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(sample("face_light"))
    (tmp_path / "photos.csv").write_text("file,person,faces\nphoto.jpg,a,1\n")
    rows = shared.shared(tmp_path, "cpu", threads=2, scans=2)
    assert [row["what"] for row in rows] == ["serial", "one scanner", "memory after 4 scans"]
    assert (rows[1]["scans"], rows[1]["different"]) == (4, 0)
    assert 100 < rows[2]["memory_mib"] < 4000


def test_peak_times_every_stage_of_a_claim(tmp_path: Path) -> None:
    shots = [tmp_path / f"a_{number}.jpg" for number in (1, 2)]
    for shot in shots:
        shot.write_bytes(sample("face_light"))
    peak._lay_out(shots, tmp_path / "cases", 2)
    catalog = peak._write_catalog(tmp_path / "catalog.csv")
    rows = list(peak._stages(tmp_path, catalog, keygen(tmp_path / "keys"), "cpu", 1))
    assert {"reports", "photos measured", "photos compared", "sealed"} < {row["what"] for row in rows}
    assert sum(row["share_percent"] for row in rows) == pytest.approx(100, abs=1)
    assert DuplicateIndex(tmp_path / "stages.db").forget("case-000001") == 2


def test_pictures_of_the_models_show_each_provider_and_copies_only_where_there_are_any() -> None:
    def row(provider: str, size: int, copies: float) -> Row:
        return {
            "what": "skinmaps", "provider": f"{provider}ExecutionProvider", "batch_size": size,
            "faces_per_s": 100.0 * size, "copies_share": copies,
        }  # fmt: skip

    rows = [row("CUDA", 1, 0.4), row("CUDA", 64, 0.6), row("CPU", 1, 0.001)]
    drawn = models.draw(rows)
    assert drawn
    titles = [title for title in ("CUDA: faces", "CUDA: share", "CPU: faces", "CPU: share") if title in drawn]
    assert titles == ["CUDA: faces", "CUDA: share", "CPU: faces"]
    assert "6400" in drawn


@pytest.mark.parametrize("gpu", ["cuda", "tensorrt"])
def test_speed_measures_a_worker_per_core_and_a_gpu_beside_the_cpu(
    gpu: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[object, ...]] = []
    face = folder(tmp_path, [("founder_a_1.jpg", "a", 1, sample("face_light"))])
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(16)))
    monkeypatch.setattr(speed, "portraits", lambda _: [face / "founder_a_1.jpg"])
    monkeypatch.setattr(speed, "_stages", lambda *_: [])
    monkeypatch.setattr(speed, "cpu_cost", lambda *_: [])
    monkeypatch.setattr(speed, "_cold_starts", lambda *_: [])
    monkeypatch.setattr(speed, "_peers", lambda _: [])
    rate = itertools.count(10)
    monkeypatch.setattr(
        speed, "_floor", lambda paths, workers: {"floor": workers, "photos_per_s": next(rate)}
    )

    def end_to_end(_: str, means: EngineOptions, device: str) -> dict[str, object]:
        done.append((device, means.workers, means.batch_size))
        return {"photos_per_s": next(rate)}

    monkeypatch.setattr(speed, "_end_to_end", end_to_end)
    rows = speed.speed(face, gpu)
    assert [row["floor"] for row in rows if "floor" in row] == [1, 2, 16]
    turn = [(on, workers, None) for on in (gpu, "cpu") for workers in (1, 2, 16)]
    assert done == 3 * [*turn, (gpu, 16, 1), (gpu, 16, 16), (gpu, 32, 32)]
    assert [row["photos_per_s"] for row in rows] == list(range(34, 46))  # of the last turn, the quickest
