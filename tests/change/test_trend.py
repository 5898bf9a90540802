"""Series of dates: what each course is called, and what is never called recovered."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.change import inject
from skinscan import cli
from skinscan.change.trend import course, follow
from skinscan.change.types import Delta, Trend
from skinscan.errors import UsageError
from skinscan.output.pictures.trend import draw_trend
from skinscan.output.records.common import to_json
from skinscan.output.records.trend import TREND_SCHEMA, trend_to_dict
from skinscan.output.terminal.trend import summarise_trend
from skinscan.scanner import Scanner
from skinscan.texts.bilingual import Language
from skinscan.types import ChangeVerdict, Scan
from tests.sittings import another_shot, jpeg, patch, pixels_of, scanned

CHEEK = patch(0.72, 0.57, 0.08)  # the person's own left
DAYS = ("2026-03-01", "2026-03-04", "2026-03-15")
WIDTHS = (60, 80, 100)


def delta(value: float, verdict: ChangeVerdict | None = None, sdc: float = 1.0) -> Delta:
    """A difference with the sigma of an SDC, and the verdict that a test would give."""
    if verdict is None:
        verdict = "inconclusive" if abs(value) < sdc else "increase" if value > 0 else "decrease"
    reach = 0.77 * sdc
    return Delta(
        delta=value, low=value - reach, high=value + reach, sdc=sdc, p=0.5, verdict=verdict, unit="EI",
        n_pixels=500,
    )  # fmt: skip


def nothing(_: int) -> None:
    return None


# ---- courses


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((6.0, 5.8), "persisting"),
        ((6.0, 2.0), "improving"),
        ((6.0, 0.3), "improving"),  # near zero, but nobody has shown that it is zero
        ((-6.0, -2.0), "improving"),
        ((2.0, 6.0), "worsening"),
        ((-2.0, -6.0), "worsening"),
        ((0.2, 4.0), "worsening"),
        ((0.2, 0.3), "inconclusive"),
        ((3.0, 6.0, 2.0), "improving"),
        ((6.0, 0.1, 5.9), "persisting"),
        ((1.5, 0.8), "inconclusive"),
    ],
)
def test_courses(values: tuple[float, ...], expected: str) -> None:
    assert course([delta(v) for v in values], nothing).recovery == expected


def test_returned_needs_an_equivalence_at_the_last_date() -> None:
    last = delta(0.1, "no_change")
    assert course([delta(6.0), last], nothing).recovery == "returned"
    assert course([delta(6.0), delta(0.1)], nothing).recovery != "returned"
    assert course([delta(6.0), last, None], nothing).recovery == "inconclusive"


def test_no_change_needs_it_at_every_date() -> None:
    same = delta(0.1, "no_change")
    assert course([same, same], nothing).recovery == "no_change"
    assert course([same, delta(0.1)], nothing).recovery == "inconclusive"
    assert course([delta(0.1), same], nothing).recovery == "inconclusive"


def test_the_more_precise_way_to_the_step_is_taken() -> None:
    both = [delta(6.0, sdc=4.0), delta(3.0, sdc=2.0)]
    assert course(both, nothing).recovery == "persisting"  # 3 +- 4.5 by way of the first date
    direct = course(both, lambda k: delta(-3.0, sdc=1.0))
    assert direct.recovery == "improving"
    assert direct.step
    assert direct.step.delta == -3.0
    vague = course(both, lambda k: delta(-9.0, sdc=9.0))
    assert vague.recovery == "persisting"


def test_the_worst_of_many_dates_is_held_to_a_stricter_test() -> None:
    few, many = [delta(5.0), delta(3.2)], [delta(5.0)] * 8 + [delta(3.2)]
    one, eight = course(few, nothing).step, course(many, nothing).step
    assert one
    assert eight
    assert eight.p == pytest.approx(min(8 * one.p, 1), abs=1e-5)
    assert (one.verdict, eight.verdict) == ("decrease", "inconclusive")


def test_what_another_light_may_hide_is_no_improvement() -> None:
    both = [delta(5.0), delta(2.5)]
    assert course(both, nothing).recovery == "improving"
    assert course(both, nothing, lambda k: 0.25).recovery == "persisting"


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=6), st.floats(0.5, 4))
def test_mirrored_changes_have_the_same_course(values: list[float], sdc: float) -> None:
    there = course([delta(v, sdc=sdc) for v in values], nothing)
    back = course([delta(-v, sdc=sdc) for v in values], nothing)
    assert there.recovery == back.recovery
    assert there.recovery not in ("returned", "no_change")  # no date was shown to be unchanged
    assert there.peak == back.peak


# ---- series of scans


@cache
def healing() -> Trend:
    """A patch of +7 EI on the left cheek that fades to half."""
    again = scanned("home_again")
    worst = another_shot(inject(again, 7 * CHEEK), 1)
    later = another_shot(inject(scanned("away"), 2.5 * CHEEK), 2)
    return follow([[scanned("home")], [worst], [later]], "left_cheek", DAYS)


def test_a_fading_reaction_improves_where_it_is() -> None:
    trend = healing()
    assert trend.status == "ok"
    assert trend.area
    assert trend.area.peak == 1
    assert trend.zones["left_cheek"].recovery == "improving"
    assert trend.zones["right_cheek"].recovery in ("inconclusive", "no_change")
    first, last = trend.area.deltas
    assert first
    assert last
    assert first.verdict == "increase"
    assert last.delta < first.delta
    assert [point.day for point in trend.points] == [0, 3, 14]


def test_a_reaction_that_stays_is_never_called_recovered() -> None:
    same = [another_shot(inject(scanned(name), 5 * CHEEK), k) for k, name in ((1, "home_again"), (2, "away"))]
    trend = follow([[scanned("home")], [same[0]], [same[1]]])
    assert trend.zones["left_cheek"].recovery in ("persisting", "inconclusive")
    assert trend.recovery not in ("returned", "improving", "no_change")


def test_a_date_that_must_not_be_compared_takes_no_part() -> None:
    trend = follow([[scanned("home")], [scanned("home")], [scanned("home_reaction")]])
    assert [point.usable for point in trend.points] == [True, False, True]
    assert trend.points[1].findings[0].code == "SAME_PHOTO"
    assert all(zone.deltas[0] is None for zone in trend.zones.values())
    assert trend.recovery == "worsening"
    alone = follow([[scanned("home")], [scanned("home")]])
    assert (alone.status, alone.recovery) == ("refused", "inconclusive")


def test_one_photo_for_two_dates_is_found() -> None:
    later = scanned("home_reaction")
    trend = follow([[scanned("home")], [later], [later]])
    assert trend.points[2].findings[0].code == "SAME_PHOTO"


def dated(scan: Scan, when: str | None) -> Scan:
    return replace(scan, photo=replace(scan.photo, capture=replace(scan.photo.capture, taken_at=when)))


def test_dates_come_from_exif_if_every_photo_has_one() -> None:
    home, again = scanned("home"), scanned("home_again")
    known = follow([[dated(home, "2026-03-01T09:00:00")], [dated(again, "2026-03-02T21:00:00")]])
    assert [point.day for point in known.points] == [0, 1.5]
    partly = follow([[home], [dated(again, "2026-03-02T21:00:00")]])
    assert [point.day for point in partly.points] == [None, None]
    backwards = follow([[dated(home, "2026-03-03T09:00:00")], [dated(again, "2026-03-02T21:00:00")]])
    assert [f.code for f in backwards.points[1].findings] == ["DATES_REVERSED"]


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        (("2026-03-01",), "1 dates were given"),
        (("2026-03-04", "2026-03-01"), "do not rise"),
        (("2026-03-01", "2026-03-01"), "do not rise"),
        (("2026-03-01", "soon"), "no date"),
    ],
)
def test_dates_that_cannot_be_right_are_usage_errors(dates: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        follow([[scanned("home")], [scanned("home_again")]], None, dates)


@pytest.mark.parametrize("dates", [[], ["home"], ["home", []]])
def test_a_series_needs_two_dates_with_photos(dates: list[str | list[str]]) -> None:
    with pytest.raises(UsageError, match="two dates"):
        follow([[scanned(name)] if isinstance(name, str) else [] for name in dates])


def test_library_takes_bytes_and_several_photos_of_a_date() -> None:
    home, again = (jpeg(pixels_of(name)) for name in ("home", "home_again"))
    trend = Scanner("cpu").trend([[scanned("away"), scanned("away_again")], home, again])
    assert [len(point.photos) for point in trend.points] == [2, 1, 1]


# ---- what is shown


def test_contract() -> None:
    data = json.loads(to_json(trend_to_dict(healing())))
    assert data["schema"] == TREND_SCHEMA == "skinscan.trend/1"
    assert data["summary"]["recovery"] == data["area"]["recovery"] == healing().recovery
    assert len(data["points"]) == 3
    assert all(len(zone["erythema_index"]) == 2 for zone in data["zones"].values())
    assert data["area"]["step"]["delta"] < 0
    assert data["points"][0]["verdict"] is None


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_terminal_cuts_no_number(language: Language, width: int) -> None:
    text = summarise_trend(healing(), language, width)
    assert "…" not in text
    for zone in healing().zones.values():
        assert all(f"{d.delta:+.1f}" in text for d in zone.deltas if d)


def test_the_sheet_shows_every_date() -> None:
    page = draw_trend(healing(), "zh")
    assert page.shape[1] == 1080
    reddish = (page[..., 0].astype(int) - page[..., 2] > 60).mean()
    assert reddish > 0.002
    np.testing.assert_array_equal(page, draw_trend(healing(), "zh"))
    with pytest.raises(ValueError, match="refused"):
        draw_trend(follow([[scanned("home")], [scanned("home")]]))


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("home", "home_reaction", "home_again")
    for name in names:
        (tmp_path / f"{name}.jpg").write_bytes(jpeg(pixels_of(name)))
    home, after, last = (str(tmp_path / f"{name}.jpg") for name in names)
    sheet = str(tmp_path / "course.png")
    dates = ["--dates", ",".join(DAYS)]
    assert cli.run(["trend", home, after, last, *dates, "--json", "--overlay", sheet, "--quiet"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [point["day"] for point in data["points"]] == [0, 3, 14]
    assert data["summary"]["recovery"] in ("improving", "returned", "inconclusive")
    assert Path(sheet).stat().st_size > 10_000
    assert cli.run(["trend", home, after, "--lang", "zh"]) == 0
    assert "加重" in capsys.readouterr().out
    assert cli.run(["trend", home, after, "--check", "--quiet"]) == 1
    assert cli.run(["trend", home, home]) == 4
    assert cli.run(["trend", home]) == 2
    assert cli.run(["trend", home, after, "--dates", "2026-03-01"]) == 2
    assert cli.run(["trend", home, after, "--area", "elbow"]) == 2
    assert cli.run(["trend", home, str(tmp_path / "absent.jpg")]) == 3


def test_photos_of_one_date_are_pooled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = []
    for name in ("home", "home_again", "home_reaction"):
        (tmp_path / f"{name}.jpg").write_bytes(jpeg(pixels_of(name)))
        paths.append(str(tmp_path / f"{name}.jpg"))
    assert cli.run(["trend", *paths, "--dates", "2026-03-01,2026-03-01,2026-03-04", "--json"]) == 0
    assert [len(p["photos"]) for p in json.loads(capsys.readouterr().out)["points"]] == [2, 1]
