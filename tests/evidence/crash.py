"""Seal, and erase, until killed: run by test_crash.py in a process of its own.

    python -m tests.evidence.crash FOLDER KEYS TRIALS SEED

Each trial forks a child that seals and erases in a loop and kills it (SIGKILL) at a random moment; then the
folder is checked. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from skinscan.evidence import Keys, erase, load_keys, seal, verify_evidence
from skinscan.evidence.dossier import Dossier
from skinscan.evidence.folder import Folder
from tests.evidence.cases import LATER, NOW, dossier

__all__: list[str] = []


def main(folder: Path, keys: Keys, trials: int, seed: int) -> dict[str, object]:
    """Count what was found after each kill."""
    rng, case, counts = random.Random(seed), dossier(), Counter[str]()
    faults: list[str] = []
    seal(folder / "first", case, keys, NOW)
    start = time.perf_counter()
    seal(folder / "first", case, keys, NOW)
    longest = 6 * (time.perf_counter() - start)  # a busy machine seals more slowly
    for trial in range(trials):
        place = folder / str(trial)
        shutil.copytree(folder / "first", place)
        kill_at_work(place, case, keys, rng.uniform(0, longest))
        found = verify_evidence(place, keys)
        counts["kills"] += 1
        counts["bundles"] += len(found.bundles) - 2
        counts["line ahead of the checkpoint"] += found.log.ahead > 0
        counts["torn line"] += found.log.torn
        counts["unfinished file"] += bool(Folder(place).named(".bundle.part"))
        for fault in found.faults:
            counts["erasing cut off"] += "erase" in str(fault)
            if "erase" not in str(fault):
                faults.append(str(fault))
        erase(place, [check.bundle for check in found.bundles if check.fault], keys, LATER)
        seal(place, case, keys, NOW)
        after = verify_evidence(place, keys)
        faults += [f"after ending it: {fault}" for fault in after.faults]
        faults += ["a bundle came or went"] * (len(after.bundles) != len(found.bundles) + 1)
        faults += [f"left: {path.name}" for path in place.iterdir() if path.suffix in (".part", ".tmp")]
        shutil.rmtree(place)
    return {"counts": counts, "faults": faults}


def kill_at_work(folder: Path, case: Dossier, keys: Keys, after: float) -> None:
    """Start a child that seals and erases, and kill it after so many seconds."""
    child = os.fork()
    if child == 0:
        work(folder, case, keys)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child failed by itself"


def work(folder: Path, case: Dossier, keys: Keys) -> None:
    """Until killed."""
    try:
        while True:
            done = seal(folder, case, keys, NOW)
            erase(folder, [done.bundle], keys, LATER, ("images",))
            erase(folder, [seal(folder, case, keys, NOW).bundle], keys, LATER)
    finally:
        os._exit(1)


if __name__ == "__main__":
    place, key_folder, number, start = sys.argv[1:]
    result = main(Path(place), load_keys(Path(key_folder)), int(number), int(start))
    sys.stdout.write(json.dumps(result))
