"""Detects whether a map is a slope (per µV) or a contribution (in the target's unit)."""

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ....engine import accelerate
from ....explain import Inputs, attribute, controls
from ....models import device_of
from ...subject import Subject

# ECGs tried: a map that is 0 on one has no unit there.
PROBES = 2
# Halfway, as a ratio, between a slope's ½ and a contribution's 1.
BETWEEN = 0.5**0.5


class Halved(nn.Module):
    """Reads ECGs of twice the size as the network reads them; exact, as 2 is its own float."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """Output for half of each ECG."""
        return self.net(x / 2)


def slopes(net: nn.Module, subject: Subject, names: Iterable[str]) -> dict[str, bool]:
    """Whether the maps of each method are slopes on this network; controls are contributions."""
    fast = accelerate(net).eval()
    halved = Halved(fast).eval()
    known = dict.fromkeys(controls(), False)
    return {
        name: known[name] if name in known else _is_slope(name, fast, halved, subject)
        for name in names
    }


def _is_slope(name: str, net: nn.Module, halved: nn.Module, subject: Subject) -> bool:
    sizes = [_size(name, one, scale, subject) for one, scale in ((net, 1.0), (halved, 2.0))]
    return sizes[1] < BETWEEN * sizes[0]


def _size(name: str, net: nn.Module, scale: float, subject: Subject) -> float:
    x, _, segments, record = subject.ecgs
    device, background = device_of(net), subject.background
    maps = attribute(
        subject.methods[name],
        net,
        scale * x[:PROBES].to(device),
        subject.output,
        subject.seed,
        inputs=Inputs(
            records=record[:PROBES],
            segments=segments[:PROBES].to(device),
            background=None if background is None else scale * background.to(device),
        ),
    )
    return float(torch.linalg.vector_norm(maps.double()))
