"""What a method is given beside the network and the ECGs."""

from dataclasses import dataclass
from typing import Any, cast

import pytest
import torch
from ecglens.explain import Context, Facts, Inputs, Method, attribute
from torch import Tensor, nn

NET = nn.Sequential(nn.Flatten(), nn.Linear(12 * 20, 1)).eval()
ECGS = torch.randn(40, 12, 20, generator=torch.Generator().manual_seed(0))


@dataclass(frozen=True)
class FromMean(Method):
    """How far an ECG is from the mean of the others, where it is marked."""

    @property
    def facts(self) -> Facts:
        return Facts(uses_segments=True, needs_background=True, any_network=True)

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        return (x - context.background.mean(0)) * context.segments[:, None]


def test_marks_stay_with_their_ecg_and_the_background_is_whole_in_every_part(monkeypatch):
    monkeypatch.setattr("ecglens.explain.passes.VALUES", 7 * 240)  # 7 ECGs at a time
    marks = torch.randint(0, 3, (40, 20), dtype=torch.int8)
    heatmap = attribute(FromMean(), NET, ECGS, inputs=Inputs(segments=marks, background=ECGS[:3]))
    torch.testing.assert_close(heatmap, (ECGS - ECGS[:3].mean(0)) * marks[:, None])


def test_without_marks_nothing_is_marked():
    assert not attribute(FromMean(), NET, ECGS, inputs=Inputs(background=ECGS[:3])).any()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "expected ECGs of others for FromMean to compare with, got none"),
        ({"background": ECGS[:3, :8]}, r"background ECGs of shape \(12, 20\), got \(8, 20\)"),
        ({"background": ECGS[:3] * torch.nan}, "finite samples"),
        (
            {"background": ECGS[:3], "segments": torch.zeros(40, 20)},
            r"shape \(40, 20\), a bit per wave in int8, got \(40, 20\) in torch.float32",
        ),
        ({"background": ECGS[:3], "fs": 0.0}, "sampling rate of at least 100 Hz, got 0"),
    ],
)
def test_what_does_not_fit_is_refused(given, complaint):
    with pytest.raises(ValueError, match=complaint):
        attribute(FromMean(), NET, ECGS, inputs=Inputs(**given))


@pytest.mark.usefixtures("untyped")
def test_marks_in_a_list_are_refused():
    with pytest.raises(ValueError, match=r"a bit per wave in int8, got \(40, 20\) in list"):
        attribute("saliency", NET, ECGS, inputs=Inputs(segments=cast(Any, [[0] * 20] * 40)))


@pytest.mark.usefixtures("untyped")
def test_what_is_no_method_is_refused():
    with pytest.raises(ValueError, match="or its name, got <class"):
        attribute(cast(Any, FromMean), NET, ECGS)


def test_random_numbers_do_not_depend_on_torchs_default_type():
    net = nn.Sequential(nn.Conv1d(12, 1, 3), nn.Tanh(), nn.Flatten(), nn.Linear(18, 1)).eval()
    for name in ("smoothgrad", "random", "gradient_shap"):
        before = attribute(name, net, ECGS[:2])
        torch.set_default_dtype(torch.float64)
        try:
            after = attribute(name, net, ECGS[:2])
        finally:
            torch.set_default_dtype(torch.float32)
        torch.testing.assert_close(after, before)
