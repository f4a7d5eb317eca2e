"""Linter: a network that can be explained, and the methods that are right on it."""

from dataclasses import dataclass, field

import numpy as np
from torch import Tensor, nn

from ...engine import has_gradient, keeps_statistics, of_any_signal, unperturbed
from ..attribute import (
    Inputs,
    attribute,
    check_network,
    checked_background,
    checked_input,
    context_of,
    map_notes,
)
from ..method import Method
from ..methods.gradient import IntegratedGradients
from ..named import find
from ..passes import WITHOUT_GRADIENT, Ecgs, Maps, PerEcg, differentiable, input_gradient
from .discontinuities import check_discontinuities
from .large_steps import REFUSED as MOST_MISSED
from .large_steps import TOLD, missed_by_the_gradient
from .outputs import check_gradient, checked_outputs
from .remarks import Remark, is_blind_to_size, of_gradients, of_the_baseline, remarks
from .training_range import of_the_range

# ECGs tried: a fault shows on a few.
PROBES = 4
# Note on a black box.
ALONE = "the network gives outputs alone: methods that need its gradient or its layers are left out"


# Nodes and ECGs of a first integral, which is repeated with those of the method where it misses
# its sum. As many ECGs are changed by large steps first.
FEW_STEPS, FEW_ECGS = 10, 2
REFUSED = "misses more than half of f(x) − f(0), and is refused"


@dataclass(frozen=True, eq=False)
class Findings:
    """Errors that forbid explanations, and remarks for the reader of the maps.

    An error forbids every explanation; where `outputs_hold` it forbids those by methods that need
    the gradient, and methods that need outputs alone are right.
    """

    errors: tuple[str, ...]
    remarks: tuple[Remark, ...]
    net: nn.Module = field(repr=False)
    x: Ecgs = field(repr=False)
    target: int
    outputs_hold: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """The remarks, each in one line."""
        return tuple(str(each) for each in self.remarks)

    def left_out(self, method: str | Method) -> str | None:
        """Reason why this method would be wrong on this network, None when it is right.

        The method is run and checks itself, unless it takes any network and promises no exact sum.
        """
        chosen = find(method) if isinstance(method, str) else method
        if self.errors and not (self.outputs_hold and not chosen.facts.needs_gradient):
            return self.errors[0]
        if chosen.facts.needs_gradient and not has_gradient(self.net):
            return WITHOUT_GRADIENT
        if chosen.facts.any_network and chosen.facts.sums != "exact":
            return None
        try:
            # Any background will do: whether a network suits a method does not depend on it.
            attribute(chosen, self.net, self.x, self.target, inputs=Inputs(background=self.x))
        except ValueError as problem:
            return str(problem)
        return None


def lint(
    net: nn.Module,
    x: Tensor | np.ndarray,
    target: int = 0,
    background: Tensor | np.ndarray | None = None,
) -> Findings:
    """Findings about explaining output `target` of this network, from the first ECGs.

    `x` is (batch, lead, time) in µV, `background` ECGs of others of this shape, with which the size
    of x is compared. Raises ValueError for no ECG, another shape or samples that are not finite.
    """
    x = checked_input(x[:PROBES] if isinstance(x, Tensor | np.ndarray) else x, net)
    if not len(x):
        raise ValueError("expected at least one ECG, got none")
    others = checked_background(background, x)
    found: tuple[Remark, ...] = ()
    steps = ""
    try:
        check_network(net)
        with differentiable(net, x.device):
            x = x.clone()
            with of_any_signal(net):  # ECGs are turned round, and larger
                outputs = checked_outputs(net, x, target)
            gradients = _checked_gradients(net, x, target, outputs) if has_gradient(net) else None
            alone = (Remark(ALONE),) if gradients is None else ()
            found = (*alone, *remarks(net, x, target, gradients))
            found += tuple(of_the_range(net, x, others))
            at_zero = tuple(of_the_baseline(net, x, target))
            if has_gradient(net):
                steps, told = _of_large_steps(net, x, target)
                found += told
        errors: tuple[str, ...] = (steps,) if steps else ()
        found += at_zero
        if has_gradient(net) and not at_zero and not steps:
            found += _of_the_integral(net, x, target, any(map(is_blind_to_size, found)))
    except ValueError as problem:
        errors = (str(problem),)
    return Findings(errors, found, net, x, target, bool(steps))


def _of_large_steps(net: nn.Module, x: Ecgs, target: int) -> tuple[str, tuple[Remark, ...]]:
    """Error, "" for none, and remark on large changes that the gradient does not account for."""
    kind, share = missed_by_the_gradient(net, x, target, FEW_ECGS)
    if share > MOST_MISSED:
        kind, share = missed_by_the_gradient(net, x, target, len(x))
    words = f"{100 * share:.0f}\u00a0% of the change of the output {kind}"
    if share > MOST_MISSED:
        return (
            f"expected a gradient that accounts for large changes of the ECG, got one that misses "
            f"{words}; look for counts, comparisons, argmax and rounding, which have no gradient, "
            "and take methods that hide parts of the ECG, as occlusion and shapley_sampling do",
            (),
        )
    if share <= TOLD:
        return "", ()
    advice = (
        "that share is not in their maps: look for steps, compare with methods that hide parts of "
        "the ECG"
    )
    return "", (Remark(f"the gradient misses {words}", of_gradients(), advice),)


def _of_the_integral(net: nn.Module, x: Ecgs, target: int, normalises: bool) -> tuple[Remark, ...]:
    """By how much integrated gradients from 0 µV miss f(x) − f(0), where they do.

    A few nodes on a few ECGs are enough to see that they do not, and on a network that normalises
    each ECG to see that they do.
    """
    few = _missed_by_the_integral(net, x[:FEW_ECGS], target, FEW_STEPS)
    if few and not (normalises and few == REFUSED):
        few = _missed_by_the_integral(net, x, target, IntegratedGradients().steps)
    return (Remark(f"integrated_gradients {few}"),) if few else ()


def _missed_by_the_integral(net: nn.Module, x: Ecgs, target: int, steps: int) -> str:
    method = IntegratedGradients(steps=steps)
    try:
        heatmap = attribute(method, net, x, target)
    except ValueError:
        return REFUSED
    context = context_of(method, x, 0, Inputs())
    return "".join(map_notes(method, net, x, heatmap, target, context))


def _checked_gradients(net: nn.Module, x: Ecgs, target: int, outputs: PerEcg) -> Maps:
    """Gradients; raises ValueError where they do not say how the output changes."""
    gradients = input_gradient(net, x, target)
    if not gradients.isfinite().all():
        raise ValueError("expected finite gradients, got NaN or infinity")
    if (gradients == 0).all():
        raise ValueError(
            f"expected an output that depends on the ECG, got {float(outputs[0]):g} with a "
            "gradient of exactly 0 everywhere; look for dead ReLUs or a saturated last layer"
        )
    # Copies of one ECG are normalised alike where the network keeps statistics.
    for some in x.split(1 if keeps_statistics(net) else len(x)):
        with unperturbed(net, some[0]):
            check_gradient(net, some, target)
            check_discontinuities(net, some, target)
    return gradients
