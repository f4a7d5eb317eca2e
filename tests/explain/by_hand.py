"""The methods once more: one ECG, numpy, loops, every gradient written out from the papers."""

import numpy as np
import torch

from .by_hand_segments import feature_ablation as feature_ablation
from .by_hand_segments import kernel_shap as kernel_shap
from .by_hand_segments import lime as lime
from .by_hand_segments import occlusion as occlusion
from .by_hand_segments import shapley_sampling as shapley_sampling
from .networks import Residual, others

EPS = 1e-10


def convolve(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    kernel = weight.shape[2]
    padded = np.pad(x, ((0, 0), (kernel // 2, kernel // 2)))
    y = np.repeat(bias[:, None], x.shape[1], axis=1)
    for k in range(kernel):
        y += weight[:, :, k] @ padded[:, k : k + x.shape[1]]
    return y


def convolve_back(g: np.ndarray, weight: np.ndarray) -> np.ndarray:
    channels, leads, kernel = weight.shape
    padded = np.zeros((leads, g.shape[1] + kernel - 1))
    for c in range(channels):
        for t in range(g.shape[1]):
            padded[:, t : t + kernel] += weight[c] * g[c, t]
    return padded[:, kernel // 2 : kernel // 2 + g.shape[1]]


class ByHand:
    """The Residual network's forward and backward pass with a rule for the ReLUs."""

    def __init__(self, net: Residual):
        self.w = {name: value.detach().double().numpy() for name, value in net.state_dict().items()}

    def _norm(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        w = self.w
        slope = w[f"{name}.weight"] / np.sqrt(w[f"{name}.running_var"] + 1e-5)
        return slope[:, None], (w[f"{name}.bias"] - slope * w[f"{name}.running_mean"])[:, None]

    def forward(self, x: np.ndarray) -> dict[str, np.ndarray]:
        w = self.w
        seen = {}
        (a1, b1), (a2, b2) = self._norm("norm1"), self._norm("norm2")
        seen["before1"] = a1 * convolve(x, w["conv1.weight"], w["conv1.bias"]) + b1
        y1 = np.maximum(seen["before1"], 0)
        seen["conv2"] = convolve(y1, w["conv2.weight"], w["conv2.bias"])
        seen["before2"] = a2 * seen["conv2"] + b2
        y2 = y1 + np.maximum(seen["before2"], 0)
        seen["output"] = w["head.weight"] @ y2.mean(axis=1) + w["head.bias"]
        return seen

    def backward(
        self,
        x: np.ndarray,
        target: int,
        rule,
        to_conv2: bool = False,
        baseline: float | np.ndarray = 0,
    ) -> np.ndarray:
        """`rule(gradient, input of the ReLU, input of the ReLU at the baseline)` → gradient."""
        w, seen, zero = self.w, self.forward(x), self.forward(baseline + 0 * x)
        g = np.repeat(w["head.weight"][target][:, None], x.shape[1], axis=1) / x.shape[1]
        g2 = rule(g, seen["before2"], zero["before2"]) * self._norm("norm2")[0]
        if to_conv2:
            return g2
        g1 = g + convolve_back(g2, w["conv2.weight"])
        g1 = rule(g1, seen["before1"], zero["before1"]) * self._norm("norm1")[0]
        return convolve_back(g1, w["conv1.weight"])


def plain(g, a, a0):
    return g * (a > 0)


def guided(g, a, a0):
    return np.maximum(g, 0) * (a > 0)


def deconvolved(g, a, a0):
    return np.maximum(g, 0)


def rescaled(g, a, a0):
    change = a - a0
    ratio = (np.maximum(a, 0) - np.maximum(a0, 0)) / np.where(abs(change) < EPS, 1, change)
    return np.where(abs(change) < EPS, plain(g, a, a0), g * ratio)


def saliency(net, x, target, own):
    return net.backward(x, target, plain)


def input_x_gradient(net, x, target, own):
    return x * net.backward(x, target, plain)


def expected_gradients(net, x, target, own):
    drawn = torch.randint(5, (50,), generator=own).tolist()
    fractions = torch.rand((50, 1, 1), generator=own).double().numpy()
    start = others().double().numpy()[drawn]
    total = 0 * x
    for fraction, b in zip(fractions, start, strict=True):
        total += (x - b) * net.backward(b + fraction * (x - b), target, plain) / 50
    return total


def handed_down(relevance, z, weight, bias, a, added=0.0):
    """R_i = Σ_j a_i w_ij / (z_j ± added) R_j for a convolution that makes z of a."""
    np.testing.assert_allclose(z, convolve(a, weight, bias))
    stable = z + added * np.where(z < 0, -1, 1)
    return a * convolve_back(relevance / stable, weight)


def folded(net, number):
    """A convolution with its BatchNorm."""
    slope, shift = net._norm(f"norm{number}")
    weight, bias = net.w[f"conv{number}.weight"], net.w[f"conv{number}.bias"]
    return weight * slope[:, None], bias * slope[:, 0] + shift[:, 0]


def through_the_last_layers(net, x, target):
    """Relevance of what comes out of the first ReLU round the block, and of the second ReLU."""
    seen, share = net.forward(x), net.w["head.weight"][target][:, None] / x.shape[1]
    y1, y2 = np.maximum(seen["before1"], 0), np.maximum(seen["before2"], 0)
    of_sum = (y1 + y2) * share  # of the output; the bias of the head keeps its own
    none = y1 + y2 == 0
    return [np.where(none, 0, of_sum * y / np.where(none, 1, y1 + y2)) for y in (y1, y2)]


def lrp_epsilon(net, x, target, own):
    seen = net.forward(x)
    z1, z2 = seen["before1"], seen["before2"]
    round_it, of_y2 = through_the_last_layers(net, x, target)
    a = np.maximum(z1, 0)
    rms = [0.25 * np.sqrt((z**2).mean()) for z in (z1, z2)]
    of_y1 = round_it + handed_down(of_y2, z2, *folded(net, 2), a, rms[1])
    return handed_down(of_y1, z1, *folded(net, 1), x, rms[0])


def lrp_composite(net, x, target, own, flat=False):
    seen = net.forward(x)
    round_it, of_y2 = through_the_last_layers(net, x, target)
    a = np.maximum(seen["before1"], 0)
    weight, bias = (one + 0.25 * np.maximum(one, 0) for one in folded(net, 2))
    of_y1 = round_it + handed_down(of_y2, convolve(a, weight, bias), weight, bias, a)
    shares = folded(net, 1)[0] ** (0 if flat else 2)
    nothing = np.zeros(len(shares))
    return handed_down(
        of_y1, convolve(np.ones_like(x), shares, nothing), shares, nothing, np.ones_like(x)
    )


def guided_backprop(net, x, target, own):
    return net.backward(x, target, guided)


def deconvolution(net, x, target, own):
    return net.backward(x, target, deconvolved)


def deeplift_shap(net, x, target, own, each=False):
    start = others().double().numpy()
    start = start if each else start.mean(axis=0, keepdims=True)
    return sum(net.backward(x, target, rescaled, baseline=b) * (x - b) for b in start) / len(start)


def deeplift(net, x, target, own, times_input=True):
    return net.backward(x, target, rescaled) * (x if times_input else 1)


def smoothgrad(net, x, target, own, signed=True):
    noise = torch.randn((25, *x.shape), generator=own).double().numpy() * 0.02 * (x.max() - x.min())
    maps = [net.backward(x + one, target, plain) for one in noise]
    return np.mean(maps if signed else np.abs(maps), axis=0)


def smoothgrad_squared(net, x, target, own):
    noise = torch.randn((25, *x.shape), generator=own).double().numpy() * 0.02 * (x.max() - x.min())
    return sum(net.backward(x + one, target, plain) ** 2 for one in noise) / 25


def vargrad(net, x, target, own):
    noise = torch.randn((25, *x.shape), generator=own).double().numpy() * 0.02 * (x.max() - x.min())
    maps = [net.backward(x + one, target, plain) for one in noise]
    mean = sum(maps) / 25
    return sum((one - mean) ** 2 for one in maps) / 25


def integrated_gradients(net, x, target, own, times_input=True):
    total = 0 * x
    for node, weight in zip(*np.polynomial.legendre.leggauss(50), strict=True):
        total += weight / 2 * net.backward((node + 1) / 2 * x, target, plain)
    return total * x if times_input else total


def gradient_shap(net, x, target, own, times_input=True):
    noise = torch.randn((50, *x.shape), generator=own).double().numpy() * 0.02 * (x.max() - x.min())
    fractions = torch.rand((50, 1, 1), generator=own).double().numpy()
    total = 0 * x
    for fraction, one in zip(fractions, noise, strict=True):
        z = x + one
        total += net.backward(fraction * z, target, plain) * (z if times_input else 1) / 50
    return total


def gradcam(net, x, target, own, relu=False):
    channel_weights = net.backward(x, target, plain, to_conv2=True).mean(axis=1)
    cam = (channel_weights[:, None] * net.forward(x)["conv2"]).sum(axis=0)
    return np.tile(np.maximum(cam, 0) if relu else cam, (len(x), 1))


def guided_gradcam(net, x, target, own, relu=True):
    return gradcam(net, x, target, own, relu) * net.backward(x, target, guided)
