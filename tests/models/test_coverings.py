"""What is worn hides what it hides, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from models.renderer.apply_coverings import FILM_HIDES
from models.renderer.coverings import KINDS, Coverings, Makeup, Mask, Whiskers, draw_worn
from models.renderer.difficult_photos import draw_hard_light, draw_hard_shot
from models.renderer.expression import Expression, draw_expression, express
from models.renderer.mesh import load_mesh, vertex_normals
from models.renderer.people import committed_people
from models.renderer.phone_processing import PhoneProcessing, apply_finish, draw_finish
from models.renderer.render import Rendered, render
from models.renderer.shading import past_gobo
from models.renderer.shot import draw_shot
from models.renderer.skin import Patch
from models.renderer.subject import Subject, draw_subject, dressed
from skinscan import skin_indices
from skinscan.facemesh.canonical_face import load_canonical
from skinscan.measure.face import find_face
from skinscan.measure.photo import open_photo
from tests import faces
from tests.models.test_render import unwrapped

SPOT = Patch(u=0.72, v=0.56, radius=0.06, softness=0.3, rise=9.0)
MASK = Mask(style="pleated", top=1.8, width=60.0, color=(470.0, 0.3, 0.75), slip=0.0)


@cache
def spotted() -> Subject:
    return faces.subject(patches=(SPOT,))


def take(subject: Subject) -> Rendered:
    return render(subject, faces.shot(), np.random.default_rng(0))


def wearing(worn: Coverings) -> Rendered:
    return take(dressed(spotted(), worn))


@cache
def bare() -> Rendered:
    return take(spotted())


# ---- nothing changes unless asked


def test_nothing_worn_is_the_same_photo_to_the_byte() -> None:
    nothing = wearing(Coverings(seed=7))
    np.testing.assert_array_equal(nothing.photo, bare().photo)
    np.testing.assert_array_equal(nothing.valid, bare().valid)
    np.testing.assert_array_equal(nothing.specular, bare().specular)
    assert not bare().occluded.any()
    assert not bare().cover.any()


def test_what_is_worn_draws_nothing_from_the_person() -> None:
    def after(worn: Coverings | None) -> tuple[float, Subject]:
        rng = np.random.default_rng(3)
        subject = draw_subject(committed_people()[2], rng, worn=worn)
        return float(rng.random()), subject

    plain, dressed_up = after(None), after(draw_worn(np.random.default_rng(1), KINDS))
    assert plain[0] == dressed_up[0]
    np.testing.assert_array_equal(plain[1].skin.erythema, dressed_up[1].skin.erythema)
    assert dressed_up[1].things
    with pytest.raises(ValueError, match="already wears"):
        dressed(dressed_up[1], Coverings())


def test_the_draw_depends_on_the_set_alone_and_refuses_what_it_does_not_know() -> None:
    one, other = (
        draw_worn(np.random.default_rng(5), kinds) for kinds in (("mask", "hand"), ["hand", "mask"])
    )
    assert one == other
    assert one.mask is not None
    assert one.glasses is None
    with pytest.raises(KeyError, match="hat"):
        draw_worn(np.random.default_rng(0), ("hat",))


def test_each_kind_comes_as_often_as_its_chance_says() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_worn(rng) for _ in range(2000)]
    assert np.mean([worn.mask is not None for worn in drawn]) == pytest.approx(KINDS["mask"], abs=0.02)
    assert np.mean([worn.makeup.lipstick > 0 for worn in drawn]) == pytest.approx(KINDS["lipstick"], abs=0.04)


# ---- the truth


@pytest.mark.parametrize("kind", KINDS)
def test_valid_and_occluded_share_out_what_was_bare(kind: str) -> None:
    photo = wearing(draw_worn(np.random.default_rng(2), (kind,)))
    assert not (photo.valid & photo.occluded).any()
    np.testing.assert_array_equal(photo.valid | photo.occluded, bare().valid)
    np.testing.assert_array_equal(photo.erythema, bare().erythema)
    assert not photo.specular[~photo.valid].any()
    assert 0.0 <= photo.cover.min() <= photo.cover.max() <= 1.0
    assert (photo.cover[photo.valid] <= FILM_HIDES).all()
    if kind in ("beard", "mask", "hand", "fringe", "glasses", "sunglasses", "plaster", "moustache"):
        assert photo.occluded.sum() > 100
    assert photo.photo.shape == bare().photo.shape


def test_a_mask_changes_the_photo_where_it_is_and_nowhere_else() -> None:
    photo, zones = wearing(Coverings(mask=MASK)), load_canonical().zones
    assert photo.occluded[zones["chin"] & bare().valid].all()
    assert photo.valid[zones["forehead"] & bare().valid].all()
    change = np.abs(unwrapped(photo) - unwrapped(bare())).max(axis=2)
    assert change[zones["forehead"] & photo.valid].max() < 1e-5
    assert np.median(change[photo.occluded]) > 0.05
    # Its colour is the cloth's: bluish, whatever the skin.
    seen = np.median(unwrapped(photo)[zones["chin"] & photo.occluded], axis=0)
    assert seen[2] > seen[0]


def test_opaque_foundation_evens_the_color_out_but_not_the_truth() -> None:
    spot, around = (np.zeros((256, 256), bool) for _ in range(2))
    spot[135:152, 176:193] = True
    around[135:152, 205:215] = True

    def contrast(photo: Rendered) -> float:
        seen = skin_indices.erythema_index(np.maximum(unwrapped(photo), 1e-4))
        return float(np.median(seen[spot & bare().valid]) - np.median(seen[around & bare().valid]))

    sheer = wearing(Coverings(makeup=Makeup(foundation=0.3)))
    opaque = wearing(Coverings(makeup=Makeup(foundation=0.9)))
    assert contrast(bare()) > 5.0
    assert contrast(opaque) < 0.3 * contrast(bare()) < contrast(sheer) < contrast(bare())
    np.testing.assert_array_equal(opaque.erythema, bare().erythema)
    assert sheer.valid[spot].all()
    assert opaque.occluded[spot].all()


def test_the_thicker_the_stubble_the_less_skin_is_left() -> None:
    jaw = load_canonical().zones["chin"] & bare().valid
    covers = []
    for density in (0.1, 0.5, 1.0):
        photo = wearing(Coverings(whiskers=Whiskers(style="full", density=density, length=0.25)))
        covers.append(float(photo.cover[jaw].mean()))
        if density in (0.1, 1.0):
            assert (photo.valid[jaw].mean() > 0.9) == (density == 0.1)
    assert covers == sorted(covers)
    assert covers[0] < 0.15
    assert covers[-1] > 0.35


def test_glasses_throw_a_shadow_that_is_not_an_occlusion() -> None:
    light = replace(draw_shot(np.random.default_rng(0)).light, direction=(0.0, 0.6, 0.8), share=0.7, size=0.4)
    shot = faces.shot(light=light)
    rng = np.random.default_rng
    plain = render(spotted(), shot, rng(0))
    worn = render(dressed(spotted(), draw_worn(rng(8), ("glasses",))), shot, rng(0))
    both = plain.valid & worn.valid & (worn.cover < 0.01) & load_canonical().zones["left_cheek"]
    darker = unwrapped(worn)[both].mean(axis=1) / unwrapped(plain)[both].mean(axis=1)
    assert darker.min() < 0.8
    assert np.median(darker) > 0.85


@pytest.mark.parametrize("kind", ["glasses", "beard", "fringe"])
def test_the_product_still_finds_the_face(kind: str) -> None:
    photo = wearing(draw_worn(np.random.default_rng(4), (kind,)))
    face = find_face(open_photo(photo.photo))
    off = np.hypot(*(face.landmarks - photo.landmarks)[:, :2].T) / photo.interocular
    assert off.mean() < 0.1


# ---- light and camera


def test_hard_light_changes_the_photo_and_not_the_skin() -> None:
    rng = np.random.default_rng(2)
    hard = next(light for light in iter(lambda: draw_hard_light(rng), None) if light.gobo is not None)
    shot = faces.shot(light=hard)
    open_light = render(spotted(), replace(shot, light=replace(hard, gobo=None)), np.random.default_rng(0))
    shaded = render(spotted(), shot, np.random.default_rng(0))
    np.testing.assert_array_equal(shaded.valid, open_light.valid)
    np.testing.assert_array_equal(shaded.erythema, open_light.erythema)
    lit = shaded.linear.sum() / open_light.linear.sum()
    assert lit < 1.0
    assert hard.gobo is not None
    passed = past_gobo(hard.gobo, hard.direction, np.random.default_rng(0).normal(0, 6, (500, 3)))
    assert passed.min() == pytest.approx(1.0 - hard.gobo.dark, abs=1e-5)
    assert passed.max() == pytest.approx(1.0, abs=1e-5)


def test_hard_shots_are_drawn_alike_and_differ() -> None:
    def key(seed: int) -> tuple[object, ...]:
        shot = draw_hard_shot(np.random.default_rng(seed))
        return shot.light.name, shot.light.direction, shot.finish, shot.camera.name

    assert key(3) == key(3)
    drawn = [key(seed) for seed in range(40)]
    assert len(set(drawn)) == len(drawn)
    assert 0.4 < np.mean([finish is not None for _, _, finish, _ in drawn]) < 0.95


def test_a_finish_that_does_nothing_does_nothing() -> None:
    picture = faces.sample_pixels("face_light")
    np.testing.assert_array_equal(apply_finish(picture, PhoneProcessing()), picture)


def test_a_beauty_filter_smooths_and_whitens_and_keeps_edges() -> None:
    picture = faces.sample_pixels("face_medium")
    smooth = apply_finish(picture, PhoneProcessing(smooth=1.0)).astype(float)
    cheek, eye = np.s_[640:700, 290:340], np.s_[480:560, 300:420]
    rough = [
        (part[cheek] - cv2.GaussianBlur(part[cheek], (0, 0), 3.0)).std() for part in (picture * 1.0, smooth)
    ]
    assert rough[1] < 0.6 * rough[0]
    spread = [np.ptp(part[eye].mean(axis=2)) for part in (picture, smooth)]
    assert spread[1] > 0.7 * spread[0]
    white = apply_finish(picture, PhoneProcessing(whiten=0.8)).astype(float)
    assert white[cheek].mean() > picture[cheek].mean() + 10
    assert np.ptp(white[cheek].mean(axis=(0, 1))) < np.ptp(picture[cheek].mean(axis=(0, 1)))


def test_mistaken_gamuts_are_pale_and_vivid_and_leave_grey_alone() -> None:
    picture = faces.sample_pixels("face_medium")
    chroma = [
        np.ptp(apply_finish(picture, PhoneProcessing(gamut=gamut)).astype(float), axis=2).mean()
        for gamut in ("p3 read as srgb", "right", "srgb read as p3")
    ]
    assert chroma[0] < chroma[1] < chroma[2]
    grey = np.full((8, 8, 3), 117, np.uint8)
    for gamut in ("p3 read as srgb", "srgb read as p3"):
        assert np.abs(apply_finish(grey, PhoneProcessing(gamut=gamut)).astype(int) - 117).max() <= 1


def test_any_drawn_finish_gives_a_photo_of_the_same_size() -> None:
    picture = faces.sample_pixels("face_dark")[300:700, 200:600]
    for seed in range(12):
        done = apply_finish(picture, draw_finish(np.random.default_rng(seed)))
        assert done.shape == picture.shape
        assert done.dtype == np.uint8


# ---- expressions


def test_an_expression_moves_what_it_should_and_folds_nothing() -> None:
    face, mesh = spotted().shape.face, load_mesh()
    rng = np.random.default_rng(0)
    front = vertex_normals(face, mesh.triangles)[:, 2] > 0.3
    for given in (
        Expression(jaw=1.0, smile=1.0, squint=1.0, brows=1.0),
        *(draw_expression(rng) for _ in range(20)),
    ):
        moved = express(face, given)
        normal = vertex_normals(moved, mesh.triangles)
        assert (normal[front, 2] > -0.2).mean() > 0.98
        assert np.abs(moved - face).max() < 6.0
    np.testing.assert_array_equal(express(face, Expression()), face)
    wide, shut = express(face, Expression(jaw=1.0)), face
    assert wide[13, 1] - wide[14, 1] > 1.0 > shut[13, 1] - shut[14, 1]
    np.testing.assert_allclose(wide[[10, 151, 168]], face[[10, 151, 168]])
    narrowed = express(face, Expression(squint=1.0))
    assert narrowed[159, 1] - narrowed[145, 1] < 0.6 * (face[159, 1] - face[145, 1])


def test_an_open_mouth_hides_no_skin_and_is_found() -> None:
    rng = np.random.default_rng(9)
    subject = draw_subject(committed_people()[7], rng, expression=Expression(jaw=0.7, smile=0.5))
    photo = take(subject)
    assert not photo.occluded.any()
    face = find_face(open_photo(photo.photo))
    off = np.hypot(*(face.landmarks - photo.landmarks)[:, :2].T) / photo.interocular
    assert off.mean() < 0.1


def test_a_mask_hides_an_open_mouth() -> None:
    worn, shout = Coverings(mask=MASK), Expression(jaw=0.8)
    subject = draw_subject(committed_people()[6], np.random.default_rng(9), worn=worn, expression=shout)
    photo = take(subject)
    x, y = photo.landmarks[[13, 14], :2].mean(axis=0).round().astype(int)
    red, _, blue = photo.photo[y - 3 : y + 4, x - 3 : x + 4].mean(axis=(0, 1))
    assert blue > red > 60
