"""What the container files name is there: files, packages, settings, the port, the check and the command."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from dataclasses import fields

import pytest

from samples.ticket_service.app import create_app
from samples.ticket_service.settings import Settings
from tests.paths import ROOT

FOLDER = ROOT / "samples" / "ticket_service" / "container"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def steps(name: str) -> list[tuple[str, str]]:
    text = (FOLDER / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines]


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.cuda"])
def test_what_a_container_file_names_is_there(name: str) -> None:
    found = steps(name)
    run = " ".join(what for step, what in found if step == "RUN")
    copied = [what.split() for step, what in found if step == "COPY"]
    assert all((ROOT / source).exists() for source, _ in (c for c in copied if not c[0].startswith("--")))
    extras = re.findall(r"'\.\[(.*?)\]'", run)[0].split(",")
    assert set(extras) <= set(PROJECT["project"]["optional-dependencies"])
    assert ("gpu" in extras) == (name == "Dockerfile.cuda")

    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    packages = re.findall(r"^PACKAGES := (.*)$", makefile, re.M)[0].split()
    assert set(packages) == set(re.findall(r"--no-install-recommends (.*?) +&&", run)[0].split())
    shipped = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert any("skinmaps.onnx" in path for path in shipped)  # models are inside the wheel

    users = [what for step, what in found if step == "USER"]
    assert f" {users[-1]}" in re.findall(r"useradd .*?&&", run)[0] + " "
    order = [step for step, _ in found]
    assert order.index("USER") > max(n for n, step in enumerate(order) if step in ("RUN", "COPY"))

    settings = {f"TICKETS_{field.name.upper()}" for field in fields(Settings)}
    env = dict(pair.split("=", 1) for step, what in found if step == "ENV" for pair in what.split())
    assert {key for key in env if key.startswith("TICKETS_")} <= settings
    assert dict(found)["EXPOSE"] == str(Settings().port)
    assert env["TICKETS_FOLDER"] == dict(found)["VOLUME"]

    command = json.loads(dict(found)["CMD"])
    assert command[1] == "-m"
    assert importlib.util.find_spec(command[2]) is not None


def test_the_health_check_asks_a_page_that_exists() -> None:
    for name in ("Dockerfile", "Dockerfile.cuda"):
        check = dict(steps(name))["HEALTHCHECK"]
        program = json.loads(check[check.index("[") :])[-1]
        compile(program, name, "exec")
        assert f"127.0.0.1:{Settings().port}/health" in program


def test_a_health_check_route_is_served(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = create_app(Settings(folder=tmp_path_factory.mktemp("c") / "data"))
    assert {"/health", "/ready"} <= {getattr(route, "path", "") for route in app.routes}
    app.state.service.database.close()
