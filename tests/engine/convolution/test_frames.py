"""Cutting signals into overlapping frames and adding them up."""

import torch
from ecglens.engine.convolution.transforms import Cut, cuts, framed, joined, transform_length
from hypothesis import example, given, settings
from hypothesis import strategies as st


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Time, kernel, left and right padding; a third of the inputs are cut."""
    kernel = draw(st.integers(2, 40))
    left, right = draw(st.integers(0, kernel - 1)), draw(st.integers(0, kernel - 1))
    least = max(1, kernel - left - right)
    return draw(st.integers(least, least + 1500)), kernel, left, right


@settings(deadline=None)
@given(convolutions())
def test_adding_up_is_the_adjoint_of_cutting(sizes: tuple[int, int, int, int]) -> None:
    time, kernel, left, right = sizes
    random = torch.Generator().manual_seed(0)
    for cut, length in zip(cuts(*sizes), (time, time + left + right - kernel + 1), strict=True):
        signals = torch.randn(2, 3, length, dtype=torch.float64, generator=random)
        frames = framed(signals, cut)
        other = torch.randn(frames.shape, dtype=torch.float64, generator=random)
        one_way, other_way = (frames * other).sum(), (signals * joined(other, cut, length)).sum()
        torch.testing.assert_close(one_way, other_way)


@settings(deadline=None)
@given(convolutions())
def test_the_frames_of_an_output_overlap_nowhere(sizes: tuple[int, int, int, int]) -> None:
    time, kernel, left, right = sizes
    length = time + left + right - kernel + 1
    signals = torch.arange(2.0 * length).view(2, 1, length)
    _, cut = cuts(*sizes)
    assert torch.equal(joined(framed(signals, cut), cut, length), signals)


@settings(deadline=None)
@given(convolutions())
@example((1161, 26, 0, 0))  # 16 kernels are 416 samples, transformed as 420
def test_frames_are_at_most_16_kernels_or_400_samples_long(
    sizes: tuple[int, int, int, int],
) -> None:
    _, kernel, *_ = sizes
    before, after = cuts(*sizes)
    assert before.n == after.n <= transform_length(max(16 * kernel, 400))
    assert before.frames == after.frames


def test_a_signal_is_cut_as_the_definition_says() -> None:
    signals = torch.tensor([[[1.0, 2.0, 3.0, 4.0, 5.0]]])
    cut = Cut(n=6, length=4, place=1, start=-1, frames=3, hop=2)
    expected = [[0, 0, 1, 2, 3, 0], [0, 2, 3, 4, 5, 0], [0, 4, 5, 0, 0, 0]]
    assert framed(signals, cut).tolist() == [[frame] for frame in expected]
