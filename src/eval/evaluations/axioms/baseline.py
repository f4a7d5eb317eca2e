"""Output at the baseline of a method."""

from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from ....engine import keeps_statistics, unperturbed
from ....explain import Method, segmented, wave_segments
from ....models import device_of
from ...heatmaps.predictions import predictions
from ...subject import Subject


class Baselines:
    """Outputs of one network at the baselines of these ECGs; each is computed at most once."""

    def __init__(self, net: nn.Module, subject: Subject) -> None:
        self._net, self._subject = net, subject

    def of(self, method: Method) -> Float64[np.ndarray, " ecg"]:
        """Mean output of the other ECGs, of their mean, of each ECG with hidden waves, or f(0)."""
        match method.facts.baseline:
            case "mean of others":
                return self._mean
            case "others":
                return self._others
            case "line":
                return self._lines
            case _:
                return self._zero

    @cached_property
    def _zero(self) -> Float64[np.ndarray, " ecg"]:
        return self._of_each(torch.zeros_like(self._subject.ecgs.x[:1]))

    @cached_property
    def _lines(self) -> Float64[np.ndarray, " ecg"]:
        x, _, segments, _ = self._subject.ecgs
        hidden = [
            segmented(one, wave_segments(marks), "line").hidden
            for one, marks in zip(x.cpu(), segments.cpu(), strict=True)
        ]
        if not keeps_statistics(self._net):
            return self._outputs(torch.stack(hidden))
        return np.concatenate([self._copies(*pair) for pair in zip(x, hidden, strict=True)])

    @cached_property
    def _others(self) -> Float64[np.ndarray, " ecg"]:
        return self._of_each(self._background)

    @cached_property
    def _mean(self) -> Float64[np.ndarray, " ecg"]:
        return self._of_each(self._background.mean(0, keepdim=True))

    @property
    def _background(self) -> Float[Tensor, "other lead time"]:
        if self._subject.background is None:
            raise ValueError(
                "expected ECGs of others to compare with, got none; give Subject(background=…)"
            )
        return self._subject.background

    def _of_each(self, baselines: Float[Tensor, "other lead time"]) -> Float64[np.ndarray, " ecg"]:
        """Mean output at the baselines, for each ECG."""
        x = self._subject.ecgs.x
        if not keeps_statistics(self._net):
            return np.full(len(x), self._outputs(baselines).mean())
        return np.array([self._copies(one, baselines).mean() for one in x])

    def _copies(
        self, x: Float[Tensor, "lead time"], baselines: Float[Tensor, "*other lead time"]
    ) -> Float64[np.ndarray, " other"]:
        """Outputs at the baselines, normalised as this ECG."""
        with unperturbed(self._net, x.to(device_of(self._net))):
            return self._outputs(baselines.reshape(-1, *x.shape))

    def _outputs(self, x: Float[Tensor, "ecg lead time"]) -> Float64[np.ndarray, " ecg"]:
        return predictions(self._net, x, self._subject.output)
