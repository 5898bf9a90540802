"""Folders of cases for tests of batches: good ones, two that share a photo, and hostile ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.paths import SAMPLES

CATALOG = SAMPLES / "catalog_foundations.csv"
CASES = ("clear_reaction_zh", "consent_refused_zh", "shade_none_fits_en")


def lay_out_cases(folder: Path) -> None:
    """Cases 0..5 in folders of their own, and JSON that is no claim.

    0: a reaction; 1: without consent; 2: a shade; 3: case 0 again under another name; 4: with a photo that
    cannot be read; 5: a claim that is none.
    """
    for number, name in enumerate((*CASES, CASES[0], CASES[0])):
        place = folder / f"{number}_{name}"
        shutil.copytree(SAMPLES / "claims" / name, place)
        file = place / "claim.json"
        claim = json.loads(file.read_text("utf-8")) | {"case_id": f"case {number}"}
        file.write_text(json.dumps(claim), "utf-8")
    (place / "before.jpg").write_bytes(b"no photo")
    (folder / "5_damaged").mkdir()
    (folder / "5_damaged" / "claim.json").write_text('{"case_id": "5"')
    for other in ("verdicts.json", "0_clear_reaction_zh/labels.json"):
        (folder / other).write_text("{}")
