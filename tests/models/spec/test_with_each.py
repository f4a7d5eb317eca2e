"""Values beside the ECG: each ECG and its copies keep theirs, whatever is made of them."""

import re
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from ecglens import InputSpec, rank_methods
from ecglens.ecg import LEADS
from ecglens.engine import noise_field, of_any_signal, unperturbed
from ecglens.eval import Noise, perturbation_curve, rank_points
from ecglens.explain import Inputs, attribute, lint
from ecglens.models import Normalisation, WithEach, as_network, layers, network_key, randomised
from torch import Tensor, nn

from . import by_hand

ECGS, TIME = 4, 200
AGES, SEX = torch.tensor([20.0, 35.0, 60.0, 80.0]), torch.tensor([0, 1, 1, 0])
OTHERS = {"age": AGES, "sex": SEX}


class OfAge(nn.Module):
    """Features of the ECG, gated by age and beside an embedding of sex."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.relu = nn.Conv1d(12, 6, 9, 2), nn.BatchNorm1d(6), nn.ReLU()
        self.sex, self.head = nn.Embedding(2, 3), nn.Linear(10, 2)

    def forward(self, x: Tensor, age: Tensor, sex: Tensor) -> Tensor:
        features = self.relu(self.norm(self.conv(1e-2 * x)))
        features = (features * (age[:, None, None] / 40)).mean(-1)
        return self.head(torch.cat([features, self.sex(sex), age[:, None] / 100], 1))


class Fixed(nn.Module):
    """The same for one age and sex: what a user writes by hand, ECG by ECG."""

    def __init__(self, net: nn.Module, age: Tensor, sex: Tensor) -> None:
        super().__init__()
        self.net, self.age, self.sex = net, age, sex
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x, self.age.expand(len(x)), self.sex.expand(len(x)))


@pytest.fixture(scope="module")
def net() -> OfAge:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return OfAge().eval()


@pytest.fixture(scope="module")
def x() -> Tensor:
    return 100 * torch.randn(ECGS, 12, TIME, generator=torch.Generator().manual_seed(1))


def one_by_one(net, row):
    return Fixed(net, AGES[row], SEX[row])


METHODS = (
    "saliency", "smoothgrad", "integrated_gradients", "expected_gradients", "deeplift",
    "lrp_epsilon", "guided_backprop", "gradcam", "occlusion", "shapley_sampling",
)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_maps_are_those_of_each_ecg_with_its_own_values(method, net, x):
    names = [f"ecg {row}" for row in range(ECGS)]
    found = attribute(method, WithEach(net, x, OTHERS), x, 1, inputs=Inputs(names, background=x))
    for row in range(ECGS):
        inputs = Inputs(names[row : row + 1], background=x)
        alone = attribute(method, one_by_one(net, row), x[row : row + 1], 1, inputs=inputs)
        torch.testing.assert_close(found[row], alone[0], rtol=1e-4, atol=1e-7)


def test_curves_equal_a_slow_loop(net, x):
    names = [f"ecg {row}" for row in range(ECGS)]
    each = WithEach(net, x, OTHERS)
    heatmap = attribute("saliency", each, x)
    found = perturbation_curve(each, x, heatmap, steps=5, noise=Noise(records=names))
    order, field = rank_points(heatmap, 5, 0, names), noise_field(0, names, 0, (12, TIME))
    for row in range(ECGS):
        copy, alone, expected = x[row].clone(), one_by_one(net, row), []
        for point in (None, *order[row].tolist()):
            if point is not None:
                place = divmod(point, TIME)
                copy[place] += 0.2 * (x[row].max() - x[row].min()) * field[row][place]
            with torch.no_grad():
                expected.append(float(alone(copy[None])[0, 0]))
        np.testing.assert_allclose(found[row], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.heavy
def test_a_ranking_reads_each_ecg_with_its_values(net, x):
    ranking = rank_methods(net, x, methods=["saliency", "occlusion"], with_each=OTHERS)
    (curves,) = ranking.finding.curves
    with torch.no_grad():
        expected = net(x, AGES, SEX)[:, 0].numpy()
    np.testing.assert_allclose(curves.predictions["saliency"][0, :, 0], expected, rtol=1e-5)
    assert ranking.learned.reason == ""  # weights were redrawn, and values kept
    assert lint(WithEach(net, x, OTHERS), x).errors == ()


def test_a_method_that_makes_up_an_ecg_is_ranked_too(net, x):
    """The shift of Grad-CAM is measured on an ECG of ones, which has no age."""
    ranking = rank_methods(net, x, methods=["gradcam", "saliency"], with_each=OTHERS)
    assert {"gradcam", "saliency"} <= {*ranking.finding.curves[0].predictions}
    each = WithEach(net, x, OTHERS)
    with torch.no_grad(), of_any_signal(each):
        with of_any_signal(each):
            each(x[:1] + 1)
        each(x[:1] + 1)  # the inner one leaves the outer one as it was
    with torch.no_grad(), pytest.raises(ValueError, match="of which age, sex are known"):
        each(x[:1] + 1)


def test_copies_keep_the_values_of_their_ecg_and_others_are_refused(net, x):
    each, copies = WithEach(net, x, OTHERS), x[2] + torch.arange(3)[:, None, None]
    with torch.no_grad():
        with unperturbed(each, x[2]):
            found = each(copies)
        torch.testing.assert_close(found, one_by_one(net, 2)(copies))
        torch.testing.assert_close(each(x[[3, 0]]), net(x[[3, 0]], AGES[[3, 0]], SEX[[3, 0]]))
    with pytest.raises(ValueError, match="expected ECGs of which age, sex are known, got others"):
        each(torch.stack([x[0], x[0] + 1]))


def test_gradients_to_the_values_are_those_of_autograd(net, x):
    ages = AGES.clone().requires_grad_()
    (expected,) = torch.autograd.grad(net(x, ages, SEX)[:, 1].sum(), ages)
    found = WithEach(net, x, OTHERS).gradients(x, 1)
    assert [*found] == ["age"]  # a code has no gradient
    torch.testing.assert_close(found["age"], expected)
    with pytest.raises(ValueError, match="expected a target in 0…1, got -1"):
        WithEach(net, x, OTHERS).gradients(x, -1)


def test_the_key_tells_values_apart_and_redrawn_weights_keep_them(net, x):
    each = WithEach(net, x, OTHERS)
    assert network_key(each, (12, TIME)) == network_key(WithEach(net, x, OTHERS), (12, TIME))
    other = WithEach(net, x, {**OTHERS, "age": AGES.flip(0)})
    assert network_key(each, (12, TIME)) != network_key(other, (12, TIME))
    turned = WithEach(net, x.flip(0), OTHERS)  # the same values, of other ECGs
    assert network_key(each, (12, TIME)) != network_key(turned, (12, TIME))
    again = randomised(each, layers(each, x), x, 0)
    assert torch.equal(again.get_buffer("each_age"), AGES)
    assert not torch.equal(again.get_parameter("body.head.weight"), net.head.weight)


def test_a_prior_ecg_is_prepared_as_the_ecg_is(x):
    spec = InputSpec(
        leads=("V5", "II"), samples=150, unit="mV",
        normalisation=Normalisation("z-score", per="lead"),
    )  # fmt: skip

    class Change(nn.Module):
        def forward(self, z: Tensor, prior: Tensor) -> Tensor:
            assert z.shape == prior.shape
            weights = torch.sin(torch.arange(z[0].numel()) + 1.0).view(z[0].shape).to(z)
            return (weights * (z - 0.5 * prior)).flatten(1).sum(1)

    prior = x.flip(0) + 30
    found = WithEach(spec.adapt(Change()), x, {"prior": prior})(x).detach()
    for row in range(ECGS):
        (z,) = by_hand.prepared(x[row].double().numpy(), spec, 500.0)
        (before,) = by_hand.prepared(prior[row].double().numpy(), spec, 500.0)
        expected = Change()(torch.from_numpy(z)[None], torch.from_numpy(before)[None])
        assert float(found[row, 0]) == pytest.approx(float(expected), rel=1e-3, abs=1e-3)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["by name", "by place", "any names", "arrays", "tensors"])
def test_a_network_gets_values_by_name_or_in_their_order(kind, net, x):
    def arrays(x, sex, age):  # in another order, so that names count
        assert isinstance(age, np.ndarray)
        given = (torch.from_numpy(np.asarray(each)) for each in (x, age, sex))
        return net(*given).detach().numpy()

    class Named(nn.Module):
        def forward(self, x: Tensor, **given: Tensor) -> Tensor:
            return net(x, given["age"], given["sex"])

    class Placed(nn.Module):
        def forward(self, signal: Tensor, years: Tensor, code: Tensor) -> Tensor:
            return net(signal, years, code)

    kinds = {
        "by name": net, "by place": Placed().eval(), "any names": Named().eval(),
        "arrays": arrays, "tensors": lambda x, age, sex: net(x, age, sex),
    }  # fmt: skip
    ranking = rank_methods(kinds[kind], x, methods=["occlusion"], with_each=OTHERS)
    (curves,) = ranking.finding.curves
    with torch.no_grad():
        expected = net(x, AGES, SEX)[:, 0].numpy()
    np.testing.assert_allclose(curves.predictions["occlusion"][0, :, 0], expected, rtol=1e-5)


def test_a_value_is_not_given_to_an_argument_of_another_name(net, x):
    assert torch.equal(WithEach(net, x, {"years": AGES, "sex": SEX})(x), net(x, AGES, SEX))
    with pytest.raises(ValueError, match="named as the arguments age, sex, got gender, age"):
        WithEach(net, x, {"gender": AGES, "age": AGES})(x)

    def of_more(x: Tensor, age: Tensor, *more: Tensor) -> Tensor:
        return age[:, None]

    with pytest.raises(ValueError, match="named as the arguments age, more, got height, bmi, age"):
        WithEach(as_network(of_more), x, {"height": AGES, "bmi": AGES, "age": AGES})(x)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["age"], "values by name"),
        ({}, "values by name"),
        ({"age of patient": AGES}, "a name such as age"),
        ({"age": AGES[:3]}, r"a value for each of 4 ECGs, got shape \(3,\)"),
        ({"age": [20, 30, np.nan, 40]}, "NaN or infinity for the ECG at index 2"),
        ({"sex": ["m", "f", "f", "m"]}, "code texts as numbers"),
    ],
)
def test_values_that_are_none_are_refused_in_a_line(given, said, net, x):
    with pytest.raises(ValueError, match=said):
        rank_methods(net, x, with_each=given)


def test_one_ecg_with_two_sets_of_values_is_refused(net, x):
    with pytest.raises(ValueError, match="two of the same ECG at index 0 and 1"):
        WithEach(net, x[[0, 0, 1, 2]], OTHERS)


def test_a_network_that_wants_more_than_the_ecg_says_how(net, x):
    with pytest.raises(ValueError, match=r"with_each=\{'age': …\}"):
        rank_methods(net, x, methods=["saliency"])
    with pytest.raises(ValueError, match=r"WithEach\(net, x, \{'age': …\}\)"):
        attribute("saliency", net, x)
    (error,) = lint(net, x).errors
    assert "WithEach(net, x, {'age': …})" in error
    assert "age" in error
    assert len(LEADS) == x.shape[1]


class OfPair(nn.Module):
    """A network that gets the ECG and age as a tuple."""

    def forward(self, given: tuple[Tensor, Tensor]) -> Tensor:
        x, age = given
        return x.mean((1, 2))[:, None] + age[:, None]


class OfNames(nn.Module):
    """A network that gets the ECG and age by name."""

    def forward(self, given: dict[str, Tensor]) -> Tensor:
        return given["ecg"].mean((1, 2))[:, None] + given["age"][:, None]


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")  # torch, of a name as an index
@pytest.mark.parametrize("kind", [OfAge, OfPair, OfNames])
def test_a_network_that_wants_more_than_the_ecg_is_told_the_road(kind, x):
    own, road = kind().eval(), r"WithEach\(net, x, \{'age': …\}\).*for a forward\(x, age\)"
    for method in ("saliency", "occlusion"):
        with pytest.raises(ValueError, match=road):
            attribute(method, own, x)
    (error,) = lint(own, x).errors
    assert re.search(road, error)


@pytest.mark.usefixtures("untyped")
@pytest.mark.parametrize("kind", [OfAge, OfPair, OfNames])
def test_an_ecg_and_more_as_a_tuple_or_dict_is_told_the_road(kind, x):
    own = kind().eval()
    together: tuple[Any, ...] = ((x, AGES), {"ecg": x, "age": AGES})
    for given in together:
        for ask in (lint, partial(attribute, "saliency")):
            with pytest.raises(ValueError, match=r"got (tuple|dict); .*WithEach\(net, x"):
                ask(own, given)


class SixLeads(nn.Module):
    """Reads the limb leads beside the age: by a ReLU, or linearly."""

    def __init__(self, *, linear: bool) -> None:
        super().__init__()
        self.conv = nn.Conv1d(6, 6, 9)
        self.bend = nn.Identity() if linear else nn.ReLU()

    def forward(self, x: Tensor, age: Tensor) -> Tensor:
        return self.bend(self.conv(x[:, :6] / 100)).mean((1, 2))[:, None] + age[:, None] / 40


@pytest.mark.parametrize("linear", [True, False])
def test_made_up_ecgs_of_the_linter_are_read_with_the_age_of_an_ecg(linear, x):
    net = SixLeads(linear=linear).eval()
    # A part of the ECGs whose first is not the first that the ages are of.
    found = lint(WithEach(net, x, {"age": AGES}), x[2:])
    assert not found.errors
    assert ("the network is linear" in " ".join(found.notes)) is linear
    assert "which the network ignores: V1, V2, V3, V4, V5, V6" in " ".join(found.notes)
