"""The same methods asked of fewer ECGs, of changed ones, and of many copies of one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float, Float64, Int8
from torch import Tensor, nn

from ..engine import evaluating
from ..explain import prediction
from ..models import device_of
from .sanity import Setup

# Copies in one pass: 15 MB of input for a 10-s strip, as engine.Walker has it.
ROWS = 64

# By measure and by method or control a number of each ECG.
PerEcg = Mapping[str, Mapping[str, Float[np.ndarray, " ecg"]]]


def changed(
    setup: Setup,
    x: Float[Tensor, "ecg lead time"],
    segments: Int8[Tensor, "ecg time"] | None = None,
) -> Setup:
    """What is asked, of changed ECGs under their old names: methods draw what they drew before."""
    marks = setup.ecgs.segments if segments is None else segments
    return replace(setup, ecgs=setup.ecgs._replace(x=x, segments=marks))


def predictions(
    net: nn.Module, copies: Float[Tensor, "copy lead time"], target: int
) -> Float64[np.ndarray, " copy"]:
    """The output for each copy of one ECG, so many copies at a time whatever else is asked."""
    parts = copies.to(device_of(net)).split(ROWS)
    with torch.no_grad(), evaluating(net):
        found = [prediction(net, part, target).cpu() for part in parts]
    return torch.cat(found).double().numpy()


def by_measure(methods: Mapping[str, Mapping[str, Float[np.ndarray, " ecg"]]]) -> PerEcg:
    """Numbers by method and measure, turned round; every method has the same measures."""
    names = dict.fromkeys(name for each in methods.values() for name in each)
    return {name: {method: each[name] for method, each in methods.items()} for name in names}


def stacked(
    networks: Sequence[PerEcg],
) -> dict[str, dict[str, Float[np.ndarray, "network ecg"]]]:
    """The numbers of several networks, of the methods that are right on all of them."""
    found = {}
    for measure, methods in networks[0].items():
        common = [name for name in methods if all(name in each[measure] for each in networks)]
        found[measure] = {
            name: np.stack([each[measure][name] for each in networks]) for name in common
        }
    return found
