"""A ranking tells which methods miss the sums that they promise."""

from ecglens.eval import Networks, Perturbation, Subject
from ecglens.explain import GradientShap, IntegratedGradients, Saliency
from torch import Tensor, nn

from ..networks import Smooth, exact_ecgs


class OwnScale(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = Smooth()

    def forward(self, x: Tensor) -> Tensor:
        return self.net(300 * x / (x.std((1, 2), keepdim=True) + 1e-6))


def ranked(net: nn.Module):
    methods = {
        "saliency": Saliency(),
        "integrated_gradients": IntegratedGradients(steps=20),
        "gradient_shap": GradientShap(samples=20),
    }
    protocol = Perturbation(draws=1, steps=3, until=2, cutoffs=(1, 3), ladder=0)
    subject = Subject(exact_ecgs(4), methods, progress=False)
    return protocol(Networks([net.eval()]), subject)


def test_where_the_network_normalises_each_ecg():
    finding = ranked(OwnScale())
    assert "integrated_gradients" in finding.curves[0].left_out
    (note,) = [note for note in finding.notes if "promise" in note]
    assert note.startswith("gradient_shap misses the sum that its maps promise by 100\u00a0%")


def test_not_on_a_sound_network():
    finding = ranked(Smooth())
    assert finding.curves[0].left_out == {}
    assert not [note for note in finding.notes if "promise" in note]
