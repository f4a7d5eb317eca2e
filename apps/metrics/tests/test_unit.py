from dataclasses import dataclass, replace

import torch
from ecglens.explain import Context, Method, find
from ecglens.models import WithEach
from ecglens_metrics.prediction import slopes
from torch import Tensor, nn

from tests.eval.evaluations.sanity.networks import made_subject, trained

SQUARED = ("smoothgrad_squared", "vargrad")
SLOPES = ("saliency", "smoothgrad", "guided_backprop", "deconvolution", "undivided", *SQUARED)
CONTRIBUTIONS = ("input_x_gradient", "integrated_gradients", "deeplift", "gradient_shap")


def test_a_slope_halves_where_the_input_is_doubled_and_a_contribution_does_not(tmp_path):
    names = [name for name in (*SLOPES, *CONTRIBUTIONS) if name != "undivided"]
    methods = {name: find(name) for name in names}
    methods["undivided"] = find("integrated_gradients", multiply_by_inputs=False)
    subject = replace(made_subject(tmp_path), methods=methods)
    found = slopes(trained(0), subject, [*methods, "random", "abs_x"])
    expected = {name: name in SLOPES for name in [*methods, "random", "abs_x"]}
    assert found == expected


@dataclass(frozen=True)
class LargeFails(Method):
    """No map of an ECG of twice the size."""

    largest: float

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        return torch.where(x.abs() > self.largest, torch.nan, x)


def test_a_method_without_a_map_of_a_larger_ecg_is_a_contribution_and_ends_nothing(tmp_path):
    subject = made_subject(tmp_path)
    methods = {"fails": LargeFails(float(subject.ecgs.x.abs().max()))}
    assert slopes(trained(0), replace(subject, methods=methods), methods) == {"fails": False}


class Aged(nn.Module):
    """The network beside an age, which moves the output by another factor for each ECG."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor, age: Tensor) -> Tensor:
        return self.net(x) * age[:, None]


def test_a_network_of_more_than_the_ecg_has_the_units_of_one_of_the_ecg_alone(tmp_path):
    subject = made_subject(tmp_path)
    subject = replace(subject, methods={name: find(name) for name in ("saliency", "deeplift")})
    x = subject.ecgs.x
    net = WithEach(Aged(trained(0)), x, {"age": torch.linspace(0.1, 20, len(x))})
    assert slopes(net.eval(), subject, subject.methods) == {"saliency": True, "deeplift": False}
