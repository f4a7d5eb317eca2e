"""Padding: cut off at the ends, refused within."""

import numpy as np
import pytest
from ecglens_formats.embedded import unpadded


def raw() -> np.ndarray:
    """Ten samples of three channels."""
    return np.arange(1, 31, dtype=np.int16).reshape(10, 3)


@pytest.mark.parametrize("extreme", [-32768, 32767])
def test_extremes_in_every_channel_at_an_end_are_padding(extreme: int) -> None:
    digits = raw()
    digits[:2] = digits[-3:] = extreme
    assert unpadded(digits) == slice(2, 7)


def test_a_declared_value_counts_at_the_ends_alone() -> None:
    digits = raw()
    digits[-1] = digits[4] = 0
    assert unpadded(digits) == slice(0, 10)
    assert unpadded(digits, [0]) == slice(0, 9)


def test_an_extreme_in_one_channel_or_within_is_refused() -> None:
    for place in (0, 5):
        digits = raw()
        digits[place, 1] = -32768
        with pytest.raises(ValueError, match="padding within the waveform"):
            unpadded(digits)


def test_nothing_but_padding_is_no_waveform() -> None:
    with pytest.raises(ValueError, match="got padding alone"):
        unpadded(np.full((4, 2), 32767, np.int16))
