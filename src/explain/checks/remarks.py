"""What a reader of the maps should know of a network that may be explained."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...ecg import LEADS
from ...engine import has_gradient, points_read, unperturbed
from ..named import methods
from ..passes import predictions
from .numerics import of_numerics
from .remark import Remark, of_gradients, with_facts

# Share of what other changes of the ECG move the output by, below which a change moves nothing;
# and float32 rounding of an output through a deep network.
NOTHING, ROUNDING = 1e-3, 1e-5
# Rows of probabilities add up to 1 within float32 rounding.
ONE = 1e-4
# Operations that only arrange, scale or shift outputs.
AFTER = frozenset({
    "Add", "Alias", "Cat", "Clone", "Div", "Mul", "Neg", "Reshape", "Rsub", "Select", "Slice",
    "Squeeze", "Stack", "Sub", "T", "Transpose", "Unsqueeze", "UnsafeView", "View",
})  # fmt: skip
BLIND_TO_SIZE = "the output does not depend on the size of the ECG"
PROBABLE = frozenset({"Sigmoid", "Softmax"})


def remarks(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    gradients: Float[Tensor, "batch lead time"] | None,
) -> tuple[Remark, ...]:
    """Remarks on output `target` for these ECGs, whose gradients are given where there are any."""
    return (
        *(() if gradients is None else _of_gradients(net, gradients)),
        *_of_flat_leads(x),
        *_of_blindness(net, x, target),
        *_of_probabilities(net, x, target),
        *of_numerics(net, x, target, gradients),
    )


def _of_gradients(net: nn.Module, gradients: Float[Tensor, "batch lead time"]) -> Iterator[Remark]:
    dead = int((gradients == 0).flatten(1).all(dim=1).sum())
    if dead:
        yield Remark(
            f"{dead} of the first {len(gradients)} ECGs have a gradient of exactly 0",
            of_gradients(),
            "their maps are 0 there: look for a clamp() or dead ReLUs that these ECGs saturate; "
            "leave such ECGs out, or explain the value before it",
        )
    none = (gradients == 0).all(dim=-1).all(dim=0)
    declared = points_read(net, gradients.shape[-1])
    if declared is not None:
        none &= declared.any(-1).to(none.device)
    unread = none.nonzero().flatten().tolist()
    if unread:
        names = ", ".join(_lead(at, gradients) for at in unread)
        yield Remark(
            f"leads without a gradient, which the network ignores: {names}; a map that only knows "
            "which leads are read may beat controls that cover all: declare them by "
            "InputSpec(leads=…), and the controls cover these"
        )
    if len(gradients) > 1 and torch.equal(gradients, gradients[:1].expand_as(gradients)):
        yield Remark("the gradient is the same for every ECG: the network is linear")


def _lead(place: int, x: Float[Tensor, "batch lead time"]) -> str:
    """Name of a lead; its index where there are not twelve."""
    return LEADS[place] if x.shape[1] == len(LEADS) else str(place)


def _of_flat_leads(x: Float[Tensor, "batch lead time"]) -> Iterator[Remark]:
    """Leads without a signal, in which a map that is not multiplied by the ECG shows relevance."""
    flat = (x == x[..., :1]).all(-1)
    places = flat.any(0).nonzero().flatten().tolist()
    if places:
        names = ", ".join(_lead(at, x) for at in places)
        yield Remark(
            f"{int(flat.any(1).sum())} of the first {len(x)} ECGs have leads without a signal "
            f"({names})",
            (*with_facts(form="slope"), "lrp_composite"),
            "relevance in these leads is that of a slope, not of a signal: leave the ECGs out, or "
            "take a method that multiplies by the ECG",
        )


def _of_blindness(
    net: nn.Module, x: Float[Tensor, "batch lead time"], target: int
) -> Iterator[Remark]:
    """Whether the output is that of the scaled or shifted ECG, or that of every ECG.

    f(x/2) = f(x) or f(x + c) = f(x); or no change of an ECG moves it by more than its rounding.
    """
    changed = (x, x / 2, 2 * x, x + _offset(x), x - _offset(x), -x, x.flip(-1))
    outputs = []
    for copies in torch.stack(changed, dim=1):  # of one ECG, whose statistics a network may keep
        with unperturbed(net, copies[0]):
            outputs.append(predictions(net, copies, target))
    found = torch.stack(outputs, dim=1)
    own, half, twice, up, down, *others = found
    moved = float(torch.stack([(other - own).abs() for other in others]).max())
    rounding = ROUNDING * float(own.abs().max())
    if float(found.max() - found.min()) <= rounding:
        yield Remark(
            f"the output is {float(own[0]):.6g} for every ECG, to float32 rounding",
            methods(),
            "maps would rank rounding: look for a last layer that was never trained, and take the "
            "mean out of the output",
        )
    if not moved > rounding / NOTHING:  # nothing moves this output enough to tell
        return
    still = NOTHING * moved + rounding

    def blind(*outputs: Tensor) -> bool:
        return all(float((one - own).abs().max()) <= still for one in outputs)

    products = with_facts(baseline="zero")
    if blind(half, twice):
        also = " and f(x + c) = f(x)" if blind(up, down) else ""
        yield Remark(
            f"{BLIND_TO_SIZE}: f(x/2) = f(x) = f(2x){also}; the network normalises each ECG",
            products,
            "freeze its statistics, so that they are numbers of the unperturbed ECG, or take "
            "methods that compare with no 0 µV",
        )
    elif blind(up, down):
        yield Remark(
            "the output does not depend on an offset of the ECG: f(x + c) = f(x)",
            products,
            "their maps change with the offset: remove it from the ECGs, or take methods that "
            "compare with no 0 µV",
        )


def is_blind_to_size(remark: Remark) -> bool:
    """Whether a remark says that the network normalises each ECG."""
    return remark.measured.startswith(BLIND_TO_SIZE)


def _offset(x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch 1 1"]:
    """Half of each ECG's range: as large as a wave."""
    return (x.amax((1, 2), keepdim=True) - x.amin((1, 2), keepdim=True)) / 2


def _of_probabilities(
    net: nn.Module, x: Float[Tensor, "batch lead time"], target: int
) -> Iterator[Remark]:
    """Whether the outputs are probabilities, by the last operation or by their values."""
    with torch.enable_grad():
        given = torch.cat([x, -x, 10 * x]).detach().clone().requires_grad_(has_gradient(net))
        outputs = net(given.clone())
    last = _last_operation(outputs.grad_fn)
    outputs = outputs.detach()[outputs.isfinite().all(1)]  # an own softmax may overflow
    within = bool(((outputs >= 0) & (outputs <= 1)).all())
    sums = outputs.shape[1] > 1 and bool(((outputs.sum(1) - 1).abs() <= ONE).all())
    if last in PROBABLE:
        measured = f"the last operation is a {last.lower()}: output {target} is a probability"
    elif within and sums:
        measured = "the outputs lie in 0…1 and add up to 1: they are probabilities"
    elif within and outputs.shape[1] > 1:
        measured = "all outputs lie in 0…1, also of ECGs ten times as large: as probabilities do"
    else:
        return
    yield Remark(
        measured,
        of_gradients(),
        "gradients vanish where a probability is near 0 or 1, so that maps of sure decisions are "
        "small and rounded: explain the logit, by a network without its last sigmoid or softmax",
    )


def _last_operation(node: Any) -> str:
    """Name of the operation that made the outputs, under what only arranges or scales them."""
    while node is not None:
        name = node.name().split("Backward")[0].strip("_")
        parents = [parent for parent, _ in node.next_functions if parent is not None]
        if name not in AFTER or len(parents) != 1:
            return name
        (node,) = parents
    return ""
