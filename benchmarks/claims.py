"""`claims`: what the default policy decides by itself, what it leaves open, and whom its errors hurt.

Cases with a known cause (`claim_cases.py`) meet photo evidence from rendered pairs of test people
(`claim_pool.py`). Each is judged as filed; what the verdict asks for is answered up to three times. Then the
same cases under policies that decide more, so that a platform sees what each step would cost.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.claim_answers import answer
from benchmarks.claim_cases import CAUSES, Cause, Story, draw_story
from benchmarks.claim_faults import answered, past, unchecked
from benchmarks.claim_pool import Condition, Shown, make_pool
from benchmarks.risk_coverage import draw_risk_coverage
from skinscan.claims import Policy, judge, load_claim, load_policy
from skinscan.claims.image_evidence import AreaChange
from skinscan.claims.verdict_model import Verdict
from skinscan.color import ITA_CLASSES
from skinscan.types import Z90, Device

__all__ = ["Decided", "claims", "decide", "draw", "rows_of"]

draw = draw_risk_coverage

Row = dict[str, Any]

_CASES: Mapping[Cause, int] = {
    "product_reaction": 1000,
    "misuse": 500,
    "pre_existing": 250,
    "unrelated_flare": 250,
    "light_or_camera": 500,
    "shade_wrong": 250,
    "shade_right": 250,
    "wrong_person": 167,
    "drawn_on": 50,
    "duplicate": 50,
}
"""Of each tone class: 3,000, and 267 whose photos are not what they are said to be. No error among its 1,500
true reactions bounds their rate at 0.2 %, among the 9,000 of all classes at 0.034 %."""
_DOUBTED: tuple[Cause, ...] = ("wrong_person", "drawn_on", "duplicate")
_FEWER = 10  # times fewer cases for the policies that decide more
_ANSWERS = 3  # times that what is asked for is answered

_SHARED = [(", consumer_pays]", "]")]
_UNSEEN = [*_SHARED, ("then: human_review\n  - id: R4", "then: uphold\n  - id: R4")]
_POSSIBLE = [
    *_UNSEEN,
    (
        "when: {level: [not_clearly_attributable]}\n    then: needs_info",
        "when: {level: [not_clearly_attributable], image: [increase]}\n    then: uphold\n"
        "  - id: R5B\n    when: {level: [not_clearly_attributable],\n"
        "           image: [no_change, inconclusive, absent]}\n    then: needs_info",
    ),
]
_REJECTS = [*_POSSIBLE, ("automatic: [uphold,", "automatic: [reject, uphold,")]
POLICIES: Mapping[str, Sequence[tuple[str, str]]] = {
    "default": (),
    "1: consumer's share without a person": _SHARED,
    "2: and likely, though photos cannot tell": _UNSEEN,
    "3: and possible, if redness increased": _POSSIBLE,
    "4: and rejections without a person": _REJECTS,
}
"""From the default to the loosest; each is a change of the text of the default policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One case at its end."""

    tone: str
    cause: Cause
    first: str  # outcome as first filed
    outcome: str
    consumer_pays: bool
    exchanges: int  # times that something was asked for and answered
    unchecked: bool  # money moved by a machine on a fact that nobody was asked for, or that nothing shows
    repeated: int  # requests that were made before, or that the claim answers
    impossible: int  # requests that cannot be met any more

    @property
    def automatic(self) -> bool:
        """No person took part, and it is closed."""
        return self.outcome in ("uphold", "partial", "reject")

    @property
    def harmful(self) -> bool:
        """A true reaction closed by a machine against the person who had it."""
        used_as_told = self.cause == "product_reaction" and self.consumer_pays
        of_product = self.cause in ("product_reaction", "misuse")
        return self.automatic and ((of_product and self.outcome == "reject") or used_as_told)

    @property
    def wrong(self) -> bool:
        """Closed by a machine, for the wrong side."""
        owed = self.cause in ("product_reaction", "misuse", "shade_wrong")
        return self.automatic and (owed == (self.outcome == "reject") or self.harmful)


def claims(_photos: Path, device: Device) -> list[Row]:
    """Rows: by tone (worst first), by cause, by policy. Deterministic."""
    pool = make_pool(device)
    runs = {"default": _run("default", pool, 1)}
    for name in list(POLICIES)[1:]:
        runs[name] = _run(name, pool, _FEWER)
    return rows_of(runs, pool)


def _run(name: str, pool: Sequence[Shown], fewer: int) -> list[Decided]:
    policy = _policy(name)
    done = []
    for tone, _ in ITA_CLASSES:
        own = _by_condition([shown for shown in pool if shown.tone == tone])
        for cause in CAUSES:
            for number in range(_CASES[cause] // fewer):
                done.append(decide(draw_story(cause, tone, number, own), policy))
    return done


def _by_condition(pool: Sequence[Shown]) -> dict[Condition, list[Shown]]:
    found: dict[Condition, list[Shown]] = {}
    for shown in pool:
        found.setdefault(shown.condition, []).append(shown)
    return found


@cache
def _policy(name: str) -> Policy:
    text = (files("skinscan.claims") / "data" / "policy_default.yaml").read_text(encoding="utf-8")
    for old, new in POLICIES[name]:
        assert old in text, old
        text = text.replace(old, new, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.yaml"
        path.write_text(text, encoding="utf-8")
        return load_policy(path)


def decide(story: Story, policy: Policy) -> Decided:
    """Judge a case, answer what is asked, and judge again."""
    first = verdict = _judge(story, policy)
    asked: list[str] = []
    repeated = impossible = exchanges = 0
    for number in range(_ANSWERS):
        wanted = [item.what for item in verdict.missing]
        repeated += sum(what in asked for what in wanted) + answered(story.claim, wanted)
        impossible += past(story.claim, verdict.missing)
        asked += wanted
        if verdict.outcome != "needs_info":
            break
        exchanges += 1
        story = answer(story, wanted, number)
        verdict = _judge(story, policy)
    return Decided(
        tone=story.tone,
        cause=story.cause,
        first=first.outcome,
        outcome=verdict.outcome,
        consumer_pays=any(share.party == "consumer" for share in verdict.responsibility),
        exchanges=exchanges,
        unchecked=verdict.outcome in ("uphold", "partial") and unchecked(story.claim, verdict),
        repeated=repeated,
        impossible=impossible,
    )


def _judge(story: Story, policy: Policy) -> Verdict:
    return judge(
        load_claim(story.claim), story.image, story.shade, policy=policy, signals=story.signals
    )  # fmt: skip


def rows_of(runs: Mapping[str, Sequence[Decided]], pool: Sequence[Shown]) -> list[Row]:
    """The tables."""
    default = runs["default"]
    by_tone = [_tone_row(tone, [d for d in default if d.tone == tone]) for tone, _ in ITA_CLASSES]
    by_tone.sort(key=lambda row: (-row["harmful"], -row["false_uphold_percent"], row["decided_percent"]))
    return [
        *by_tone,
        _tone_row("all", default),
        *_cause_rows(default),
        _fault_row(default),
        *_policy_rows(runs),
        *_pool_rows(pool),
    ]


def _percent(part: Sequence[Decided], holds: Callable[[Decided], bool]) -> float:
    return round(100 * sum(map(holds, part)) / max(len(part), 1), 2)


def _upper_95(wrong: int, n: int) -> float:
    """95 % upper bound of a rate, %: exact for none (1 - 0.05^(1/n)), else Wilson."""
    if wrong == 0:
        return float(round(100 * (1 - 0.05 ** (1 / max(n, 1))), 3))
    z, p = Z90, wrong / n  # one-sided 95 %
    centre, spread = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return float(round(100 * (centre + spread) / (1 + z * z / n), 3))


def _reactions(cases: Sequence[Decided]) -> list[Decided]:
    return [d for d in cases if d.cause in ("product_reaction", "misuse")]


def _errors(cases: Sequence[Decided]) -> Row:
    """Errors both ways: against a true reaction, and in favour where only light or camera changed."""
    light = [d for d in cases if d.cause == "light_or_camera"]
    harmful = sum(d.harmful for d in cases)
    return {
        "harmful": harmful,
        "harmful_upper_95_percent": _upper_95(harmful, len(_reactions(cases))),
        "false_uphold_percent": _percent(light, lambda d: d.outcome in ("uphold", "partial")),
    }


def _tone_row(tone: str, cases: Sequence[Decided]) -> Row:
    reactions = _reactions(cases)
    return {
        "what": "default policy",
        "tone": tone,
        "cases": len(cases),
        "true_reactions": len(reactions),
        **_errors(cases),
        "first_answer_percent": _percent(cases, lambda d: d.first != "human_review"),
        "decided_percent": _percent(cases, lambda d: d.automatic),
        "decided_of_reactions_percent": _percent(reactions, lambda d: d.automatic),
    }


def _cause_rows(cases: Sequence[Decided]) -> Iterator[Row]:
    for cause in CAUSES:
        own = [d for d in cases if d.cause == cause]
        outcomes = ("uphold", "partial", "reject", "human_review", "needs_info")
        yield {
            "what": "by cause",
            "cause": cause,
            "cases": len(own),
            "first_human_percent": _percent(own, lambda d: d.first == "human_review"),
            **{f"{o}_percent": _percent(own, lambda d, o=o: d.outcome == o) for o in outcomes},  # type: ignore[misc]
        }


def _fault_row(cases: Sequence[Decided]) -> Row:
    """What must not happen, counted; and what a person who is owed something should get soon."""
    owed = [d for d in cases if d.cause == "product_reaction"]
    doubtful = {cause: [d for d in cases if d.cause == cause] for cause in _DOUBTED}
    return {
        "what": "faults",
        "cases": len(cases),
        "paid_on_an_unchecked_fact": sum(d.unchecked for d in cases),
        "requests_repeated": sum(d.repeated for d in cases),
        "requests_past": sum(d.impossible for d in cases),
        "owed_settled_within_two_exchanges_percent": _percent(
            owed, lambda d: d.outcome in ("uphold", "partial") and d.exchanges <= 2
        ),
        **{f"{cause}_cases": len(own) for cause, own in doubtful.items()},
        **{
            f"{cause}_paid": sum(d.outcome in ("uphold", "partial") for d in own)
            for cause, own in doubtful.items()
        },
    }


def _policy_rows(runs: Mapping[str, Sequence[Decided]]) -> Iterator[Row]:
    """The risk-coverage curve: each step decides more; risk is the share of wrong among what is decided."""
    for name, cases in runs.items():
        for tone in ("all", *(tone for tone, _ in ITA_CLASSES)):
            own = [d for d in cases if tone in ("all", d.tone)]
            decided = [d for d in own if d.automatic]
            yield {
                "what": "policy",
                "policy": name,
                "tone": tone,
                "cases": len(own),
                "decided_percent": _percent(own, lambda d: d.automatic),
                "risk_percent": _percent(decided, lambda d: d.wrong),
                **_errors(own),
            }


def _pool_rows(pool: Sequence[Shown]) -> Iterator[Row]:
    """What the photos showed in the areas named, by tone and condition."""
    for tone, _ in ITA_CLASSES:
        for condition in ("reacted", "unchanged", "standing", "other_person"):
            own = [s for s in pool if (s.tone, s.condition) == (tone, condition)]
            measured = [s for s in own if s.image.status == "measured"]
            seen = [any(c.verdict == "increase" for c in _named(s)) for s in measured]
            yield {
                "what": "photo pairs",
                "tone": tone,
                "condition": condition,
                "pairs": len(own),
                "refused": len(own) - len(measured),
                "increase_percent": _share(seen),
                "power_percent": _share([all(c.power_ok for c in _named(s)) for s in measured]),
                "person_doubted_percent": _share([s.image.person == "unsure" for s in own]),
                "person_plain_percent": _share([s.image.person == "one" for s in own]),
                "standing_percent": _share([any(c.pre_existing for c in _named(s)) for s in measured]),
            }


def _named(shown: Shown) -> list[AreaChange]:
    """The changes in the areas that the claim names."""
    return [change for change in shown.image.areas if change.area in shown.areas]


def _share(holds: Sequence[bool]) -> float:
    return round(100 * sum(holds) / max(len(holds), 1), 1)
