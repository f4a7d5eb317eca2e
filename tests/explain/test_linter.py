"""A network for every fault, and what the linter says of it."""

import pytest
import torch
from ecglens.explain import AbsX, GuidedGradCam, attribute, controls, lint, methods
from torch import nn
from torch.nn import functional

from .networks import (
    Linear,
    Residual,
    SkipAroundReLU,
    SkipAroundReLUInPlace,
    WithFunctionalReLU,
    WithGate,
    WithGelu,
    WithReLUInPlace,
    WithReusedReLU,
    ecgs,
    filled,
)


class Noisy(Residual):
    def forward(self, x):
        return super().forward(functional.dropout(x, 0.5))  # training=True whatever the mode


class BatchCentred(Residual):
    def forward(self, x):
        return super().forward(x - x.mean(dim=0))


class NotANumber(Residual):
    def forward(self, x):
        return super().forward(x) / 0 * 0


class Decision(Residual):
    def forward(self, x):
        return super().forward(x) > 0


class InfiniteGradient(Residual):
    def forward(self, x):
        return super().forward((x - x.detach()).sqrt())


class Dead(Residual):
    def forward(self, x):
        return self.head(functional.relu(-self.conv1(x).abs()).mean(-1))


class Detached(Residual):
    def forward(self, x):
        return super().forward(x).round().detach()


class OneValue(Residual):
    def forward(self, x):
        return super().forward(x)[:, 0]


class InAList(Linear):
    def __call__(self, x):
        return [super().__call__(x)]


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (Residual().train(), "evaluation mode"),
        (filled(OneValue()), r"shape \(batch, n_targets\)"),
        (filled(InAList()), r"got a list of 1 .*InputSpec\(output=0\)"),
        (filled(Decision()), "real outputs, got true or false"),
        (filled(NotANumber()), "finite outputs"),
        (filled(InfiniteGradient()), "finite gradients"),
        (filled(Dead()), "gradient of exactly 0"),
        (filled(Detached()), "without a gradient"),
        (filled(Noisy()), "the same output twice"),
        (filled(BatchCentred()), "its own ECG alone"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_a_network_that_cannot_be_explained_has_an_error(net, message):
    findings = lint(net, ecgs())
    assert len(findings.errors) == 1
    with pytest.raises(ValueError, match=message):
        raise ValueError(findings.errors[0])
    assert findings.left_out("saliency") == findings.errors[0]


def test_a_target_that_is_not_there_is_an_error():
    assert lint(filled(Residual()), ecgs(), target=2).errors == ("expected a target in 0…1, got 2",)


def test_a_batch_of_one_shows_a_dependence_on_the_batch():
    assert "its own ECG alone" in lint(filled(BatchCentred()), ecgs(1)).errors[0]


def test_a_sound_network_has_no_fault():
    findings = lint(filled(Residual()), ecgs())
    assert findings.errors == findings.notes == ()
    assert {findings.left_out(name) for name in methods() + controls()} == {None}


@pytest.mark.parametrize(
    ("kind", "left_out"),
    [
        (WithFunctionalReLU, set()),
        (WithReusedReLU, set()),
        (SkipAroundReLU, set()),
        (SkipAroundReLUInPlace, set()),
        (WithReLUInPlace, set()),
        (WithGate, {"deeplift", "deeplift_shap"}),
        (WithGelu, {"deconvolution", "guided_backprop", "guided_gradcam"}),
        (Linear, {"gradcam", "guided_gradcam"}),
    ],
)
def test_only_the_methods_that_would_be_wrong_are_left_out(kind, left_out):
    findings = lint(filled(kind()), ecgs())
    assert findings.errors == ()
    reasons = {name: findings.left_out(name) for name in methods() + controls()}
    assert {name for name, reason in reasons.items() if reason} == left_out
    assert all("\n" not in reason for reason in reasons.values() if reason)


def test_a_method_with_its_settings_may_be_asked_for():
    net = nn.Sequential(
        nn.Conv1d(12, 4, 5), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Conv1d(4, 1, 1), nn.Flatten()
    )
    findings = lint(filled(net), ecgs())
    assert findings.left_out("guided_gradcam") is None  # of its last convolution with a time axis
    asked = findings.left_out(GuidedGradCam(layer="3"))
    assert "keeps the time axis, got 1 sample" in (asked or "")
    assert findings.left_out(GuidedGradCam(layer="0")) is None
    assert "(0, 3), got '7'" in (findings.left_out(GuidedGradCam(layer="7")) or "")
    assert findings.left_out(AbsX()) is None


def test_a_convolution_that_no_output_reads_is_refused():
    class Watched(Residual):
        def __init__(self):
            super().__init__()
            self.beside = nn.Conv1d(12, 1, 1)

        def forward(self, x):
            self.beside(x)
            return super().forward(x)

    findings = lint(filled(Watched()), ecgs())
    asked = findings.left_out(GuidedGradCam(layer="beside"))
    assert "on the way to output 0" in (asked or "")
    assert findings.left_out("guided_gradcam") is None


def test_notes_name_what_a_reader_of_the_maps_should_know():
    class OneLead(Residual):
        def forward(self, x):
            return super().forward(functional.pad(x[:, 10:11], (0, 0, 10, 1)))

    (note,) = lint(filled(OneLead()), ecgs()).notes
    assert note.startswith("leads without a gradient, which the network ignores: I, II, III, aVR,")
    assert "V5" not in note
    (note,) = lint(filled(Linear()), ecgs()).notes
    assert note.endswith("the network is linear")

    class OnlyPositive(Residual):
        def forward(self, x):
            return super().forward(x * functional.relu(x[:, :1, :1]))

    x = ecgs()
    x[:, 0, 0] = torch.tensor([1.0, -1.0, 1.0])
    (note,) = lint(filled(OnlyPositive()), x).notes
    assert note.startswith("1 of the first 3 ECGs")


def test_linting_leaves_the_network_as_it_was():
    net = filled(Residual())
    hooks = [len(module._forward_hooks) for module in net.modules()]
    findings = lint(net, ecgs())
    assert findings.left_out("deeplift") is None
    assert [len(module._forward_hooks) for module in net.modules()] == hooks
    assert all(weight.requires_grad and weight.grad is None for weight in net.parameters())


def test_the_linter_agrees_with_the_door():
    net, x = filled(WithGate()), ecgs()
    with pytest.raises(ValueError, match="add up") as refusal:
        attribute("deeplift", net, x)
    assert lint(net, x).left_out("deeplift") == str(refusal.value)


@pytest.mark.parametrize("name", ["deeplift_shap", "expected_gradients"])
def test_methods_that_compare_with_others_are_left_out_on_strips(name):
    x = 100 * torch.randn(1, 12, 1001, generator=torch.Generator().manual_seed(0))
    assert "expected median beats" in (lint(filled(Residual()), x).left_out(name) or "")


def test_no_ecg_is_refused():
    with pytest.raises(ValueError, match="at least one ECG, got none"):
        lint(nn.Flatten(), torch.zeros(0, 12, 20))
