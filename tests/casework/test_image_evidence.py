"""From a comparison to evidence: nothing may be said that the zones do not say."""

from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinscan.casework.areas import ZONES_OF, claimed_zones
from skinscan.casework.image_evidence import image_evidence
from skinscan.change.types import Change, Delta, FaceChange, Finding, ZoneChange
from skinscan.facemesh.zones import AREAS, SKIN_ZONES
from skinscan.types import JUST_VISIBLE, Advice, ChangeVerdict, Quality, QualityCheck

WORDS: tuple[ChangeVerdict, ...] = ("increase", "decrease", "no_change", "inconclusive")


def delta(verdict: ChangeVerdict, value: float = 0.0, sdc: float = 1.0) -> Delta:
    return Delta(
        delta=value, low=value - 1, high=value + 1, sdc=sdc, p=0.5, verdict=verdict, unit="EI", n_pixels=900
    )


def zone(change: Delta) -> ZoneChange:
    nothing: Any = None
    return ZoneChange(
        erythema_index=change, melanin_index=nothing, shine=nothing, lab=nothing, delta_e00=nothing,
        affected_percent=0.0, affected_cm2=0.0, peak=0.0, peak_sdc=1.0,
    )  # fmt: skip


def finding(code: str, *, refuses: bool) -> Finding:
    text = Advice(zh="", en="")
    return Finding(code=code, refuses=refuses, value=1.0, limit=1.0, reason=text, advice=text)


def comparison(zones: dict[str, Delta], *, face: FaceChange | None = None, **given: Any) -> Change:
    nothing: Any = None
    values = {
        "status": "ok", "findings": (), "verdict": "inconclusive",
        "zones": MappingProxyType({name: zone(change) for name, change in zones.items()}), "area_name": None,
        "area": None, "face": face, "affected": None, "maps": None, "registration": (),
        "noise": None, "aligned": None, "identity_distance": None,
        "before": (), "after": (), "run": nothing, **given,
    }  # fmt: skip
    return Change(**values)


deltas = st.builds(
    delta, st.sampled_from(WORDS), st.floats(-9, 9, allow_nan=False), st.floats(0.1, 5, allow_nan=False)
)


@given(st.dictionaries(st.sampled_from(SKIN_ZONES), deltas))
def test_an_area_says_what_its_zones_say(zones: dict[str, Delta]) -> None:
    image = image_evidence((), [comparison(zones)], None)
    found = {change.area: change for change in image.areas}
    for area, its in ZONES_OF.items():
        seen = [zones[name] for name in its if name in zones]
        assert (area in found) == bool(seen)
        if not seen:
            continue
        change = found[area]
        verdicts = {one.verdict for one in seen}
        assert (change.verdict == "increase") == ("increase" in verdicts)
        if change.verdict == "no_change":
            assert verdicts == {"no_change"}
            assert len(seen) == len(its)
        if change.power_ok:
            assert len(seen) == len(its)
            assert all(one.sdc < JUST_VISIBLE for one in seen)
        if change.verdict == "decrease":
            assert verdicts == {"decrease"}
        assert change.part_fell == (change.verdict != "decrease" and "decrease" in verdicts)
        told = [one for one in seen if one.verdict == change.verdict] or seen  # word and range of one zone
        assert (change.delta_ei_low, change.delta_ei_high) in {(one.low, one.high) for one in told}


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(("code", "drawn_on"), [("DRAWN_ON", True), ("EYES_COVERED", False)])
def test_a_drawing_on_either_photo_is_handed_on(side: str, code: str, drawn_on: bool) -> None:
    check = QualityCheck(
        name="c", code=code, value=1.0, limit=0.0, unit="", ok=False, disables=(), advice=Advice(zh="", en="")
    )
    marked = SimpleNamespace(quality=Quality(checks=(check,)))
    sides: dict[str, Any] = {side: (marked,)}
    image = image_evidence((), [comparison({}, **sides)], None)
    assert (image.drawn_on, image.before_filtered, image.after_filtered) == (drawn_on, False, False)


def test_every_zone_of_skin_belongs_to_one_area_and_the_names_suit_compare() -> None:
    zones = [name for its in ZONES_OF.values() for name in its]
    assert sorted(zones) == sorted(SKIN_ZONES)
    assert claimed_zones(["lips", "neck", "scalp"]) is None
    named = claimed_zones(["cheek", "lips", "chin"])
    assert named == "left_cheek,right_cheek,left_jaw,right_jaw,chin"
    assert set(named.split(",")) <= {*SKIN_ZONES, *AREAS}


def test_a_refusal_keeps_its_reasons_and_nothing_else() -> None:
    findings = (finding("SAME_PHOTO", refuses=True), finding("POSE_DIFFERS", refuses=False))
    image = image_evidence((), [comparison({}, status="refused", findings=findings)], None)
    assert (image.status, image.reason, image.areas) == ("refused", "SAME_PHOTO", ())
    assert image_evidence((), [], None).status == "absent"


def test_a_whole_face_that_moved_alike_is_told_apart() -> None:
    def whole(change: ChangeVerdict, local: ChangeVerdict, *findings: Finding) -> bool:
        face = FaceChange(erythema_index=delta(change), erythema_offset=0.0, local=local)
        return image_evidence((), [comparison({}, face=face, findings=findings)], None).global_change

    assert whole("increase", "inconclusive")
    assert not whole("increase", "increase")
    assert not whole("inconclusive", "inconclusive")
    assert whole("inconclusive", "increase", finding("NO_CONTROL", refuses=False))


@pytest.mark.parametrize(
    ("apart", "person"), [(None, "one"), (0.1, "one"), (0.2, "one"), (0.21, "probably"), (0.37, "probably")]
)
def test_faces_must_be_plainly_alike_on_every_photo(apart: float | None, person: str) -> None:
    near, far = comparison({}, identity_distance=0.1), comparison({}, identity_distance=apart)
    assert image_evidence((), [far], None).person == person
    assert image_evidence((), [near, far], None).person == person
    assert image_evidence((), [near], far).person == person
    doubt = comparison({}, identity_distance=0.1, findings=(finding("MAYBE_ANOTHER_PERSON", refuses=False),))
    assert image_evidence((), [doubt], far).person == "unsure"


def test_recovery_counts_only_where_it_was_measured() -> None:
    ok = comparison({}, verdict="decrease")
    assert image_evidence((), [ok], ok).recovery == "decrease"
    assert image_evidence((), [ok], comparison({}, status="refused")).recovery is None


def test_days_are_not_averaged_and_the_worst_day_counts() -> None:
    quiet, red = comparison({"chin": delta("no_change")}), comparison({"chin": delta("increase", 4.0)})
    refused = comparison({}, status="refused", findings=(finding("SAME_PHOTO", refuses=True),))

    def chin(*days: Change) -> str:
        return image_evidence((), days, None).areas[0].verdict

    assert chin(quiet, quiet) == "no_change"
    assert chin(quiet, red) == chin(red, quiet) == "increase"
    assert chin(quiet, refused) == "inconclusive"  # a day that could not be looked at
    assert image_evidence((), [refused, refused], None).reason == "SAME_PHOTO"
