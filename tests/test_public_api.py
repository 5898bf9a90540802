"""The names that others build on, and what importing them costs."""

import ast
import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import skinscan

PUBLIC = [
    "Change", "Delta", "Finding", "Measure", "Photo", "Scan", "Scanner", "Score", "SkinScanError", "Trend",
    "__version__", "scan",
]  # fmt: skip
MODULES = [found.name for found in pkgutil.walk_packages(skinscan.__path__, "skinscan.")]
HEAVY = {"cv2", "mediapipe", "onnxruntime", "matplotlib", "scipy", "colour", "pooch"}


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has after running the code."""
    tail = "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_root_offers_exactly_these_names() -> None:
    assert skinscan.__all__ == PUBLIC == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_each_name_of_the_root_is_there(name: str) -> None:
    assert getattr(skinscan, name) is not None


def test_an_unknown_name_is_refused_like_any_other() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Scaner'"):
        skinscan.Scaner  # noqa: B018


def test_scan_is_the_function_although_no_module_may_hide_it() -> None:
    import_module("skinscan.scanner")
    assert callable(skinscan.scan)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "skinscan.__main__"])
def test_each_module_says_what_is_public(name: str) -> None:
    module = import_module(name)
    public = module.__all__
    assert len(public) == len(set(public))
    assert [missing for missing in public if not hasattr(module, missing)] == []
    assert [private for private in public if private.startswith("_")] == []


def test_every_module_is_examined() -> None:
    assert {"skinscan.cli", "skinscan.scanner", "skinscan.runtime.onnx_models"} <= set(MODULES)


@pytest.mark.parametrize(
    "code", ["import skinscan", "import skinscan.cli", "from skinscan import SkinScanError"]
)
def test_importing_loads_nothing_heavy(code: str) -> None:
    assert loaded_by(code) & HEAVY == set()


def test_help_loads_nothing_heavy() -> None:
    code = "from skinscan.cli import run; run(['--help']); run(['scan', '--help']); run(['--version'])"
    loaded = loaded_by(code)
    assert "typer" in loaded
    assert loaded & HEAVY == set()


def test_stages_load_the_native_libraries_only_when_they_run() -> None:
    """The one place that opens models imports them late, so that errors can say what to install."""
    assert (
        loaded_by("import skinscan.runtime, skinscan.runtime.model_files, skinscan.runtime.doctor")
        & {
            "mediapipe",
            "onnxruntime",
        }
        == set()
    )


def test_the_docstring_of_the_root_shows_code_that_parses() -> None:
    lines = [line[4:] for line in (skinscan.__doc__ or "").splitlines() if line.startswith("    ")]
    tree = ast.parse("\n".join(lines))
    assert any(isinstance(node, ast.ImportFrom) and node.module == "skinscan" for node in tree.body)
