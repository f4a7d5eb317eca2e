"""FftConv1d against nn.Conv1d and float64."""

import copy
import pickle
from typing import Any

import pytest
import torch
from ecglens.engine import FftConv1d
from torch import Tensor, nn
from torch.nn import functional

# An uneven "same" is the reference network's own; torch says that it copies the input.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


def pair(
    *sizes: Any, dtype: torch.dtype = torch.float64, **settings: Any
) -> tuple[nn.Conv1d, FftConv1d]:
    """An nn.Conv1d and an FftConv1d with the same parameters."""
    torch.manual_seed(0)
    plain = nn.Conv1d(*sizes, dtype=dtype, **settings)
    fast = FftConv1d(*sizes, dtype=dtype, **settings)
    fast.load_state_dict(plain.state_dict())
    return plain, fast


def gradients(conv: nn.Conv1d, x: Tensor) -> list[Tensor]:
    """Output, then gradients for input, weight and bias of a fixed sum over the output."""
    x = x.clone().requires_grad_()
    y = conv(x)
    weights = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view_as(y)
    return [y, *torch.autograd.grad((weights * y).sum(), [x, *conv.parameters()])]


@pytest.mark.parametrize("sizes", [(32, 64, 50), (64, 32, 50), (32, 32, 15)])
def test_float32_error_is_at_most_twice_that_of_conv1d(sizes: tuple[int, ...]) -> None:
    exact, _ = pair(*sizes, padding="same")
    plain, fast = (copy.deepcopy(exact).float(), FftConv1d(*sizes, padding="same"))
    plain.load_state_dict(exact.state_dict())
    fast.load_state_dict(exact.state_dict())
    exact.load_state_dict(plain.state_dict())  # the same float32 weights, exactly
    x = torch.randn(8, sizes[0], 300)
    for truth, own, got in zip(
        gradients(exact, x.double()), gradients(plain, x), gradients(fast, x), strict=True
    ):
        # Root mean square, and never below one rounding of the largest value.
        allowed = 2 * (own - truth).square().mean().sqrt() + 6e-8 * truth.abs().max()
        assert (got - truth).square().mean().sqrt() <= allowed


def test_first_and_second_derivatives_equal_finite_differences() -> None:
    _, fast = pair(12, 12, 19, padding=3)
    inputs = [
        torch.randn(1, 12, 20, dtype=torch.float64),
        *(parameter.detach().clone() for parameter in fast.parameters()),
    ]

    def function(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        parameters = {"weight": weight, "bias": bias}
        # A few outputs: finite differences of all of them would take a minute.
        return torch.func.functional_call(fast, parameters, x)[:, ::5, ::4]

    inputs = [value.requires_grad_() for value in inputs]
    assert torch.autograd.gradcheck(function, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)


def test_a_penalty_on_the_gradient_has_the_same_gradient_with_kept_spectra() -> None:
    plain, fast = pair(16, 16, 31, padding="same")
    fast.eval()
    x = torch.randn(2, 16, 60, dtype=torch.float64, requires_grad=True)
    penalties = []
    for conv in (plain, fast):
        (slope,) = torch.autograd.grad(conv(x).square().sum(), x, create_graph=True)
        penalties.append(torch.autograd.grad(slope.square().sum(), [x, *conv.parameters()]))
    torch.testing.assert_close(penalties[1], penalties[0])


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # by torch.func itself
def test_gradients_per_ecg_and_forward_derivatives_work_through_torch_func() -> None:
    _, fast = pair(16, 16, 31, padding="same")
    fast.eval()
    x = torch.randn(3, 16, 40, dtype=torch.float64)

    def square(one: Tensor) -> Tensor:
        return fast(one[None]).square().sum()

    expected = torch.autograd.functional.jacobian(lambda z: fast(z).square().sum(), x)
    got = torch.func.vmap(torch.func.grad(square))(x)
    torch.testing.assert_close(got, expected)
    slope = torch.func.jvp(lambda z: fast(z).square().sum(), (x,), (torch.ones_like(x),))[1]
    torch.testing.assert_close(slope, expected.sum())


def new_parameter(conv: nn.Conv1d) -> None:
    conv.weight = nn.Parameter(torch.randn_like(conv.weight))


def optimiser_step(conv: nn.Conv1d) -> None:
    optimiser = torch.optim.Adam(conv.parameters(), lr=0.1)
    conv(torch.randn(2, conv.in_channels, 100, dtype=conv.weight.dtype)).square().sum().backward()
    optimiser.step()


def loaded_state(conv: nn.Conv1d) -> None:
    conv.load_state_dict({name: value + 1 for name, value in conv.state_dict().items()})


CHANGES = {
    "optimiser step": optimiser_step,
    "load_state_dict": loaded_state,
    "weight randomisation": lambda conv: conv.reset_parameters(),
    "write through data": lambda conv: conv.weight.data.mul_(2),
    "one value through data": lambda conv: conv.weight.data[3, 5, 7].add_(1e-3),
    "new data": lambda conv: setattr(conv.weight, "data", torch.randn_like(conv.weight)),
    "new parameter": new_parameter,
    "other precision": lambda conv: conv.float(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_kept_spectra_are_never_stale(change: str) -> None:
    _, fast = pair(16, 16, 31, padding="same")
    fast.eval()
    with torch.no_grad():
        fast(torch.randn(2, 16, 100, dtype=torch.float64))
    CHANGES[change](fast)
    x = torch.randn(2, 16, 100, dtype=fast.weight.dtype)
    expected = functional.conv1d(x, fast.weight, fast.bias, padding=15)
    with torch.no_grad():
        torch.testing.assert_close(fast(x), expected)


def test_kept_spectra_serve_gradients_after_inference_mode_and_at_another_length() -> None:
    plain, fast = pair(16, 16, 31, padding="same")
    fast.eval()
    with torch.inference_mode():
        fast(torch.randn(2, 16, 100, dtype=torch.float64))
    for time in (100, 260):
        x = torch.randn(2, 16, time, dtype=torch.float64)
        for expected, got in zip(gradients(plain, x), gradients(fast, x), strict=True):
            torch.testing.assert_close(got, expected)


def test_copies_and_files_leave_the_kept_spectra_behind() -> None:
    plain, fast = pair(16, 16, 31, padding="same")
    untouched = len(pickle.dumps(fast))
    x = torch.randn(2, 16, 100, dtype=torch.float64)
    expected = fast.eval()(x)
    assert len(pickle.dumps(fast)) == untouched
    twin = copy.deepcopy(fast)
    assert "_kept" in fast.__dict__
    assert "_kept" not in twin.__dict__
    assert torch.equal(twin(x), expected)
    assert fast.state_dict().keys() == plain.state_dict().keys()


def test_an_ecg_gives_the_same_in_batches_of_1_7_and_64() -> None:
    _, fast = pair(32, 64, 50, dtype=torch.float32, padding="same")
    x = torch.randn(64, 32, 300)
    with torch.no_grad():
        whole = fast.eval()(x)
        for batch in (1, 7):
            parts = torch.cat([fast(part) for part in x.split(batch)])
            # A matrix product adds in another order for another batch: 2.6e-7 of the largest
            # value measured, against 6e-7 for torch's own convolution.
            torch.testing.assert_close(parts, whole, rtol=0, atol=5e-7 * float(whole.abs().max()))


def test_one_ecg_without_a_batch_dimension_is_taken_as_by_conv1d() -> None:
    plain, fast = pair(16, 16, 31, padding="same")
    x = torch.randn(16, 100, dtype=torch.float64)
    torch.testing.assert_close(fast(x), plain(x))


def test_wrong_channels_and_too_short_an_input_are_refused_as_by_conv1d() -> None:
    plain, fast = pair(16, 16, 31)
    for shape in [(2, 15, 100), (2, 16, 30)]:
        x = torch.randn(*shape, dtype=torch.float64)
        with pytest.raises(RuntimeError) as expected:
            plain(x)
        with pytest.raises(RuntimeError) as got:
            fast(x)
        assert str(got.value) == str(expected.value)


def test_reduced_precision_is_left_to_torch() -> None:
    plain, fast = pair(16, 16, 31, dtype=torch.float32, padding=15)
    x = torch.randn(2, 16, 100)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert fast(x).dtype == torch.bfloat16
        assert torch.equal(fast(x), plain(x))


@pytest.mark.filterwarnings("ignore:.torch.jit")
def test_traced_it_is_a_convolution_of_torch_and_follows_its_weights() -> None:
    _, fast = pair(16, 16, 31, padding="same")
    x = torch.randn(2, 16, 100, dtype=torch.float64)
    fast.eval()(x)
    traced: Any = torch.jit.trace(fast, (x,))
    with torch.no_grad():
        fast.weight.mul_(2)
    torch.testing.assert_close(traced(x), fast(x))


def test_a_batch_norm_can_be_folded_into_it() -> None:
    _, fast = pair(16, 16, 31, padding="same")
    norm = nn.BatchNorm1d(16).double()
    x = torch.randn(4, 16, 100, dtype=torch.float64)
    norm(fast(x))  # one step of running statistics
    fast.eval()
    norm.eval()
    folded = nn.utils.fuse_conv_bn_eval(fast, norm)
    assert type(folded) is FftConv1d
    torch.testing.assert_close(folded(x), norm(fast(x)))
