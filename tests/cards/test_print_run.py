"""Tables of print runs: what is read, kept and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from skinscan.cards.print_run import design_table, find_run, load_run, register_run
from skinscan.errors import DataError

MEASURED = design_table(12) + "12,paper,93.1,0.2,-1.5\n12,black,18,0,0\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "run.csv"


def test_a_run_is_registered_and_found(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKINSCAN_CARD_RUNS", str(tmp_path / "runs"))
    table.write_text(MEASURED)
    run = load_run(table, measured=True)
    assert find_run(12) is None
    kept = register_run(run)
    assert find_run(12) == run
    assert run.paper == (93.1, 0.2, -1.5)
    kept.write_text("{}")
    with pytest.raises(DataError, match="damaged"):
        find_run(12)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("run,patch,L,a\n12,1,60,10\n", "no column b"),
        (MEASURED + "12,3,60,10,10\n", "twice"),
        (MEASURED + "12,green,60,10,10\n", "unknown"),
        (MEASURED.replace("12,1,", "13,1,"), "one run"),
        (MEASURED.replace("12,4,", "12,4,x"), "could not convert"),
        (MEASURED.replace("12,1,66.9", "12,1,166.9"), "less than or equal to 100"),
        (MEASURED.replace("12,paper,93.1", "12,paper,53.1"), "paper has"),
        (design_table(12), "paper"),
        (MEASURED.replace("\n12,", "\n5,"), "greater than or equal to 10"),
    ],
)
def test_what_cannot_be_right_is_refused(table: Path, text: str, why: str) -> None:
    table.write_text(text)
    with pytest.raises(DataError, match=why):
        load_run(table, measured=True)


def test_a_comma_may_stand_for_the_point(table: Path) -> None:
    table.write_text(MEASURED.replace(",", ";").replace(".", ","))
    assert load_run(table, measured=True).patches[0] == (66.9, 10.3, 13.9)
