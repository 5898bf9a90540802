"""Write models/identity.onnx and its row in models/manifest.json from an unpacked npm package.

    npm pack @vladmandic/face-api@1.7.15 && tar xzf vladmandic-face-api-1.7.15.tgz
    python -m models.training.convert_identity package

Takes a second. The same package gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from models.training.export import MODELS, write_models
from models.training.graphs.identity_graph import IDENTITY_ROW, build_identity, read_package

__all__ = ["convert_identity"]


def convert_identity(package: Path, folder: Path = MODELS) -> None:
    """Convert the face recognition model of `@vladmandic/face-api`, unpacked at `package`."""
    write_models([(IDENTITY_ROW, build_identity(read_package(package)))], folder)


if __name__ == "__main__":
    convert_identity(Path(sys.argv[1]))
