"""Promises and consent in the words of a verdict: sentences, reasons, lines of the trace."""

from __future__ import annotations

from collections.abc import Sequence

from skinscan.claims.consent import ConsentReport
from skinscan.claims.consumer_words import labels
from skinscan.claims.messages import message
from skinscan.claims.promises import Promise
from skinscan.claims.trace import TraceLine, ruled
from skinscan.claims.verdict_model import Named, PromiseReport

__all__ = ["consent_line", "promise_line", "promise_reasons", "report_promises"]

_MOST = 4  # substances that a sentence names


def report_promises(promises: Sequence[Promise]) -> tuple[PromiseReport, ...]:
    """Every promise with its sentence, those that are broken first."""
    ordered = sorted(promises, key=_place)
    return tuple(map(_report, ordered))


def _place(promise: Promise) -> tuple[bool, bool, bool]:
    """What a share rests on stands first."""
    return not promise.counts, promise.standing == "to_weigh", not promise.broken


def promise_reasons(promises: Sequence[Promise]) -> list[str]:
    """Codes of what the promises add to the reasons."""
    standings = {promise.standing for promise in promises if promise.broken}
    found = {
        "PROMISE_CONTRADICTED": bool(standings & {"found_false", "contradicted"}),
        "PROMISE_DOUBTED": "to_weigh" in standings,
    }
    return [code for code, holds in found.items() if holds]


def promise_line(promise: Promise) -> TraceLine:
    """The dictionary's row that a promise was held against."""
    against = ", ".join(substance.inci for substance in promise.against) or "nothing listed"
    value = f"{promise.standing}: {against}; by {promise.advertised.by}, {promise.advertised.proof}"
    known = promise.standing != "cannot_tell"
    return ruled(f"promise.{promise.kind}", value, source=promise.source, status=promise.status, known=known)


def consent_line(consent: ConsentReport) -> TraceLine:
    """What is recorded of the consent."""
    value = (
        f"{consent.standing}, by {consent.given_by}, for {', '.join(consent.purposes) or 'no stated purpose'}"
    )
    known = consent.standing != "not_recorded"
    return ruled("consent", value, source="个人信息保护法 Art. 28-31", status="secondary", known=known)


def _report(promise: Promise) -> PromiseReport:
    told = message("promise", promise.standing.upper())
    kind, speaker = labels("promise")[promise.kind], message("party", promise.advertised.by)
    proof = labels("proof")[promise.advertised.proof]
    named = promise.against[:_MOST]
    zh = "、".join(substance.zh[0] if substance.zh else substance.inci for substance in named)
    en = ", ".join(substance.inci for substance in named).rstrip(".")  # Alcohol Denat.
    more = len(promise.against) > _MOST
    if promise.standing == "found_false" and not named:
        zh, en = "（无）", "nothing"
    return PromiseReport(
        kind=promise.kind,
        by=promise.advertised.by,
        proof=promise.advertised.proof,
        text=promise.advertised.text,
        standing=promise.standing,
        broken_by=tuple(
            Named(inci=substance.inci, zh=substance.zh[0] if substance.zh else "")
            for substance in promise.against
        ),
        counts=promise.counts,
        zh=told.zh.format(speaker.zh, kind["zh"], proof["zh"], zh + ("等" if more else "")),
        en=told.en.format(speaker.en, kind["en"], proof["en"], en + (" and others" if more else "")),
        source=promise.source,
        status=promise.status,
    )
