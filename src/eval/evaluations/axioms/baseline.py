"""Output at the baseline of a method."""

from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from ....explain import Method, segmented, wave_segments
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
        x = self._subject.ecgs.x
        return np.repeat(self._outputs(torch.zeros_like(x[:1])), len(x))

    @cached_property
    def _lines(self) -> Float64[np.ndarray, " ecg"]:
        x, _, segments, _ = self._subject.ecgs
        hidden = [
            segmented(one, wave_segments(marks), "line").hidden
            for one, marks in zip(x.cpu(), segments.cpu(), strict=True)
        ]
        return self._outputs(torch.stack(hidden))

    @cached_property
    def _others(self) -> Float64[np.ndarray, " ecg"]:
        return np.full(len(self._subject.ecgs.x), self._outputs(self._background).mean())

    @cached_property
    def _mean(self) -> Float64[np.ndarray, " ecg"]:
        mean = self._background.mean(0, keepdim=True)
        return np.repeat(self._outputs(mean), len(self._subject.ecgs.x))

    @property
    def _background(self) -> Float[Tensor, "other lead time"]:
        if self._subject.background is None:
            raise ValueError(
                "expected ECGs of others to compare with, got none; give Subject(background=…)"
            )
        return self._subject.background

    def _outputs(self, x: Float[Tensor, "ecg lead time"]) -> Float64[np.ndarray, " ecg"]:
        return predictions(self._net, x, self._subject.output)
