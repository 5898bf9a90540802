"""What a stopped batch left, with bytes changed: the same rows in the end, or a refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinscan.batch.journal import Journal
from skinscan.errors import UsageError
from tests.fuzz.mutations import attempted, examples, mutated

ROWS = [json.dumps({"index": k, "status": "done", "code": None}).encode() + b"\n" for k in range(6)]


def begun(out: Path) -> tuple[Path, Path]:
    """Four rows, a commit after each."""
    with Journal(out, "plan") as journal:
        for row in ROWS[:4]:
            journal.add("done", None, row)
            journal.commit()
    return out.with_name(f"{out.name}.part"), out.with_name(f"{out.name}.part.journal")


@examples(150)
@given(data=st.data())
def test_what_is_damaged_is_done_again_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    out = tmp_path_factory.mktemp("run") / "o.jsonl"
    path = begun(out)[data.draw(st.integers(0, 1))]
    path.write_bytes(mutated(data, path.read_bytes()))
    assert isinstance(attempted(lambda: _gone_on(out)), bytes | UsageError)


def _gone_on(out: Path) -> bytes:
    with Journal(out, "plan") as journal:
        for row in ROWS[journal.tally.rows :]:
            journal.add("done", None, row)
        journal.commit()
        assert journal.tally.done == len(ROWS)
        assert journal.path.read_bytes() == b"".join(ROWS)
        return journal.path.read_bytes()
