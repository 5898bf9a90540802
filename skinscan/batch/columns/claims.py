"""Columns of a judged claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import get_args

from skinscan.batch.columns.column import Column, Row, Type, Value, at, below, codes, joined, leaf
from skinscan.batch.columns.pairs import PAIR_COLUMNS
from skinscan.casework.areas import ZONES_OF
from skinscan.claims.policy.model import Party
from skinscan.claims.terms import FactName

__all__ = ["CLAIM_COLUMNS"]


def _text(*names: tuple[str, str, bool]) -> Iterator[Column]:
    """Texts: name, meaning, whether in the summary."""
    for name, meaning, summary in names:
        yield leaf(name, "text", meaning, summary=summary)


def _verdict() -> Iterator[Column]:
    yield from _text(
        ("case_id", "of the claim", True),
        ("outcome", "uphold, partial, needs_info, human_review, reject or advise", True),
        ("proposal", "what the rules give; a person confirms or changes it", True),
    )
    yield leaf("human.required", "bool", "a person must decide", summary=True)
    yield leaf("human.why", "text", "codes: why", summary=True, get=codes("human", "why"))
    for name, meaning in (
        ("red_flags", "codes of warnings about health"),
        ("reasons", "codes of the reasons"),
        ("signals", "codes of what is odd about the origin of photos"),
    ):
        yield leaf(name, "text", meaning, summary=True, get=codes(name))
    yield leaf(
        "missing", "text", "codes of what is asked for", summary=True, get=codes("missing", code="what")
    )
    yield leaf("advice", "text", "codes of the advice", get=codes("advice"))
    yield from _text(
        (
            "causality.level",
            "how likely the product was the cause; empty for a claim without that question",
            True,
        ),
        ("causality.cn_grade", "Chinese grade", False),
        ("causality.who_umc.term", "term of WHO-UMC", False),
        ("causality.table_level", "what the tables give before the limits of automation", False),
        ("causality.variant", "of the tables", False),
        ("causality.imputability", "I0..I6", False),
        ("causality.chronology", "C0..C3", False),
        ("causality.semiology", "S1..S3", False),
        ("causality.delay", "onset against known patterns", False),
        ("causality.evolution", "after stopping", False),
        ("causality.rechallenge", "after use again", False),
        ("causality.image", "what the photos say: increase, no_change, inconclusive or absent", True),
        ("causality.observation", "whether the last photo was in time: closed, open, late or unknown", False),
    )
    yield leaf("causality.patterns", "text", "codes of onset patterns", get=codes("causality", "patterns"))
    for name, meaning in (("alternatives", "other explanations"), ("misuse", "uses against instructions")):
        yield leaf(f"causality.{name}", "text", meaning, get=_list("causality", name))
    yield from _text(
        ("severity", "mild, moderate, severe or unknown", True),
        ("seriousness", "general or serious", True),
        ("skin_type", "as claimed", False),
        ("season", "as claimed", False),
    )


def _help() -> Iterator[Column]:
    yield leaf("care.kinds", "text", "what the care plan is for", get=_list("care", "kinds"))
    yield from _text(("care.severity", "that it is made for", False))
    yield leaf("care.doctor_first", "bool", "a doctor comes first")
    yield leaf("care.stopped", "bool", "the product is not used any more")
    yield from _text(
        ("remedy.refund", "what is proposed", True),
        ("remedy.goods", "what becomes of the goods", False),
        ("remedy.rule", "row of the policy", False),
    )
    yield leaf("remedy.exchange", "bool", "for another item")
    yield leaf("remedy.medical_costs", "bool", "reasonable ones, with receipts")
    yield leaf("remedy.confirmed", "bool", "no person has to confirm the outcome first")
    yield leaf(
        "promises.broken",
        "text",
        "kinds of promises that the list of ingredients speaks against",
        summary=True,
        get=_broken,
    )
    yield leaf(
        "alternatives.products",
        "text",
        "skus that could stand in",
        get=codes("alternatives", "products", "products", code="sku"),
    )
    for name in ("bought", "likeliest"):
        yield leaf(f"alternatives.shades.{name}", "float", "probability that this shade fits", "0..1")
    yield leaf(
        "alternatives.shades.better",
        "text",
        "skus of shades likelier to fit",
        get=codes("alternatives", "shades", "better", code="sku"),
    )


def _broken(row: Row) -> Value:
    promises = at(row["result"], "promises") or ()
    return joined(promise["kind"] for promise in promises if promise["broken_by"])


def _list(*keys: str) -> Callable[[Row], Value]:
    return lambda row: joined(at(row["result"], *keys) or ())


def _sold() -> Iterator[Column]:
    for part, names in (
        ("product", ("sku", "brand", "batch", "category")),
        ("order", ("id", "tenant", "channel", "streamer")),
    ):
        for name in names:
            shown = name in ("sku", "brand", "batch", "id", "streamer")
            yield leaf(f"{part}.{name}", "text", "as claimed", summary=shown)
    yield leaf("received_at", "text", "when the claim came, ISO 8601, UTC", summary=True)
    yield leaf(
        "implicated",
        "text",
        "INCI names of listed substances that could have done it",
        summary=True,
        get=_list("implicated"),
    )
    yield leaf(
        "ingredients",
        "text",
        "INCI names of listed substances with a known hazard",
        get=codes("ingredients", code="inci"),
    )
    yield leaf(
        "ingredients_unknown",
        "text",
        "entries of the list that nothing is known of",
        get=_list("ingredients_unknown"),
    )
    for fact in get_args(FactName):
        for key, type, meaning in _FACT:
            yield leaf(f"facts.{fact}.{key}", type, meaning, family=f"facts.FACT.{key}", get=_fact(fact, key))


_FACT: tuple[tuple[str, Type, str], ...] = (
    ("value", "text", "as claimed; empty: not known, or it does not matter here"),
    ("source", "text", "said, shown, documented or none"),
    ("enough", "bool", "for the outcome proposed, by the policy"),
)


def _fact(name: str, key: str) -> Callable[[Row], Value]:
    facts = "facts"
    return lambda row: next((f[key] for f in at(row["result"], facts) or () if f["fact"] == name), None)


def _course() -> Iterator[Column]:
    for party in get_args(Party):
        yield leaf(
            f"responsibility.{party}",
            "int",
            "share; all sum to 10,000, or there is none",
            "basis points",
            summary=True,
            family="responsibility.PARTY",
            get=_share(party),
        )
    yield from _text(
        ("priority", "urgent, high or normal", True),
        ("queue", "general, derm, colour, legal or regulator", True),
        ("due.first_answer", "ISO 8601, UTC", False),
        ("due.decision", "ISO 8601, UTC", True),
        ("due.erase_photos", "ISO 8601, UTC", False),
        ("due.hold.until", "why photos are kept longer: the case is open until then", False),
        ("due.regulator", "ISO 8601, UTC; empty: nothing to report", False),
        ("consent.standing", "of the consent", False),
        ("consent.given_by", "who gave it", False),
    )
    yield leaf("consent.purposes", "text", "what it was given for", get=_list("consent", "purposes"))
    yield leaf("consent.photos_allowed", "bool", "photos may be looked at")
    yield leaf("consent.face_check_allowed", "bool", "it may be checked that they show one person")
    yield from _text(
        ("policy.id", "of the rules", False),
        ("policy.version", "of the rules", False),
        ("policy.sha256", "of the rules", False),
        ("idempotency_key", "same claim, evidence and policy: same key", False),
    )


def _share(party: str) -> Callable[[Row], Value]:
    def get(row: Row) -> Value:
        shares = at(row["result"], "responsibility")
        return sum(share["basis_points"] for share in shares if share["party"] == party) if shares else None

    return get


def _evidence() -> Iterator[Column]:
    yield leaf("evidence.photos.sent", "int", "photos that the claim names", summary=True, get=_photos(False))
    yield leaf("evidence.photos.usable", "int", "of these that can be used", summary=True, get=_photos(True))
    yield leaf(
        "evidence.photos.problems",
        "text",
        "codes of the others",
        get=lambda row: joined(p["code"] for p in _sent(row) if p["code"]),
    )
    yield from _text(
        ("evidence.image.status", "measured, refused or absent", True),
        ("evidence.image.reason", "why nothing was measured", False),
        ("evidence.image.recovery", "verdict of the photos of recovery", False),
        ("evidence.image.person", "one or unsure", False),
    )
    for name in ("global_change", "doubted", "before_filtered", "after_filtered", "drawn_on"):
        yield leaf(
            f"evidence.image.{name}", "bool", "a doubt about the photos", family="evidence.image.DOUBT"
        )
    for area in ZONES_OF:
        for key, type, unit, meaning in _AREA:
            yield leaf(
                f"evidence.image.areas.{area}.{key}",
                type,
                meaning,
                unit,
                family=f"evidence.image.areas.AREA.{key}",
                get=_area(area, key),
            )
    yield from _text(
        ("shade.question", "of a claim about a shade", False),
        ("shade.difference", "how the difference stands to what is acceptable", True),
        ("shade.item", "whether another item was sent", False),
        ("shade.direction", "of the difference, in words", True),
        ("evidence.shade.status", "measured, refused or absent", False),
        ("evidence.shade.reason", "why nothing was measured", False),
    )
    for name in ("delta_e00_low", "delta_e00_high", "acceptable"):
        yield leaf(f"evidence.shade.{name}", "float", "of the colour", "dE00")
    yield leaf("evidence.shade.unknown_sku", "bool", "the catalogue does not have the shade")
    yield leaf("evidence.other_days", "int", "comparisons with other days", get=_days)
    yield leaf("evidence.recovery.summary.verdict", "text", "from the complaint to recovery")


_AREA: tuple[tuple[str, Type, str, str], ...] = (
    ("verdict", "text", "", "what the photos say of this area of the form"),
    ("delta_ei_low", "float", "EI", "lower end of the change"),
    ("delta_ei_high", "float", "EI", "upper end"),
    ("sdc", "float", "EI", "the smallest change that could have been detected"),
    ("power_ok", "bool", "", "a change that matters would have been seen"),
    ("pre_existing", "bool", "", "it was red before"),
)


def _sent(row: Row) -> list[dict[str, Value]]:
    return at(row["result"], "evidence", "photos") or []


def _photos(usable: bool) -> Callable[[Row], Value]:
    """None for a claim that could not be read."""
    return lambda row: sum(bool(p["usable"]) or not usable for p in _sent(row)) if row["result"] else None


def _area(area: str, key: str) -> Callable[[Row], Value]:
    def get(row: Row) -> Value:
        found = at(row["result"], "evidence", "image", "areas") or ()
        return next((each[key] for each in found if each["area"] == area), None)

    return get


def _days(row: Row) -> Value:
    found = at(row["result"], "evidence", "other_days")
    return None if found is None else len(found)


CLAIM_COLUMNS = (
    *_verdict(),
    *_help(),
    *_sold(),
    *_course(),
    *_evidence(),
    *below("evidence.comparison", PAIR_COLUMNS),
)
