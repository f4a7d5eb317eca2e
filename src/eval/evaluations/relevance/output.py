"""Outputs of the network, its output at 0 µV, and the sum of a map beside them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from scipy.special import expit
from torch import nn

from ....engine import evaluating, keeps_statistics, unperturbed
from ....explain import prediction
from ....models import device_of
from ...subject import Subject

Outcome = Literal["TP", "FP", "TN", "FN", ""]


@dataclass(frozen=True, eq=False)
class Output:
    """The output of each ECG and that of 0 µV throughout, `zero`; a logit where `binary`.

    `zero` differs from ECG to ECG where the network keeps statistics.
    """

    value: Float[np.ndarray, " ecg"]
    zero: float | Float[np.ndarray, " ecg"]
    truth: Float[np.ndarray, " ecg"]
    binary: bool

    @property
    def change(self) -> Float[np.ndarray, " ecg"]:
        """f(x) − f(0): what the relevance of a method with completeness adds up to."""
        return self.value - self.zero

    @property
    def shown(self) -> Float[np.ndarray, " ecg"]:
        """The probability of a class; the prediction itself of a number."""
        return expit(self.value) if self.binary else self.value

    @property
    def outcomes(self) -> np.ndarray:
        """TP, FP, TN or FN of each ECG at a probability of 1/2; "" where the truth is unknown."""
        found = np.full(len(self.value), "", dtype="<U2")
        if self.binary:
            positive = self.value > 0
            for name, said, true in (
                ("TP", positive, 1),
                ("FP", positive, 0),
                ("TN", ~positive, 0),
                ("FN", ~positive, 1),
            ):
                found[said & (self.truth == true)] = name
        return found


def at_zero(net: nn.Module, subject: Subject) -> float | Float[np.ndarray, " ecg"]:
    """Output at 0 µV in every lead; of each ECG where the network keeps its statistics."""
    x = subject.ecgs.x.to(device_of(net))
    nothing = torch.zeros_like(x[:1])

    def output() -> float:
        return float(prediction(net, nothing, subject.output))

    with torch.no_grad(), evaluating(net):
        if not keeps_statistics(net):
            return output()
        found = []
        for one in x:
            with unperturbed(net, one):
                found.append(output())
        return np.array(found)


def mean_relevance(maps: Float[np.ndarray, "ecg lead time"]) -> Float[np.ndarray, " ecg"]:
    """r: the signed mean over leads and time."""
    return maps.mean((1, 2), dtype=np.float64)


def excess(maps: Float[np.ndarray, "ecg lead time"], output: Output) -> Float[np.ndarray, " ecg"]:
    """Σ R − (f(x) − f(0)): what a sum says beyond the output itself, in the output's unit."""
    return maps.sum((1, 2), dtype=np.float64) - output.change
