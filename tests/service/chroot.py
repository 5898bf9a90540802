"""The steps of a container file in a bare Debian, as root: `python -m tests.service.chroot FOLDER [FILE]`.

FOLDER is a Debian with little but apt, e.g. of `mmdebstrap --variant=minbase trixie FOLDER`, whose Python is
that of the image; FILE is Dockerfile unless said. Both stages are run in the one folder; then the command is
started as the file's user, its health check must pass, and a photo be measured. FOLDER/dev and its shm
are to be those of the host (mount --bind), FOLDER/proc and FOLDER/sys mounted.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx

from samples.ticket_service.settings import Settings
from tests.paths import ROOT
from tests.service.running import claim
from tests.service.test_container import steps

_KEY = "check-key-0123456789"
_PYTHON = (
    "apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv python-is-python3"
)


def _context() -> list[str]:
    """What a build gets: tracked files without those of .dockerignore."""
    out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in names.stdout.split("\0") if name and name.split("/")[0] not in out]


def _copy(root: Path, source: str, target: str) -> None:
    for name in _context():
        if source == "." or name.startswith(f"{source}/"):
            to = root / target.lstrip("/") / (name if source == "." else name[len(source) + 1 :])
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to)


class _Container:
    """What the steps so far have set."""

    def __init__(self, root: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        self.root, self.folder, self.user = root, "/", "root"
        self.env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", **kept}
        self.command: list[str] = []
        self.check: list[str] = []

    def start(self, line: list[str]) -> subprocess.Popen[bytes]:
        """A process inside, as the user and in the folder of the step."""
        switch = ["setpriv", "--reuid", self.user, "--regid", "nogroup", "--clear-groups"]
        go = ["sh", "-c", 'cd "$0" && exec "$@"', self.folder, *line]
        return subprocess.Popen(
            ["chroot", str(self.root), *(switch if self.user != "root" else []), *go], env=self.env
        )

    def take(self, step: str, what: str) -> None:
        """One step of the file. Raises SystemExit for a RUN that fails."""
        if step == "RUN" and self.start(["sh", "-c", what]).wait():
            raise SystemExit(f"failed: RUN {what}")
        if step == "COPY" and not what.startswith("--from"):
            _copy(self.root, *what.split())
        elif step == "ENV":
            self.env |= dict(pair.split("=", 1) for pair in what.split())
        elif step == "USER":
            self.user = what
        elif step == "WORKDIR":
            (self.root / what.lstrip("/")).mkdir(parents=True, exist_ok=True)
            self.folder = what
        elif step in ("CMD", "HEALTHCHECK"):
            line = json.loads(what[what.index("[") :])
            self.command, self.check = (line, self.check) if step == "CMD" else (self.command, line)


def _measure() -> None:
    """One photo from opening a case to its scan: the models are inside."""
    key = {"Authorization": f"Bearer {_KEY}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{Settings().port}", headers=key, timeout=60) as http:
        case = http.post("/v1/cases", json=claim("chroot")).raise_for_status().json()["id"]
        files = {"photo": ("x.jpg", (ROOT / "samples" / "face_light.jpg").read_bytes())}
        http.post(f"/v1/cases/{case}/photos", files=files, data={"role": "after"}).raise_for_status()
        for _ in range(120):
            if (state := http.get(f"/v1/cases/{case}").json()["photos"][0]["state"]) != "waiting":
                break
            time.sleep(1)
    if state != "good":
        raise SystemExit(f"the photo is {state}")


def main() -> int:
    """Run the steps; 0 if the service was healthy as the user of the file."""
    container = _Container(Path(sys.argv[1]))
    for step, what in [("RUN", _PYTHON), *steps((sys.argv[2:] or ["Dockerfile"])[0])]:
        container.take(step, what)
    container.env["TICKETS_OPERATORS"] = f"check:{_KEY}"
    service = container.start(container.command)
    try:
        for _ in range(30):
            time.sleep(1)
            if not container.start(container.check).wait():
                owner = Path(f"/proc/{service.pid}").stat().st_uid
                _measure()
                sys.stdout.write(f"healthy, as user {owner}, and a photo was measured\n")
                return int(owner == 0)
    finally:
        service.terminate()
        service.wait()
    sys.stdout.write("the health check never passed\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
