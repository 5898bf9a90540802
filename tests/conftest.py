"""What every test shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import settings

# A slow or busy machine is no fault of the code, and the same examples on every run are no fault of the test.
settings.register_profile("skinscan", deadline=None, derandomize=True)
settings.load_profile("skinscan")


class Outcome(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process."""
    from skinscan import cli

    def call(*arguments: object) -> Outcome:
        code = cli.run([str(argument) for argument in arguments])
        return Outcome(code, *capfd.readouterr())

    return call
