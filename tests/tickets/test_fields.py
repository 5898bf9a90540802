"""Each system gets a status and a priority that it has, and nothing of the person."""

from __future__ import annotations

import json

import pytest

from skinscan import ImageEvidence, Verdict, judge, load_claim, load_policy
from skinscan.tickets import SYSTEMS, ticket_fields
from tests.paths import ROOT

ALLOWED: dict[str, tuple[set[object], set[object]]] = {
    "zendesk": ({"open", "pending", "solved"}, {"urgent", "high", "normal", "low"}),
    "zammad": ({"open", "pending reminder", "closed"}, {"1 low", "2 normal", "3 high"}),
    "freshdesk": ({2, 3, 4, 5}, {1, 2, 3, 4}),
    "servicenow": ({"1", "2", "3", "6", "7", "8"}, {"1", "2", "3"}),
}


def verdict(sample: str) -> Verdict:
    claim = load_claim(ROOT / "samples" / "claims" / sample / "claim.json")
    return judge(claim, ImageEvidence(status="absent"), None, policy=load_policy())


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "sample", ["red_flag_zh", "clear_reaction_zh", "texture_pilling_zh", "wrong_item_en"]
)
def test_the_fields_are_ones_that_the_system_has(system: str, sample: str) -> None:
    given = verdict(sample)
    body = ticket_fields(
        given,
        system,  # type: ignore[arg-type]
        link="https://desk.example/7",
        lang="zh",
        field_ids={"outcome": 360001},
    )
    text = json.dumps(body, ensure_ascii=False)
    flat = body.get("ticket", body)
    states, priorities = ALLOWED[system]
    assert flat.get("status", flat.get("state")) in states
    assert flat["urgency" if system == "servicenow" else "priority"] in priorities
    assert "https://desk.example/7" in text
    assert given.outcome in text


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_case_that_waits_for_somebody_is_never_solved(system: str) -> None:
    closed = {"zendesk": "solved", "zammad": "closed", "freshdesk": 4, "servicenow": "6"}[system]
    for sample in ("red_flag_zh", "clear_reaction_zh"):
        body = ticket_fields(verdict(sample), system)  # type: ignore[arg-type]
        flat = body.get("ticket", body)
        assert flat.get("status", flat.get("state")) != closed


def test_each_state_has_what_the_system_asks_for_with_it() -> None:
    given = verdict("clear_reaction_zh")
    assert given.outcome == "needs_info"
    waiting = ticket_fields(given, "zammad")
    assert waiting["pending_time"] == min(item.by for item in given.missing).isoformat()
    held = ticket_fields(given, "servicenow")
    assert (held["state"], held["hold_reason"]) == ("3", "1")
    assert "priority" not in held
    closed = given.model_copy(update={"outcome": "uphold"})
    resolved = ticket_fields(closed, "servicenow")
    assert (resolved["state"], resolved["close_code"]) == ("6", "Solution provided")
    assert resolved["close_notes"]
    ours = ticket_fields(given, "zendesk", field_ids={"outcome": 360001, "queue": 360002})["ticket"]
    assert [field["id"] for field in ours["custom_fields"]] == [360001, 360002]
    assert "tags" not in ours | ticket_fields(given, "freshdesk")
