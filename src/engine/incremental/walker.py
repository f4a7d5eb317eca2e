"""Predictions for perturbed copies of an ECG, computed in the cheapest exact way."""

from functools import partial

import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from ..memory import fitting, in_memory
from ..modes import evaluating
from ..random import generator
from .copies import NEVER, Copies
from .graph import Network
from .prepared import Prepared, unperturbed
from .stepwise import follow
from .trace import trace

# Copies in one full pass: 15 MB of input for a 10-s strip. A GPU is full with ten times as many.
ROWS = {"cpu": 64, "cuda": 640}

# Largest difference of the change of an output from that by whole passes: as a share of the change,
# and of the ECG's largest output, which float32 rounds by 10⁻⁶ in a network of twenty layers
# (measured). An output near 0 is a difference of numbers as large as those of its neighbours.
AGREEMENT = 1e-3
ROUNDING = 1e-5
# Noise of the check, in units of its random ECG's SD: large, so that changes exceed rounding.
CHECK_NOISE = 5.0
CHECK_STEPS = 4
CHECK_SD = 100.0  # µV, that of an ECG


class Walker:
    """Predicts for perturbed copies of ECGs of one shape, one ECG at a time.

    On a CPU only the windows that a step can have changed are recomputed, if the network's
    operations allow it; otherwise every copy goes through the whole network. The weights are read
    in the constructor.
    """

    def __init__(self, net: nn.Module, x: Float[Tensor, "lead time"]) -> None:
        """`x` is an ECG of the shape and type of those that follow."""
        parameter = next(net.parameters(), None)
        self._net = net
        self._device = x.device if parameter is None else parameter.device
        self._shape, self._dtype = x.shape, x.dtype
        x = x.to(self._device)
        # Behind a preparation that is linear in each sample, only the core is walked.
        own = self._of_core(_unchanged(x))
        self._core = None if own is None else Walker(net.get_submodule("core"), own.x)
        self._network = self._understood(x) if own is None else None

    def __call__(self, copies: Copies) -> Float64[Tensor, "copy target"]:
        """Outputs for the ECG itself, followed by those for its copies; on the CPU.

        Raises ValueError for an ECG of another shape or type than the walker was made for.
        """
        if copies.x.shape != self._shape or copies.x.dtype != self._dtype:
            raise ValueError(
                f"expected ECGs of shape {tuple(self._shape)} and {self._dtype} as the walker was "
                f"made for, got {tuple(copies.x.shape)} and {copies.x.dtype}; make another Walker"
            )
        copies = copies.to(self._device)
        own = self._of_core(copies)
        if self._core is not None and own is not None:
            return self._core(own)
        read = self._pass_all if self._network is None else partial(follow, self._network)
        return in_memory(lambda: read(copies).to("cpu", torch.float64))

    @property
    def way(self) -> str:
        """How copies are predicted: by windows, by windows up to an operation, or whole."""
        if self._core is not None:
            return self._core.way
        if self._network is None:
            return "whole passes"
        until = self._network.until
        return "windows" if until is None else f"windows up to {until}"

    @torch.no_grad()
    def _of_core(self, copies: Copies) -> Copies | None:
        """The copies that the core of a prepared network reads, None where it cannot be walked."""
        return self._net.own_copies(copies) if isinstance(self._net, Prepared) else None

    @torch.no_grad()
    def _pass_all(self, copies: Copies) -> Float[Tensor, "copy target"]:
        rows = fitting(ROWS.get(self._device.type, ROWS["cpu"]))
        parts = [slice(at, at + rows) for at in range(0, len(copies), rows)]
        with evaluating(self._net), unperturbed(self._net, copies.x):
            outputs = [self._net(copies.full(part)) for part in parts]
        if not isinstance(outputs[0], Tensor) or outputs[0].ndim != 2:
            found = getattr(outputs[0], "shape", type(outputs[0]).__name__)
            raise ValueError(
                f"expected predictions of shape (batch, targets), got {found} "
                f"for {min(rows, len(copies))} ECGs"
            )
        return torch.cat(outputs)

    def _understood(self, x: Float[Tensor, "lead time"]) -> Network | None:
        """Traced network, if its outputs change as those of the network itself on check copies."""
        # Windows are copied row by row, which on a GPU is slower than whole passes.
        network = trace(self._net, x) if x.device.type == "cpu" else None
        if network is None:
            return None
        copies = _check_copies(x)
        expected = self._pass_all(copies).double()
        try:
            found = follow(network, copies)
        # The network fixes a type or a shape: whole passes are made.
        except (RuntimeError, ValueError):
            return None
        change, own = found - found[:1], expected - expected[:1]
        allowed = AGREEMENT * own.abs() + ROUNDING * expected.abs().amax(1, keepdim=True)
        agrees = ((change - own).abs() <= allowed) & ((found - expected).abs() <= allowed)
        return network if agrees.all() else None


def _unchanged(x: Float[Tensor, "lead time"]) -> Copies:
    """The ECG alone."""
    return Copies(x, torch.full(x.shape, NEVER), torch.zeros_like(x)[None], steps=1)


def _check_copies(like: Float[Tensor, "lead time"]) -> Copies:
    """Copies of a random signal, equal for all ECGs, with steps at both ends and at random."""
    leads, time = like.shape
    x, noise = CHECK_SD * torch.randn(2, leads, time, generator=generator(0, "trial")).to(like)
    hit = torch.full((leads * time,), NEVER)
    points = torch.randperm(leads * time, generator=generator(0, "points"))[:CHECK_STEPS]
    points[:2] = torch.tensor([0, leads * time - 1])
    hit[points] = torch.arange(1, CHECK_STEPS + 1)
    return Copies(x, hit.reshape(leads, time), CHECK_NOISE * noise[None], CHECK_STEPS)
