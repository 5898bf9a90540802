"""The closed word lists that rules, policy and verdict share."""

from __future__ import annotations

from typing import Literal

__all__ = [
    "PEAK_HOURS",
    "DifferenceReading",
    "EvidenceStrength",
    "FactName",
    "HazardKind",
    "ImageReading",
    "Item",
    "Level",
    "Observation",
    "Seriousness",
    "Severity",
    "Source",
    "Variant",
    "Weight",
]

Level = Literal[
    "very_likely", "likely", "not_clearly_attributable", "unlikely", "excluded", "insufficient",
    "unassessable",
]  # fmt: skip
"""insufficient: more can be asked. unassessable: it cannot; neither is a low level."""
Variant = Literal["begaud_1985", "begaud_2011"]
PEAK_HOURS = 96.0
"""Contact dermatitis peaks until this long after contact (Medscape 963142): no absence shows before."""

Observation = Literal["closed", "open", "late", "unknown"]
"""Was the last after photo taken when a reaction could be judged absent?

closed: yes. open: too early, it may still come. late: it may have gone. unknown: no time to go by.
"""
ImageReading = Literal["increase", "no_change", "inconclusive", "absent"]
"""absent: no comparison was possible."""

Severity = Literal["mild", "moderate", "severe", "unknown"]
Seriousness = Literal["general", "serious"]

FactName = Literal[
    "usage", "departures", "age", "ingredients", "timeline", "other_causes", "product", "transport_damage",
    "batch_defect", "received_item",
]  # fmt: skip
"""A fact on which money moves.

usage: whether the instructions were followed. departures: what was done otherwise. other_causes: whether
anything else can have done it. product: that what is complained of is what was ordered.
"""
Source = Literal["unknown", "said", "shown", "documented"]
"""What a fact rests on, weakest first: nothing; somebody's word; a photo of it that was opened; a record of
the platform, a doctor, a laboratory or a carrier."""

Weight = Literal["escalates", "weakens", "noted"]
"""escalates: a person must look. weakens: the photo counts for less. noted: for the record only."""

HazardKind = Literal["irritant", "sensitiser", "photosensitiser", "comedogenic", "none"]
EvidenceStrength = Literal["strong", "moderate", "weak", "none"]

DifferenceReading = Literal["beyond", "within", "open", "absent"]
"""More than acceptable, acceptable, not to be told from these photos, no measurement."""
Item = Literal["same", "other", "unknown"]
