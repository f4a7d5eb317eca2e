"""Copies of a network that have lost some of their weights."""

import copy
from collections.abc import Callable

import pytest
import torch
from ecglens.models import InUnits, SmallResNet, layers, randomised
from torch import nn
from torch.nn.utils import prune

torch.manual_seed(0)
X = 300 * torch.randn(6, 12, 64)


@pytest.fixture
def net() -> InUnits:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return InUnits(SmallResNet(), y_mean=160.0, y_sd=20.0).eval()


def test_layers_come_from_the_output_to_the_input(net: InUnits) -> None:
    names = layers(net, X)
    assert len(names) == 15
    assert names[:3] == ("body.head", "body.blocks.2.norm2", "body.blocks.2.conv2")
    assert names[-2:] == ("body.norm", "body.conv")


class Turned(nn.Module):
    """Defined from the output to the input, and one layer is passed twice."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(12, 1)
        self.twice = nn.Conv1d(12, 12, 1)
        self.unused = nn.Linear(2, 2)
        self.first = nn.Conv1d(12, 12, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.twice(self.first(self.twice(x))).mean(-1))


def test_the_order_is_that_in_which_an_ecg_passes_them() -> None:
    assert layers(Turned(), X) == ("head", "twice", "first", "unused")


def test_a_copy_has_new_weights_where_they_were_asked_for(net: InUnits) -> None:
    before, stream = copy.deepcopy(net.state_dict()), torch.get_rng_state()
    changed = randomised(net, ["body.head", "body.blocks.1.conv1"], X, seed=3)
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name])
    assert torch.equal(torch.get_rng_state(), stream)
    assert not any(module.training for module in changed.modules())
    differs = {
        name
        for name, value in changed.named_parameters()
        if not torch.equal(value, net.get_parameter(name))
    }
    assert differs == {
        f"body.{layer}.{kind}"
        for layer in ("head", "blocks.1.conv1")
        for kind in ("weight", "bias")
    }


def test_new_weights_depend_on_the_seed_and_the_layer_alone(net: InUnits) -> None:
    alone = randomised(net, ["body.head"], X, seed=3)
    among = randomised(net, [*layers(net, X)], X, seed=3)
    other = randomised(net, ["body.head"], X, seed=4)
    weight = "body.head.weight"
    assert torch.equal(alone.get_parameter(weight), among.get_parameter(weight))
    assert not torch.equal(alone.get_parameter(weight), other.get_parameter(weight))


def test_statistics_are_those_of_the_ecgs(net: InUnits) -> None:
    changed = randomised(net, ["body.conv"], X, seed=3)
    first = changed.get_submodule("body.conv")(X * 1e-3)
    norm = changed.get_submodule("body.norm")
    assert norm.running_mean == pytest.approx(first.mean((0, 2)).detach(), abs=1e-6)
    assert norm.running_var == pytest.approx(first.var((0, 2)).detach(), rel=1e-4)
    seen: list[torch.Tensor] = []
    last = changed.get_submodule("body.blocks.2.norm2")
    last.register_forward_hook(lambda _module, _given, out: seen.append(out.detach()))
    changed(X)  # in evaluation mode every layer's output is standardised on these ECGs, but for
    assert seen[0].mean((0, 2)).abs().max() < 0.05  # variances over n − 1 where training has n


def test_what_cannot_be_drawn_anew_is_named() -> None:
    class Weighed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weights = nn.Parameter(torch.ones(12, 64))
            self.slope = Slope()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x * self.weights).sum((1, 2))[:, None]

    class Slope(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.slope = nn.Parameter(torch.ones(1))

    named = r"the network itself \(Weighed\), slope \(Slope\)"
    with pytest.raises(ValueError, match=named):
        layers(Weighed(), X)


class Attentive(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(12, 2, batch_first=True)
        self.head = nn.Linear(12, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        said, _ = self.attention(x.mT, x.mT, x.mT)
        return self.head(said.mean(1))


@pytest.mark.filterwarnings("ignore:.torch.nn.utils:FutureWarning")
@pytest.mark.parametrize(
    "derive",
    [
        nn.utils.weight_norm,
        nn.utils.spectral_norm,
        lambda layer: prune.l1_unstructured(layer, "weight", amount=0.3),
    ],
)
def test_weights_that_are_computed_from_others_cannot_be_drawn_anew(
    derive: Callable[[nn.Module], nn.Module],
) -> None:
    x = torch.randn(2, 12, 600)
    net = nn.Sequential(derive(nn.Conv1d(12, 4, 5)), nn.ReLU(), nn.Flatten(), nn.Linear(2384, 1))
    with pytest.raises(ValueError, match="computes from others in 0; call torch"):
        layers(net.eval(), x)


def test_attention_is_one_layer_that_is_drawn_as_torch_draws_it() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        net = Attentive().eval()
    for weight in net.parameters():
        weight.data.fill_(1.0)
    assert layers(net, X) == ("head", "attention")
    changed = randomised(net, ["attention"], X, seed=3)
    for name, weight in changed.named_parameters():
        if name.startswith("head"):
            assert (weight == 1).all()
        elif name.endswith("bias"):
            assert (weight == 0).all()  # as the constructor leaves them
        else:
            assert len(weight.unique()) == weight.numel()
