"""Write the SHA-256 of everything skinscan says about the samples: equal before and after a move.

    python -m tests.golden OUT.json [--photos FOLDER]
    python -m tests.golden OUT.json --against OTHER.json

Through the command line alone, so that no name inside the package matters. On the CPU, without times.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import itertools
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from skinscan.cli import run
from tests.paths import SAMPLES

LIGHT, DARK, SHINY = (str(SAMPLES / f"face_{name}.jpg") for name in ("light", "dark", "shiny"))
FOUNDATIONS = str(SAMPLES / "catalog_foundations.csv")
LIPSTICKS = str(SAMPLES / "catalog_lipsticks.csv")


def main() -> None:
    """Write the digests, or say which differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--photos", type=Path, help="a folder whose photos are scanned and compared too")
    parser.add_argument("--against", type=Path, help="digests to compare those of OUT with, instead")
    options = parser.parse_args()
    if options.against:
        sys.exit(_differences(json.loads(options.out.read_text()), json.loads(options.against.read_text())))
    digests = dict(_digests(options.photos))
    options.out.write_text(json.dumps(digests, indent=1) + "\n")


def _differences(one: dict[str, str], other: dict[str, str]) -> int:
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    sys.stdout.write(("\n".join(names) or f"all {len(one)} are the same bytes") + "\n")
    return bool(names)


def _digests(photos: Path | None) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for line in _command_lines(photos, out):
            text = _said([word for word in line if word])
            name = " ".join(line).replace(str(out), "OUT").replace(str(SAMPLES), "SAMPLES")
            name = name.replace(str(photos), "PHOTOS") if photos else name
            yield name, hashlib.sha256(text.encode()).hexdigest()
            for path in sorted(path for path in out.rglob("*") if path.is_file()):
                yield f"{name} -> {path.relative_to(out)}", hashlib.sha256(path.read_bytes()).hexdigest()
                path.unlink()


def _said(line: list[str]) -> str:
    """Exit code and standard output of a command line, JSON without its times."""
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(io.StringIO()):
        code = run(line)
    text = stream.getvalue()
    with contextlib.suppress(json.JSONDecodeError):
        said = json.loads(text)
        said.get("run", {}).pop("timings_ms", None)
        text = json.dumps(said, ensure_ascii=False)
    return f"{code}\n{text}"


def _command_lines(photos: Path | None, out: Path) -> Iterator[list[str]]:
    pictures = sorted([*SAMPLES.rglob("*.jpg"), *(photos.rglob("*.jpg") if photos else ())])
    for picture in pictures:
        yield ["scan", str(picture), "--json", "--device", "cpu"]
    for line in (["scan", LIGHT], ["scan", SHINY, "--ss10", "3,4,2,6,5,1,0,2,7,8"]):
        for lang in ("zh", "en"):
            yield [*line, "--device", "cpu", "--lang", lang, "--overlay", str(out / "o.png")]
        yield [*line, "--device", "cpu", "--lang", "zh", "--report", str(out)]
    for after in sorted((SAMPLES / "pairs").glob("[abcd]_[!b]*.jpg")):
        before = after.with_name(f"{after.name[0]}_before.jpg")
        for one, other in ((before, after), (after, before)):
            yield ["compare", str(one), str(other), "--json", "--device", "cpu"]
    if photos:
        session = sorted(photos.glob("series_*.jpg"))
        for first, second in itertools.pairwise(session):
            yield ["compare", str(first), str(second), "--json", "--device", "cpu", "--area", "left_cheek"]
        yield ["compare", str(session[0]), str(photos / "founder_a_1.jpg"), "--json", "--device", "cpu"]
    yield from _read_by_people(out)
    for claim in sorted((SAMPLES / "claims").glob("*/claim.json")):
        yield ["claim", str(claim), "--json", "--device", "cpu"]
    sku, lip = (
        Path(table).read_text(encoding="utf-8").splitlines()[1].split(",")[0]
        for table in (FOUNDATIONS, LIPSTICKS)
    )
    yield ["shade", LIGHT, "--catalog", FOUNDATIONS, "--purchased", sku, "--json", "--device", "cpu"]
    yield ["catalog", "check", FOUNDATIONS, "--json"]
    yield ["tryon", LIGHT, "--catalog", FOUNDATIONS, "--sku", sku, "-o", str(out / "t.png"), "--json"]
    yield ["tryon", DARK, "--catalog", LIPSTICKS, "--sku", lip, "-o", str(out / "t.png"), "--json"]


def _read_by_people(out: Path) -> Iterator[list[str]]:
    """Tables, pictures and reports in both languages."""
    a, b, c = (str(SAMPLES / "pairs" / f"a_{name}.jpg") for name in ("before", "strong", "slight"))
    series = [a, b, c, "--dates", "2026-03-01,2026-03-04,2026-03-14", "--device", "cpu"]
    yield ["trend", *series, "--json"]
    for lang in ("zh", "en"):
        words = ["--device", "cpu", "--lang", lang]
        yield ["compare", a, b, *words, "--overlay", str(out / "o.png"), "--area", "left_cheek"]
        yield ["compare", a, b, *words, "--report", str(out)]
        yield ["trend", *series, "--lang", lang, "--overlay", str(out / "o.png")]
        yield ["shade", LIGHT, "--catalog", FOUNDATIONS, *words]
        yield ["shade", DARK, "--catalog", LIPSTICKS, "--category", "lipstick", *words]
        for claim in sorted((SAMPLES / "claims").glob("*/claim.json")):
            yield ["claim", str(claim), *words, "--report", str(out)]


if __name__ == "__main__":
    main()
