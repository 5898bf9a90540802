"""The names that others build on, and what importing them costs."""

import ast
import inspect
import pkgutil
import subprocess
import sys
from dataclasses import fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import skinscan
from skinscan import errors

PUBLIC = [
    "Affected", "Blemish", "BlemishChange", "Candidate",
    "CaseFile", "CasePhoto", "Catalog", "Change", "Checked", "Claim",
    "CloseUp",
    "DataError", "Delta", "DeviceError", "DeviceFull", "Difference", "Dossier", "EvidenceError",
    "EvidenceLocked", "EvidenceMissing", "FaceChange", "FaceError", "FaceTurnedAway", "Finding",
    "ImageEvidence", "InferenceLost", "InternalError", "Keys", "Measure", "ModelError", "NoFace",
    "NotCollage", "Photo", "PhotoError", "PhotoMissing", "PhotoTooLarge", "PhotoUndecodable", "Policy",
    "ProductList", "Quality", "QualityCheck", "QualityError", "ReactionClaim", "Scan", "Scanner", "Score",
    "Sealed", "SensitiveScale", "SeveralFaces", "Shade", "ShadeAnswer", "ShadeClaim", "ShadeEvidence",
    "ShadeMatch", "Signal", "Signals", "SkinScanError", "TextureClaim", "Tone", "TooCostly", "Trend",
    "TrendPoint", "TryOn", "UsageError", "Verdict", "Verification", "WorkerLost", "ZoneChange",
    "ZoneMeasures", "ZoneTrend", "__version__", "collect", "compare", "find_signals", "judge", "keygen",
    "load_catalog", "load_claim", "load_keys", "load_policy", "load_products", "match_shades",
    "read_orders", "read_verdicts", "scan", "seal", "trend", "try_on", "verify_evidence", "work_case",
]  # fmt: skip
SCAN = [
    "photo", "face", "texture", "light", "zone_masks", "quality", "maps", "scores", "zones", "blemishes",
    "blemish_relief", "tone", "run",
]  # fmt: skip
CHANGE = [
    "status", "findings", "verdict", "zones", "area_name", "area", "face", "affected", "maps",
    "identity_distance", "registration",
    "noise", "aligned", "before", "after", "run", "blemishes",
]  # fmt: skip
MODULES = [found.name for found in pkgutil.walk_packages(skinscan.__path__, "skinscan.")]
HEAVY = {"cv2", "mediapipe", "onnxruntime", "matplotlib", "scipy", "colour", "pooch"}


def says_something(name: str) -> bool:
    """Whether a module has more than a docstring and private names."""
    found = find_spec(name)
    assert found is not None
    assert found.origin is not None
    body = ast.parse(Path(found.origin).read_text(encoding="utf-8")).body
    return not name.rpartition(".")[2].startswith("_") and len(body) > 1


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has after running the code."""
    tail = "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_root_offers_exactly_these_names() -> None:
    assert skinscan.__all__ == PUBLIC == sorted(PUBLIC)
    assert dir(skinscan) == PUBLIC


def test_the_fields_of_a_scan_and_a_change_stay() -> None:
    assert [field.name for field in fields(skinscan.Scan)] == SCAN
    assert [field.name for field in fields(skinscan.Change)] == CHANGE


def test_type_checkers_see_the_same_names_in_the_same_modules() -> None:
    """Completion and mypy read the imports under TYPE_CHECKING, Python the table."""
    tree = ast.parse(Path(skinscan.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname: str(node.module).removeprefix("skinscan.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == skinscan._HOME


def test_every_error_is_at_the_root() -> None:
    assert set(errors.__all__) <= set(skinscan.__all__)


def test_no_module_of_the_root_bears_the_name_of_a_function() -> None:
    assert {found.name for found in pkgutil.iter_modules(skinscan.__path__)}.isdisjoint(PUBLIC)


@pytest.mark.parametrize("name", [name for name in PUBLIC if callable(getattr(skinscan, name))])
def test_many_parameters_are_told_one_by_one(name: str) -> None:
    thing = getattr(skinscan, name)
    methods = (
        [thing] if inspect.isfunction(thing) else vars(thing).values() if isinstance(thing, type) else []
    )
    for function in methods:
        if not inspect.isfunction(function) or function.__name__.startswith("_"):
            continue
        told = inspect.getdoc(function) or ""
        asked = [word for word in inspect.signature(function).parameters if word != "self"]
        if len(asked) >= 4:
            assert [word for word in asked if f"{word}:" not in told and f"`{word}`" not in told] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_each_name_of_the_root_is_there(name: str) -> None:
    assert getattr(skinscan, name) is not None


def test_an_unknown_name_is_refused_like_any_other() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Scaner'"):
        skinscan.Scaner  # noqa: B018


def test_scan_is_the_function() -> None:
    import_module("skinscan.scanner")
    assert callable(skinscan.scan)


@pytest.mark.parametrize(
    "name", [name for name in MODULES if name != "skinscan.__main__" and says_something(name)]
)
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
