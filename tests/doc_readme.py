"""Numbers of both READMEs, from the result files."""

from __future__ import annotations

from tests.doc_tables import number

__all__ = ["trust"]


def trust() -> dict[str, str]:
    """How far to trust a comparison and a scan: % of real pairs or faces, and an AUC, as they are shown."""
    everybody = {"set": "london", "group": "all"}
    found = {
        "alarm": number("real", "nothing changed", "pairs_that_alarm_percent", **everybody),
        "faint": number("real", "painted, claimed", "increase_percent", ei=3.65, **everybody),
        "strong": number("real", "painted, claimed", "increase_percent", ei=8.8, **everybody),
        "not_named": number("real", "painted, to be found", "increase_percent", ei=8.8, **everybody),
        "flush": number("real", "painted, one scan", "height_percent", painted="flush", **everybody),
        "unsure": number("faces", "tone", "uncertain_percent", set="london"),
    }
    acne = number("faces", "graded acne", "auc_2_3_against_0", score="blemishes")
    return {name: f"{value:.0f}" for name, value in found.items()} | {"acne": f"{acne:.2f}"}
