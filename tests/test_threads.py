"""One scanner for many threads and for asyncio: the bytes of a serial run, and a quiet end of the process.

SKINSCAN_THOROUGH lets 32 threads do 200 scans each instead of 8 doing 3; `skinscan bench shared` does so with
real photos, and measures memory.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from skinscan import Scanner
from skinscan.output.records.change import compare_to_dict
from skinscan.output.records.scan import scan_to_dict
from skinscan.types import Scan
from tests.evidence.cases import THOROUGH
from tests.paths import ROOT, SAMPLES

THREADS, SCANS = (32, 200) if THOROUGH else (8, 3)
PHOTOS = [SAMPLES / f"{name}.jpg" for name in ("face_light", "face_dark", "face_medium", "face_red_cheek")]


def told(scan: Scan) -> str:
    return json.dumps(scan_to_dict(scan, timings=False))


@pytest.fixture(scope="module")
def serial() -> dict[Path, str]:
    return {path: told(Scanner("cpu").scan(path)) for path in PHOTOS}


def test_threads_that_share_a_scanner_give_the_bytes_of_a_serial_run(serial: dict[Path, str]) -> None:
    scanner = Scanner("cpu")

    def work(thread: int) -> list[bool]:
        mine = [PHOTOS[(thread + number) % len(PHOTOS)] for number in range(SCANS)]
        return [told(scanner.scan(path)) == serial[path] for path in mine]

    with ThreadPoolExecutor(THREADS) as pool:
        same = [each for found in pool.map(work, range(THREADS)) for each in found]
    assert same == [True] * (THREADS * SCANS)


def test_comparisons_in_threads_give_the_bytes_of_a_serial_run() -> None:
    scanner = Scanner("cpu")
    before, after = (scanner.scan(PHOTOS[number]) for number in (2, 3))

    def compared(_: int) -> str:
        return json.dumps(compare_to_dict(scanner.compare(before, after)))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(compared, range(4))) == {compared(0)}


def test_asyncio_gives_the_bytes_of_a_serial_run(serial: dict[Path, str]) -> None:
    scanner, most = Scanner("cpu"), asyncio.Semaphore(2)

    async def scan(path: Path) -> str:
        async with most:
            return told(await asyncio.to_thread(scanner.scan, path))

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*map(scan, PHOTOS))

    assert dict(zip(PHOTOS, asyncio.run(all_of_them()), strict=True)) == serial


def test_the_examples_of_the_page_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text(), re.DOTALL)
    for example in examples:
        exec(example, {"__name__": "example"})
    assert len(examples) == 3
    assert capsys.readouterr().out.count("face_light.jpg") == 2


ENDS = {
    "a pool is still at work": """
pool = ThreadPoolExecutor(4)
for _ in range(8):
    pool.submit(scanner.scan, path)
print("began", flush=True)
sys.exit(3)
""",
    "asyncio is cancelled": """
async def main():
    tasks = [asyncio.create_task(asyncio.to_thread(scanner.scan, path)) for _ in range(4)]
    await asyncio.sleep(0.1)
    print("began", flush=True)
    for task in tasks:
        task.cancel()
    sys.exit(3)
asyncio.run(main())
""",
    "daemon threads compare": """
one = scanner.scan(path)
def loop():
    while True:
        scanner.compare(one, one, allow_copies=True)
for _ in range(3):
    threading.Thread(target=loop, daemon=True).start()
time.sleep(0.2)
print("began", flush=True)
sys.exit(3)
""",
    "it is interrupted": """
with ThreadPoolExecutor(2) as pool:
    found = [pool.submit(scanner.scan, path) for _ in range(3)]
    print("began", flush=True)
    time.sleep(600)
""",
}
BEGIN = """
import asyncio, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from skinscan import Scanner
scanner, path = Scanner("cpu"), sys.argv[1]
scanner.scan(path)
"""


@pytest.mark.parametrize("name", ENDS)
def test_a_process_ends_with_its_own_code_while_threads_work(name: str) -> None:
    words = [sys.executable, "-c", BEGIN + ENDS[name], str(SAMPLES / "face_light.jpg")]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout
        assert run.stdout.readline() == "began\n"
        interrupted = name == "it is interrupted"
        if interrupted:
            run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=300)
    assert run.returncode == (-signal.SIGINT if interrupted else 3)
    lines = err.splitlines()
    assert lines[-1:] == ["KeyboardInterrupt"] if interrupted else not lines
