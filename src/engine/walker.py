"""Predictions for perturbed copies of an ECG, in the cheapest way that is exact."""

from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .copies import NEVER, Copies
from .graph import trace
from .layers import Network
from .modes import evaluating
from .stepwise import follow

# Copies in one full pass: 15 MB of input for a 10-s strip. A GPU is full with ten times as many.
ROWS = {"cpu": 64, "cuda": 640}

# What a traced network may differ from the network itself, as a share of the largest output:
# a hundred times the rounding of a network of twenty layers in float32.
AGREEMENT = 1e-4


class Walker:
    """Reads perturbed copies of ECGs of one shape, one ECG at a time.

    On a CPU only what a step can have changed is recomputed, if the network's operations allow it;
    otherwise every copy goes through the whole network. The weights are read when it is made.
    """

    def __init__(self, net: nn.Module, x: Float[Tensor, "lead time"]) -> None:
        """`x` is an ECG like those that will come."""
        parameter = next(net.parameters(), None)
        self._net = net
        self._device = x.device if parameter is None else parameter.device
        self._network = self._understood(x.to(self._device))

    def __call__(self, copies: Copies) -> Float[Tensor, "copy target"]:
        """The outputs for the ECG itself, then for its copies; on the CPU."""
        copies = copies.to(self._device)
        read = self._pass_all if self._network is None else partial(follow, self._network)
        return read(copies).to("cpu", copies.x.dtype)

    @torch.no_grad()
    def _pass_all(self, copies: Copies) -> Float[Tensor, "copy target"]:
        rows = ROWS.get(self._device.type, ROWS["cpu"])
        parts = [slice(at, at + rows) for at in range(0, len(copies), rows)]
        with evaluating(self._net):
            outputs = [self._net(copies.full(part)) for part in parts]
        if outputs[0].ndim != 2:
            raise ValueError(
                "expected predictions of shape (batch, targets), "
                f"got {tuple(outputs[0].shape)} for {min(rows, len(copies))} ECGs"
            )
        return torch.cat(outputs)

    def _understood(self, x: Float[Tensor, "lead time"]) -> Network | None:
        """The traced network, if it agrees with the network itself on x and on a perturbed x."""
        # Windows are copied row by row, which is slower than whole passes on a GPU.
        network = trace(self._net, x) if x.device.type == "cpu" else None
        if network is None:
            return None
        hit = torch.full(x.shape, NEVER)
        hit[0, x.shape[1] // 2] = 1
        copies = Copies(x, hit, (x.amax() - x.amin()).expand(1, *x.shape), steps=1)
        expected = self._pass_all(copies).double()
        agree = (
            follow(network, copies) - expected
        ).abs().amax() <= AGREEMENT * expected.abs().amax()
        return network if agree else None
