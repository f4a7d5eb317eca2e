"""Remark on ECGs far outside what a network was trained on.

What it was trained on is known from three sources: ECGs of others that the run took from the
training data, the fixed mean and SD of a spec, and the running statistics of a BatchNorm. By each
of them the mean square of standardised values is 1 over the training data.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ...engine import prepared_in, unperturbed
from ..named import methods
from ..passes import Ecgs
from .remarks import Remark

# Times by which ECGs may be larger or smaller than in training. A wrong unit is 10 (mm), 100
# (Ribeiro's 1e-4 V) or 1000 (mV); the QRS voltages of one heart and another differ by less than
# 10: from 0.5 mV (low voltage, in the limbs) to 4 mV (hypertrophy).
TIMES = 10.0
# Share of a BatchNorm's statistics that is still that of its beginning, 0 and 1: (1 − momentum)ⁿ.
BEGINNING = 0.01


def of_the_range(
    net: nn.Module, x: Ecgs, background: Float[Tensor, "other lead time"]
) -> Iterator[Remark]:
    """A remark where a source says that these ECGs are ten times too large or too small.

    Too large are values whose RMS is above 10, too small are values whose SD is below 1/10, in the
    median over leads or channels, so that neither a lead that is off nor a dead channel decides.
    """
    for source, values in _standardised(net, x, background):
        size = values.square().mean((0, 2)).sqrt().median()
        spread = values.std((0, 2), correction=0).median()
        if size > TIMES or spread < 1 / TIMES:
            times = float(size if size > TIMES else spread)
            yield Remark(
                f"the ECGs are {times:.2g} times as large as {source}",
                methods(),
                "the network answers outside what it has learnt, and maps explain that answer: "
                "check the unit, which is µV here, and declare that of the network by "
                "InputSpec(unit=…, normalisation=…)",
            )
            return


def _standardised(
    net: nn.Module, x: Ecgs, others: Float[Tensor, "other lead time"]
) -> Iterator[tuple[str, Float[Tensor, "row channel place"]]]:
    """Standardised values of these ECGs by each source that is known, with its name."""
    if len(others):
        mean, sd = others.mean((0, 2), keepdim=True), others.std((0, 2), keepdim=True)
        there = (sd > 0)[0, :, 0]  # a lead that is off in all of them says nothing
        if there.any():
            yield "the ECGs of others", ((x - mean) / sd)[:, there]
    with torch.no_grad(), unperturbed(net, x[0]):
        yield from _of_the_weights(net, x)


def _of_the_weights(
    net: nn.Module, x: Ecgs
) -> list[tuple[str, Float[Tensor, "row channel place"]]]:
    """Standardised input of the core by its spec, and of the first BatchNorm that has learnt."""
    inputs: dict[str, Tensor] = {}

    def read(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        values = given[0].detach()
        if isinstance(module, _BatchNorm):
            mean, variance = module.running_mean, module.running_var
            assert mean is not None
            assert variance is not None
            values = values[..., None].flatten(2)  # a layer may have no place
            values = (values - mean[:, None]) / (variance[:, None] + module.eps).sqrt()
            inputs.setdefault("in training, by the statistics of a BatchNorm", values)
        else:
            inputs.setdefault("in training, by the spec's mean and SD", values)

    prepared = prepared_in(net)
    cores = [prepared.core] if prepared is not None and prepared.standardises else []
    norms = [one for one in net.modules() if isinstance(one, _BatchNorm) and _has_learnt(one)]
    with ExitStack() as hooks:
        for one in (*cores, *norms):
            hooks.enter_context(one.register_forward_pre_hook(read))
        net(x.clone())
    return list(inputs.items())


def _has_learnt(norm: _BatchNorm) -> bool:
    """True if the running statistics are those of training data."""
    if norm.running_mean is None or norm.num_batches_tracked is None:
        return False
    batches = int(norm.num_batches_tracked)
    momentum = norm.momentum
    return batches > 0 and (momentum is None or (1 - momentum) ** batches < BEGINNING)
