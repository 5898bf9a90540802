"""color.py against published tables, hand-computed values and colour-science."""

from __future__ import annotations

import doctest
import warnings
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from skinscan import color, skin_indices
from skinscan.types import FloatArray

# colour-science warns about optional packages it does not find, and sets NumPy's print options for everybody.
with warnings.catch_warnings(), np.printoptions():
    warnings.simplefilter("ignore")
    import colour

SRGB = colour.RGB_COLOURSPACES["sRGB"]

# Sharma, Wu and Dalal 2005, Table 1: L*, a*, b* of both samples and dE00 to four decimals.
SHARMA = np.array(
    [
        [50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425],
        [50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615],
        [50.0000, 2.8361, -74.0200, 50.0000, 0.0000, -82.7485, 3.4412],
        [50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, -1.1848, -84.8006, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, -0.9009, -85.5211, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669],
        [50.0000, -1.0000, 2.0000, 50.0000, 0.0000, 0.0000, 2.3669],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0010, 7.1792],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0012, 7.2195],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0010, -2.4900, 4.8045],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461],
        [50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065],
        [50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492],
        [50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977],
        [50.0000, 2.5000, 0.0000, 56.0000, -27.0000, -3.0000, 31.9030],
        [50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.2972, 0.0000, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 1.8634, 0.5757, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.2592, 0.3350, 1.0000],
        [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
        [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
        [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
        [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
        [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
        [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
        [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
        [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
        [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
        [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
    ]
)
SHARMA_OPPOSITE = 13  # hues exactly 180 degrees apart: colour-science decides it by rounding and omits it too

TO_TRIPLE = (
    color.srgb_decode,
    color.srgb_encode,
    color.linear_to_xyz,
    color.xyz_to_linear,
    color.xyz_to_lab,
    color.lab_to_xyz,
    color.linear_to_lab,
    color.lab_to_linear,
    skin_indices.optical_density,
)
TO_NUMBER = (
    color.ita,
    color.hue_angle,
    color.chroma,
    skin_indices.erythema_index,
    skin_indices.melanin_index,
)
ON_SCALARS = (
    color.srgb_decode,
    color.srgb_encode,
    skin_indices.optical_density,
    skin_indices.melanin_index_spectral,
)
ArrayFunction = Callable[[ArrayLike], FloatArray]

unit = st.floats(0, 1)
labs = st.tuples(st.floats(0, 100), st.floats(-128, 128), st.floats(-128, 128))


def random_rgb(n: int = 100_000) -> FloatArray:
    return np.random.default_rng(1).uniform(0, 1, (n, 3))


def random_lab(seed: int, n: int = 1_000_000) -> FloatArray:
    return np.random.default_rng(seed).uniform([0, -128, -128], [100, 128, 128], (n, 3))


def close(actual: ArrayLike, expected: ArrayLike, tolerance: float = 1e-9) -> None:
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=0, atol=tolerance)


# CIEDE2000


def test_sharma_2005() -> None:
    assert len(SHARMA) == 34
    first, second, published = SHARMA[:, :3], SHARMA[:, 3:6], SHARMA[:, 6]
    close(color.delta_e_2000(first, second), published, 5.0001e-5)
    close(color.delta_e_2000(second, first), published, 5.0001e-5)


def test_sharma_table_is_typed_right() -> None:
    rows = np.delete(SHARMA, SHARMA_OPPOSITE, axis=0)
    close(colour.delta_E(rows[:, :3], rows[:, 3:6], method="CIE 2000"), rows[:, 6], 5.0001e-5)


@pytest.mark.parametrize("spread", [None, 2.0])
def test_delta_e_2000_equals_color_science_on_a_million_pairs(spread: float | None) -> None:
    first = random_lab(2)
    second = (
        random_lab(3) if spread is None else first + np.random.default_rng(4).normal(0, spread, first.shape)
    )
    close(color.delta_e_2000(first, second), colour.delta_E(first, second, method="CIE 2000"))


def test_delta_e_2000_with_a_grey_and_signed_zeros() -> None:
    greys = np.array([[50, 0.0, 0.0], [50, -0.0, 0.0], [50, 0.0, -0.0], [50, -0.0, -0.0]])
    close(color.delta_e_2000(greys, [50, -1, 2]), [2.3669] * 4, 5e-5)
    close(color.delta_e_2000(greys[:, None], greys), np.zeros((4, 4)), 0)


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_delta_e_2000_propagates_nan_and_only_there(channel: int) -> None:
    first, second = SHARMA[:, :3].copy(), SHARMA[:, 3:6]
    first[5, channel] = np.nan
    for result in (color.delta_e_2000(first, second), color.delta_e_2000(second, first)):
        np.testing.assert_array_equal(np.flatnonzero(np.isnan(result)), [5])


def test_delta_e_2000_broadcasts() -> None:
    first, second = random_lab(5, 4).reshape(4, 1, 3), random_lab(6, 5)
    table = color.delta_e_2000(first, second)
    assert table.shape == (4, 5)
    assert table[2, 3] == color.delta_e_2000(first[2, 0], second[3])


@given(labs, labs)
def test_delta_e_2000_is_symmetric_and_not_negative(first: ArrayLike, second: ArrayLike) -> None:
    there, back = color.delta_e_2000(first, second), color.delta_e_2000(second, first)
    assert there >= 0
    close(there, back, 1e-12)


@given(labs)
def test_delta_e_2000_of_a_color_with_itself_is_zero(lab: ArrayLike) -> None:
    assert color.delta_e_2000(lab, lab) == 0


# sRGB, XYZ, L*a*b*


def test_srgb_curves_equal_color_science() -> None:
    values = np.concatenate([np.linspace(-0.1, 1.2, 200_001), np.linspace(0.0031, 0.0032, 9999)])
    values = np.concatenate([values, np.linspace(0.04044, 0.04046, 9999)])  # both knees
    close(color.srgb_decode(values), colour.models.eotf_sRGB(values))
    close(color.srgb_encode(values), colour.models.eotf_inverse_sRGB(values))


def test_srgb_lut() -> None:
    lut = color.SRGB_DECODE_LUT
    assert lut.dtype == np.float32
    assert lut.shape == (256,)
    assert not lut.flags.writeable
    np.testing.assert_array_equal(lut, color.srgb_decode(np.arange(256) / 255).astype(np.float32))
    assert (lut[0], lut[255]) == (0, 1)
    assert (np.diff(lut) > 0).all()
    np.testing.assert_array_equal(np.rint(color.srgb_encode(lut) * 255), np.arange(256))


@given(unit)
def test_srgb_round_trip(value: float) -> None:
    close(color.srgb_encode(color.srgb_decode(value)), value, 3e-8)
    close(color.srgb_decode(color.srgb_encode(value)), value, 3e-8)


@given(unit, unit)
def test_srgb_is_monotone(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert color.srgb_decode(low) <= color.srgb_decode(high)
    assert color.srgb_encode(low) <= color.srgb_encode(high) + 3e-8  # the standard's own step at the knee


def test_forward_conversions_equal_color_science() -> None:
    rgb = random_rgb()
    xyz = color.linear_to_xyz(rgb)
    close(xyz, colour.RGB_to_XYZ(rgb, SRGB))
    close(color.xyz_to_lab(xyz), colour.XYZ_to_Lab(xyz))
    close(color.linear_to_lab(rgb), colour.XYZ_to_Lab(colour.RGB_to_XYZ(rgb, SRGB)))
    lab = random_lab(7, 100_000)
    close(color.lab_to_xyz(lab), colour.Lab_to_XYZ(lab))


def test_lab_of_dark_colors_and_another_white_equals_color_science() -> None:
    xyz = random_rgb() * 0.03 - 0.005
    close(color.xyz_to_lab(xyz), colour.XYZ_to_Lab(xyz))
    d50 = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D50"]
    white = colour.xy_to_XYZ(d50)
    lab = color.xyz_to_lab(xyz, white)
    close(lab, colour.XYZ_to_Lab(xyz, d50))
    close(color.lab_to_xyz(lab, white), xyz)


def test_the_inverse_matrix_is_exact_and_near_the_rounded_one_of_the_standard() -> None:
    rgb = random_rgb()
    xyz = colour.RGB_to_XYZ(rgb, SRGB)
    close(color.xyz_to_linear(xyz), rgb)
    close(color.xyz_to_linear(xyz), colour.XYZ_to_RGB(xyz, SRGB), 1e-4)


def test_round_trips() -> None:
    rgb, lab = random_rgb(), random_lab(8, 100_000)
    close(color.lab_to_linear(color.linear_to_lab(rgb)), rgb)
    close(color.lab_to_xyz(color.xyz_to_lab(rgb)), rgb)
    close(color.linear_to_lab(color.lab_to_linear(lab)), lab)


def test_white_and_black() -> None:
    close(color.D65_WHITE, colour.xy_to_XYZ(SRGB.whitepoint), 1e-15)
    close(color.xyz_to_lab(color.D65_WHITE), [100, 0, 0])
    close(color.linear_to_lab([1, 1, 1]), [100, 0, 0], 0.01)
    close(color.linear_to_lab([0, 0, 0]), [0, 0, 0])


# ITA, hue, chroma


@pytest.mark.parametrize(
    ("lab", "degrees"),
    [
        ((60, 9, 10), 45),
        ((40, 9, 10), -45),
        ((50, 9, 10), 0),
        ((50 + 10 * np.sqrt(3), 9, 10), 60),
        ((60, 9, 0.0), 90),
        ((60, 9, -0.0), 90),
        ((40, 9, 0), -90),
        ((60, 9, -10), 135),
        ((40, 9, -10), -135),
        ((50, 9, -10), 180),
        ((50, 9, -0.0), 0),
    ],
)
def test_ita(lab: ArrayLike, degrees: float) -> None:
    close(color.ita(lab), degrees, 1e-12)


@pytest.mark.parametrize(
    ("ab", "degrees", "radius"),
    [
        ((10, 10), 45, np.sqrt(200)),
        ((10, 0), 0, 10),
        ((0, 10), 90, 10),
        ((-10, 0), 180, 10),
        ((-10, -0.0), 180, 10),
        ((0, -10), -90, 10),
        ((10, -10 * np.sqrt(3)), -60, 20),
        ((-3, -4), np.degrees(np.arctan(4 / 3)) - 180, 5),
        ((-0.0, 0), 0, 0),
    ],
)
def test_hue_and_chroma(ab: tuple[float, float], degrees: float, radius: float) -> None:
    close(color.hue_angle([50, *ab]), degrees, 1e-12)
    close(color.chroma([50, *ab]), radius, 1e-12)


@pytest.mark.parametrize(
    ("limit", "name", "above"),
    [
        (55, "light", "very_light"),
        (41, "intermediate", "light"),
        (28, "tan", "intermediate"),
        (10, "brown", "tan"),
        (-30, "dark", "brown"),
    ],
)
def test_ita_class_limits(limit: float, name: str, above: str) -> None:
    assert color.ita_class(limit) == name
    assert color.ita_class(np.nextafter(limit, -np.inf)) == name
    assert color.ita_class(np.nextafter(limit, np.inf)) == above


def test_ita_class_of_interval_ends_and_arrays_items() -> None:
    assert (color.ita_class(-np.inf), color.ita_class(np.inf)) == ("dark", "very_light")
    assert (color.ita_class(-200), color.ita_class(200)) == ("dark", "very_light")
    assert color.ita_class(float(color.ita([58.1, 11.6, 16.6]))) == "tan"
    assert [name for name, _ in color.ITA_CLASSES] == [
        "very_light",
        "light",
        "intermediate",
        "tan",
        "brown",
        "dark",
    ]


def test_ita_class_refuses_nan() -> None:
    with pytest.raises(ValueError, match="NaN"):
        color.ita_class(float("nan"))


# Optical density and indices


def test_optical_density_and_its_floor() -> None:
    close(skin_indices.optical_density([1, 0.1, 0.01, 10]), [0, 100, 200, -100])
    close(skin_indices.optical_density([skin_indices.OD_FLOOR, 1e-9, 0, -1]), [400] * 4)
    assert color.SRGB_DECODE_LUT[1] > skin_indices.OD_FLOOR


def test_indices_are_the_fits_of_the_densities() -> None:
    close(skin_indices.erythema_index([1, 1, 1]), skin_indices.EI_FROM_OD.offset)
    close(skin_indices.melanin_index([1, 1, 1]), skin_indices.MI_FROM_OD.offset)
    for channel, weight in enumerate(skin_indices.EI_FROM_OD[1:]):
        rgb = np.where(np.arange(3) == channel, 0.1, 1)
        close(skin_indices.erythema_index(rgb), skin_indices.EI_FROM_OD.offset + 100 * weight)
    for channel, weight in enumerate(skin_indices.MI_FROM_OD[1:]):
        rgb = np.where(np.arange(3) == channel, 0.1, 1)
        close(skin_indices.melanin_index(rgb), skin_indices.MI_FROM_OD.offset + 100 * weight)


def test_median_face_of_issa_reads_near_its_median_indices() -> None:
    rgb = color.lab_to_linear([58.1, 11.6, 16.6])  # medians over face sites, L*a*b* each on its own
    assert 24.2 < skin_indices.erythema_index(rgb) < 31.3  # EI quartiles
    assert 30.0 < skin_indices.melanin_index(rgb) < 41.5  # MI quartiles


def test_spectral_indices() -> None:
    close(skin_indices.erythema_index_spectral(0.2, 0.4), 100 * np.log10(2))
    close(skin_indices.erythema_index_spectral([0.2, 0.3], 0.3), [100 * np.log10(1.5), 0])
    close(skin_indices.melanin_index_spectral([0.1, 1]), [100, 0])


@given(st.floats(0.02, 0.9), st.floats(1.01, 1.1))
def test_more_green_absorption_is_redder_and_less_red_light_is_darker(value: float, factor: float) -> None:
    base = np.array([value, value, value])
    assert skin_indices.erythema_index(base / [1, factor, 1]) > skin_indices.erythema_index(base)
    assert skin_indices.melanin_index(base / [factor, 1, 1]) > skin_indices.melanin_index(base)


# Every array function


@pytest.mark.parametrize("function", TO_TRIPLE + TO_NUMBER)
def test_leading_dimensions_and_float32(function: ArrayFunction) -> None:
    flat = random_rgb(24)
    expected = function(flat)
    shape = (2, 3, 4, 3) if function in TO_TRIPLE else (2, 3, 4)
    block = function(flat.reshape(2, 3, 4, 3))
    assert block.shape == shape
    assert block.dtype == np.float64
    close(block.reshape(expected.shape), expected, 1e-12)
    close(function(flat[0]), expected[0], 1e-12)
    assert function(np.empty((0, 3))).shape == ((0, 3) if function in TO_TRIPLE else (0,))
    single = flat.astype(np.float32)
    assert function(single).dtype == np.float64
    close(function(single), function(single.astype(np.float64)), 0)


@pytest.mark.parametrize("function", TO_TRIPLE + TO_NUMBER)
def test_nan_propagates_and_stays_in_its_pixel(function: ArrayFunction) -> None:
    values = random_rgb(4)
    values[1] = np.nan
    result = function(values)
    assert np.isnan(result[1]).all()
    assert np.isfinite(np.delete(result, 1, axis=0)).all()


@pytest.mark.parametrize("function", ON_SCALARS)
def test_scalars(function: ArrayFunction) -> None:
    assert np.shape(function(0.5)) == ()
    assert np.isnan(function(np.nan))


@pytest.mark.parametrize("function", TO_TRIPLE[2:-1] + TO_NUMBER)
def test_a_wrong_number_of_channels_is_refused(function: ArrayFunction) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (numpy's own words)
        function(np.zeros((5, 4)))


def test_inputs_are_left_alone() -> None:
    values = random_rgb(5)
    before = values.copy()
    for function in TO_TRIPLE + TO_NUMBER:
        function(values)
    color.delta_e_2000(values, values[::-1])
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize(("module", "count"), [(color, 13), (skin_indices, 6)], ids=["color", "skin_indices"])
def test_doctests(module: ModuleType, count: int) -> None:
    assert doctest.testmod(module).failed == 0
    functions = [getattr(module, name) for name in module.__all__ if name.islower()]
    assert len(functions) == count
    bare = (color.ita_class, skin_indices.od_to_lab)
    assert all(">>>" in f.__doc__ and "| returns" in f.__doc__ for f in functions if f not in bare)
