"""The command line: exit codes, one line for every failure, data on stdout and messages on stderr."""

import dataclasses
import importlib.util
import io
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from rich.cells import cell_len

from skinscan._version import __version__
from skinscan.errors import DataError, DeviceError, ModelError
from skinscan.output.terminal.layout import locale_language
from skinscan.output.terminal.scan import _bar, summarise
from skinscan.runtime.doctor import InstallCheck
from skinscan.scanner import Scanner
from skinscan.types import METRICS, Metric, Scan
from tests.conftest import Run
from tests.paths import PHOTOS, ROOT, real_photos

FACE = ROOT / "samples" / "face_medium.jpg"
NO_FACE, TWO_FACES = ROOT / "samples" / "no_face.jpg", ROOT / "samples" / "two_faces.jpg"
HEAVY = ("mediapipe", "cv2", "onnxruntime", "numpy", "pydantic", "rich")
START_UP_LIMIT = 0.4  # s of processor time, interpreter included; a busy machine stretches only the clock


@pytest.fixture(scope="module")
def result() -> Scan:
    return Scanner("cpu").scan(FACE)


@pytest.fixture
def scanned(result: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare tests about the command line the scan itself."""
    monkeypatch.setattr(Scanner, "scan", lambda self, source, **kwargs: result)


def without(scan: Scan, *metrics: Metric) -> Scan:
    """The scan as it is when its first check forbids these metrics."""
    first, *rest = scan.quality.checks
    first = dataclasses.replace(first, ok=False, code="SPOILT", disables=metrics)
    checks = dataclasses.replace(scan.quality, checks=(first, *rest))
    gone = {"status": "abstained", "value": None, "low": None, "high": None, "reason": "SPOILT"}
    scores = {
        name: dataclasses.replace(score, **gone) if name.removesuffix("_local") in metrics else score  # type: ignore[arg-type]
        for name, score in scan.scores.items()
    }
    return dataclasses.replace(scan, quality=checks, scores=scores)


def python(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))} | options.pop("env", {})
    return subprocess.run([sys.executable, *arguments], capture_output=True, env=env, check=False, **options)


def one_line(text: str) -> str:
    assert re.fullmatch(r"skinscan: [^\n]+[.?!]\n", text), text
    assert "Traceback" not in text
    return text


# Start-up


@pytest.mark.parametrize("code", ["import skinscan", "from skinscan.cli import run; run(['--help'])"])
def test_start_is_light(code: str) -> None:
    report = f"import sys\n{code}\nprint([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    done = python("-c", report)
    assert done.stderr.strip() == b"[]"
    assert min(_seconds("-c", code) for _ in range(3)) < START_UP_LIMIT


def _seconds(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert python(*arguments).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("command", [["-m", "skinscan"], ["cli.py"]])
def test_ways_to_start(command: list[str]) -> None:
    done = python(*command, "--version", cwd=ROOT)
    assert (done.returncode, done.stdout.decode()) == (0, f"skinscan {__version__}\n")


def test_shim_is_not_packaged() -> None:
    assert 'packages = ["skinscan"]' in (ROOT / "pyproject.toml").read_text()
    assert len((ROOT / "cli.py").read_text().splitlines()) < 10


def test_every_command_has_help(run: Run) -> None:
    for command in ("", "scan", "doctor", "bench", "models", "models list", "models verify", "models fetch"):
        code, out, err = run(*command.split(), "--help")
        assert (code, err) == (0, "")
        assert out.startswith(f"Usage: skinscan {command}".rstrip())


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("skinscan sc", "scan"), ("skinscan scan --ov", "--overlay"), ("skinscan scan --device cu", "cuda")],
)
def test_the_shell_completes_commands_options_and_values(typed: str, offered: str) -> None:
    asked = {
        "_SKINSCAN_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    done = python("-m", "skinscan", env=asked)
    assert (done.returncode, done.stdout.decode().split(), done.stderr) == (0, [offered], b"")


def test_no_command_shows_help_and_fails(run: Run) -> None:
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "Commands:" in err


# Scan: what is printed where


def test_summary_on_stdout(run: Run) -> None:
    code, out, err = run("scan", FACE, "--device", "cpu", "--lang", "en")
    assert (code, err) == (0, "")
    for word in (
        "redness",
        "shine",
        "visible reactivity",
        "left cheek",
        "ITA",
        "CPUExecutionProvider",
    ):
        assert word in out


def test_json_on_stdout(run: Run) -> None:
    code, out, err = run("scan", FACE, "--json", "--device", "cpu")
    assert (code, err) == (0, "")
    assert json.loads(out)["schema"] == "skinscan.scan/1"


def test_same_bytes_in_every_process(tmp_path: Path) -> None:
    texts = []
    for seed in ("1", "2"):
        command = ("-m", "skinscan", "scan", str(FACE), "--json", "--device", "cpu")
        done = python(*command, env={"PYTHONHASHSEED": seed, "LC_ALL": "C"}, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, b"")
        texts.append(re.sub(rb'"timings_ms": \{[^}]*\}', b"", done.stdout))
    assert texts[0] == texts[1]
    assert "请靠近".encode() in texts[0]


def test_photo_from_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for data, code in ((FACE.read_bytes(), 0), (b"", 3), (b"no photo", 3)):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        done = run("scan", "-", "--json", "--device", "cpu")
        assert done.code == code
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FACE.read_bytes())))
    assert run("scan", "-", "--quiet", "--device", "cpu") == (0, "", "")


@pytest.mark.usefixtures("scanned")
def test_quiet(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    assert run("scan", FACE, "--quiet", "--overlay", target) == (0, "", "")
    assert target.read_bytes().startswith(b"\x89PNG")
    assert json.loads(run("scan", FACE, "-q", "--json").out)["schema"] == "skinscan.scan/1"
    assert "overlay written to" in run("scan", FACE, "--json", "--overlay", target).err


@pytest.mark.usefixtures("scanned")
def test_reader_that_leaves_is_no_error() -> None:
    pipe = f"{sys.executable} -m skinscan scan {FACE} --json; echo $? >&2"
    done = subprocess.run(["bash", "-c", f"({pipe}) | true"], capture_output=True, cwd=ROOT, check=False)
    assert done.stderr == b"141\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "skinscan", "models", "list"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert "No space left on device" in one_line(done.stderr)


def test_check_wants_every_metric(run: Run, result: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scanner, "scan", lambda self, source, **kwargs: result)
    assert run("scan", FACE, "--check", "--quiet").code == 0
    monkeypatch.setattr(Scanner, "scan", lambda self, source, **kwargs: without(result, "redness"))
    assert run("scan", FACE, "--quiet").code == 0
    done = run("scan", FACE, "--check", "--lang", "en")
    assert (done.code, done.err) == (1, "")
    assert re.search(r"redness +- +- +- +SPOILT +not measured", done.out)


# Scan: what fails, and how


def refused(run: Run, code: int, name: str, *arguments: object) -> None:
    """The command fails with this exit code, one line, no data; with --json also with an error object."""
    done = run("scan", *arguments)
    assert (done.code, done.out) == (code, ""), done
    one_line(done.err)
    done = run("scan", *arguments, "--json")
    assert done.code == code
    error = json.loads(done.out)
    assert list(error) == ["schema", "code", "message", "advice"]
    assert (error["schema"], error["code"]) == ("skinscan.error/1", name)
    assert error["message"].casefold() in one_line(done.err).casefold()


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    chunk = len(body[4:]).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT\x35\xaf\x06\x1e"


def saved(**options: Any) -> bytes:
    file = io.BytesIO()
    size = options.pop("size", (64, 64))
    Image.new("RGB", size, (180, 140, 120)).save(file, **options)
    return file.getvalue()


def animation() -> bytes:
    frames = [Image.new("RGB", (64, 64), (shade, 0, 0)) for shade in (0, 90, 180)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


HOSTILE = {
    "empty.jpg": (b"", 3, "PHOTO_UNDECODABLE"),
    "text.jpg": (b"Dear sir, this is no photo.\n" * 99, 3, "PHOTO_UNDECODABLE"),
    "bomb.png": (png_header(30_000, 30_000), 3, "PHOTO_TOO_LARGE"),
    "wide.png": (saved(size=(40_000, 8), format="PNG"), 3, "PHOTO_TOO_LARGE"),
    "wide.jpg": (saved(size=(40_000, 8), format="JPEG"), 3, "PHOTO_TOO_LARGE"),
    "animated.gif": (animation(), 3, "PHOTO_UNDECODABLE"),
    "point.png": (saved(size=(1, 1), format="PNG"), 4, "NO_FACE"),
    "blank.jpg": (saved(format="JPEG"), 4, "NO_FACE"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file(run: Run, tmp_path: Path, name: str) -> None:
    data, code, error = HOSTILE[name]
    (tmp_path / name).write_bytes(data)
    refused(run, code, error, tmp_path / name)


@pytest.mark.parametrize("tenth", range(1, 10))
def test_truncated_photo(run: Run, tmp_path: Path, tenth: int) -> None:
    data = FACE.read_bytes()
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) * tenth // 10])
    refused(run, 3, "PHOTO_UNDECODABLE", tmp_path / "cut.jpg")


def test_no_file_to_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(run, 3, "PHOTO_MISSING", tmp_path)
    refused(run, 3, "PHOTO_MISSING", tmp_path / "nowhere.jpg")
    refused(run, 3, "PHOTO_MISSING", tmp_path / "new\nline\x1b[2J.jpg")

    def forbidden(path: Path, *arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)  # the tests may run as root, whom no mode stops
    refused(run, 3, "PHOTO_MISSING", FACE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(run: Run, tmp_path: Path) -> None:
    shutil.copy(FACE, tmp_path / "locked.jpg")
    (tmp_path / "locked.jpg").chmod(0)
    refused(run, 3, "PHOTO_MISSING", tmp_path / "locked.jpg")


def test_no_face_and_several(run: Run) -> None:
    refused(run, 4, "NO_FACE", NO_FACE)
    refused(run, 4, "SEVERAL_FACES", TWO_FACES)
    done = run("scan", TWO_FACES, "--face", "2")
    assert (done.code, done.out) == (2, "")
    assert "2 found" in one_line(done.err)
    for choice in ("largest", "1"):
        done = run("scan", TWO_FACES, "--face", choice, "--json", "--device", "cpu")
        assert json.loads(done.out)["face"]["index"] == (0 if choice == "largest" else 1)


@real_photos
@pytest.mark.parametrize("name", ["no_face", "profile", "two_people", "many_people"])
def test_real_refusals(run: Run, name: str) -> None:
    done = run("scan", PHOTOS / f"{name}.jpg", "--json")
    assert done.code == 4
    one_line(done.err)
    expected = {"NO_FACE", "FACE_TURNED_AWAY"} if name in ("no_face", "profile") else {"SEVERAL_FACES"}
    assert json.loads(done.out)["code"] in expected


def test_nothing_measurable(run: Run, tmp_path: Path) -> None:
    with Image.open(FACE) as photo:
        photo.point(lambda level: level // 16).save(tmp_path / "night.png")
    refused(run, 4, "QUALITY_UNUSABLE", tmp_path / "night.png")


def test_altered_model(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "models", tmp_path / "models", ignore=shutil.ignore_patterns("train"))
    (tmp_path / "models" / "skinmaps.onnx").write_bytes(b"altered")
    monkeypatch.setenv("SKINSCAN_MODELS", str(tmp_path / "models"))
    refused(run, 5, "MODEL_UNUSABLE", FACE)


@pytest.mark.skipif(
    importlib.util.find_spec("onnxruntime") is not None
    and "CUDAExecutionProvider" in __import__("onnxruntime").get_available_providers(),
    reason="CUDA may run here",
)
@pytest.mark.parametrize("device", ["cuda", "tensorrt"])
def test_gpu_where_there_is_none(run: Run, device: str) -> None:
    refused(run, 6, "DEVICE_UNAVAILABLE", FACE, "--device", device)


@pytest.mark.parametrize(
    ("raised", "code", "name", "said"),
    [
        (DeviceError("no runtime", "install one"), 6, "DEVICE_UNAVAILABLE", "No runtime. Install one."),
        (DataError("bad labels"), 7, "DATA_INVALID", "Bad labels."),
        (ImportError("libGL.so.1: cannot open", name="cv2"), 6, "DEVICE_UNAVAILABLE", "skinscan doctor"),
        (ImportError("no such name", name="skinscan.measure.photo"), 70, "INTERNAL", "report"),
        (RuntimeError("two\nlines"), 70, "INTERNAL", "RuntimeError: two lines"),
        (MemoryError(), 70, "INTERNAL", "MemoryError"),
    ],
)
def test_failures_of_the_scan(
    run: Run, monkeypatch: pytest.MonkeyPatch, raised: Exception, code: int, name: str, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(Scanner, "scan", fail)
    refused(run, code, name, FACE)
    assert said in run("scan", FACE).err


def test_interrupt_is_silent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Scanner, "scan", interrupt)
    assert run("scan", FACE) == (130, "", "")


def test_debug_shows_the_traceback(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SKINSCAN_DEBUG", "1")
    done = run("scan", tmp_path / "nowhere.jpg")
    assert done.code == 3
    assert "Traceback" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan"],
        ["scan", "a.jpg", "b.jpg"],
        ["scan", FACE, "--sharpen"],
        ["scan", FACE, "--device", "tpu"],
        ["scan", FACE, "--lang", "fr"],
        ["scan", FACE, "--face", "-1"],
        ["scan", FACE, "--face", "biggest"],
        ["scna", FACE],
        ["models", "burn"],
    ],
)
def test_usage_errors(run: Run, arguments: list[object]) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    one_line(done.err)
    done = run(*arguments, "--json")
    assert done.code == 2
    assert json.loads(done.out)["code"] == "USAGE"


# Overlay targets


def test_overlay_refuses_bad_targets_before_scanning(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scanned_after_all(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Scanner, "scan", scanned_after_all)
    folder, photo = tmp_path / "folder.png", tmp_path / "photo.png"
    folder.mkdir()
    photo.write_bytes(b"precious")
    for target in (tmp_path / "out.jpg", tmp_path / "none" / "out.png", folder, photo, "/dev/full/out.png"):
        refused(run, 2, "USAGE", photo, "--overlay", target)
    monkeypatch.setattr(os, "access", lambda *_: False)
    refused(run, 2, "USAGE", photo, "--overlay", tmp_path / "out.png")
    assert photo.read_bytes() == b"precious"


def test_failed_scan_leaves_no_overlay(run: Run, tmp_path: Path) -> None:
    refused(run, 4, "NO_FACE", NO_FACE, "--overlay", tmp_path / "out.png")
    assert list(tmp_path.iterdir()) == []


# Other commands


def test_models(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = run("models", "list")
    assert (code, err) == (0, "")
    assert {line.split()[0] for line in out.splitlines()[1:]} == {
        *("face_landmarker", "identity", "scores", "skinmaps")
    }
    assert run("models", "verify").code == 0
    shutil.copytree(ROOT / "models", tmp_path / "models", ignore=shutil.ignore_patterns("train"))
    (tmp_path / "models" / "skinmaps.onnx").write_bytes(b"altered")
    (tmp_path / "models" / "scores.onnx").unlink()
    monkeypatch.setenv("SKINSCAN_MODELS", str(tmp_path / "models"))
    code, out, err = run("models", "verify")
    assert code == 5
    assert re.search(r"skinmaps .* altered", out)
    assert re.search(r"scores .* missing", out)
    assert "scores, skinmaps" in one_line(err)
    assert run("models", "list").code == 0


def test_models_fetch(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fetch(name: str) -> Any:
        asked.append(name)
        return SimpleNamespace(path=Path("cache") / name)

    monkeypatch.setattr("skinscan.runtime.model_files.fetch", fetch)
    assert run("models", "fetch") == (0, "cache/face_landmarker\n", "")
    assert run("models", "fetch", "other", "--quiet") == (0, "", "")
    assert asked == ["face_landmarker", "other"]

    def offline(name: str) -> Any:
        raise ModelError(f"{name} could not be downloaded", "try later")

    monkeypatch.setattr("skinscan.runtime.model_files.fetch", offline)
    done = run("models", "fetch")
    assert (done.code, one_line(done.err)) == (
        5,
        "skinscan: face_landmarker could not be downloaded. Try later.\n",
    )


@pytest.mark.parametrize(
    ("faults", "code"),
    [((), 0), (("model skinmaps",), 5), (("onnxruntime", "model scores"), 6), (("opencv",), 1)],
)
def test_doctor(run: Run, monkeypatch: pytest.MonkeyPatch, faults: tuple[str, ...], code: int) -> None:
    names = ("python", "opencv", "onnxruntime", "model skinmaps", "model scores", "cuda libraries")
    findings = [
        InstallCheck(name=n, ok=n not in faults, found="1.0", mend=f"`mend {n}`" if n in faults else None)
        for n in names
    ]
    monkeypatch.setattr("skinscan.runtime.doctor.examine", lambda: findings)
    done = run("doctor")
    assert (done.code, done.err) == (code, "")
    assert all(f"-> `mend {fault}`" in done.out for fault in faults)
    done = run("doctor", "--json")
    assert done.code == code
    told = json.loads(done.out)
    assert (told["schema"], told["ok"]) == ("skinscan.doctor/1", not faults)
    assert list(told["checks"][0]) == ["name", "ok", "found", "mend"]


def test_doctor_for_real(run: Run) -> None:
    done = run("doctor")
    assert done.code in (0, 1, 5, 6)
    assert "onnxruntime" in done.out


def test_bench(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = [
        {"what": "EI", "r": 0.96123456, "n": 1200},
        {"what": "MI", "r": None, "n": 7},
        {"what": "ms", "p50": 8.5},
    ]
    answer = {
        "schema": "skinscan.bench/1",
        "benchmark": "physics",
        "rows": rows,
        "context": {"commit": "abc"},
    }
    asked: list[tuple[object, ...]] = []

    def bench(*arguments: object) -> dict[str, Any]:
        asked.append(arguments)
        return answer

    monkeypatch.setattr("skinscan.bench.run.run", bench)
    done = run("bench", "physics", "--photos", tmp_path, "--out", tmp_path, "--device", "cpu")
    assert asked == [("physics", tmp_path, tmp_path, "cpu")]
    assert done.code == 0
    assert re.search(r"EI +0.9612 +1200\n *MI +- +7\n", done.out)
    assert json.loads(run("bench", "physics", "--json").out) == answer
    assert run("bench", "physics", "--quiet") == (0, "", "")


def test_bench_of_nothing(run: Run) -> None:
    done = run("bench", "luck")
    assert done.code in (2, 7)
    one_line(done.err)


# The summary


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("metrics", [(), ("redness",), METRICS[:4]])
def test_summary_fits(result: Scan, language: Any, width: int, metrics: tuple[Metric, ...]) -> None:
    text = summarise(without(result, *metrics), language, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert not re.search(r"\x1b|[│┃┏━]| \n", text)
    assert text.count("SPOILT") >= len(metrics)
    assert ("…" in text) is False


def test_summary_colors_only_on_demand(result: Scan) -> None:
    plain, color = (summarise(result, "en", 80, on) for on in (False, True))
    assert "\x1b[" in color
    assert re.sub(r"\x1b\[[\d;]*m", "", color).split() == plain.split()


def test_summary_says_no_more_than_it_may(result: Scan) -> None:
    for language in ("en", "zh"):
        text = summarise(result, language, 120).casefold()
        for word in (
            "accuracy",
            "normal",
            "all clear",
            "sebum",
            "sensitive skin",
            "正常",
            "准确",
            "皮脂",
            "敏感肌",
        ):
            assert word not in text


def test_summary_gives_retake_advice_in_the_language(result: Scan) -> None:
    spoilt = without(result, "redness")
    advice = spoilt.quality.checks[0].advice
    assert advice.en in summarise(spoilt, "en", 120)
    assert advice.zh in summarise(spoilt, "zh", 120)
    assert f"{len(spoilt.quality.checks)} failed" in summarise(spoilt, "en", 120).replace("1 of ", "")


@pytest.mark.parametrize(
    ("value", "low", "high", "bar"),
    [(0, 0, 0, "█░░░░░░░░░"), (100, 100, 100, "░░░░░░░░░█"), (45, 22, 68, "░░▒▒█▒▒░░░")],
)
def test_bar(value: float, low: float, high: float, bar: str) -> None:
    assert _bar(value, low, high, 10) == bar


def test_language_of_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert locale_language() == "en"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert locale_language() == "zh"
    monkeypatch.setenv("LC_ALL", "C")
    assert locale_language() == "en"
