"""The skin maps on skin of known colour: the formulas, what moves them, what must not, and what is not skin.

Even squares test the formulas; what the network adds to the face as a whole is taken off again, since it has
learned from faces with eyes and brows. The network is tested on rendered faces.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.renderer.issa import erythema_index, linear_srgb, melanin_index
from models.renderer.people import Person, committed_people
from skinscan import skin_indices
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.skinmaps import map_skin
from skinscan.types import BoolMap, FaceTexture, Light, SkinMaps
from tests.faces import PERSON, S, grain, light, redder, scanned, texture

MESH = load_canonical()
PEOPLE = committed_people()
DARKEST = PEOPLE[-1]
V, U = np.mgrid[:S, :S] / S
FACES = ("face_light", "face_dark")


def cheek(person: Person) -> NDArray[np.float64]:
    return np.asarray(linear_srgb(person.sites["cheek"]))


def maps_of(rgb: NDArray[np.floating] | FaceTexture, own: NDArray[np.float64] = PERSON) -> SkinMaps:
    """Maps of a face whose own skin is `own`, in light known exactly."""
    skin = rgb if isinstance(rgb, FaceTexture) else texture(rgb)
    return by_formula(map_skin(skin, light(own), "cpu"))


def by_formula(maps: SkinMaps) -> SkinMaps:
    """The same without what the network has added."""
    erythema, melanin = maps.correction
    return replace(maps, erythema=maps.erythema - erythema, melanin=maps.melanin - melanin)


def spot(u: float, v: float, texels: float) -> NDArray[np.float64]:
    """(S, S) Gaussian of height 1."""
    return np.asarray(np.exp(-0.5 * ((U - u) ** 2 + (V - v) ** 2) * (S / texels) ** 2))


def disc(u: float, v: float, texels: float) -> BoolMap:
    return np.asarray(np.hypot(U - u, V - v) * S < texels)


# ---- the formula


@pytest.mark.parametrize("person", PEOPLE, ids=lambda p: f"{p.tone}-{p.key}")
def test_even_skin_reads_what_the_formula_and_the_spectrum_say(person: Person) -> None:
    own = cheek(person)
    maps = maps_of(np.broadcast_to(own, (S, S, 3)), own)
    where = MESH.skin
    erythema, melanin = maps.erythema[where], maps.melanin[where]
    assert np.ptp(erythema) < 0.05
    assert np.ptp(melanin) < 0.05
    assert erythema.mean() == pytest.approx(float(skin_indices.erythema_index(own)), abs=1.5)
    assert melanin.mean() == pytest.approx(float(skin_indices.melanin_index(own)), abs=1.5)
    spectrum = person.sites["cheek"]
    # The formula's own error: SD 1.7 EI and 1.0 MI on unseen people.
    assert erythema.mean() == pytest.approx(float(erythema_index(spectrum)), abs=3.5)
    assert melanin.mean() == pytest.approx(float(melanin_index(spectrum)), abs=3.0)


def test_indices_order_people_as_their_spectra_do() -> None:
    found = [
        float(maps_of(np.broadcast_to(cheek(p), (S, S, 3)), cheek(p)).melanin[MESH.skin].mean())
        for p in PEOPLE
    ]
    true = [float(melanin_index(p.sites["cheek"])) for p in PEOPLE]
    assert np.corrcoef(found, true)[0, 1] > 0.99


@pytest.mark.parametrize("person", PEOPLE[::3], ids=lambda p: p.tone)
@pytest.mark.parametrize("rise", [1.8, 3.6, 7.0, -3.0])
def test_blood_raises_erythema_by_what_was_added(person: Person, rise: float) -> None:
    own = cheek(person)
    where = disc(0.72, 0.56, 20)
    injected = redder(np.broadcast_to(own, (S, S, 3)), np.where(where, rise, 0.0))
    before, after = (maps_of(rgb, own) for rgb in (np.broadcast_to(own, (S, S, 3)), injected))
    delta = after.erythema - before.erythema
    inner = disc(0.72, 0.56, 17) & MESH.skin
    assert np.median(delta[inner]) == pytest.approx(rise, rel=0.25)
    far = MESH.skin & ~disc(0.72, 0.56, 23)
    assert np.abs(delta[far]).max() < 0.01
    assert after.valid[inner].all()


def test_more_blood_always_reads_higher() -> None:
    ramp = redder(np.broadcast_to(PERSON, (S, S, 3)), 12 * V)
    erythema = maps_of(ramp).erythema
    rows = [erythema[row, MESH.skin[row]].mean() for row in range(S) if MESH.skin[row].any()]
    assert (np.diff(rows) > 0).all()
    assert rows[-1] - rows[0] == pytest.approx(12 * 0.8, rel=0.25)


# ---- shading


def test_shading_moves_erythema_by_less_than_a_step() -> None:
    """A factor of 3 from one side to the other, where the tone curve is straight."""
    shade = (0.35 + 0.65 * U)[..., None]
    even, shaded = maps_of(texture()), maps_of(PERSON * shade)
    assert np.abs(shaded.erythema - even.erythema)[MESH.skin].max() < 0.3
    assert np.abs(shaded.melanin - even.melanin)[MESH.skin].max() < 3.0


def test_the_known_trend_is_taken_out() -> None:
    """A tone curve that bleaches bright skin leaves no gradient when the light says so."""
    level = np.log10(PERSON[0] * (0.3 + 0.7 * U))
    own = light()
    knots, curve = own.tone_curve.knots.copy(), np.zeros_like(own.tone_curve.slopes)
    knots[-3], curve[-3, 0] = -0.7, -30.0
    trend = curve[-3, 0] * np.maximum(level + 0.7, 0)
    at_level = curve[-3, 0] * (own.tone_curve.level + 0.7)
    rg, gb = own.chroma[0] + trend - at_level, own.chroma[1]
    bent = 10 ** np.stack([level, level - rg / 100, level - (rg + gb) / 100], axis=-1)
    assert np.ptp(trend[MESH.skin]) > 5
    told, untold = (
        by_formula(map_skin(texture(bent), light(knots=knots, slopes=c), "cpu"))
        for c in (curve, np.zeros_like(curve))
    )
    assert np.ptp(told.erythema[MESH.skin]) < 0.3
    assert np.ptp(untold.erythema[MESH.skin]) > 4


# ---- melanin


@pytest.mark.parametrize("texels", [2, 4])
def test_a_dark_spot_is_melanin_and_broad_shadow_is_not(texels: float) -> None:
    """10 OD darker in red, as pigment colours it, in a spot; and the same over half of the face."""
    pigment = np.array([1.0, 1.35, 1.7]) * 10
    dark = PERSON * 10 ** (-0.01 * pigment * spot(0.3, 0.56, texels)[..., None])
    side = PERSON * 10 ** (-0.01 * 10 * np.clip(4 * (U - 0.5) + 0.5, 0, 1)[..., None])
    even = maps_of(texture()).melanin
    rise = (maps_of(dark).melanin - even)[int(0.56 * S), int(0.3 * S)]
    assert 6 < rise < 14
    far = MESH.zones["left_cheek"] | MESH.zones["right_cheek"]
    assert np.abs(maps_of(side).melanin - even)[far].max() < 2.5


# ---- what is not skin


def painted(colour: NDArray[np.floating] | tuple[float, float, float], where: BoolMap) -> SkinMaps:
    rgb = np.broadcast_to(PERSON, (S, S, 3)).copy()
    rgb[where] = colour
    return maps_of(rgb)


FOREIGN = {
    "grey frame": (0.18, 0.18, 0.18),
    "black frame": (0.01, 0.01, 0.01),
    "white cloth": (0.8, 0.8, 0.8),
    "blue mask": (0.25, 0.4, 0.6),
    "green paint": (0.2, 0.35, 0.1),
    "lipstick": (0.45, 0.05, 0.09),
    "black hair": (0.02, 0.017, 0.015),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_covers_skin_is_not_valid(name: str) -> None:
    cover = disc(0.72, 0.56, 22)
    maps = painted(FOREIGN[name], cover)
    assert not maps.valid[disc(0.72, 0.56, 18)].any()


@pytest.mark.parametrize("person", [0, 5, -1], ids=["light", "tan", "dark"])
def test_hair_is_not_valid_on_any_tone(person: int) -> None:
    own = cheek(PEOPLE[person])
    strands = np.where(np.random.default_rng(1).random((1, S)) < 0.35, 0.3, 1.0)[..., None] * np.ones(
        (S, S, 1)
    )
    hair = maps_of(own * np.where(disc(0.5, 0.16, 30)[..., None], strands, 1.0), own)
    assert (
        hair.valid[disc(0.5, 0.16, 24) & MESH.skin].mean() < 0.45
    )  # two thirds of it is skin between strands
    assert hair.valid[MESH.zones["chin"]].all()


@pytest.mark.parametrize("what", ["clipped", "inside", "cosine"])
def test_burnt_hidden_and_turned_texels_are_not_valid(what: str) -> None:
    spoilt = disc(0.72, 0.56, 20)
    plane = {
        "clipped": spoilt.astype(np.float32), "inside": MESH.on_mesh & ~spoilt,
        "cosine": np.where(spoilt, 0.15, 1).astype(np.float32),
    }[what]  # fmt: skip
    maps = maps_of(texture(**{what: plane}))
    assert not maps.valid[spoilt].any()
    assert maps.valid[MESH.skin & ~disc(0.72, 0.56, 24)].mean() > 0.8
    assert not maps.valid[~MESH.on_mesh].any()


def test_what_is_under_a_cover_does_not_leak_into_its_surroundings() -> None:
    even, covered = (
        maps_of(texture()),
        painted((0.01, 0.01, 0.01), disc(0.72, 0.56, 12)),
    )
    ring = disc(0.72, 0.56, 26) & ~disc(0.72, 0.56, 16)
    assert np.abs(covered.erythema - even.erythema)[ring].max() < 0.05
    assert np.abs(covered.melanin - even.melanin)[ring].max() < 1.0
    assert covered.shine[ring].max() < 0.5


def test_no_map_has_a_number_that_is_none() -> None:
    """Black, white and noise: every map is finite, and shine and validity keep their range."""
    rng = np.random.default_rng(0)
    for rgb in (np.zeros((S, S, 3)), np.ones((S, S, 3)), rng.random((S, S, 3))):
        maps = maps_of(rgb)
        for name in ("erythema", "melanin", "shine", "validity"):
            assert np.isfinite(getattr(maps, name)).all(), name
        assert 0 <= maps.shine.min() <= maps.shine.max() <= 100
        assert 0 <= maps.validity.min() <= maps.validity.max() <= 1


# ---- shine, on rendered faces


def shine_of(name: str, percent: float) -> float:
    """Mean shine that a highlight of so many per cent of the light adds to the forehead of a sample."""
    scan = scanned(name)
    white = scan.light.exposure.key_light * 10 ** (scan.light.exposure.reference_od / 100)
    added = (percent / 100 * white * spot(0.5, 0.17, 4.0)).astype(np.float32)
    glossy = replace(scan.texture, rgb=np.minimum(scan.texture.rgb + added[..., None], 1.0))
    rise = map_skin(glossy, scan.light, "cpu").shine - scan.maps.shine
    return float(rise[disc(0.5, 0.17, 4)].mean())


@pytest.mark.parametrize("name", FACES)
def test_a_brighter_highlight_is_more_shine(name: str) -> None:
    rises = [shine_of(name, percent) for percent in (1, 3, 6, 10)]
    assert (np.diff([0.0, *rises]) > 0).all()


@pytest.mark.parametrize("name", FACES)
def test_shine_is_none_where_skin_is_only_redder(name: str) -> None:
    scan = scanned(name)
    flushed = replace(scan.texture, rgb=redder(scan.texture.rgb, 8 * spot(0.72, 0.56, 12)).astype(np.float32))
    rise = map_skin(flushed, scan.light, "cpu").shine - scan.maps.shine
    assert rise[disc(0.72, 0.56, 12)].mean() < 0.3


# ---- reactions


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("rise", [1.8, 3.6, 7.0, 14.0])
def test_a_reaction_stays_skin_and_keeps_its_height(name: str, rise: float) -> None:
    """The network may not take a red patch for paint, nor level it: it moves the face as a whole only."""
    scan = scanned(name)
    where = disc(0.72, 0.56, 16) & scan.maps.valid
    patch = redder(scan.texture.rgb, np.where(disc(0.72, 0.56, 16), rise, 0.0)).astype(np.float32)
    maps = map_skin(replace(scan.texture, rgb=patch), scan.light, "cpu")
    before, after = by_formula(scan.maps), by_formula(maps)
    assert maps.valid[where].mean() > 0.97
    assert np.median((after.erythema - before.erythema)[where]) == pytest.approx(rise, rel=0.35)


@pytest.mark.parametrize("name", FACES)
def test_no_level_is_taken_from_what_is_redder_than_calm_skin(name: str) -> None:
    """Patches over both cheeks move the whole face by a tenth of their mean at most; shine and skin stay."""
    scan = scanned(name)
    cheeks = spot(0.72, 0.56, 18) + spot(0.28, 0.56, 18)
    red = replace(scan.texture, rgb=redder(scan.texture.rgb, 10 * cheeks).astype(np.float32))
    maps = map_skin(red, scan.light, "cpu")
    assert abs(maps.correction[0] - scan.maps.correction[0]) < 0.3
    assert (maps.valid | ~scan.maps.valid)[MESH.skin].mean() > 0.99


# ---- how sure


@pytest.mark.parametrize(
    ("field", "value"), [("residual", (3.0, 3.0)), ("chroma_sigma", (3.0, 3.0)), ("sigma", 15.0)]
)
def test_what_the_light_leaves_unsure_is_in_the_shared_sigma(field: str, value: object) -> None:
    sure, unsure = (map_skin(texture(), own, "cpu") for own in (light(), light(**{field: value})))
    assert unsure.erythema_shared_sigma > sure.erythema_shared_sigma > 1
    if field == "sigma":
        assert unsure.melanin_shared_sigma > 10


def test_one_per_cent_of_gain_is_half_an_ei() -> None:
    """White balance is the rest of the error: 0.43 EI per cent of R/G."""

    def erythema(own: Light) -> float:
        return float(np.median(by_formula(map_skin(texture(), own, "cpu")).erythema[MESH.skin]))

    assert erythema(light(gain=(1.01, 1.0, 1.0))) - erythema(light()) == pytest.approx(0.5, abs=0.12)


def test_the_provider_and_the_model_are_told() -> None:
    from skinscan.runtime.model_files import resolve

    maps = maps_of(texture())
    assert maps.provider == "CPUExecutionProvider"
    assert maps.model_sha256 == resolve("skinmaps").sha256


def test_smoothing_of_neighbours_is_symmetric() -> None:
    """A mirrored texture gives mirrored maps: no shift of half a texel in the pooling."""
    rgb = PERSON * grain(2.0) * (1 + 0.5 * spot(0.3, 0.5, 10))[..., None]
    plain, mirrored = maps_of(rgb), maps_of(np.ascontiguousarray(rgb[:, ::-1]))
    both = cv2.erode((MESH.skin & MESH.skin[:, ::-1]).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    for name in ("erythema", "melanin", "shine"):
        np.testing.assert_allclose(
            getattr(plain, name)[both], getattr(mirrored, name)[:, ::-1][both], atol=0.15, err_msg=name
        )
