"""Transforms laid out as one matrix per frequency."""

import pytest
import torch
from ecglens.engine.convolution.transforms import analyse, synthesise, transform_length


@pytest.mark.parametrize(
    ("least", "length"), [(1, 4), (4, 4), (5, 8), (325, 336), (336, 336), (549, 560), (2525, 2560)]
)
def test_a_transform_is_as_short_as_the_factors_2_3_5_and_7_allow(least: int, length: int) -> None:
    assert transform_length(least) == length


def test_spectra_are_those_of_torch_with_the_frequency_first_and_lead_back() -> None:
    frames = torch.randn(3, 2, 20, dtype=torch.float64)
    found = analyse(frames)
    assert found.is_contiguous()
    torch.testing.assert_close(found, torch.fft.rfft(frames).permute(2, 0, 1))
    torch.testing.assert_close(synthesise(found, 20), frames)
    torch.testing.assert_close(synthesise(analyse(frames, "forward"), 20, "forward"), frames)
