"""Claims, labels, tables and policies changed: read or refused by name, all but policies within a second.

Changed from a seed and without hypothesis, which would take longer than what it tests.

SKINSCAN_THOROUGH tries a hundred thousand claims, SKINSCAN_FUZZ as many others as it says.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from skinscan.claims import ReactionClaim, check_policy, judge, load_claim
from skinscan.claims.ingredients.label import parse_ingredients
from skinscan.errors import DataError
from skinscan.output.records.claim import verdict_to_dict
from skinscan.output.records.common import to_json
from skinscan.shades import load_catalog
from skinscan.tables import decode, read_table
from tests.claims.cases import CLEAR_REACTION, DEFAULT_POLICY, NO_PHOTOS, RED
from tests.fuzz.mutations import TIMES, attempted
from tests.paths import ROOT, SAMPLES

SEED = random.randrange(1 << 30) if TIMES else 18
LONGEST = 1.0  # s
CLAIMS = 100_000 if os.environ.get("SKINSCAN_THOROUGH") else 400 * max(TIMES, 1)
TEXTS = 150 * max(TIMES, 1)

HOSTILE: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 10**400, 1 << 70, "", " ", "\0", "\x1b[31m", "\u202e", "\ud800", "\u200b",
    "=1+1",
    "不含" * 3000, "<" * 9000, "((" * 4000, "a," * 9000, "&#" + "9" * 5000, "yes", "no", "面霜",
    "cheeks",
    "../../x", "2026-02-30", "9999-12-31", "0001-01-01", "2026-03-01T10:00:00+23:59", "2026-03-01", [], {},
    [[]],
    [None] * 200, ["Linalool"] * 100, {"kind": "shade"}, {"a": {"a": {"a": 1}}}, "1:30", "010", 0.1,
    "\u0301" * 500, "𓀀" * 200,
)  # fmt: skip
PIECES = (
    "不含", "：", "；", "、", ",", ";", "\t", "\n", "(", ")", "[", "Free from", "Ingredients:", "成分",
    "1. ",
    "一、", "0 %", "0,5 %", "±", "&#9;", "<br>", "Aqua", "水", "Linalool", "酒精", "*", "CI 77491,", "无",
    "no ",
    "sans ", '"', "'", "=", "\ufeff", "\u200b", "sep=;\n", "é", "ﷺ", "\u202e", "- ", ": ", "&a", "*a",
    "!!python/name:os ", "{", "}", "|\n", "---\n", "1:30", "~",
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each value of a JSON object stands."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*path, key)
        yield from places(inner, (*path, key))


def changed_object(claim: dict[str, Any], chance: random.Random) -> bytes:
    """The claim with one to three values replaced, dropped, doubled or under another name."""
    changed = deepcopy(claim)
    for _ in range(chance.randint(1, 3)):
        *path, last = chance.choice(list(places(changed)))
        holder: Any = changed
        for key in path:
            holder = holder[key]
        match chance.randrange(8):
            case 0:
                del holder[last]
            case 1 if isinstance(holder, dict):
                holder[chance.choice([f"{last}\u200b", "", "kind", "x" * 300])] = holder[last]
            case 2 if isinstance(holder, list):
                holder.extend([deepcopy(holder[last])] * chance.choice([1, 50, 300]))
            case 3 if isinstance(holder[last], str):
                holder[last] = changed_text(holder[last], chance)
            case _:
                holder[last] = deepcopy(chance.choice(HOSTILE))
        if not changed:
            break
    return json.dumps(changed, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def changed_text(text: str, chance: random.Random) -> str:
    """The text with pieces put in, dropped or moved."""
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.randint(0, len(text)) for _ in range(2))
        to = min(to, at + 30)
        match chance.randrange(4):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:at] + text[at:to] * chance.choice([2, 50]) + text[to:]
            case _:
                text = text[:at] + chance.choice(PIECES) * chance.choice([1, 1, 3, 200]) + text[at:]
    return text[:20_000]


def timed(call: Callable[[], object]) -> None:
    begun = time.process_time()
    attempted(call)
    assert time.process_time() - begun < LONGEST


def judged(data: bytes) -> str:
    """The verdict of a claim as the command prints it."""
    claim = load_claim(data)
    image = RED if isinstance(claim, ReactionClaim) else NO_PHOTOS
    return to_json(verdict_to_dict(judge(claim, image, policy=DEFAULT_POLICY)))


def claims() -> list[dict[str, Any]]:
    """Claims of the samples, of both kinds."""
    files = sorted((SAMPLES / "claims").glob("*/claim.json"))
    return [deepcopy(CLEAR_REACTION), *(json.loads(file.read_text()) for file in files)]


def test_a_changed_claim_is_judged_or_refused() -> None:
    chance, known = random.Random(SEED), claims()
    taken = 0
    for number in range(CLAIMS):
        data = changed_object(chance.choice(known), chance)
        begun = time.process_time()
        try:
            verdict = attempted(lambda data=data: judged(data))  # type: ignore[misc]
            taken += isinstance(verdict, str)
            assert isinstance(verdict, DataError) or json.loads(str(verdict))
            assert time.process_time() - begun < LONGEST
        except Exception as fault:  # noqa: BLE001
            pytest.fail(f"claim {number} of seed {SEED}: {fault!r}: {data[:3000]!r}")
    assert taken > CLAIMS / 20, "the changes leave some claims that can be judged"


def test_a_changed_label_is_read() -> None:
    chance = random.Random(SEED)
    lists = [claim["product"]["ingredients"] for claim in claims() if claim["product"].get("ingredients")]
    for _ in range(TEXTS):
        text = changed_text(chance.choice(lists), chance)
        timed(lambda text=text: parse_ingredients(text))  # type: ignore[misc]


def test_a_changed_policy_is_used_or_every_fault_has_its_line(tmp_path: Path) -> None:
    chance, file = random.Random(SEED), tmp_path / "policy.yaml"
    text = (ROOT / "skinscan" / "claims" / "data" / "policy_default.yaml").read_text()
    for _ in range(TEXTS // 10):
        changed = changed_text(text, chance)
        file.write_text(changed, errors="surrogatepass")
        assert all(1 <= line <= changed.count("\n") + 2 for line, _ in check_policy(file))


TABLE = """sku,brand,product,shade,category,L,a,b
A1,Élise,水,象牙,foundation,70,8,15
A2,B,P,米色,foundation,60,10,18
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5", "cp1252", "cp932"])
def test_a_changed_table_is_read_or_refused(encoding: str, tmp_path: Path) -> None:
    chance, file = random.Random(SEED), tmp_path / "shades.csv"
    for _ in range(TEXTS // 5):
        data = changed_text(TABLE.replace(",", chance.choice(",;\t|")), chance).encode(encoding, "replace")
        file.write_bytes(data[: chance.choice([len(data), len(data) - 1])])
        timed(lambda: load_catalog(file, skip_bad=True))
        timed(lambda: _rows(file.read_bytes()))


def _rows(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        read_table(decode(data, "a.csv").text)
