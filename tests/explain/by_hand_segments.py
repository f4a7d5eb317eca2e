"""The methods that hide segments once more: one ECG, numpy, loops; `output(x)` is a number."""

from collections.abc import Callable
from itertools import combinations
from math import comb, sqrt

import numpy as np
import torch

Output = Callable[[np.ndarray], float]


def windows(leads: int, time: int) -> list[tuple[int, list[int]]]:
    """A lead's windows: six of equal length, or as equal as samples allow."""
    return [
        (lead, [t for t in range(time) if t * 6 // time == number])
        for lead in range(leads)
        for number in range(6)
    ]


def without(x: np.ndarray, lead: int, times: list[int]) -> np.ndarray:
    """The line between the samples beside a window; its own first or last at the ECG's ends."""
    first, last = times[0], times[-1]
    left, right = max(first - 1, 0), min(last + 1, x.shape[1] - 1)
    hidden = x.copy()
    for t in times:
        slope = (x[lead, right] - x[lead, left]) / (right - left)
        hidden[lead, t] = x[lead, left] + slope * (t - left)
    return hidden


class Hiding:
    """An ECG of which any segments can be hidden, and its output."""

    def __init__(self, net, x: np.ndarray, target: int):
        self.x, self.segments, self.hidden = x, windows(*x.shape), x.copy()
        self.output: Output = lambda given: net.forward(given)["output"][target]
        for lead, times in self.segments:
            self.hidden[lead, times] = without(x, lead, times)[lead, times]

    def showing(self, shown) -> float:
        given = self.hidden.copy()
        for segment, (lead, times) in enumerate(self.segments):
            if shown[segment]:
                given[lead, times] = self.x[lead, times]
        return self.output(given)

    def spread(self, values) -> np.ndarray:
        heatmap = 0 * self.x
        for (lead, times), value in zip(self.segments, values, strict=True):
            heatmap[lead, times] = value / len(times)
        return heatmap


def feature_ablation(net, x, target, own):
    ecg = Hiding(net, x, target)
    return ecg.spread(
        [ecg.output(x) - ecg.output(without(x, lead, times)) for lead, times in ecg.segments]
    )


def occlusion(net, x, target, own, width=50):
    """100 ms, and again 50 ms later."""
    ecg, heatmap = Hiding(net, x, target), 0 * x
    for lead in range(x.shape[0]):
        for t in range(x.shape[1]):
            for start in (0, width // 2):
                first = (t + start) // width * width - start
                times = list(range(max(first, 0), min(first + width, x.shape[1])))
                change = ecg.output(x) - ecg.output(without(x, lead, times))
                heatmap[lead, t] += change / len(times) / 2
    return heatmap


def shapley_sampling(net, x, target, own, pairs=4):
    ecg = Hiding(net, x, target)
    turns = [torch.randperm(len(ecg.segments), generator=own).tolist() for _ in range(pairs)]
    values = np.zeros(len(ecg.segments))
    for turn in turns:
        order = sorted(range(len(turn)), key=lambda segment: turn[segment])
        for walk in (order, order[::-1]):
            shown = np.zeros(len(ecg.segments), bool)
            before = ecg.showing(shown)
            for segment in walk:
                shown[segment] = True
                after = ecg.showing(shown)
                values[segment] += (after - before) / (2 * pairs)
                before = after
    return ecg.spread(values)


def kernel_shap(net, x, target, own, pairs=256):
    """Weighted least squares with the last value eliminated by the sum (Covert & Lee 2021)."""
    ecg = Hiding(net, x, target)
    segments = len(ecg.segments)
    weight = torch.tensor([1 / (size * (segments - size)) for size in range(1, segments)]).double()
    sizes = 1 + torch.multinomial(weight, pairs, replacement=True, generator=own)
    shown = np.zeros((2 * pairs, segments))
    for row, ranks in enumerate(torch.rand(pairs, segments, generator=own)):
        shown[row, ranks.argsort()[: int(sizes[row])]] = 1
        shown[pairs + row] = 1 - shown[row]
    none, everything = ecg.showing(np.zeros(segments)), ecg.output(x)
    gains = np.array([ecg.showing(row) for row in shown]) - none
    rest = gains - shown[:, -1] * (everything - none)
    values = np.linalg.lstsq(shown[:, :-1] - shown[:, -1:], rest, rcond=None)[0]
    return ecg.spread([*values, everything - none - values.sum()])


def lime(net, x, target, own, samples=500):
    """The normal equations of Ribeiro's ridge, its intercept as a column that is not shrunk."""
    ecg = Hiding(net, x, target)
    segments = len(ecg.segments)
    shown = (torch.rand(samples, segments, generator=own) < 0.5).double().numpy()
    shown[0] = 1
    whole = np.ones(segments)
    weights = []
    for row in shown:
        cosine = row @ whole / sqrt(max(row @ row, 1) * segments)
        weights.append(sqrt(np.exp(-((1 - cosine) ** 2) / 0.25**2)))
    design, weight = np.column_stack([np.ones(samples), shown]), np.diag(weights)
    shrink = np.diag([0.0, *whole])
    outputs = np.array([ecg.showing(row) for row in shown])
    return ecg.spread(
        np.linalg.solve(design.T @ weight @ design + shrink, design.T @ weight @ outputs)[1:]
    )


def exact_shapley(output: Callable[[frozenset], float], segments: int) -> np.ndarray:
    """Shapley 1953: the weighted mean of what a segment adds to every coalition of the others."""
    values = np.zeros(segments)
    for segment in range(segments):
        others = [other for other in range(segments) if other != segment]
        for size in range(segments):
            for some in combinations(others, size):
                gain = output(frozenset({*some, segment})) - output(frozenset(some))
                values[segment] += gain / comb(segments - 1, size) / segments
    return values
