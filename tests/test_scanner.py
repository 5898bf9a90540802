"""One photo through all stages: what comes in, what is kept, what is refused, and nothing left behind."""

from __future__ import annotations

import io
import math
import threading
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import skinscan
from skinscan.errors import DeviceError, NoFace, PhotoUndecodable, QualityError, SeveralFaces, UsageError
from skinscan.measure.photo import Source
from skinscan.output.records.scan import scan_to_dict
from skinscan.runtime.model_files import resolve
from skinscan.scanner import Scanner, scan
from skinscan.types import TEXTURE_SIZE, Device, Scan, Score
from tests.faces import Pixels, encoded, relit, resized, sample, sample_pixels, scanned, truth
from tests.paths import SAMPLES


def numbers(result: Scan) -> dict[str, object]:
    """Everything but what names the source and the clock."""
    out = scan_to_dict(result, timings=False)
    return {key: out[key] for key in ("face", "light", "quality", "scores", "zones", "tone")}


def in_a_large_frame() -> Pixels:
    """12 megapixels with 60 px between the eyes."""
    small = resized(sample_pixels("face_medium"), 60 / float(truth("face_medium")["interocular_px"]))
    frame = np.full((3000, 4000, 3), 140, np.uint8)
    frame[900 : 900 + small.shape[0], 1700 : 1700 + small.shape[1]] = small
    return frame


# ---- sources


def test_every_source_gives_the_same_numbers(tmp_path: Path) -> None:
    pixels = sample_pixels("face_light")
    data = encoded(pixels)
    (tmp_path / "photo.png").write_bytes(data)
    path = tmp_path / "photo.png"
    sources: list[Source] = [str(path), path, data, io.BytesIO(data), pixels, Image.open(path)]
    results = [numbers(Scanner("cpu").scan(source)) for source in sources]
    assert all(result == results[0] for result in results)


def test_a_name_is_for_messages_only() -> None:
    data = sample("face_light")
    named, plain = Scanner("cpu").scan(data, name="case 7"), Scanner("cpu").scan(data)
    assert named.photo.name == "case 7"
    assert numbers(named) == numbers(plain)
    with pytest.raises(NoFace, match="in case 8"):
        Scanner("cpu").scan(sample("no_face"), name="case 8")


def test_a_stream_is_read_once_even_when_it_is_decoded_twice() -> None:
    """A small face in a large JPEG is decoded again at full scale."""

    class Once(io.BytesIO):
        opened = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.opened += self.tell() == 0
            return super().read(size)

    stream = Once(encoded(in_a_large_frame(), "JPEG", quality=95))
    result = Scanner("cpu").scan(stream)
    assert stream.opened == 1
    assert result.photo.reduction == 1
    assert result.photo.pixels.shape == (3000, 4000, 3)
    assert result.face.interocular_px == pytest.approx(60, rel=0.03)


def test_a_large_face_in_a_large_jpeg_is_decoded_reduced_and_measured_alike() -> None:
    large = Scanner("cpu").scan(encoded(resized(sample_pixels("face_medium"), 3.5), "JPEG", quality=95))
    assert large.photo.reduction > 1
    assert (large.photo.width, large.photo.height) == (3150, 4200)
    plain, found = scanned("face_medium").scores["redness"], large.scores["redness"]
    assert found.value == pytest.approx(plain.value, abs=2)


def test_the_caller_keeps_its_array() -> None:
    pixels = sample_pixels("face_dark").copy()
    before = pixels.copy()
    result = Scanner("cpu").scan(pixels)
    np.testing.assert_array_equal(pixels, before)
    pixels[:] = 0
    assert result.photo.pixels.any()


# ---- choice of face


@pytest.mark.parametrize(("choice", "right_half"), [("largest", True), (0, True), (1, False)])
def test_the_face_that_was_chosen_is_measured(choice: object, right_half: bool) -> None:
    result = Scanner("cpu").scan(sample("two_faces"), face=choice)  # type: ignore[arg-type]
    assert result.face.count == 2
    assert (result.face.landmarks[:468, 0].mean() > 600) == right_half
    # The person on the left of the picture is lighter.
    assert result.tone.ita is not None
    assert (result.tone.ita.value < 15) == right_half


def test_several_nobody_and_no_picture_are_told_apart() -> None:
    with pytest.raises(SeveralFaces, match="2 faces"):
        Scanner("cpu").scan(sample("two_faces"))
    with pytest.raises(NoFace):
        Scanner("cpu").scan(sample("no_face"))
    with pytest.raises(PhotoUndecodable):
        Scanner("cpu").scan(b"this is text")
    with pytest.raises(UsageError):
        Scanner("cpu").scan(sample("two_faces"), face=2)


# ---- what a result is


def test_measured_truth_of_the_samples_is_within_the_stated_intervals() -> None:
    """Zones of rendered people: 9 of 10 true values inside the 90 % intervals, on every tone."""
    inside = []
    for name in ("face_light", "face_medium", "face_dark", "face_red_cheek", "face_shiny"):
        row = truth(name)
        for zone in ("forehead", "left_cheek", "right_cheek", "chin", "nose"):
            measured = scanned(name).zones[zone]
            for key, measure in (("ei", measured.erythema_index), ("mi", measured.melanin_index)):
                inside.append(measure.low <= float(row[f"{key}_{zone}"]) <= measure.high)
    assert np.mean(inside) >= 0.9


def test_the_red_cheek_is_found_where_it_is() -> None:
    """4.5 EI more on the mean of the left cheek, nothing else changed."""
    plain, red = scanned("face_medium").zones, scanned("face_red_cheek").zones
    rise = {
        zone: red[zone].erythema_contrast.value - plain[zone].erythema_contrast.value
        for zone in plain
        if "lip" not in zone
    }
    true = float(truth("face_red_cheek")["ei_left_cheek"]) - float(truth("face_medium")["ei_left_cheek"])
    assert rise.pop("left_cheek") == pytest.approx(true, rel=0.25)
    assert max(rise.values()) < 1.0


def test_greasy_skin_scores_oilier() -> None:
    """The same person with oil and a lamp beside the camera."""
    names = ("face_shiny", "face_medium")
    greasy, plain = (scanned(name).scores["oil_balance"].value for name in names)
    assert greasy is not None
    assert plain is not None
    assert greasy > plain


def test_every_number_stands_on_texels_and_has_an_interval() -> None:
    result = scanned("face_medium")
    assert set(result.zones) == set(result.zone_masks)
    for zone in result.zones.values():
        assert zone.blemishes >= 0
        for field in fields(zone):
            if field.name == "blemishes":
                continue
            measure = getattr(zone, field.name)
            assert measure.n_pixels >= 60
            assert measure.low <= measure.value <= measure.high
            assert measure.high > measure.low
            assert measure.unit
    for score in result.scores.values():
        assert _interval(score) > 0
        assert score.direction


def _interval(score: Score) -> float:
    assert score.low is not None
    assert score.value is not None
    assert score.high is not None
    assert score.range[0] <= score.low <= score.value <= score.high <= score.range[1]
    return score.high - score.low


def test_it_says_what_ran() -> None:
    result = scanned("face_light")
    assert result.run.version == skinscan.__version__
    assert (result.run.device, result.run.provider) == ("cpu", "CPUExecutionProvider")
    hashes = dict(result.run.models)
    assert hashes == {name: resolve(name).sha256 for name in ("face_landmarker", "skinmaps", "scores")}
    stages = [
        "decode",
        "landmarks",
        "card",
        "texture",
        "light",
        "zones",
        "skinmaps",
        "quality",
        "scores",
        "tone",
    ]
    assert list(result.run.timings_ms) == stages
    assert result.texture.rgb.shape == (TEXTURE_SIZE, TEXTURE_SIZE, 3)


def test_the_shorthand_is_the_scanner() -> None:
    assert numbers(scan(sample("face_dark"), device="cpu")) == numbers(scanned("face_dark"))


# ---- refusals


def test_when_every_metric_is_forbidden_the_photo_is_refused_with_the_first_reason() -> None:
    with pytest.raises(QualityError, match="nothing can be measured in dim: TOO_DARK") as caught:
        Scanner("cpu").scan(encoded(relit(sample_pixels("face_medium"), 0.05)), name="dim")
    assert "daylight" in caught.value.advice


def test_some_metrics_left_is_a_scan() -> None:
    result = Scanner("cpu").scan(relit(sample_pixels("face_medium"), (1.0, 0.5, 0.35)))
    assert set(result.quality.disabled) == {"redness", "sensitivity", "tone"}
    assert result.scores["redness"].value is None
    assert result.scores["oil_balance"].value is not None


# ---- devices


def scanned_on(device: Device) -> Scan:
    return Scanner(device).scan(sample("face_light"))


def test_an_unknown_device_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="'tpu'"):
        Scanner("tpu")  # type: ignore[arg-type]


def test_cuda_is_a_promise() -> None:
    """It runs there, or it says that it does not: exit 6."""
    if scanned_on("auto").run.provider == "CUDAExecutionProvider":
        assert scanned_on("cuda").run.provider == "CUDAExecutionProvider"
        return
    with pytest.raises(DeviceError) as caught:
        scanned_on("cuda")
    assert caught.value.exit_code == 6
    assert "\n" not in str(caught.value)


def test_auto_says_where_it_ran() -> None:
    result = scanned_on("auto")
    assert result.run.device == "auto"
    assert result.run.provider in ("CPUExecutionProvider", "CUDAExecutionProvider")
    if result.run.provider == "CPUExecutionProvider":
        assert numbers(result) == numbers(scanned("face_light"))


# ---- side effects


def test_the_callers_arithmetic_is_left_alone() -> None:
    """Flushing tiny numbers to zero is a mode of the thread: a library must not switch it."""
    scanned("face_light")
    assert float(np.float64(2.3e-308) * np.float64(0.5)) > 0
    assert math.ldexp(1.0, -1070) > 0


def test_threads_give_the_same_numbers() -> None:
    names = ["face_light", "face_medium", "face_dark", "face_light"]
    found: dict[int, dict[str, object]] = {}

    def work(number: int, name: str) -> None:
        found[number] = numbers(Scanner("cpu").scan(sample(name)))

    threads = [threading.Thread(target=work, args=given) for given in enumerate(names)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, name in enumerate(names):
        assert found[number] == numbers(scanned(name)), name


def test_nothing_is_written_or_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Scanner("cpu").scan(SAMPLES / "face_light.jpg")
    assert not list(tmp_path.iterdir())
    out, err = capfd.readouterr()
    assert not out
    assert not err


def test_a_failing_stage_leaves_the_scanner_usable() -> None:
    scanner = Scanner("cpu")
    for bad in (b"", sample("no_face"), sample("two_faces")):
        with pytest.raises(skinscan.SkinScanError):
            scanner.scan(bad)
    assert numbers(scanner.scan(sample("face_light"))) == numbers(scanned("face_light"))
