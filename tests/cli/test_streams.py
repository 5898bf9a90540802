"""Standard streams that the caller has closed, as cron and service managers do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.paths import ROOT, SAMPLES

FACE = str(SAMPLES / "no_face.jpg")


def closed(streams: Sequence[int], *arguments: object) -> tuple[int, str, str]:
    """Run a command with these descriptors closed."""

    def close() -> None:
        for descriptor in streams:
            os.close(descriptor)

    done = subprocess.run(
        [sys.executable, "-m", "skinscan", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True,
        preexec_fn=close, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("doctor",)])
def test_data_that_has_nowhere_to_go_is_an_error(arguments: tuple[str, ...]) -> None:
    code, _, err = closed([1], *arguments)
    assert (code, err.count("\n")) == (2, 1)
    assert "Stdout cannot be written: Bad file descriptor" in err


def test_a_photo_from_a_closed_stdin_is_missing() -> None:
    code, out, err = closed([0], "scan", "-")
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "cannot be read: Bad file descriptor" in err


def test_errors_never_go_to_stdout() -> None:
    assert closed([2], "scan", "missing.jpg") == (3, "", "")
    assert closed([0, 2], "scan", FACE) == (4, "", "")


def test_work_that_prints_nothing_needs_no_streams(tmp_path: Path) -> None:
    code, _, _ = closed(
        [0, 1, 2], "batch", FACE, "-o", tmp_path / "o.jsonl", "--quiet", "--workers", 1, "--device", "cpu"
    )
    assert (code, (tmp_path / "o.jsonl").read_bytes().count(b"\n")) == (1, 1)
