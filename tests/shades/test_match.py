"""Worn colour, matching, verdicts: known truths and invariants, on bare values."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinscan.casework.shade_evidence import shade_evidence
from skinscan.claims.shade_evidence import ShadeEvidence, read_difference
from skinscan.color import F0, delta_e_2000, ita, ita_class, lab_to_linear, linear_to_lab
from skinscan.errors import DataError, QualityError, UsageError
from skinscan.output.records.shade import shade_to_dict
from skinscan.output.terminal.shade import summarise_shades
from skinscan.scanner import Scanner
from skinscan.shades import Catalog, Shade, ShadeMatch, load_catalog, make_catalog, match_shades, worn_color
from skinscan.shades.color_samples import lab_points, normal_points, skin_points
from skinscan.shades.direction import components, name_direction
from skinscan.shades.error_budget import error_budget
from skinscan.shades.lip_color import measure_lips
from skinscan.shades.ranking import MANY, acceptable_delta_e00, judge_shades, rank_shades, worn_cloud
from skinscan.shades.verdict import decide, least_difference
from skinscan.skin_indices import od_to_lab
from skinscan.types import DiffuseColor, FloatArray, Scan
from tests import faces
from tests.paths import SAMPLES

FOUNDATIONS = SAMPLES / "catalog_foundations.csv"
LIPSTICKS = SAMPLES / "catalog_lipsticks.csv"
SKIN = (38.0, 24.2, 16.2)  # OD; the usual ratios at that density
lightness = st.floats(40, 75)
chroma = st.floats(0, 18)


def matte(sigma: float = 0.05, od: tuple[float, float, float] = SKIN) -> DiffuseColor:
    return DiffuseColor(od=od, sigma=MappingProxyType({"light": (3 * sigma, sigma, sigma)}), n_pixels=500)


def shade(lab: tuple[float, float, float], **changes: object) -> Shade:
    given = {"sku": "s", "brand": "b", "product": "p", "shade": "s", "lab": lab}
    return Shade.model_validate(given | changes)


def around(lab: FloatArray, *moves: tuple[float, float, float]) -> Catalog:
    """Worn colours that differ from one by known steps."""
    rows = [tuple((lab + move).tolist()) for move in moves]
    return make_catalog([shade(row, sku=str(k), basis="worn") for k, row in enumerate(rows)])


def painted(name: str = "face_medium") -> Scan:
    return faces.scanned(name)


# ---- worn colour


@pytest.mark.parametrize("coverage", ["sheer", "light", "medium", "full"])
def test_a_product_of_the_skins_own_color_changes_nothing(coverage: str) -> None:
    worn = worn_color(np.array([58.0, 12.0, 17.0]), shade((58, 12, 17), coverage=coverage))
    assert worn.lab == pytest.approx([58, 12, 17], abs=1e-6)


@given(lightness, chroma, lightness, chroma)
def test_a_worn_color_lies_between_skin_and_product_and_goes_further_with_coverage(
    l1: float, b1: float, l2: float, b2: float
) -> None:
    skin, product = np.array([l1, 10.0, b1]), (l2, 12.0, b2)
    worn = [
        worn_color(skin, shade(product, coverage=coverage)).lab
        for coverage in ("sheer", "light", "medium", "full")
    ]
    channels = lab_to_linear(np.array([skin, *worn, product]))
    way = np.sign(channels[-1] - channels[0]) * (channels - channels[0])
    assert (np.diff(way, axis=0) >= -1e-4).all()


def test_a_lipstick_that_hides_the_lip_is_itself_in_every_finish() -> None:
    lips = np.array([45.0, 20.0, 10.0])
    matt = worn_color(lips, shade((40, 50, 25), category="lipstick", coverage="full", finish="matte"))
    gloss = worn_color(lips, shade((40, 50, 25), category="lipstick", coverage="full", finish="gloss"))
    assert matt.lab == pytest.approx([40, 50, 25], abs=1e-6)
    assert gloss.lab == pytest.approx([40, 50, 25], abs=1e-6)
    sheer = worn_color(lips, shade((40, 50, 25), category="lipstick", coverage="sheer"))
    assert delta_e_2000(sheer.lab, lips) < delta_e_2000(matt.lab, lips)
    assert (sheer.low < sheer.lab).all()
    assert (sheer.high > sheer.lab).all()


# ---- belief


def test_points_are_normal_and_always_the_same() -> None:
    points = normal_points(4096)
    assert points.mean(axis=0) == pytest.approx(0, abs=0.01)
    assert points.std(axis=0) == pytest.approx(1, abs=0.02)
    assert np.abs(np.corrcoef(points.T) - np.eye(6)).max() < 0.06
    assert (lab_points(matte(4.0), 512) == lab_points(matte(4.0), 512)).all()


def test_what_is_known_of_skin_narrows_hue_but_leaves_known_colors_alone() -> None:
    wide, narrow = lab_points(matte(4.0), MANY), skin_points(matte(4.0), MANY)
    assert narrow[:, 1].std() < 0.9 * wide[:, 1].std()
    assert skin_points(matte(), MANY).mean(axis=0) == pytest.approx(od_to_lab(np.array(SKIN)), abs=0.3)


@pytest.mark.parametrize("density", [26.0, 40.0, 60.0, 80.0, 100.0])
def test_what_is_known_of_skin_pulls_no_depth_towards_the_usual(density: float) -> None:
    unknown = DiffuseColor(od=(density, 24.5, 16.0), sigma={"exposure": (8.0, 15.0, 15.0)}, n_pixels=1)
    plain, known = lab_points(unknown, MANY), skin_points(unknown, MANY)
    assert known[:, 0].mean() == pytest.approx(plain[:, 0].mean(), abs=3)


# ---- direction


@pytest.mark.parametrize(
    ("move", "word"),
    [
        ((4, 0, 0), "lighter"),
        ((-4, 0, 0), "deeper"),
        ((0, 3.3, -2.2), "pinker"),
        ((0, -3.3, 2.2), "yellower"),
        ((0, 2.6, 3.8), "more_saturated"),
        ((0, -2.6, -3.8), "less_saturated"),
    ],
)
def test_each_direction_has_its_word(move: tuple[float, float, float], word: str) -> None:
    skin = np.array([58.0, 11.6, 16.6])
    moves = components(skin, skin + np.array(move))
    assert name_direction(np.tile(moves, (9, 1)))[0] == word


def test_components_add_up_to_the_difference() -> None:
    rng = np.random.default_rng(0)
    skin = rng.uniform((30, 6, 9), (70, 18, 24), (500, 3))
    other = skin + rng.normal(0, 2, skin.shape)
    whole = np.sqrt((components(skin, other) ** 2).sum(axis=1))
    assert np.abs(whole - delta_e_2000(skin, other)).max() < 0.6


def test_a_direction_that_is_not_sure_is_not_named() -> None:
    moves = np.random.default_rng(0).normal(1.5, 3.0, (1000, 3))
    assert name_direction(moves) == ()


# ---- matching


def test_the_nearest_of_worn_colors_comes_first_and_is_sure() -> None:
    points = skin_points(matte(), MANY)
    catalog = around(points.mean(axis=0), (5, 0, 0), (0.3, 0, 0), (0, 0, 6), (-9, 0, 0))
    found = rank_shades(points, catalog, np.arange(4), 4)
    assert found[0].shade.sku == "1"
    assert found[0].difference.probability_acceptable > 0.99
    assert found[-1].difference.probability_acceptable < 0.01
    for candidate in found:
        assert candidate.difference.low <= candidate.difference.delta_e00 <= candidate.difference.high


def test_a_wide_error_shows_as_low_probability_not_as_a_false_order() -> None:
    narrow, wide = skin_points(matte(0.5), MANY), skin_points(matte(4.0), MANY)
    middle = narrow.mean(axis=0)
    shares = [
        judge_shades(points, around(middle, (0, 0, 0)), np.array([0]))[0].difference
        for points in (narrow, wide)
    ]
    assert shares[0].probability_acceptable > shares[1].probability_acceptable + 0.2
    assert shares[1].high > shares[0].high


def test_the_short_list_loses_none_of_the_best_among_many() -> None:
    rng = np.random.default_rng(3)
    points = skin_points(matte(1.0), MANY)
    colors = rng.normal((58, 11, 16), (9, 4, 4), (8000, 3))
    catalog = make_catalog(
        [
            shade(tuple(c), sku=str(k), coverage=str(rng.choice(["sheer", "light", "full"])))
            for k, c in enumerate(colors.tolist())
        ]
    )
    found = rank_shades(points, catalog, np.arange(8000), 5)
    every = judge_shades(points[::8], catalog, np.arange(8000))
    best = max(one.difference.probability_acceptable for one in every)
    assert found[0].difference.probability_acceptable >= best - 0.05


def test_deep_skin_is_given_no_less_room() -> None:
    limits = [acceptable_delta_e00(value) for value in (70, 55, 47, 40, 20)]
    assert limits == sorted(limits)
    assert (limits[0], limits[-1]) == (3.0, 3.5)


def test_the_budget_names_every_source_and_adds_up() -> None:
    measured = painted().tone.sites["jaw"].matte
    budget = error_budget(measured, np.array([58.0, 12.0, 17.0]), np.array([0.5, 0.4, 0.5]))
    assert {"exposure", "light", "camera", "site", "catalogue", "total"} <= budget.keys()
    parts = [value for name, value in budget.items() if name != "total"]
    assert budget["total"] == pytest.approx(np.hypot.reduce(parts), abs=0.02)


# ---- verdicts


def test_a_match_needs_to_be_probable_and_a_mismatch_to_be_beyond_the_test() -> None:
    points = skin_points(matte(0.2), MANY)
    catalog = around(points.mean(axis=0), (0, 0, 0), (12, 0, 0))
    same, far = judge_shades(points, catalog, np.arange(2))
    nothing, much = least_difference(points, worn_cloud(points, catalog, np.arange(2)))
    assert (decide(same.difference, nothing, 3.0), decide(far.difference, much, 3.0)) == ("match", "mismatch")
    assert nothing == 0
    assert 3 < much < far.difference.low
    assert decide(far.difference, 2.9, 3.0) == "inconclusive"


@pytest.mark.parametrize("sigma", [0.5, 2.0, 6.0, 15.0])
def test_a_photo_that_tells_nothing_accuses_nobody(sigma: float) -> None:
    points = lab_points(matte(sigma), MANY)
    catalog = around(points.mean(axis=0), (0, 0, 0), (1.0, 0, 0), (0, 1.0, 0))
    assert (least_difference(points, worn_cloud(points, catalog, np.arange(3))) == 0).all()


def claim(found: ShadeMatch) -> str:
    assert found.claim is not None
    return found.claim.verdict


def told(name: str = "face_medium") -> Scan:
    """The scan as with a white reference that told the class of its tone."""
    scan = painted(name)
    tone = scan.tone
    assert tone.ita is not None
    return replace(scan, tone=replace(tone, status="ok", reason=None, ita_class=ita_class(tone.ita.value)))


def test_a_far_shade_is_a_mismatch_and_better_ones_are_offered() -> None:
    catalog = load_catalog(FOUNDATIONS)
    found = match_shades(painted("face_light"), catalog, purchased="HAR-120N")
    assert claim(found) == "mismatch"
    assert found.claim is not None
    assert "deeper" in found.claim.difference.direction
    # A photo without a white reference ranks nothing.
    assert (found.status, found.reason) == ("uncertain", "NEEDS_WHITE_REFERENCE")
    assert found.matches == found.claim.neighbours == found.claim.equivalents == ()
    sure = match_shades(told("face_light"), catalog, purchased="HAR-120N")
    assert (sure.status, sure.reason) == ("ok", None)
    assert sure.claim is not None
    assert all(one.shade.product == "Stay 24" for one in sure.claim.neighbours)
    assert sure.claim.neighbours
    assert all(one.shade.brand != "Harbour" for one in sure.claim.equivalents)
    assert found.claim.at_least > found.acceptable


@pytest.mark.parametrize("name", ["face_light", "face_medium", "face_dark"])
def test_the_shade_nearest_to_the_true_skin_is_never_a_mismatch(name: str) -> None:
    row = faces.truth(name)
    catalog = load_catalog(FOUNDATIONS)
    angles = np.abs(ita(catalog.lab) - float(row["ita"]))
    sku = catalog.shades[int(angles.argmin())].sku
    assert claim(match_shades(painted(name), catalog, purchased=sku)) != "mismatch"


def test_where_the_jaw_is_not_seen_the_cheek_stands_in_less_surely() -> None:
    scan = painted()
    cheek = {"cheek": scan.tone.sites["cheek"]}
    bare = replace(scan, tone=replace(scan.tone, sites=MappingProxyType(cheek)))
    catalog = load_catalog(FOUNDATIONS)
    found, asked = match_shades(bare, catalog), match_shades(bare, catalog, site="cheek")
    assert (found.site, found.asked_site, asked.asked_site) == ("cheek", "jaw", "cheek")
    assert "other_site" in found.budget
    assert found.budget["total"] > asked.budget["total"]


def test_a_known_shade_narrows_the_skin_and_a_contradicted_one_is_not_used() -> None:
    scan, catalog = painted("face_medium"), load_catalog(FOUNDATIONS)
    alone = match_shades(told("face_medium"), catalog)
    fits, far = (alone.matches[0].shade.sku, "HAR-120N")
    found = match_shades(scan, catalog, known=fits)
    assert found.known is not None
    assert found.known.used
    assert found.status == "ok"
    assert found.matches
    widths = [one.color[0].high - one.color[0].low for one in (alone, found)]
    assert widths[1] < 0.8 * widths[0]
    light = match_shades(painted("face_light"), catalog, known=far)
    assert light.known is not None
    assert not light.known.used
    assert light.color == match_shades(painted("face_light"), catalog).color
    with pytest.raises(UsageError, match="foundation"):
        match_shades(scan, load_catalog(LIPSTICKS), category="lipstick", known="LIP-01")


def test_one_limit_goes_for_shades_and_claims() -> None:
    scan, catalog = painted("face_light"), load_catalog(FOUNDATIONS)
    usual, lenient = (
        match_shades(scan, catalog, purchased="HAR-120N", acceptable=limit) for limit in (None, 40.0)
    )
    assert (claim(usual), claim(lenient)) == ("mismatch", "match")
    evidence = [shade_evidence(found) for found in (usual, lenient)]
    assert [one.acceptable for one in evidence] == [usual.acceptable, 40.0]
    assert [read_difference(one, None) for one in evidence] == ["beyond", "within"]
    assert read_difference(evidence[0], 40.0) == "within"


def test_questions_without_an_answer_are_refused() -> None:
    scan, foundations, lipsticks = painted(), load_catalog(FOUNDATIONS), load_catalog(LIPSTICKS)
    with pytest.raises(DataError, match="no sku"):
        match_shades(scan, foundations, purchased="none")
    with pytest.raises(UsageError, match="taste"):
        match_shades(scan, lipsticks, purchased="LIP-01")
    with pytest.raises(UsageError, match="one shade"):
        match_shades(scan, foundations, advertised=True)
    with pytest.raises(UsageError, match="no lipstick"):
        match_shades(scan, foundations, category="lipstick")
    hidden = replace(scan, tone=replace(scan.tone, status="abstained", reason="NO_COLOUR"))
    with pytest.raises(QualityError, match="NO_COLOUR"):
        match_shades(hidden, foundations)


# ---- lips


def with_lips(lab: tuple[float, float, float]) -> Scan:
    """A rendered face by a window whose lips are painted, as a phone takes it."""
    from models.renderer.camera import draw_camera
    from models.renderer.issa import spectrum_of
    from models.renderer.render import render
    from models.training.samples.portraits import WINDOW

    subject = faces.subject()
    lip, *others = subject.surface.layers
    colour = np.asarray(spectrum_of(np.array(lab)) - F0, np.float32)
    surface = replace(subject.surface, layers=(replace(lip, reflectance=colour), *others))
    camera = draw_camera(WINDOW, np.random.default_rng(7))
    shot = faces.shot(light=WINDOW, camera=camera, meter=True)
    return Scanner("cpu").scan(render(replace(subject, surface=surface), shot, np.random.default_rng(0)).jpeg)


@pytest.fixture(scope="module")
def red() -> Scan:
    return with_lips((42.0, 55.0, 28.0))


def test_painted_lips_are_measured_and_no_other_lipstick_matches(red: Scan) -> None:
    lips = measure_lips(red.texture, red.light, red.zone_masks)
    lab = od_to_lab(np.array(lips.od))
    assert np.degrees(np.arctan2(lab[2], lab[1])) == pytest.approx(27, abs=9)
    assert np.hypot(*lab[1:]) > 30
    rows = [
        shade((42, 55, 28), sku="right"),
        shade((62, 16, 18), sku="nude"),
        shade((25, 24, -4), sku="plum"),
    ]
    catalog = make_catalog([row.model_copy(update={"category": "lipstick"}) for row in rows])
    found = match_shades(red, catalog, category="lipstick")
    assert [one.shade.sku for one in found.matches][:1] in ([], ["right"])
    assert found.site == "lips"
    assert claim(match_shades(red, catalog, purchased="right", advertised=True)) != "mismatch"
    wrong = match_shades(red, catalog, purchased="nude", advertised=True)
    assert claim(wrong) != "match"  # a photo without a card seldom proves a lipstick wrong
    assert wrong.claim is not None
    assert "more_saturated" in wrong.claim.difference.direction


def test_a_sheer_lipstick_that_agrees_proves_nothing(red: Scan) -> None:
    sheer = shade((42, 55, 28), category="lipstick", coverage="sheer")
    found = match_shades(red, make_catalog([sheer]), purchased="s", advertised=True)
    assert claim(found) == "inconclusive"


def test_hidden_lips_are_refused() -> None:
    scan = painted()
    nothing = {name: mask & False for name, mask in scan.zone_masks.items()}
    with pytest.raises(QualityError, match="lips"):
        measure_lips(scan.texture, scan.light, nothing)


# ---- what is told


def test_the_json_is_whole_and_the_same_twice() -> None:
    catalog = load_catalog(FOUNDATIONS)
    once, again = (shade_to_dict(match_shades(told(), catalog, purchased="LIN-50N")) for _ in range(2))
    assert once == again
    assert once["schema"] == "skinscan.shade/1"
    first = once["matches"][0]
    assert {"sku", "shade", "delta_e00", "low", "high", "probability_acceptable", "direction"} <= first.keys()
    assert once["purchased"]["verdict"] in ("match", "mismatch", "inconclusive")
    shares = [one["probability_acceptable"] for one in once["matches"]]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_summary_says_verdict_shades_and_errors(language: str) -> None:
    found = match_shades(told("face_light"), load_catalog(FOUNDATIONS), purchased="HAR-120N")
    text = summarise_shades(found, language)  # type: ignore[arg-type]
    unsure = match_shades(painted("face_light"), load_catalog(FOUNDATIONS))
    assert ("白色参照" if language == "zh" else "white reference") in summarise_shades(unsure, language)  # type: ignore[arg-type]
    assert ("不合适" if language == "zh" else "mismatch") in text
    assert found.matches[0].shade.shade in text
    assert ("偏深" if language == "zh" else "deeper") in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_claim_gets_the_evidence_of_what_was_asked() -> None:
    catalog, scan = load_catalog(FOUNDATIONS), painted("face_light")
    assert shade_evidence(match_shades(scan, catalog)) == ShadeEvidence(status="absent")
    far = shade_evidence(match_shades(scan, catalog, purchased="HAR-120N"))
    assert far.status == "measured"
    assert far.delta_e00_low > 3.0
    assert "deeper" in far.direction


def test_lab_and_density_are_one_and_the_same() -> None:
    rgb = np.array([0.42, 0.24, 0.17])
    r, g, b = np.log10(rgb)
    assert od_to_lab(100 * np.array([-r, r - g, g - b])) == pytest.approx(linear_to_lab(rgb))
