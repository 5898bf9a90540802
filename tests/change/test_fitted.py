"""The constants of comparisons: each that the code asks for is there, and the fit writes what is read."""

import numpy as np

from models.training.fit import fit_pairs
from skinscan.change.fitted import read_fit
from skinscan.change.light_difference import KERNELS, NOISES, fitted_sizes
from skinscan.change.uncertainty import LIGHT, PHOTO
from skinscan.facemesh.zones import SKIN_ZONES


def test_the_fit_writes_what_is_read() -> None:
    sizes = fitted_sizes()
    assert sizes.shape == (sum(map(len, KERNELS.values())) + len(NOISES), 3)
    named = fit_pairs.named_sizes(sizes)
    fit = read_fit("pair_fit")
    assert (named["kernels"], named["noises"]) == (fit["kernels"], fit["noises"])
    assert (sizes[:, :2] > 0).all()
    assert (np.abs(sizes[:, 2]) < 1).all()


def test_every_zone_and_term_has_a_number() -> None:
    sides = {zone.removeprefix("left_").removeprefix("right_") for zone in SKIN_ZONES}
    for quantity in ("melanin", "shine"):
        fit = read_fit("pair_fit")[quantity]
        assert fit["coefficients"].keys() == {*PHOTO, *LIGHT}
        assert fit["zone_factor"].keys() == sides
    assert read_fit("unchanged_skin")["zone_sigma"].keys() == sides
