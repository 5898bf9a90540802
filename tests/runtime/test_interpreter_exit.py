"""The interpreter ends while daemon threads scan: quietly."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.paths import ROOT, SAMPLES

SCANS = """
import sys, threading, time
from skinscan import Scanner
scanner = Scanner("cpu")
scanner.scan(sys.argv[1])
def loop():
    while True:
        scanner.scan(sys.argv[1])
for _ in range(3):
    threading.Thread(target=loop, daemon=True).start()
time.sleep(float(sys.argv[2]))
"""
WORKS = """
import atexit, threading, time
def late():  # registered first, so called last: a scan of the main thread is not held up
    with computing():
        print("done")
atexit.register(late)
from skinscan.runtime.interpreter_exit import computing, rest
began, went_on = threading.Event(), []
def loop():
    with computing():
        began.set()
        time.sleep(0.5)
        went_on.append(1)
        print("stage ended", flush=True)
        rest()
        print("never", flush=True)
threading.Thread(target=loop, daemon=True).start()
began.wait()
"""


def ended(code: str, *arguments: object) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_exit_waits_for_the_stage_and_no_longer() -> None:
    assert ended(WORKS) == (0, "stage ended\ndone\n", "")


@pytest.mark.parametrize("moment", [0.1, 0.4, 0.7, 1.0])
def test_daemon_threads_that_scan_do_not_abort_the_process(moment: float) -> None:
    assert ended(SCANS, SAMPLES / "face_light.jpg", moment) == (0, "", "")
