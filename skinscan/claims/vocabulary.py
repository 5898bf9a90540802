"""The words a claim is written in: those of China's adverse-reaction report form, in zh and en.

The codes are closed `Literal` types, so that a type checker knows them; labels, severity and red flags
stand in ``data/vocabulary.csv``. A test keeps the two in step.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from skinscan.claims.tables import Row, read_table

__all__ = [
    "Alarm",
    "Area",
    "Damage",
    "Group",
    "SeriousBox",
    "Sign",
    "Symptom",
    "entry",
]

Group = Literal["symptom", "sign", "alarm", "damage", "seriousness", "area"]

Symptom = Literal["itch", "burning", "pain", "dryness", "tightness", "other_symptom"]
"""自觉症状: what the person feels."""

Sign = Literal[
    "erythema", "papule", "plaque", "papulovesicle", "oedema", "vesicle", "comedone", "wheal", "folliculitis",
    "telangiectasia", "hyperpigmentation", "hypopigmentation", "depigmentation", "erosion", "exudation",
    "crust", "scale", "lichenification", "atrophy", "excoriation",
]  # fmt: skip
"""皮损 and 伴: what another person can see."""

Alarm = Literal["breathing_difficulty", "throat_tightness", "fainting", "fever", "eye_trouble"]
"""Not on the form: reasons to see a doctor before anything else."""

Damage = Literal["nervous", "systemic", "renal", "psychiatric"]
"""其他损害: beyond the skin."""

SeriousBox = Literal[
    "disfigurement", "lasting_lesion", "scar", "permanent_hair_loss", "systemic_damage", "congenital_anomaly",
    "death_or_life_threat", "hospitalisation",
]  # fmt: skip
"""严重: any one of these makes the reaction serious, whatever its severity."""

Area = Literal[
    "forehead",
    "cheek",
    "periocular",
    "nose",
    "lips",
    "perioral",
    "chin",
    "scalp",
    "auricle",
    "neck",
    "other_area",
]
"""部位: where the product was used, or where a sign stands."""


@cache
def _entries() -> dict[tuple[str, str], Row]:
    return {(row["group"], row["code"]): row for row in read_table("vocabulary")}


def entry(group: Group, code: str) -> Row:
    """The vocabulary row of a code: labels, severity, red flag, source."""
    return _entries()[group, code]
