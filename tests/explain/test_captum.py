"""Classes of captum as methods: captum's own maps, and this room's promises about every map."""

import copy
from dataclasses import asdict
from typing import Any, cast

import captum.attr
import hydra
import numpy as np
import pytest
import torch
from ecglens.ecg import Segments, segment_mask
from ecglens.engine import generator
from ecglens.explain import (
    Captum,
    Inputs,
    attribute,
    captum_settings,
    find,
    find_all,
    lint,
    wave_segments,
)
from ecglens.explain.passes import seeded, untouched
from torch import Tensor, nn
from torch.nn import functional

from .networks import LEADS, TIME, Residual, SkipAroundReLU, WithFunctionalReLU, ecgs, filled
from .networks import others as background

MARKS = torch.from_numpy(segment_mask(Segments(4.0, 8.0, 12.0, 16.0, 20.0, 30.0, 14), TIME))
SEED, NAMES = 3, ["a", "b", "c"]
WINDOW: dict[str, Any] = {"sliding_window_shapes": (1, 10), "strides": (1, 5)}


def path(name: str) -> str:
    return f"captum.attr.{name}"


# Method, then captum's own map of one ECG: network, ECG, zeros, target.
SAME = {
    "Saliency": (
        Captum(path("Saliency"), attribute={"abs": False}),
        lambda net, x, zero: captum.attr.Saliency(net).attribute(x, target=1, abs=False),
    ),
    "InputXGradient": (
        Captum(path("InputXGradient")),
        lambda net, x, zero: captum.attr.InputXGradient(net).attribute(x, target=1),
    ),
    "IntegratedGradients": (
        Captum(path("IntegratedGradients"), attribute={"n_steps": 20}),
        lambda net, x, zero: captum.attr.IntegratedGradients(net).attribute(
            x, zero, target=1, n_steps=20
        ),
    ),
    "multipliers": (
        Captum(path("IntegratedGradients"), init={"multiply_by_inputs": False}),
        lambda net, x, zero: captum.attr.IntegratedGradients(net, False).attribute(
            x, zero, target=1
        ),
    ),
    "mean of others": (
        Captum(path("IntegratedGradients"), baseline="mean of others"),
        lambda net, x, zero: captum.attr.IntegratedGradients(net).attribute(
            x, background().mean(0, keepdim=True), target=1
        ),
    ),
    "DeepLift": (
        Captum(path("DeepLift")),
        lambda net, x, zero: captum.attr.DeepLift(net).attribute(x, zero, target=1),
    ),
    "DeepLiftShap": (
        Captum(path("DeepLiftShap"), baseline="others"),
        lambda net, x, zero: captum.attr.DeepLiftShap(net).attribute(x, background(), target=1),
    ),
    "GuidedBackprop": (
        Captum(path("GuidedBackprop")),
        lambda net, x, zero: captum.attr.GuidedBackprop(net).attribute(x, target=1),
    ),
    "Deconvolution": (
        Captum(path("Deconvolution")),
        lambda net, x, zero: captum.attr.Deconvolution(net).attribute(x, target=1),
    ),
    "GuidedGradCam": (
        Captum(path("GuidedGradCam"), init={"layer": "conv2"}),
        lambda net, x, zero: captum.attr.GuidedGradCam(net, net.conv2).attribute(
            x, target=1, interpolate_mode="nearest"
        ),
    ),
    "LayerGradCam": (
        Captum(path("LayerGradCam"), init={"layer": "pool.0"}),
        lambda net, x, zero: over_time(
            captum.attr.LayerGradCam(net, net.pool[0]).attribute(x, target=1)
        ),
    ),
    "LayerIntegratedGradients": (
        Captum(path("LayerIntegratedGradients"), init={"layer": "conv2"}),
        lambda net, x, zero: over_time(
            captum.attr.LayerIntegratedGradients(net, net.conv2).attribute(x, zero, target=1)
        ),
    ),
    "Occlusion": (
        Captum(path("Occlusion"), attribute=WINDOW),
        lambda net, x, zero: captum.attr.Occlusion(net).attribute(
            x, **WINDOW, baselines=zero, target=1
        ),
    ),
    "FeatureAblation": (
        Captum(path("FeatureAblation")),
        lambda net, x, zero: captum.attr.FeatureAblation(net).attribute(
            x, zero, target=1, feature_mask=mask()
        ),
    ),
    "points": (
        Captum(path("FeatureAblation"), features="points"),
        lambda net, x, zero: captum.attr.FeatureAblation(net).attribute(x, zero, target=1),
    ),
    "ShapleyValueSampling": (
        Captum(path("ShapleyValueSampling"), attribute={"n_samples": 2}),
        lambda net, x, zero: captum.attr.ShapleyValueSampling(net).attribute(
            x, zero, target=1, feature_mask=mask(), n_samples=2
        ),
    ),
    "KernelShap": (
        Captum(path("KernelShap"), attribute={"n_samples": 100}),
        lambda net, x, zero: captum.attr.KernelShap(net).attribute(
            x, zero, target=1, feature_mask=mask(), n_samples=100
        ),
    ),
    "Lime": (
        Captum(path("Lime"), attribute={"n_samples": 100}),
        lambda net, x, zero: captum.attr.Lime(net).attribute(
            x, zero, target=1, feature_mask=mask(), n_samples=100
        ),
    ),
    "GradientShap": (
        Captum(path("GradientShap"), attribute={"n_samples": 4, "stdevs": 5.0}),
        lambda net, x, zero: captum.attr.GradientShap(net).attribute(
            x, zero, target=1, n_samples=4, stdevs=5.0
        ),
    ),
    "NoiseTunnel": (
        Captum(
            path("NoiseTunnel"),
            init={"attribution_method": path("Saliency")},
            attribute={"nt_samples": 7, "stdevs": 20.0, "abs": False},
        ),
        lambda net, x, zero: captum.attr.NoiseTunnel(captum.attr.Saliency(net)).attribute(
            x, nt_samples=7, stdevs=20.0, abs=False, target=1
        ),
    ),
    "NoiseTunnel of multipliers": (
        Captum(
            path("NoiseTunnel"),
            init={
                "attribution_method": {
                    "method": path("IntegratedGradients"),
                    "init": {"multiply_by_inputs": False},
                }
            },
            attribute={"nt_samples": 3, "stdevs": 20.0, "n_steps": 4, "nt_type": "smoothgrad_sq"},
        ),
        lambda net, x, zero: captum.attr.NoiseTunnel(
            captum.attr.IntegratedGradients(net, False)
        ).attribute(
            x,
            baselines=zero,
            nt_samples=3,
            stdevs=20.0,
            n_steps=4,
            nt_type="smoothgrad_sq",
            target=1,
        ),
    ),
}
RANDOM = {
    *("ShapleyValueSampling", "KernelShap", "Lime", "GradientShap", "NoiseTunnel"),
    "NoiseTunnel of multipliers",
}


class Pooled(Residual):
    """Also has a layer of half the samples."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.Sequential(nn.Conv1d(6, 4, 3, padding=1), nn.ReLU())
        self.last = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu1(self.norm1(self.conv1(x)))
        x = functional.avg_pool1d(self.relu2(self.norm2(self.conv2(x))), 2)
        return self.last(self.pool(x).mean(-1))


def mask() -> Tensor:
    """A number for each wave of each lead."""
    return (6 * torch.arange(LEADS)[:, None] + wave_segments(MARKS))[None]


def over_time(features: Any) -> Tensor:
    curve = features.sum(1, keepdim=True)
    stretched = functional.interpolate(curve, TIME, mode="linear", align_corners=False)
    return stretched.expand(1, LEADS, TIME)


def maps(method: Captum, net: nn.Module, x: Tensor, names: list[str]) -> Tensor:
    marks = MARKS.expand(len(x), -1)
    return attribute(
        method,
        net,
        x,
        1,
        SEED,
        inputs=Inputs(records=names, segments=marks, background=background()),
    )


def by_captum(name: str, net: nn.Module, one: Tensor, record: str) -> Tensor:
    """Captum's own map, drawn from the stream that this room gives it."""
    method, own = SAME[name]
    with seeded(generator(SEED, "method", str(method), record), one.device):
        return own(net, one[None].clone().requires_grad_(), torch.zeros_like(one[None]))[0].detach()


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", SAME)
def test_the_map_is_that_of_captum(name):
    net, x = filled(Pooled()), ecgs()
    found = maps(SAME[name][0], net, x, NAMES)
    assert found.dtype == torch.float32
    assert not found.requires_grad
    for one, heatmap, record in zip(x, found, NAMES, strict=True):
        expected = by_captum(name, net, one, record)
        assert expected.abs().max() > 0
        # Passes of another size round differently.
        atol = 1e-4 * float(expected.abs().max())
        torch.testing.assert_close(heatmap, expected, rtol=1e-4, atol=atol)


@pytest.mark.heavy
@pytest.mark.parametrize("name", SAME)
def test_a_map_depends_on_neither_batch_nor_order_and_leaves_the_streams_alone(name):
    net, x, method = filled(Pooled()), ecgs(), SAME[name][0]
    torch.manual_seed(0)
    before = torch.get_rng_state(), legacy_state()
    whole = maps(method, net, x, NAMES)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert legacy_state() == before[1]
    assert torch.equal(maps(method, net, x[1:2], NAMES[1:2])[0], whole[1])
    assert torch.equal(maps(method, net, x.flip(0), NAMES[::-1]).flip(0), whole)
    other = maps(method, net, x[:1], ["another"])
    assert torch.equal(other[0], whole[0]) == (name not in RANDOM)


def legacy_state() -> list[int]:
    return cast(Any, np.random.get_state())[1].tolist()  # noqa: NPY002 captum draws from it


def traces(net: nn.Module) -> dict[str, dict[str, object]]:
    return {
        name: {
            key: len(one) if isinstance(one, dict) else id(one) for key, one in vars(module).items()
        }
        for name, module in net.named_modules()
    }


@pytest.mark.parametrize("name", SAME)
def test_the_network_and_the_ecgs_are_left_as_they_were(name):
    net, x = filled(Pooled()), ecgs()
    seen: list[Tensor] = []
    handle = net.relu1.register_forward_hook(lambda *given: seen.append(given[2]))
    before, state, samples = traces(net), copy.deepcopy(net.state_dict()), x.clone()
    maps(SAME[name][0], net, x, NAMES)
    assert traces(net) == before
    assert all(torch.equal(value, state[key]) for key, value in net.state_dict().items())
    assert torch.equal(x, samples)
    handle.remove()
    assert not net.relu1._forward_hooks


def test_hooks_and_attributes_are_gone_after_an_error_too():
    net = filled(Residual())
    before = traces(net)

    def failing() -> None:
        with untouched(net):
            net.relu1.register_forward_hook(lambda *_: None)
            vars(net.relu2)["rule"] = "left behind"
            raise RuntimeError("broken on purpose")

    with pytest.raises(RuntimeError, match="broken on purpose"):
        failing()
    assert traces(net) == before


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (
            {"method": "captum.attr.Salience"},
            r"path of an attribution class .*got 'captum.attr.Sal",
        ),
        ({"method": "captum.attr.visualization"}, "path of an attribution class"),
        ({"method": "torch.nn.ReLU"}, "path of an attribution class"),
        ({"method": "captum.attr.GradientAttribution"}, "it is the base of others"),
        ({"method": "captum.attr.LLMAttribution"}, "it reads no ECGs"),
        ({"method": "captum.attr.DataLoaderAttribution"}, "it reads no ECGs"),
        ({"method": "captum.attr.LayerActivation"}, "it explains no output"),
        ({"method": "captum.attr.NeuronGradient"}, "it explains no output"),
        ({"method": "captum.attr.FeaturePermutation"}, "it exchanges samples between the ECGs"),
        ({"method": "captum.attr.LayerFeaturePermutation"}, "it exchanges samples between"),
        ({"method": "captum.attr.NoiseTunnel"}, "expected for NoiseTunnel in init an attribution_"),
        (
            {"method": "captum.attr.LayerGradCam"},
            "expected layer in init of captum.attr.LayerGradCam",
        ),
        ({"method": "captum.attr.Occlusion"}, "expected sliding_window_shapes in attribute of"),
        (
            {"method": "captum.attr.Saliency", "attribute": {"n_steps": 3}},
            "expected in attribute of captum.attr.Saliency abs, got 'n_steps'",
        ),
        ({"method": "captum.attr.DeepLift", "attribute": {"baselines": 0}}, "got 'baselines'"),
        (
            {"method": "captum.attr.DeepLift", "init": {"epsilon": 1}},
            "multiply_by_inputs, eps, got",
        ),
        (
            {"method": "captum.attr.Saliency", "baseline": "others"},
            "takes no baselines, got others",
        ),
        ({"method": "captum.attr.DeepLift", "features": "points"}, "takes no feature_mask, got"),
    ],
)
def test_a_class_or_a_setting_that_cannot_be_is_refused_in_one_line(given, complaint):
    with pytest.raises(ValueError, match=complaint) as refused:
        Captum(**given)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("method", "complaint"),
    [
        (Captum(path("LayerGradCam"), init={"layer": "conv3"}), r"layer's name \(conv1, .*'conv3'"),
        (Captum(path("LayerGradCam"), init={"layer": "head"}), "captum says|keeps the time axis"),
        (Captum(path("LRP")), "captum says: .*no rule"),
        (
            Captum(path("IntegratedGradients"), attribute={"return_convergence_delta": True}),
            "expected one map from captum.attr.IntegratedGradients, got tuple",
        ),
        (Captum(path("DeepLiftShap")), "captum says: Baselines distribution has to be provided"),
    ],
)
def test_a_network_or_a_setting_that_captum_refuses_is_refused_in_one_line(method, complaint):
    with pytest.raises(ValueError, match=complaint) as refused:
        maps(method, filled(Residual()), ecgs(), NAMES)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["DeepLift", "DeepLiftShap", "GuidedBackprop", "Deconvolution"])
def test_a_hook_that_misses_a_functional_relu_leaves_the_method_out(name):
    method = SAME[name][0]
    assert lint(filled(Residual()), ecgs()).left_out(method) is None
    reason = lint(filled(WithFunctionalReLU()), ecgs()).left_out(method)
    assert reason is not None
    assert path(name) in reason


def test_a_changed_skip_around_a_relu_leaves_captums_guided_backprop_out():
    reason = lint(filled(SkipAroundReLU()), ecgs()).left_out(SAME["GuidedBackprop"][0])
    assert "take guided_backprop" in (reason or "")


def test_the_same_map_as_the_methods_of_this_room():
    net, x = filled(Residual()), ecgs()
    pairs = {
        "saliency": Captum(path("Saliency"), attribute={"abs": False}),
        "input_x_gradient": Captum(path("InputXGradient")),
        "deeplift": Captum(path("DeepLift")),
        "integrated_gradients": Captum(path("IntegratedGradients")),
        "guided_backprop": Captum(path("GuidedBackprop")),
    }
    for name, method in pairs.items():
        expected = attribute(name, net, x, 1)
        atol = 1e-4 * float(expected.abs().max())
        torch.testing.assert_close(attribute(method, net, x, 1), expected, rtol=1e-3, atol=atol)
    hidden = Captum(path("FeatureAblation"), baseline="line")
    found = maps(hidden, net, x, NAMES)
    own = attribute(
        find("feature_ablation"), net, x, 1, inputs=Inputs(segments=MARKS.expand(3, -1))
    )
    samples = wave_segments(MARKS).bincount()[wave_segments(MARKS)]
    # Captum gives each sample of a segment its whole value, this room its share.
    torch.testing.assert_close(
        found, own * samples, rtol=1e-3, atol=1e-4 * float(found.abs().max())
    )


def test_the_facts_are_those_of_the_class_and_its_settings():
    occlusion = SAME["Occlusion"][0].facts
    assert (occlusion.unit, occlusion.any_network) == ("target", True)
    assert occlusion.predictions == 12 * (1 + 590 // 5) + 1
    ablation = SAME["FeatureAblation"][0].facts
    assert (ablation.uses_segments, ablation.predictions) == (True, 73)
    assert SAME["Saliency"][0].facts.unit == SAME["multipliers"][0].facts.unit == "target/µV"
    assert SAME["IntegratedGradients"][0].facts.gradients == 20
    assert SAME["NoiseTunnel"][0].facts.gradients == 7
    assert SAME["NoiseTunnel of multipliers"][0].facts.unit == "(target/µV)²"
    shap = SAME["DeepLiftShap"][0].facts
    assert (shap.baseline, shap.needs_background, shap.any_network) == ("others", True, False)


FLAT = {
    "_target_": path("IntegratedGradients"),
    "n_steps": 20,
    "multiply_by_inputs": False,
    "baseline": "line",
}
WHOLE = {
    "_target_": "ecglens.explain.Captum",
    "method": path("IntegratedGradients"),
    "init": {"multiply_by_inputs": False},
    "attribute": {"n_steps": 20},
    "baseline": "line",
}


def test_a_configuration_may_name_the_class_itself():
    assert captum_settings(FLAT) == WHOLE
    assert captum_settings(WHOLE) == WHOLE
    settings = {name: value for name, value in FLAT.items() if name != "_target_"}
    method = find(path("IntegratedGradients"), **settings)
    assert method == hydra.utils.instantiate(WHOLE)
    assert asdict(cast(Any, method))["attribute"] == {"n_steps": 20}
    assert find_all([path("InputXGradient")]) == {
        path("InputXGradient"): Captum(path("InputXGradient"))
    }
    net, x = filled(Residual()), ecgs()
    own = attribute(path("Saliency"), net, x)
    torch.testing.assert_close(own, attribute("saliency", net, x).abs())


def test_a_list_in_a_configuration_is_a_tuple_to_captum():
    window = {"sliding_window_shapes": [1, 10], "strides": [1, 5]}
    found = hydra.utils.instantiate(
        captum_settings({"_target_": path("Occlusion"), "baseline": "zero", **window})
    )
    assert found == SAME["Occlusion"][0]
