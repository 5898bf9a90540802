"""Medians and quantiles are those of NumPy, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from skinscan.stats import median, quantile
from skinscan.types import FloatArray, FloatMap

VALUES = st.one_of(
    *(
        arrays(
            kind,
            array_shapes(max_dims=2, max_side=40),
            elements=st.floats(-1e6, 1e6, width=bits),  # type: ignore[arg-type]
        )
        for kind, bits in ((np.float32, 32), (np.float64, 64))
    )
)


@given(VALUES)
def test_median(values: FloatArray | FloatMap) -> None:
    assert median(values) == np.median(values)


@given(VALUES, st.floats(0, 1))
def test_quantile(values: FloatArray | FloatMap, share: float) -> None:
    assert quantile(values, share) == np.quantile(values, [share])[0]


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 1001])
def test_the_ends_are_the_least_and_the_greatest(size: int) -> None:
    values = np.random.default_rng(0).permutation(size).astype(np.float32)
    assert [quantile(values, share) for share in (0, 0.5, 1)] == [0, (size - 1) / 2, size - 1]
    assert median(values) == (size - 1) / 2
    assert (values == np.random.default_rng(0).permutation(size)).all()  # left in their order
