"""The network of a table: of a run, of a file, or from Python; its outputs for a batch."""

from pathlib import Path

import numpy as np
import torch
from ecglens.datamodules import SAMPLES, Target, target_of
from ecglens.ecg import LEADS
from ecglens.engine import accelerate, evaluating
from ecglens.inputs import own_of
from ecglens.models import InputSpec, adapted_to, device_of
from ecglens.report import installed_versions
from ecglens.store import Store
from ecglens_sheets import (
    KnownNetwork,
    known_of,
    not_evaluated,
    opened_network,
    opened_run,
    unevaluated,
)
from jaxtyping import Float32
from torch import nn


def opened(network: str | Path | KnownNetwork, trust: bool = False) -> KnownNetwork:
    """The network of a run's folder, of a file of `ecglens export`, or of a yaml file; or itself.

    The training ECGs, outside whose range a row is flagged, are known of a run alone. Raises
    ValueError as `ecglens explain` does.
    """
    if isinstance(network, KnownNetwork):
        return network
    path = Path(network).expanduser()
    if not path.exists():
        raise ValueError(f"expected a run's folder or a network's file, found nothing at {path}")
    return known_of(opened_run(path, trust) if path.is_dir() else opened_network(path, trust))


def network_of(
    net: nn.Module, target: str | Target, input: str = "median", spec: InputSpec | None = None
) -> KnownNetwork:
    """A network from Python whose outputs are those of the target, or of the target of this name.

    It reads (batch, 12, time) in µV at 500 Hz: `input` "median" is the median beat, "rhythm" a
    strip of 10 s. With `spec` it is adapted to that first. Raises ValueError for another input, and
    for a network that does not take it or has another number of outputs.
    """
    if input not in SAMPLES:
        raise ValueError(f"expected an input of {', '.join(SAMPLES)}, got {input!r}")
    of = target_of(target)
    tried = own_of(adapted_to(spec, net), torch.zeros(2, len(LEADS), SAMPLES[input]), of)
    finding = not_evaluated(tried, of, input, {"versions": installed_versions()})
    return unevaluated(accelerate(tried), finding, Store.at("store"), "")


def outputs_of(
    known: KnownNetwork, x: Float32[np.ndarray, "batch 12 time"]
) -> Float32[np.ndarray, "batch output"]:
    """Outputs of the network in the target's unit."""
    with torch.no_grad(), evaluating(known.net):
        found = known.net(torch.from_numpy(x).to(device_of(known.net)))
    return found.reshape(len(x), -1).float().cpu().numpy()
