"""What was asked of the benchmarks, for the first table of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Callable

from tests.doc_tables import Target, number, rows

__all__ = ["TARGETS"]

_LONDON = {"set": "london", "group": "all"}
_SCORES = ("redness", "redness_local", "oil_balance", "sensitivity", "pigmentation")
_VIVID = "painted vivid against the same people"


def _least(limit: float) -> Callable[[float], bool]:
    return lambda value: value >= limit


def _most(limit: float) -> Callable[[float], bool]:
    return lambda value: value <= limit


def _within(low: float, high: float) -> Callable[[float], bool]:
    return lambda value: low <= value <= high


def _icc(score: str) -> float:
    return number("faces", "two photos of one session", "icc", score=score)


def _people(score: str) -> float:
    return number("faces", "two photos of one session", "sd_people", score=score)


def _vivid(score: str) -> float:
    return number("faces", _VIVID, "auc", score=score)


def _real(what: str, column: str, **match: object) -> float:
    return number("real", what, column, **_LONDON, **match)


def _found(group: str, rise: str, what: str = "injected reaction") -> float:
    return number("change", what, "detected_percent", group=group, tone="all", rise_ei=rise)


def _alarms(group: str) -> float:
    return number("change", "nothing changed", "zone_alarms_percent", group=group, tone="all")


def _rendered(what: str, column: str) -> float:
    return number("physics", what, column, tone="all")


TARGETS = (
    Target(
        "real",
        "nothing changed: zones, pairs that alarm, %",
        "<= 2 / 10",
        (
            _real("nothing changed", "zones_that_alarm_percent"),
            _real("nothing changed", "pairs_that_alarm_percent"),
        ),
        (_most(2), _most(10)),
    ),
    Target(
        "real",
        "the 90 % interval holds 0, %",
        "86 to 95",
        (_real("nothing changed", "interval_holds_percent"),),
        _within(86, 95),
    ),
    Target(
        "real",
        "+3.65 / +8.8 EI painted, area claimed, found, %",
        ">= 70 / 98",
        (
            _real("painted, claimed", "increase_percent", ei=3.65),
            _real("painted, claimed", "increase_percent", ei=8.8),
        ),
        (_least(70), _least(98)),
    ),
    Target(
        "real",
        "the same, area to be found, %",
        ">= 45 / 92",
        (
            _real("painted, to be found", "increase_percent", ei=3.65),
            _real("painted, to be found", "increase_percent", ei=8.8),
        ),
        (_least(45), _least(92)),
    ),
    Target(
        "real",
        "height of what is claimed, % of what was painted",
        "85 to 115",
        (
            _real("painted, claimed", "height_percent", ei=3.65),
            _real("painted, claimed", "height_percent", ei=8.8),
        ),
        _within(85, 115),
    ),
    Target(
        "real",
        "the same in the very same photo, %",
        "85 to 115",
        (_real("painted, same photo, claimed", "height_percent"),),
        _within(85, 115),
    ),
    Target(
        "real",
        "a painted mean is larger than it is said to be at most: claimed +3.65 / +8.8, to be found, %",
        "<= 10",
        tuple(
            _real(f"painted, {how}", "beyond_at_most_percent", ei=ei)
            for how in ("claimed", "to be found")
            for ei in (3.65, 8.8)
        ),
        _most(10),
    ),
    Target(
        "real",
        "pairs of one person shown as unchanged, %",
        ">= 40",
        (_real("nothing changed", "pairs_no_change_percent"),),
        _least(40),
    ),
    Target(
        "real",
        "read in one scan: patch / butterfly / flush, % of what was painted",
        "85 to 115",
        tuple(
            _real("painted, one scan", "height_percent", painted=kind)
            for kind in ("cheeks", "butterfly", "flush")
        ),
        _within(85, 115),
    ),
    Target(
        "faces",
        f"ICC of two photos: {', '.join(_SCORES)}",
        ">= 0.85",
        tuple(_icc(score) for score in _SCORES),
        _least(0.85),
    ),
    Target("faces", "ICC of two photos: blemishes", ">= 0.85", (_icc("blemishes"),), _least(0.85)),
    Target(
        "faces",
        "SD between people: redness, oil_balance, pigmentation, points",
        ">= 15",
        tuple(_people(score) for score in ("redness", "oil_balance", "pigmentation")),
        _least(15),
    ),
    Target(
        "faces",
        "AUC of painted vivid redness: sensitivity / local redness / redness",
        ">= 0.95 / 0.93 / 0.90",
        (_vivid("sensitivity"), _vivid("redness_local"), _vivid("redness")),
        (_least(0.95), _least(0.93), _least(0.90)),
    ),
    Target(
        "faces",
        "graded acne: AUC of grade 2-3 against 0, rank r with the count",
        ">= 0.93 / 0.5",
        (
            number("faces", "graded acne", "auc_2_3_against_0", score="blemishes"),
            number("faces", "graded acne", "rank_r_count", score="blemishes"),
        ),
        (_least(0.93), _least(0.5)),
    ),
    Target(
        "faces",
        "graded acne: photos with a score, %",
        ">= 85",
        (number("faces", "graded acne", "given_percent", score="blemishes"),),
        _least(85),
    ),
    Target(
        "repeat",
        "SD in one session: zone minus own face, whole face, EI",
        "<= 0.9 / 1.5",
        (
            number("repeat", "median over zones", "sd_zone_minus_own_face"),
            number("repeat", "whole face EI", "sd"),
        ),
        (_most(0.9), _most(1.5)),
    ),
    Target(
        "physics",
        "EI of spectra: r, MAE",
        ">= 0.96, <= 1.05 EI",
        (_rendered("spectra, EI", "r"), _rendered("spectra, EI", "mae")),
        (_least(0.96), _most(1.05)),
    ),
    Target(
        "physics",
        "EI of a zone, no reference: r, MAE in % of the range",
        ">= 0.93, <= 8",
        (_rendered("rendered, EI", "r"), _rendered("rendered, EI", "mae_percent_of_range")),
        (_least(0.93), _most(8)),
    ),
    Target(
        "physics",
        "families of photos left out, EI: r, MAE in % of the range",
        ">= 0.8, <= 10",
        tuple(
            number("physics", "leave-one-family-out, EI", column, family="all")
            for column in ("r", "mae_percent_of_range")
        ),
        (_least(0.8), _most(10)),
    ),
    Target(
        "physics",
        "the same, least and most coverage of the 90 % interval, %",
        "86 to 94",
        tuple(
            100
            * pick(
                row["coverage_90"]
                for row in rows("physics", "leave-one-family-out, EI")
                if row["family"] != "all"
            )
            for pick in (min, max)
        ),
        _within(86, 94),
    ),
    Target(
        "change",
        "rendered, nothing changed: zones that alarm, same light / other / real session, %",
        "<= 2",
        (_alarms("same light"), _alarms("other light"), _alarms("real session")),
        _most(2),
    ),
    Target(
        "change",
        "+1.8 / +3.6 / +7 EI found, same light, %",
        ">= 60 / 95 / 99.5",
        tuple(_found("same light", rise) for rise in ("1.8", "3.6", "7.0")),
        (_least(60), _least(95), _least(99.5)),
    ),
    Target(
        "change",
        "the same across lights, %",
        ">= 35 / 85 / 99",
        tuple(_found("other light", rise) for rise in ("1.8", "3.6", "7.0")),
        (_least(35), _least(85), _least(99)),
    ),
    Target(
        "change",
        "`no_change` said of +3.6 EI and more",
        "0",
        (number("change", "no_change said, +3.6 EI and more", "wrong"),),
        _most(0),
    ),
    Target(
        "claims",
        "harmful outcomes; paid on an unchecked fact",
        "0",
        (
            number("claims", "default policy", "harmful", tone="all"),
            number("claims", "faults", "paid_on_an_unchecked_fact"),
        ),
        _most(0),
    ),
    Target(
        "claims",
        "another person's photo paid",
        "0",
        (number("claims", "faults", "wrong_person_paid"),),
        _most(0),
    ),
    Target(
        "claims",
        "owed reactions settled without a person, %",
        ">= 45",
        (number("claims", "faults", "owed_settled_within_two_exchanges_percent"),),
        _least(45),
    ),
    Target(
        "sensitivity",
        "rank r of sensitivity with rendered severity",
        ">= 0.85",
        (number("sensitivity", "sensitivity against rendered severity", "rank_r", tone="all"),),
        _least(0.85),
    ),
    Target(
        "shine",
        "lightest less deepest tone at equal oil, points",
        "<= SDC",
        (number("shine", "equal dose, mean oil_balance", "lightest_minus_deepest", dose_t_u="all"),),
        _most(number("shine", "the same face twice, oil_balance", "sdc")),
    ),
    Target(
        "validity",
        "IoU of bare skin, all things worn",
        ">= 0.9",
        (number("validity", "worn", "iou_valid", group="all"),),
        _least(0.9),
    ),
    Target(
        "signals",
        "batch of four times the reactions flagged within 30 reactions, %",
        ">= 90",
        tuple(
            row["within_30_reactions_percent"]
            for row in rows("signals", "batch with four times the reactions")
        ),
        _least(90),
    ),
    Target(
        "speed",
        "scan of 2 / 12 megapixels over decode + landmarks",
        "<= 1.6 / 1.35",
        (number("speed", "2 MP photo", "ratio"), number("speed", "12 MP photo", "ratio")),
        (_most(1.6), _most(1.35)),
    ),
)
