"""Write models/skinmaps.onnx, models/scores.onnx and their rows in models/manifest.json.

    python -m models.training.export

Needs the ISSA spreadsheet (`make issa`); takes seconds. The same constants give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx

from models.training.fit.fit_people import DATA as PEOPLE_DATA
from models.training.fit.fit_scores import DATA as SCORES_DATA
from models.training.graphs.net_graph import build_learned, read_weights
from models.training.graphs.scores_graph import SCORES_ROW, build_scores
from models.training.graphs.skinmaps_graph import SKINMAPS_ROW
from models.training.issa_constants import Constants, fit_constants

__all__ = ["MODELS", "export", "write_models"]

MODELS = Path(__file__).resolve().parents[1]


def export(constants: Constants, folder: Path = MODELS) -> None:
    """Write both graphs and their manifest rows."""
    skinmaps = build_learned(constants, *read_weights())
    scores = build_scores(constants, *(json.loads(data.read_text()) for data in (SCORES_DATA, PEOPLE_DATA)))
    write_models([(SKINMAPS_ROW, skinmaps), (SCORES_ROW, scores)], folder)


def write_models(models: Sequence[tuple[dict[str, Any], onnx.ModelProto]], folder: Path = MODELS) -> None:
    """Write graphs, and their rows into the manifest; rows of other models stay."""
    manifest_path = folder / "manifest.json"
    manifest = json.loads(manifest_path.read_text())
    rows = {row["name"]: row for row in manifest["models"]}
    for row, model in models:
        onnx.checker.check_model(model, full_check=True)
        data = model.SerializeToString(deterministic=True)
        (folder / row["file"]).write_bytes(data)
        rows[row["name"]] = _stamped(row, data)
    manifest["models"] = [rows[name] for name in sorted(rows)]
    manifest_path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


def _stamped(row: dict[str, Any], data: bytes) -> dict[str, Any]:
    head = {"name": row["name"], "file": row["file"]}
    return head | {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} | row


if __name__ == "__main__":
    export(fit_constants())
