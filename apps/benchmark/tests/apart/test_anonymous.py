"""A disguised network has the outputs, gradients and maps of the network itself."""

import numpy as np
import pytest
import torch
from ecglens.explain import Inputs, attribute, find, methods
from ecglens.models import InUnits, SmallResNet
from ecglens_benchmark.apart import Program, Steps, disguised, in_units, program_of
from ecglens_benchmark.apart.anonymous import from_plain, plain_data
from ecglens_benchmark.meta_evaluation.maps import exact_ecgs
from ecglens_benchmark.planted import fresh
from torch import nn

RECORDS = ["a", "b", "c", "d"]
X = exact_ecgs(4)
# Methods that subtract outputs of nearly equal ECGs: rounding is larger beside small differences.
BY_OUTPUTS = ("occlusion", "feature_ablation", "shapley_sampling", "kernel_shap", "lime")


class Multiplied(nn.Module):
    """Two branches of two layers each, multiplied and added."""

    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Conv1d(12, 6, 5), nn.Conv1d(12, 6, 5)
        self.relu, self.last = nn.ReLU(), nn.Conv1d(6, 3, 3, stride=2)
        self.pool, self.mean, self.flat = nn.MaxPool1d(3), nn.AdaptiveAvgPool1d(1), nn.Flatten()
        self.head = nn.Linear(3, 1)

    def forward(self, x):
        one, other = self.one(x), self.other(x)
        both = self.relu(one * other) + other
        return self.head(self.flat(self.mean(self.pool(self.last(both)))))


class KeepsTime(nn.Module):
    """Flattens features with their time."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.flat = nn.Conv1d(12, 4, 600), nn.ReLU(), nn.Flatten()
        self.late, self.head = nn.Conv1d(12, 2, 101), nn.Linear(1000, 1)
        self.short = nn.Linear(4, 1)

    def forward(self, x):
        short = self.short(self.flat(self.relu(self.conv(x))))
        return self.head(self.flat(self.relu(self.late(x)))) + short


def made(kind, seed: int = 7) -> nn.Module:
    torch.manual_seed(seed)
    net = kind().eval()
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm1d):
            mean, var = layer.running_mean, layer.running_var
            assert mean is not None
            assert var is not None
            mean.normal_()
            var.uniform_(0.5, 2.0)
            nn.init.uniform_(layer.weight, -1.0, 2.0)
            nn.init.normal_(layer.bias)
    return net


NETWORKS = {
    "residual": SmallResNet,
    "planted": lambda: fresh().body,
    "multiplied": Multiplied,
    "keeps time": KeepsTime,
}


@pytest.fixture(params=NETWORKS, ids=str)
def net(request) -> nn.Module:
    return made(NETWORKS[request.param])


def test_a_rebuilt_network_has_the_outputs_of_the_network(net):
    torch.testing.assert_close(Steps(program_of(net, X))(X / 1e3), net(X / 1e3))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_disguise_keeps_outputs_and_gradients(net, seed):
    x = (X / 1e3).requires_grad_()
    own, other = net(x), Steps(disguised(program_of(net, X), seed))(x)
    torch.testing.assert_close(own, other, rtol=1e-5, atol=1e-5)
    one, two = (torch.autograd.grad(each.sum(), x)[0] for each in (own, other))
    assert float((one - two).norm() / one.norm()) < 1e-5


def test_a_disguise_changes_every_layer_but_the_order_of_leads_and_outputs():
    program = program_of(made(SmallResNet), X)
    one, other = disguised(program, 1), disguised(program, 2)
    changed = [
        not np.array_equal(a.weights[name], b.weights[name])
        for a, b in zip(one.steps, other.steps, strict=True)
        for name in a.weights
        if name != "running_var" or a.kind != "norm"
    ]
    assert sum(changed) >= len(changed) - 1  # the bias of the output stays
    for each in (one, other):
        assert each.steps[-1].weights["bias"] == program.steps[-1].weights["bias"]


def test_a_rebuilt_network_has_neither_class_nor_names_and_layers_of_torch_alone():
    net = Steps(program_of(made(SmallResNet), X))
    names = {name for name, _ in net.named_parameters()}
    assert all(name.startswith("layers.") and name.split(".")[1].isdigit() for name in names)
    kinds = {type(layer) for layer in net.modules() if [*layer.parameters(recurse=False)]}
    assert kinds == {nn.Conv1d, nn.BatchNorm1d, nn.Linear}
    assert sum(type(layer) is nn.ReLU for layer in net.modules()) == 7


def test_plain_data_is_all_of_a_program():
    program = disguised(program_of(made(Multiplied), X), 3)
    data, arrays = plain_data(program)
    again = from_plain(data, iter(arrays))
    assert torch.equal(Steps(program)(X), Steps(again)(X))


def test_units_lie_in_the_first_and_the_last_layer():
    net = made(SmallResNet)
    program = in_units(program_of(net, X), 1e-3, 160.0, 20.0)
    torch.testing.assert_close(Steps(program)(X), InUnits(net, 160.0, 20.0)(X))


@pytest.mark.heavy
@pytest.mark.parametrize("name", methods())
def test_an_honest_method_gives_the_same_map_of_a_disguised_network(name):
    net = made(SmallResNet, seed=3)  # Guided Grad-CAM is 0 throughout on some others
    plain = in_units(program_of(net, X), 1e-3, 0.0, 1.0)
    inputs = Inputs(RECORDS, background=X)
    one, two = (
        attribute(find(name), each, X, inputs=inputs)
        for each in (InUnits(net).eval(), Steps(disguised(plain, 5)))
    )
    assert float((one - two).norm() / one.norm()) < (1e-2 if name in BY_OUTPUTS else 1e-4)


class Sigmoid(nn.Module):
    def forward(self, x):
        return torch.sigmoid(x).mean(2)


@pytest.mark.parametrize(
    "net", [Sigmoid(), nn.Sequential(nn.Conv1d(12, 12, 3, groups=4))], ids=["sigmoid", "groups"]
)
def test_an_operation_that_no_step_has_is_refused(net):
    with pytest.raises(ValueError, match="expected a "):
        program_of(net, X)


def test_a_program_without_convolutions_of_the_ecg_has_no_place_for_a_scale():
    program = program_of(nn.Sequential(nn.AvgPool1d(600), nn.Flatten(), nn.Linear(12, 1)), X)
    assert isinstance(program, Program)
    with pytest.raises(ValueError, match="expected convolutions of the ECG"):
        in_units(program, 1e-3, 0.0, 1.0)
