"""What is shipped, what is pinned, and that the documents tell the truth about commands."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import skinscan
from skinscan.cli import app
from tests.paths import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODELS = ("manifest.json", "skinmaps.onnx", "scores.onnx", "identity.onnx", "identity.LICENSE.txt")
MEGABYTE = 1_000_000


def tracked() -> list[Path]:
    """Files that git keeps."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def documents() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


# --- the wheel


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sdist and wheel, built from nothing but what git keeps, as a stranger's clone would."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for path in tracked():
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    build(source, target, "sdist", "wheel")
    return target


def build(source: Path, target: Path, *kinds: str) -> None:
    wanted = [word for kind in kinds for word in ("-t", kind)]
    command = [sys.executable, "-m", "hatchling", "build", *wanted, "-d", str(target)]
    subprocess.run(command, cwd=source, capture_output=True, check=True)


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Iterator[zipfile.ZipFile]:
    (built,) = dist.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


def test_the_wheel_carries_the_models_unaltered(wheel: zipfile.ZipFile) -> None:
    for name in MODELS:
        packed = hashlib.sha256(wheel.read(f"skinscan/_models/{name}")).hexdigest()
        assert packed == hashlib.sha256((ROOT / "models" / name).read_bytes()).hexdigest()


def test_the_wheel_carries_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    info = f"skinscan-{skinscan.__version__}.dist-info/"
    assert [name for name in names if not name.startswith(("skinscan/", info))] == []
    assert f"{info}licenses/LICENSE" in names
    ours = {str(path.relative_to(ROOT)) for path in tracked() if path.is_relative_to(ROOT / "skinscan")}
    assert ours <= set(names)
    assert "skinscan/py.typed" in names


def test_the_wheel_built_from_the_sdist_is_the_same(
    dist: Path, wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    (packed,) = dist.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    build(tmp_path / f"skinscan-{skinscan.__version__}", tmp_path, "wheel")
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as again:
        assert {i.filename: i.CRC for i in again.infolist()} == {i.filename: i.CRC for i in wheel.infolist()}


def test_the_wheel_scans_without_a_checkout(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Its files alone, in a folder without the sources; the libraries are those of this environment."""
    wheel.extractall(tmp_path / "site")
    shutil.copy(ROOT / "samples" / "face_red_cheek.jpg", tmp_path)
    command = [sys.executable, "-P", "-m", "skinscan", "scan", "face_red_cheek.jpg", "--json"]
    place = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(command, cwd=tmp_path, env=place, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["run"]["version"] == skinscan.__version__
    cheek = found["zones"]["left_cheek"]["erythema_contrast"]
    assert cheek["low"] > 0  # the red cheek of the sample stands out


def test_the_version_has_one_home() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "skinscan/_version.py"
    pattern = re.compile(rf"(?<![\w.]){re.escape(skinscan.__version__)}(?![\w.])")
    sources = [path for path in tracked() if path.suffix == ".py" and not path.is_relative_to(ROOT / "tests")]
    homes = [
        str(path.relative_to(ROOT)) for path in sources if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert homes == ["skinscan/_version.py"]


def test_the_two_runtimes_are_never_asked_for_together() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    owners = {extra: {Requirement(line).name for line in lines} for extra, lines in extras.items()}
    assert "onnxruntime" in owners["cpu"]
    assert "onnxruntime-gpu" in owners["gpu"]
    runtimes = {"onnxruntime", "onnxruntime-gpu"}
    rest = [Requirement(line).name for line in PROJECT["project"]["dependencies"]]
    rest += [name for extra, names in owners.items() if extra not in ("cpu", "gpu") for name in names]
    assert runtimes.isdisjoint(rest)


def test_without_a_runtime_the_first_use_names_both_ways_to_install_one() -> None:
    block = "import sys; sys.modules['onnxruntime'] = None; "
    code = block + "from skinscan.cli import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "scan", "samples/face_light.jpg"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (6, "")
    (line,) = done.stderr.splitlines()
    assert "pip install 'skinscan[cpu]'" in line
    assert "pip install 'skinscan[gpu]'" in line


# --- the pins


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")]
    odd = [row for row in rows if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", row)]
    assert odd == []  # names and versions, no addresses
    table: dict[str, str] = {
        canonicalize_name(name): version for name, version in (row.split("==") for row in rows)
    }
    assert len(table) == len(rows)
    return table


def asked_for() -> list[str]:
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [
        line
        for extra in ("cpu", "bundle", "bench", "ray", "parquet", "pdf", "train", "dev")
        for line in extras[extra]
    ]
    return [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"], *wanted]


@pytest.mark.parametrize("line", asked_for())
def test_each_requirement_is_met_by_its_pin(line: str) -> None:
    requirement = Requirement(line)
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


def test_both_distributions_of_opencv_are_one_version() -> None:
    assert pins()["opencv-python"] == pins()["opencv-contrib-python"]


# --- what is in the repository

HOSTS = (
    "py" + "pi.org",
    "pythonhos" + "ted",
    "deb.deb" + "ian",
    "registry.np" + "mjs",
    "files.python" + "hosted",
)
PROVIDERS = (
    "/ro" + "ot/",
    "/wo" + "rk/",
    "/ho" + "me/",
    "/o" + "pt/",
    "--index-" + "url",
    "--find-" + "links",
)


@pytest.mark.parametrize("needle", [*HOSTS, *PROVIDERS])
def test_no_file_names_a_registry_or_a_place_on_one_machine(needle: str) -> None:
    assert [str(path) for path in tracked() if needle.encode() in path.read_bytes()] == []


def test_no_file_is_large() -> None:
    assert [str(path) for path in tracked() if path.stat().st_size >= 10 * MEGABYTE] == []


def test_every_sample_is_described() -> None:
    card = (ROOT / "samples" / "README.md").read_text(encoding="utf-8")
    samples = [
        path.name for path in tracked() if path.parent == ROOT / "samples" and path.name != "README.md"
    ]
    assert len(samples) >= 7
    assert [name for name in samples if f"`{name}`" not in card] == []


def test_every_model_has_a_card() -> None:
    cards = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "models" / "cards").glob("*.md")}
    models = [path for path in tracked() if path.suffix == ".onnx"]
    assert [path for path in models if f"`{path.name}`" not in cards[f"{path.stem}.md"]] == []
    index = (ROOT / "models" / "README.md").read_text(encoding="utf-8")
    assert [name for name in cards if f"(cards/{name})" not in index] == []
    assert {
        name for name, text in {**cards, "README.md": index}.items() if len(text.splitlines()) > 150
    } == set()


# --- the documents


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def code_in(text: str) -> Iterator[tuple[str, bool]]:
    """Lines of code, prompts removed, and whether they are whole: inline code may name a command alone."""
    blocks = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for block in blocks.findall(text):
        yield from ((line.strip().removeprefix("$ "), True) for line in block.splitlines())
    rest = blocks.sub("", text)
    yield from ((line.strip(), True) for line in re.findall(r"^    (\S.*)$", rest, re.MULTILINE))
    yield from ((line, False) for line in re.findall(r"`([^`\n]+)`", rest))


def uses_of(word: str) -> list[tuple[str, str, bool]]:
    """(document, line of code, whether it is whole) for each use of a command in a document."""
    if not (ROOT / ".git").exists():
        return []
    found = [(path, code_in(path.read_text(encoding="utf-8"))) for path in documents()]
    return [
        (str(path.relative_to(ROOT)), line, whole)
        for path, lines in found
        for line, whole in lines
        if line.split()[:1] == [word] and len(line.split()) > 1
    ]


def test_every_make_target_in_the_documents_exists() -> None:
    used = [(path, line.split()[1]) for path, line, _ in uses_of("make")]
    assert {"demo", "test"} <= {target for path, target in used if path == "README.md"}
    assert [use for use in used if use[1] not in targets()] == []


def deaf(command: Any) -> Any:
    """The command and those below it, parsing as ever but doing nothing."""
    command.callback = lambda **_options: None
    for option in command.params:
        option.callback = None  # that of --install-completion writes into the user's shell
    for below in getattr(command, "commands", {}).values():
        deaf(below)
    return command


def arguments_of(line: str) -> list[str]:
    """Words after `skinscan`, up to a pipe, a redirection or a comment."""
    words = shlex.split(line, comments=True)[1:]
    ends = [index for index, word in enumerate(words) if word in ("|", ">", "<", "&&", ";", "2>")]
    return words[: ends[0]] if ends else words


@pytest.mark.parametrize("use", uses_of("skinscan"), ids=lambda use: f"{use[0]}: {use[1]}")
def test_every_command_line_in_the_documents_parses(use: tuple[str, str, bool]) -> None:
    _, line, whole = use
    command = deaf(typer.main.get_command(app))
    arguments = arguments_of(line) if whole else [*arguments_of(line), "--help"]
    command.main(arguments, prog_name="skinscan", standalone_mode=False)


@pytest.mark.parametrize("line", ["scan face.jpg --overley out.png", "scan --overley --help", "scann --help"])
def test_a_command_line_that_does_not_parse_would_be_noticed(line: str) -> None:
    command = deaf(typer.main.get_command(app))
    with pytest.raises(typer.TyperException):
        command.main(line.split(), standalone_mode=False)


def test_the_readme_shows_every_command() -> None:
    shown = {
        arguments_of(line)[0] for path, line, whole in uses_of("skinscan") if path == "README.md" and whole
    }
    assert set(typer.main.get_command(app).commands) - shown == set()  # type: ignore[attr-defined]


def test_the_example_in_the_readme_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out.strip()


def test_the_change_log_starts_with_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"


def test_ci_checks_and_tests() -> None:
    run = ROOT / ".ci" / "run"
    assert os.access(run, os.X_OK)
    lines = run.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("make ")] == [
        "make check",
        "make audit",
        "make docs",
        "make issa",
        "make test",
    ]
