"""Verdict -> the body that a ticket system takes for the update of a ticket.

Shapes follow the public REST references; only Zendesk's was checked line by line, so try a test desk first:

- Zendesk, ``PUT /api/v2/tickets/update_many.json?ids=ID``: only there are tags added and none replaced
  (developer.zendesk.com, Adding tags to tickets without overwriting existing tags).
- Zammad, ``PUT /api/v1/tickets/ID`` (docs.zammad.org, API, Ticket).
- Freshdesk, ``PUT /api/v2/tickets/ID`` (developers.freshdesk.com, Update a Ticket); no tags, since the list
  given there is the ticket's whole list.
- ServiceNow's Table API, ``PATCH /api/now/table/incident/SYS_ID``: priority follows from impact and urgency,
  a ticket on hold has a reason and a resolved one its code and notes.

Fields that a desk makes itself have the prefix ``skinscan_`` (``cf_skinscan_`` in Freshdesk,
``u_skinscan_`` in ServiceNow); what is written into them is neutral: codes, numbers and times; the consumer's
words and skin stay out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args

from skinscan.claims.verdict_model import Priority, Verdict
from skinscan.texts.bilingual import Language

__all__ = ["SYSTEMS", "System", "ticket_fields"]

System = Literal["zendesk", "zammad", "freshdesk", "servicenow"]
SYSTEMS: tuple[System, ...] = get_args(System)

_PRIORITY: dict[Priority, tuple[str, str, int, tuple[str, str]]] = {
    "urgent": ("urgent", "3 high", 4, ("1", "1")),
    "high": ("high", "3 high", 3, ("2", "1")),
    "normal": ("normal", "2 normal", 2, ("2", "2")),
}
"""Zendesk, Zammad (has three), Freshdesk (1 low .. 4 urgent), ServiceNow (impact, urgency; 1 high .. 3)."""

_STATUS: dict[str, tuple[str, str, int, str]] = {
    "person": ("open", "open", 2, "2"),  # ServiceNow: in progress
    "consumer": ("pending", "pending reminder", 3, "3"),  # ServiceNow: on hold
    "closed": ("solved", "closed", 4, "6"),  # ServiceNow: resolved
}


def ticket_fields(
    verdict: Verdict,
    system: System,
    *,
    link: str = "",
    lang: Language = "en",
    field_ids: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Any]:
    """The body of an update for one ticket system, ready for `json.dumps`.

    Args:
        verdict: of the case; its `case_id` is the ticket's own number.
        system: whose shape.
        link: address of the case at the desk; goes into the internal note.
        lang: of the note, "zh" or "en".
        field_ids: Zendesk names own fields by number: name without prefix -> number, {"outcome": 360001};
            those without one are left out. The others need none.

    The note is internal: a consumer is never shown it. Raises KeyError for a system of another name.
    """
    note = _note(verdict, link, lang)
    if system == "zendesk":
        return _zendesk(verdict, note, field_ids)
    return {"zammad": _zammad, "freshdesk": _freshdesk, "servicenow": _servicenow}[system](verdict, note)


def _standing(verdict: Verdict) -> str:
    if verdict.human.required or verdict.outcome == "human_review":
        return "person"
    return "consumer" if verdict.outcome == "needs_info" else "closed"


def _own(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome,
        "proposal": verdict.proposal,
        "queue": verdict.queue,
        "level": verdict.causality.level if verdict.causality else "",
        "reasons": ",".join(reason.code for reason in verdict.reasons),
        "missing": ",".join(item.what for item in verdict.missing),
        "shares": ",".join(f"{share.party}={share.basis_points}" for share in verdict.responsibility),
        "due": verdict.due.decision.isoformat(),
        "key": verdict.idempotency_key,
    }


def _note(verdict: Verdict, link: str, lang: Language) -> str:
    told = [reason.zh if lang == "zh" else reason.en for reason in (*verdict.human.why, *verdict.reasons)]
    return "\n".join([*told, *([link] if link else [])])


def _tags(verdict: Verdict) -> list[str]:
    return ["skinscan", f"skinscan_{verdict.outcome}", f"skinscan_{verdict.queue}"]


def _zendesk(verdict: Verdict, note: str, field_ids: Mapping[str, int]) -> dict[str, Any]:
    return {
        "ticket": {
            "external_id": verdict.case_id,
            "status": _STATUS[_standing(verdict)][0],
            "priority": _PRIORITY[verdict.priority][0],
            "comment": {"body": note, "public": False},
            "additional_tags": _tags(verdict),
            "custom_fields": [
                {"id": field_ids[name], "value": value}
                for name, value in _own(verdict).items()
                if name in field_ids
            ],
        }
    }


def _zammad(verdict: Verdict, note: str) -> dict[str, Any]:
    own = {f"skinscan_{name}": value for name, value in _own(verdict).items()}
    return {
        "state": _STATUS[_standing(verdict)][1],
        **_pending(verdict),
        "priority": _PRIORITY[verdict.priority][1],
        "article": {
            "subject": "skinscan",
            "body": note,
            "type": "note",
            "internal": True,
            "content_type": "text/plain",
        },
        **own,
    }


def _pending(verdict: Verdict) -> dict[str, str]:
    """Until when the consumer is waited for: a state that is pending takes a time."""
    if _standing(verdict) != "consumer":
        return {}
    until = min((item.by for item in verdict.missing), default=verdict.due.decision)
    return {"pending_time": until.isoformat()}


def _freshdesk(verdict: Verdict, note: str) -> dict[str, Any]:
    own = {f"cf_skinscan_{name}": value for name, value in _own(verdict).items()}
    return {
        "status": _STATUS[_standing(verdict)][2],
        "priority": _PRIORITY[verdict.priority][2],
        "custom_fields": own | {"cf_skinscan_note": note},
    }


def _servicenow(verdict: Verdict, note: str) -> dict[str, Any]:
    own = {f"u_skinscan_{name}": value for name, value in _own(verdict).items()}
    state, (impact, urgency) = _STATUS[_standing(verdict)][3], _PRIORITY[verdict.priority][3]
    more = {
        "3": {"hold_reason": "1"},  # awaiting caller
        "6": {"close_code": "Solution provided", "close_notes": note},
    }
    return {
        "correlation_id": verdict.case_id,
        "state": state,
        "impact": impact,
        "urgency": urgency,
        "work_notes": note,
        **more.get(state, {}),
        **own,
    }
