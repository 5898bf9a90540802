"""Verdict -> the body that a ticket system takes for the update of a ticket.

Shapes are those of the public REST references: Zendesk (``PUT /api/v2/tickets/ID.json``), Zammad
(``PUT /api/v1/tickets/ID``), Freshdesk (``PUT /api/v2/tickets/ID``) and ServiceNow's Table API
(``PATCH /api/now/table/TABLE/SYS_ID``). Fields that a desk makes itself have the prefix ``skinscan_``
(``cf_skinscan_`` in Freshdesk, ``u_skinscan_`` in ServiceNow); what is written into them is neutral: codes,
numbers and times; the consumer's words and skin stay out.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from skinscan.claims.verdict_model import Priority, Verdict
from skinscan.texts.bilingual import Language

__all__ = ["SYSTEMS", "System", "ticket_fields"]

System = Literal["zendesk", "zammad", "freshdesk", "servicenow"]
SYSTEMS: tuple[System, ...] = get_args(System)

_PRIORITY: dict[Priority, tuple[str, str, int, str]] = {
    "urgent": ("urgent", "3 high", 4, "1"),
    "high": ("high", "3 high", 3, "2"),
    "normal": ("normal", "2 normal", 2, "3"),
}
"""Zendesk, Zammad (has three), Freshdesk (1 low .. 4 urgent), ServiceNow (1 critical .. 5 planning)."""

_STATUS: dict[str, tuple[str, str, int, str]] = {
    "person": ("open", "open", 2, "2"),  # ServiceNow: in progress
    "consumer": ("pending", "open", 3, "3"),  # ServiceNow: on hold
    "closed": ("solved", "closed", 4, "6"),  # ServiceNow: resolved
}


def ticket_fields(
    verdict: Verdict, system: System, *, link: str = "", lang: Language = "en"
) -> dict[str, Any]:
    """The body of an update for one ticket system, ready for `json.dumps`.

    Args:
        verdict: of the case; its `case_id` is the ticket's own number.
        system: whose shape.
        link: address of the case at the desk; goes into the internal note.
        lang: of the note, "zh" or "en".

    The note is internal: a consumer is never shown it. Raises KeyError for a system of another name.
    """
    makers = {"zendesk": _zendesk, "zammad": _zammad, "freshdesk": _freshdesk, "servicenow": _servicenow}
    return makers[system](verdict, _note(verdict, link, lang))


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


def _zendesk(verdict: Verdict, note: str) -> dict[str, Any]:
    return {
        "ticket": {
            "external_id": verdict.case_id,
            "status": _STATUS[_standing(verdict)][0],
            "priority": _PRIORITY[verdict.priority][0],
            "comment": {"body": note, "public": False},
            "additional_tags": _tags(verdict),
            # Zendesk names fields by number: the desk replaces each id by that of its field.
            "custom_fields": [
                {"id": f"skinscan_{name}", "value": value} for name, value in _own(verdict).items()
            ],
        }
    }


def _zammad(verdict: Verdict, note: str) -> dict[str, Any]:
    own = {f"skinscan_{name}": value for name, value in _own(verdict).items()}
    return {
        "state": _STATUS[_standing(verdict)][1],
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


def _freshdesk(verdict: Verdict, note: str) -> dict[str, Any]:
    own = {f"cf_skinscan_{name}": value for name, value in _own(verdict).items()}
    return {
        "status": _STATUS[_standing(verdict)][2],
        "priority": _PRIORITY[verdict.priority][2],
        "tags": _tags(verdict),
        "custom_fields": own | {"cf_skinscan_note": note},
    }


def _servicenow(verdict: Verdict, note: str) -> dict[str, Any]:
    own = {f"u_skinscan_{name}": value for name, value in _own(verdict).items()}
    return {
        "correlation_id": verdict.case_id,
        "state": _STATUS[_standing(verdict)][3],
        "priority": _PRIORITY[verdict.priority][3],
        "work_notes": note,
        **own,
    }
