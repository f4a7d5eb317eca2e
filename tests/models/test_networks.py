"""The networks that come with ECGLens."""

import copy
from importlib import import_module
from pathlib import Path

import pytest
import torch
import yaml
from ecglens.engine import FastAvgPool1d, FftConv1d
from ecglens.models import ReferenceResNet, SmallResNet
from ecglens.registry import folders
from torch import nn

FILES = [file for folder in folders() for file in sorted((folder / "model").glob("*.yaml"))]


def size(net: nn.Module) -> int:
    return sum(parameter.numel() for parameter in net.parameters())


def layers(net: nn.Module) -> list[str]:
    """The modules without children, in the order of definition, in short."""
    short = {
        FftConv1d: lambda m: (
            f"conv {m.in_channels}→{m.out_channels} k{m.kernel_size[0]} {m.padding}"
        ),
        nn.BatchNorm1d: lambda m: f"norm {m.num_features}",
        nn.ReLU: lambda m: f"relu{' in place' if m.inplace else ''}",
        FastAvgPool1d: lambda m: f"mean of {m.kernel_size[0]}",
        nn.AdaptiveAvgPool1d: lambda m: f"mean to {m.output_size}",
        nn.Linear: lambda m: f"linear {m.in_features}→{m.out_features}",
    }
    leaves = (module for module in net.modules() if not [*module.children()])
    return [short[type(module)](module) for module in leaves]


def test_the_reference_network_has_the_published_number_of_parameters() -> None:
    assert size(ReferenceResNet()) == 1_653_313
    # A second target adds one row of the last layer.
    assert size(ReferenceResNet(targets=2)) == 1_653_313 + 33


def test_the_reference_network_has_the_published_layers() -> None:
    stem = ["conv 12→64 k8 same", "norm 64", "relu", "conv 64→32 k3 same", "norm 32", "relu"]
    block = ["conv 32→64 k50 same", "norm 64", "relu", "conv 64→32 k50 same", "norm 32", "relu"]
    assert layers(ReferenceResNet()) == [
        *stem,
        "mean of 2",
        *(8 * block),
        "mean to 1",
        "linear 32→1",
    ]


def test_a_reference_block_adds_its_input_after_the_last_relu() -> None:
    block = ReferenceResNet().blocks.get_submodule("0").eval()
    nn.init.constant_(block.get_parameter("norm2.weight"), 0.0)
    nn.init.constant_(block.get_parameter("norm2.bias"), -1.0)  # the ReLU lets nothing through
    x = torch.randn(2, 32, 60)
    assert torch.equal(block(x), x)


def test_the_small_network_is_small_and_its_kernels_are_odd() -> None:
    net = SmallResNet()
    assert size(net) == 98_625
    assert all(m.kernel_size[0] % 2 for m in net.modules() if isinstance(m, nn.Conv1d))


def test_an_output_of_the_small_network_sees_414_samples() -> None:
    net = SmallResNet().double().eval()
    x = torch.randn(1, 12, 1600, dtype=torch.float64, requires_grad=True)
    features = net.blocks(net.relu(net.norm(net.conv(x))))
    (gradient,) = torch.autograd.grad(features[0, :, features.shape[-1] // 2].sum(), x)
    influence = gradient.abs().sum((0, 1))
    # An FFT spreads its rounding (1e-16 of the largest value) over all samples.
    seen = (influence > 1e-12 * influence.max()).nonzero().flatten()
    assert int(seen[-1] - seen[0]) + 1 == 414


@pytest.mark.parametrize("network", [ReferenceResNet, SmallResNet])
@pytest.mark.parametrize(("batch", "time"), [(1, 600), (3, 600), (2, 5000), (2, 601)])
def test_medians_and_strips_give_one_row_per_ecg(
    network: type[nn.Module], batch: int, time: int
) -> None:
    with torch.no_grad():
        assert network(targets=2).eval()(torch.randn(batch, 12, time)).shape == (batch, 2)


@pytest.mark.parametrize("network", [ReferenceResNet, SmallResNet])
def test_every_parameter_and_sample_gets_a_finite_gradient(network: type[nn.Module]) -> None:
    torch.manual_seed(0)
    net = network()
    x = torch.randn(4, 12, 600, requires_grad=True)
    net(x).square().sum().backward()
    for value in (x, *net.parameters()):
        assert value.grad is not None
        assert value.grad.isfinite().all()
        assert value.grad.any()


@pytest.mark.parametrize("network", [ReferenceResNet, SmallResNet])
def test_input_gradients_equal_finite_differences(network: type[nn.Module]) -> None:
    torch.manual_seed(0)
    net = network().double().eval()
    x = torch.randn(1, 12, 40, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(net, x, eps=1e-7, atol=1e-6, fast_mode=True)


@pytest.mark.parametrize("network", [ReferenceResNet, SmallResNet])
def test_a_seed_decides_the_network(network: type[nn.Module]) -> None:
    states = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        states.append(network().state_dict())
    same = [torch.equal(states[0][key], states[1][key]) for key in states[0]]
    other = [torch.equal(states[0][key], states[2][key]) for key in states[0] if "conv" in key]
    assert all(same)
    assert not any(other)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_twenty_training_steps_by_fft_and_directly_agree() -> None:
    torch.manual_seed(0)
    fast = ReferenceResNet()
    del fast.blocks[2:]
    plain = ReferenceResNet()
    del plain.blocks[2:]
    plain.load_state_dict(fast.state_dict())
    for module in plain.modules():
        if isinstance(module, nn.Conv1d):
            module.__class__ = nn.Conv1d
    x, y = torch.randn(8, 12, 120), torch.randn(8, 1)
    losses = []
    for net in (fast, plain):
        optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
        losses.append([])
        for _ in range(20):
            optimiser.zero_grad()
            loss = nn.functional.mse_loss(net(x), y)
            loss.backward()
            optimiser.step()
            losses[-1].append(loss.detach())
    torch.testing.assert_close(torch.stack(losses[0]), torch.stack(losses[1]), rtol=1e-3, atol=1e-4)
    assert losses[0][-1] < 0.5 * losses[0][0]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_the_output_of_the_reference_network_is_as_exact_as_with_direct_convolutions() -> None:
    torch.manual_seed(0)
    fast = ReferenceResNet()
    x = torch.randn(8, 12, 600)
    with torch.no_grad():
        fast(x)  # BatchNorm statistics of its own
        plain = copy.deepcopy(fast.eval())
        for module in plain.modules():
            if isinstance(module, nn.Conv1d):
                module.__class__ = nn.Conv1d
        truth = copy.deepcopy(plain).double()(x.double())
        allowed = 2 * (plain(x) - truth).abs().max() + 6e-8 * truth.abs().max()
        assert (fast(x) - truth).abs().max() <= allowed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_model_configuration_makes_a_network(path: Path) -> None:
    settings = yaml.safe_load(path.read_text().replace("${input.samples}", "600"))
    assert settings.pop("name") == path.stem
    module, _, name = settings.pop("_target_").rpartition(".")
    net = getattr(import_module(module), name)(**settings)
    assert net.eval()(torch.randn(1, 12, 600)).shape == (1, settings["targets"])
