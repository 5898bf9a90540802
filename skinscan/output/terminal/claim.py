"""A case as text for an operator: warnings first, then what to do, then why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from skinscan.casework import CaseFile
from skinscan.claims.image_evidence import AreaChange
from skinscan.claims.messages import Group, message
from skinscan.claims.reported_times import CHINA
from skinscan.claims.verdict_model import Due, Missing, Verdict
from skinscan.claims.vocabulary import entry
from skinscan.output.terminal.help import alternatives, help_rows, person
from skinscan.output.terminal.layout import fact_grid, render
from skinscan.texts.bilingual import Bilingual, Language, Texts

__all__ = ["summarise_case", "summarise_verdict"]

_Facts = list[tuple[str, str]]
_MOST_INGREDIENTS = 5


def summarise_case(case: CaseFile, language: Language, width: int = 80, color: bool = False) -> str:
    """Red flags, outcome, next step, reasons, what is missing, who answers for it, until when.

    `case`: verdict and what was measured. `language`: "zh" or "en". `width`: columns of the text, at most 120
    are used. `color`: whether ANSI colours are written.
    """
    teller = _Teller(language)
    return teller.told(case.verdict, teller.photos(case), alternatives(case, teller.texts), width, color)


def summarise_verdict(verdict: Verdict, language: Language, width: int = 80, color: bool = False) -> str:
    """The same without what was measured, which a verdict does not hold.

    `verdict`: of a claim. `language`: "zh" or "en". `width`: columns of the text, at most 120 are used.
    `color`: whether ANSI colours are written.
    """
    return _Teller(language).told(verdict, [], [], width, color)


class _Teller:
    """The parts of a case in one language, as rows of label and text."""

    def __init__(self, language: Language) -> None:
        self.texts = Texts(language)

    def told(self, verdict: Verdict, photos: _Facts, instead: _Facts, width: int, color: bool) -> str:
        """All of it."""
        texts = self.texts
        parts: list[RenderableType] = []
        if verdict.red_flags:
            parts += [Text("\n".join(f"!! {texts.of(flag)}" for flag in verdict.red_flags), "bold red"), ""]
        blocks: list[_Facts] = [
            [(texts["case"], verdict.case_id), *self.outcome(verdict)],
            [
                *self.reasons(verdict),
                *photos,
                *self.signals(verdict),
                *self.ingredients(verdict),
            ],
            [*self.missing(verdict.missing), *self.listed("advice", verdict.advice)],
            [*person(verdict, texts), *help_rows(verdict, texts), *instead],
            [*self.shares(verdict), *self.due(verdict.due), *self.policy(verdict)],
        ]
        rows = [row for block in blocks if block for row in (*block, ("", ""))]
        parts.append(fact_grid(rows[:-1]))
        return render([*parts, "", Text(texts["claim closing"], "dim")], width, color)

    def name(self, group: Group, code: str) -> str:
        return self.texts.of(message(group, code))

    def listed(self, label: str, told: Iterable[Bilingual]) -> _Facts:
        """One row a sentence, the label before the first."""
        texts = self.texts
        return [("" if number else texts[label], texts.of(text)) for number, text in enumerate(told)]

    def outcome(self, verdict: Verdict) -> _Facts:
        texts, outcome = self.texts, self.name("outcome", verdict.outcome)
        if verdict.proposal != verdict.outcome:
            outcome += texts("proposed", self.name("outcome", verdict.proposal))
        rows = [(texts["outcome"], outcome), (texts["next step"], self.name("step", verdict.outcome))]
        if verdict.human.required:
            queue = texts(
                "queue is", self.name("queue", verdict.queue), self.name("priority", verdict.priority)
            )
            rows += [(texts["queue"], queue), *self.listed("a person must", verdict.human.why)]
        return rows

    def reasons(self, verdict: Verdict) -> _Facts:
        texts, rows = self.texts, self.listed("reasons", verdict.reasons)
        if verdict.causality:
            level, who = texts.of(verdict.causality), verdict.causality.who_umc.term
            rows.append((texts["causality"], f"{level} ({who or '-'})" if texts.language == "en" else level))
        if verdict.severity and verdict.seriousness:
            grades = self.name("severity", verdict.severity), self.name("seriousness", verdict.seriousness)
            rows.append((texts["severity"], texts("severity is", *grades)))
        return rows

    def photos(self, case: CaseFile) -> _Facts:
        """What was measured where the product was used."""
        texts, image, label = self.texts, case.image, self.texts["photos say"]
        if image.person == "unsure":
            return [(label, texts["not one person"])]
        if image.status != "measured" and any(photo.same_as for photo in image.unusable):
            return [(label, texts["photos are one"])]
        if image.status == "refused":
            return [(label, texts("photos refused", image.reason))]
        if image.status == "absent":
            return [(label, texts["no comparison"])] if case.verdict.causality else []
        told = [self.area(change) for change in image.areas if change.area in case.claim.product.areas]
        return [("" if number else label, text) for number, text in enumerate(told)]

    def area(self, change: AreaChange) -> str:
        texts = self.texts
        told = texts(
            "area delta", entry("area", change.area)[texts.language], change.delta_ei_low,
            change.delta_ei_high, change.sdc,
        )  # fmt: skip
        told = texts("photos compared", texts[change.verdict], told)
        return texts("part fell", told) if change.part_fell else told

    def signals(self, verdict: Verdict) -> _Facts:
        told = [f"{signal.photo}: {self.texts.of(signal)} ({signal.detail})" for signal in verdict.signals]
        return [("" if number else self.texts["signals"], text) for number, text in enumerate(told)]

    def ingredients(self, verdict: Verdict) -> _Facts:
        known = [found for found in verdict.ingredients if found.matters][:_MOST_INGREDIENTS]
        names = [f"{i.inci} {i.zh}" if self.texts.language == "zh" else i.inci for i in known]
        return [(self.texts["ingredients"], self.texts.join(names))] if names else []

    def missing(self, missing: Sequence[Missing]) -> _Facts:
        rows = []
        for number, item in enumerate(missing):
            rows.append(("" if number else self.texts["missing"], f"- {self.texts.of(item)}"))
            rows += [("", f"  {self.texts.of(item.how)}"), ("", f"  {self.clock(item)}")]
            rows += [("", f"  {sent.path}: {self.texts.of(sent)}") for sent in item.sent]
        return rows

    def clock(self, item: Missing) -> str:
        texts, until, instead = self.texts, _local(item.by), self.texts.of(item.otherwise)
        if item.not_before is None:
            return texts("wanted until", until, instead)
        return texts("wanted from", _local(item.not_before), until, instead)

    def shares(self, verdict: Verdict) -> _Facts:
        told = [
            self.texts("share is", s.basis_points / 10_000, self.name("party", s.party), s.rule)
            for s in verdict.responsibility
        ]
        return [("" if number else self.texts["responsibility"], text) for number, text in enumerate(told)]

    def due(self, due: Due) -> _Facts:
        times = {
            "first answer by": due.first_answer,
            "decision by": due.decision,
            "regulator by": due.regulator,
            "erase photos by": due.erase_photos,
        }
        told = [self.texts(key, _local(at)) for key, at in times.items() if at]
        return [(self.texts["due"], self.texts.join(told))]

    def policy(self, verdict: Verdict) -> _Facts:
        used = verdict.policy
        return [(self.texts["policy"], f"{used.id} {used.version}, {used.sha256[:12]}")]


def _local(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
