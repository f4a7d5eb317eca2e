"""What the papers promise, where the answer is known without a network's help."""

import pytest
import torch
from ecglens.engine import generator
from ecglens.explain import Context, Inputs, LacksData, attribute, find, methods
from torch import nn

from .networks import LEADS, TIME, Linear, Residual, ecgs, filled, others

GRADIENTS = ["saliency", "smoothgrad", "deconvolution", "guided_backprop"]
CONTRIBUTIONS = ["input_x_gradient", "deeplift", "integrated_gradients"]


def change(net, x, target=0):
    with torch.no_grad():
        return (net(x) - net(torch.zeros_like(x)))[:, target]


@pytest.mark.parametrize("name", GRADIENTS)
def test_on_a_linear_network_a_gradient_is_the_weights(name):
    net, x = filled(Linear()), ecgs()
    weights = net.head.weight[1].detach().view(LEADS, TIME).expand_as(x)
    torch.testing.assert_close(attribute(name, net, x, target=1), weights)


@pytest.mark.parametrize("name", CONTRIBUTIONS)
def test_on_a_linear_network_a_contribution_is_weight_times_input(name):
    net, x = filled(Linear()), ecgs()
    weights = net.head.weight[1].detach().view(LEADS, TIME)
    torch.testing.assert_close(attribute(name, net, x, target=1), weights * x)


def test_on_a_linear_network_gradient_shap_is_weight_times_the_mean_noisy_copy():
    net, x = filled(Linear()), ecgs(1)
    found = attribute("gradient_shap", net, x, seed=4, inputs=Inputs(records=["a"]))
    noise = torch.randn((50, LEADS, TIME), generator=generator(4, "method", "GradientShap", "a"))
    copies = x + 0.02 * (x.max() - x.min()) * noise
    weights = net.head.weight[0].detach().view(LEADS, TIME)
    torch.testing.assert_close(found[0], weights * copies.mean(dim=0))


def test_on_a_linear_network_squares_are_those_of_the_weights_and_vary_by_nothing():
    net, x = filled(Linear()), ecgs()
    weights = net.head.weight[1].detach().view(LEADS, TIME).expand_as(x)
    torch.testing.assert_close(attribute("smoothgrad_squared", net, x, target=1), weights**2)
    varied = attribute("vargrad", net, x, target=1)
    torch.testing.assert_close(varied, torch.zeros_like(x), rtol=0, atol=1e-12)


def test_smoothgrad_squared_is_the_variance_and_the_square_of_the_mean():
    net, x = filled(Residual()), ecgs(1)
    noise = {"copies": 7, "noise": 0.1}
    drawn = Context([generator(3)], torch.zeros((1, TIME), dtype=torch.int8), x[:0])

    def found(name):
        drawn.generators[0].manual_seed(3)
        return find(name, **noise)(net, x, 0, drawn)

    total = found("vargrad") + found("smoothgrad") ** 2
    torch.testing.assert_close(found("smoothgrad_squared"), total)
    assert found("vargrad").max() > 0.01 * total.max()


def test_on_a_linear_network_the_ecgs_of_others_are_subtracted_before_the_weights():
    net, x = filled(Linear()), ecgs(1)
    weights = net.head.weight[0].detach().view(LEADS, TIME)
    shap = attribute("deeplift_shap", net, x, inputs=Inputs(background=others()))
    torch.testing.assert_close(shap, weights * (x - others().mean(0)))
    own = generator(4, "method", "ExpectedGradients", "a")
    drawn = others()[torch.randint(5, (50,), generator=own)]
    found = attribute(
        "expected_gradients", net, x, seed=4, inputs=Inputs(records=["a"], background=others())
    )
    torch.testing.assert_close(found, weights * (x - drawn.mean(0)))


def test_deeplift_shap_adds_up_to_the_change_from_the_mean_beat_or_from_the_mean_output():
    net, x = filled(Residual()), ecgs(8)
    with torch.no_grad():
        outputs, of_mean, of_each = net(x), net(others().mean(0)[None]), net(others())
    sums = {
        how: attribute(
            find("deeplift_shap", against=how), net, x, inputs=Inputs(background=others())
        ).sum((1, 2))
        for how in ("mean", "each")
    }
    torch.testing.assert_close(sums["mean"], (outputs - of_mean)[:, 0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        sums["each"], (outputs - of_each.mean(0))[:, 0], rtol=1e-4, atol=1e-4
    )
    assert (sums["mean"] - sums["each"]).abs().min() > 1e-3


def test_expected_gradients_add_up_in_expectation_to_the_change_from_the_mean_output():
    net, x = filled(Residual()), ecgs(1)
    with torch.no_grad():
        expected = float((net(x) - net(others()).mean(0))[0, 0])
    many = attribute(
        find("expected_gradients", samples=20000), net, x, inputs=Inputs(background=others())
    ).sum()
    few = [
        attribute("expected_gradients", net, x, seed=seed, inputs=Inputs(background=others())).sum()
        for seed in range(20)
    ]
    standard_error = float(torch.stack(few).std()) * (50 / 20000) ** 0.5
    assert abs(float(many) - expected) < 4 * standard_error
    assert abs(float(change(net, x)[0]) - expected) > 4 * standard_error  # not from 0 µV


@pytest.mark.parametrize("name", ["expected_gradients", "deeplift_shap"])
def test_strips_of_others_are_no_baseline(name):
    strips = torch.zeros(2, LEADS, 1001)
    with pytest.raises(LacksData, match="expected median beats, which are aligned, got ECGs of"):
        attribute(name, Longer().eval(), strips, inputs=Inputs(background=strips))


class Longer(nn.Module):
    """The sum of lead I, of any length."""

    def forward(self, x):
        return x[:, :1].sum(-1)


def test_a_word_that_names_no_baseline_is_refused():
    with pytest.raises(ValueError, match="expected against as 'mean' or 'each', got 'median'"):
        find("deeplift_shap", against="median")


def test_deeplift_adds_up_to_the_change_from_zero():
    net, x = filled(Residual()), ecgs(8)
    found = attribute("deeplift", net, x).sum(dim=(1, 2))
    torch.testing.assert_close(found, change(net, x), rtol=1e-4, atol=1e-5)


def test_integrated_gradients_add_up_the_better_the_more_steps():
    net, x = filled(Residual()), ecgs(8)
    missed = {
        steps: (attribute(find("integrated_gradients", steps=steps), net, x).sum(dim=(1, 2)))
        - change(net, x)
        for steps in (4, 50, 800)
    }
    size = change(net, x).abs().mean()
    assert missed[4].abs().mean() > missed[50].abs().mean() > missed[800].abs().mean()
    assert missed[50].abs().mean() < 0.02 * size
    assert missed[800].abs().mean() < 0.001 * size


def test_gradient_shap_adds_up_in_expectation_to_the_mean_output_of_noisy_copies():
    net, x = filled(Residual()), ecgs(1)
    samples = 20000
    sums = attribute(find("gradient_shap", samples=samples), net, x).sum()
    noise = torch.randn((samples, LEADS, TIME), generator=generator(9))
    noisy = (x + 0.02 * (x.max() - x.min()) * noise).split(2000)
    expected = torch.cat([change(net, part) for part in noisy]).mean()
    one = torch.stack(
        [attribute(find("gradient_shap", samples=50), net, x, seed=s).sum() for s in range(20)]
    )
    standard_error = one.std() * (50 / samples) ** 0.5
    assert abs(sums - expected) < 4 * standard_error
    # Sharp enough to tell it from a map without its random fraction, input times gradient.
    assert abs(attribute("input_x_gradient", net, x).sum() - expected) > 4 * standard_error


def test_smoothgrad_without_noise_is_the_gradient():
    net, x = filled(Residual()), ecgs()
    smooth = attribute(find("smoothgrad", noise=0.0), net, x)
    torch.testing.assert_close(smooth, attribute("saliency", net, x))


def test_the_noise_of_each_ecg_follows_its_own_range():
    net = nn.Sequential(nn.Flatten(), Squares()).eval()
    x = ecgs(1)
    records = ["same", "same"]
    small, large = attribute(
        "smoothgrad", net, torch.cat([x, 100 * x]), inputs=Inputs(records=records)
    )
    torch.testing.assert_close(large, 100 * small)


class Squares(nn.Module):
    """The sum of squares; its gradient at x is 2x."""

    def forward(self, x):
        return (x**2).sum(dim=1, keepdim=True)


def test_methods_disagree_on_a_network_that_is_not_linear():
    net, x = filled(Residual()), ecgs(4)
    maps = {
        name: attribute(name, net, x, target=1, inputs=Inputs(background=others())).flatten()
        for name in methods()
    }
    for one in maps:
        for other in maps:
            if one < other:
                same = torch.corrcoef(torch.stack([maps[one], maps[other]]))[0, 1]
                assert abs(same) < 0.9999, (one, other)


def test_controls_are_what_they_say():
    x = torch.zeros(1, 2, 4)
    x[0, 0] = torch.tensor([0.0, -2.0, 1.0, 1.0])
    net = nn.Sequential(nn.Flatten(), nn.Linear(8, 1)).eval()
    assert attribute("abs_x", net, x)[0, 0].tolist() == [0, 2, 1, 1]
    assert attribute("abs_dx", net, x)[0, 0].tolist() == [2, 0.5, 1.5, 0]


def test_the_random_control_is_standard_normal():
    net, x = filled(Linear()), ecgs(40)
    noise = attribute("random", net, x)
    assert abs(noise.mean()) < 4 / noise.numel() ** 0.5
    assert abs(noise.std() - 1) < 4 / (2 * noise.numel()) ** 0.5
