"""The renderer's truth is the truth: the split, the definitions, and what comes out of the camera."""

import cv2
import numpy as np
import pytest

from models.renderer import optics
from models.renderer.camera import flat_light, ideal_camera
from models.renderer.issa import Issa, erythema_index, is_test_person, linear_srgb, load_issa, melanin_index
from models.renderer.people import Person, committed_people, people
from models.renderer.render import Rendered, render
from models.renderer.shot import Shot, draw_shot
from models.renderer.skin import Complexion, Patch, SkinRecipe, make_skin
from models.renderer.subject import Subject, draw_subject
from skinscan import color, skin_indices
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo

PEOPLE = committed_people()
TONES = [name for name, _ in color.ITA_CLASSES]


@pytest.fixture(scope="module")
def issa() -> Issa:
    try:
        return load_issa()
    except FileNotFoundError as absent:
        pytest.skip(str(absent))


@pytest.fixture(scope="module", params=[0, 5, 11], ids=lambda i: PEOPLE[i].tone)
def subject(request: pytest.FixtureRequest) -> Subject:
    return draw_subject(PEOPLE[request.param], np.random.default_rng(request.param))


def flat_shot(**changes: object) -> Shot:
    """D65 from everywhere into an ideal camera, face to face."""
    light = flat_light()
    given = {
        "light": light, "camera": ideal_camera(light), "yaw": 0.0, "pitch": 0.0, "roll": 0.0, "width": 900,
        "height": 1200, "interocular": 180.0, "distance": 80.0, "centre": (0.5, 0.48),
        "wall": np.full(31, 0.4, np.float32), "meter": False,
    }  # fmt: skip
    return Shot(**{**given, **changes})  # type: ignore[arg-type]


def unwrapped(photo: Rendered) -> np.ndarray:
    """(S, S, 3) linear sRGB of the photo at the texels, through the true landmarks."""
    face = load_canonical()
    corners = face.triangles.astype(int)
    out = np.zeros((*photo.valid.shape, 3), np.float32)
    to = photo.landmarks[:468, :2]
    for triangle in corners:
        source, target = to[triangle].astype(np.float32), face.uv[triangle].astype(np.float32)
        low, high = np.floor(target.min(axis=0)).astype(int), np.ceil(target.max(axis=0)).astype(int) + 1
        affine = cv2.getAffineTransform(target - low.astype(np.float32), source)
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        piece = cv2.warpAffine(photo.linear, affine, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        mask = np.zeros(size[::-1], np.uint8)
        cv2.fillConvexPoly(mask, np.round(target - low).astype(np.int32), 1)
        window = out[low[1] : high[1], low[0] : high[0]]
        window[mask > 0] = piece[: len(window)][mask > 0]
    return out


def test_the_archive_is_whole_and_split_by_person(issa: Issa) -> None:
    assert len(issa) == 15_256
    assert int(issa.is_face.sum()) == 7_553
    assert len(set(issa.person)) == 2_107
    assert len(set(issa.person[issa.is_test])) == 403
    assert not set(issa.person[issa.is_test]) & set(issa.person[~issa.is_test])
    face = issa.select(issa.is_face)
    np.testing.assert_allclose(np.percentile(face.erythema, (1, 50, 99)), (16.7, 27.8, 42.5), atol=0.1)


def test_own_white_gives_the_archives_lab(issa: Issa) -> None:
    some = issa.select(np.arange(0, len(issa), 50))
    off = np.abs(color.linear_to_lab(linear_srgb(some.reflectance)) - some.lab)
    assert off.max() < 0.5


def test_committed_people_are_training_people_of_every_tone(issa: Issa) -> None:
    assert not any(is_test_person(person.key) for person in PEOPLE)
    assert [person.tone for person in PEOPLE] == [tone for tone in TONES for _ in range(2)]
    measured = {person.key: person for person in people(test=False)}
    for person in PEOPLE:
        for site, values in person.sites.items():
            np.testing.assert_allclose(values, measured[person.key].sites[site], atol=6e-5)


@pytest.mark.parametrize("person", PEOPLE[::3], ids=lambda p: p.tone)
@pytest.mark.parametrize("rise", [-3.0, 1.0, 7.0])
def test_one_ei_is_one_ei(person: Person, rise: float) -> None:
    cheek = person.sites["cheek"]
    redder = optics.add_erythema(cheek, np.array(rise))
    assert erythema_index(redder) - erythema_index(cheek) == pytest.approx(rise, abs=2e-3)
    darker = optics.add_melanin(cheek, np.array(rise))
    assert melanin_index(darker) - melanin_index(cheek) == pytest.approx(rise, abs=2e-3)


def test_one_ei_looks_in_rgb_as_it_does_on_people() -> None:
    """Within-person regressions on ISSA give 10^(-0.01 (0.230, 0.918, 0.782)) per EI."""
    cheeks = np.array([person.sites["cheek"] for person in PEOPLE[:8]])
    redder = optics.add_erythema(cheeks, np.ones(len(cheeks)))
    density = -100 * np.log10(linear_srgb(redder) / linear_srgb(cheeks))
    np.testing.assert_allclose(density.mean(axis=0), (0.230, 0.918, 0.782), atol=0.1)


def test_maps_are_read_off_the_spectra_and_a_patch_adds_its_rise() -> None:
    recipe = SkinRecipe(person=PEOPLE[4], complexion=Complexion())
    patch = Patch(u=0.72, v=0.56, radius=0.08, softness=0.5, rise=6.0)
    plain = make_skin(recipe, np.random.default_rng(3))
    redder = make_skin(SkinRecipe(person=PEOPLE[4], patches=(patch,)), np.random.default_rng(3))
    np.testing.assert_allclose(redder.erythema, erythema_index(redder.reflectance), atol=1e-3)
    rise = redder.erythema - plain.erythema
    assert rise[int(0.56 * 256), int(0.72 * 256)] == pytest.approx(6.0, abs=0.05)
    assert abs(rise[:, :100]).max() < 0.01


def test_an_ideal_camera_reads_the_truth(subject: Subject) -> None:
    photo = render(subject, flat_shot(), np.random.default_rng(0))
    rgb, zones = unwrapped(photo), load_canonical().zones
    for zone in ("forehead", "left_cheek", "right_cheek", "chin"):
        seen = zones[zone] & photo.valid & (photo.cosine > 0.8)
        exact = linear_srgb(subject.skin.reflectance[seen])
        np.testing.assert_allclose(rgb[seen].mean(axis=0), exact.mean(axis=0), rtol=0.01)
        # The formula from RGB has its own error per person (MAE 1.0 EI); the camera must not add to it.
        read = float(np.median(skin_indices.erythema_index(rgb[seen])))
        assert read == pytest.approx(float(np.median(skin_indices.erythema_index(exact))), abs=0.3)


def test_the_formula_is_near_the_truth_over_people() -> None:
    errors = []
    for number, person in enumerate(PEOPLE[1::3]):
        subject = draw_subject(person, np.random.default_rng(number))
        photo = render(subject, flat_shot(), np.random.default_rng(0))
        seen = photo.valid & (photo.cosine > 0.8)
        errors.append(np.median(skin_indices.erythema_index(unwrapped(photo)[seen]) - photo.erythema[seen]))
    assert np.abs(errors).mean() < 1.5


def test_same_seed_same_bytes_other_seed_other_bytes() -> None:
    def shoot(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        return render(draw_subject(PEOPLE[3], rng), draw_shot(rng), rng).jpeg

    first = shoot(4)
    assert first == shoot(4)
    assert first != shoot(5)


def test_specular_does_not_depend_on_tone() -> None:
    """Same bones and oil, same light: the same shine on the lightest and the darkest."""
    shot = draw_shot(np.random.default_rng(2))
    maps = []
    for person in (PEOPLE[0], PEOPLE[-1]):
        rng = np.random.default_rng(6)
        base = draw_subject(PEOPLE[0], rng)
        skin = make_skin(SkinRecipe(person=person), np.random.default_rng(1))
        other = Subject(**{**{k: getattr(base, k) for k in base.__slots__}, "skin": skin, "person": person})
        maps.append(render(other, shot, np.random.default_rng(0)).specular)
    np.testing.assert_array_equal(maps[0], maps[1])
    assert 0.01 < maps[0].max() < 0.5


def test_the_product_finds_the_head_where_it_is(subject: Subject) -> None:
    shot = draw_shot(np.random.default_rng(1))
    photo = render(subject, shot, np.random.default_rng(0))
    face = find_face(open_photo(photo.photo))
    assert face.count == 1
    off = np.hypot(*(face.landmarks - photo.landmarks)[:, :2].T) / photo.interocular
    assert off.mean() < 0.08
    assert face.interocular_px == pytest.approx(photo.interocular, rel=0.06)
    assert face.pose.yaw == pytest.approx(shot.yaw, abs=6)
