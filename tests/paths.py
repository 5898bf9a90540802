"""Where tests find the checkout, its samples and the folders of real photos."""

from __future__ import annotations

from pathlib import Path

import pytest

from skinscan.bench.requirements import photos_folder

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
PHOTOS = photos_folder()
CATALOGS = PHOTOS.parent / "catalogs"

real_photos = pytest.mark.skipif(
    not (PHOTOS / "photos.csv").exists(), reason=f"the folder of real photos is not here: {PHOTOS}"
)
