"""Remarks on a network that may be explained: which methods are wrong on it, and what to do."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from ...ecg import LEADS
from ...engine import (
    generator,
    has_gradient,
    keeps_statistics,
    normal,
    of_any_signal,
    points_read,
    reads_by_name,
    unperturbed,
)
from ..named import find, methods
from ..passes import Ecgs, Maps, input_gradient, operation_behind, predictions
from ..rules.interception import Call, Interception, Kind

MOST_NAMED = 8


@dataclass(frozen=True)
class Remark:
    """Measurement, names of the methods that it makes wrong, and advice; "" for no advice."""

    measured: str
    wrong: tuple[str, ...] = ()
    advice: str = ""

    def __str__(self) -> str:
        named = ", ".join(self.wrong[:MOST_NAMED])
        if more := len(self.wrong) - MOST_NAMED:
            named += f" and {more} more" if more > 0 else ""
        wrong = f"wrong here: {named}" if named else ""
        return "; ".join(filter(None, (self.measured, wrong, self.advice)))


def with_facts(**wanted: str) -> tuple[str, ...]:
    """Names of the methods whose facts are these."""
    return tuple(
        name
        for name in methods()
        if all(getattr(find(name).facts, fact) == value for fact, value in wanted.items())
    )


def of_gradients() -> tuple[str, ...]:
    """Names of the methods that go back through the network."""
    return tuple(name for name in methods() if find(name).facts.gradients)


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
# Last operations whose results have no upper bound: they lie in 0…1 where they are small.
UNBOUNDED = frozenset({
    "Addmm", "AdaptiveMaxPool2D", "Amax", "Bmm", "Convolution", "Elu", "Gelu", "LeakyRelu", "Max",
    "Maximum", "Mean", "Mm", "Relu", "Silu", "Softplus", "Sum", "Threshold",
})  # fmt: skip


def remarks(net: nn.Module, x: Ecgs, target: int, gradients: Maps | None) -> tuple[Remark, ...]:
    """Remarks on output `target` for these ECGs, whose gradients are given where there are any."""
    return (
        *(() if gradients is None else _of_gradients(net, x, target, gradients)),
        *_of_flat_leads(x),
        *_of_blindness(net, x, target),
        *_of_probabilities(net, x, target),
        *of_numerics(net, x, target, gradients),
    )


def _of_gradients(net: nn.Module, x: Ecgs, target: int, gradients: Maps) -> Iterator[Remark]:
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
    if unread := _ignored(net, x[:1], target, none.nonzero().flatten().tolist()):
        names = ", ".join(_lead(at, gradients) for at in unread)
        yield Remark(
            f"leads without a gradient, which the network ignores: {names}; a map that only knows "
            "which leads are read may beat controls that cover all: declare them by "
            "InputSpec(leads=…), and the controls cover these"
        )
    if len(gradients) > 1 and torch.equal(gradients, gradients[:1].expand_as(gradients)):
        with of_any_signal(net):
            far = input_gradient(net, -100 * x[:1].flip(-1), target)
        # A small slope may be rounding alone, so that all are compared with the largest one. The
        # largest of `gradients` is finite; that of `far` may not be.
        most = ROUNDING * gradients[:1].abs().max()
        linear = bool((far - gradients[:1]).abs().max() <= most)
        said = ": the network is linear" if linear else ", but not for a much larger one"
        yield Remark(f"the gradient is the same for every ECG{said}")


def _ignored(
    net: nn.Module, x: Float[Tensor, "1 lead time"], target: int, leads: Sequence[int]
) -> list[int]:
    """Those of the leads that move nothing where they are ten times as large, and upside down."""
    changed = x.repeat(1 + 2 * len(leads), 1, 1)
    for place, lead in enumerate(leads):
        changed[1 + 2 * place, lead] *= 10.0
        changed[2 + 2 * place, lead] *= -10.0
    # With the values beside this ECG; statistics are those of each copy.
    with unperturbed(net, x[0]) if reads_by_name(net) else nullcontext():
        own, *others = predictions(net, changed, target).split([1] + [2] * len(leads))
    moved = [float((each - own).abs().max()) for each in others]
    return [lead for lead, by in zip(leads, moved, strict=True) if by <= ROUNDING * own.abs()]


def _lead(place: int, x: Ecgs) -> str:
    """Name of a lead; its index where there are not twelve."""
    return LEADS[place] if x.shape[1] == len(LEADS) else str(place)


def _of_flat_leads(x: Ecgs) -> Iterator[Remark]:
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


def _of_blindness(net: nn.Module, x: Ecgs, target: int) -> Iterator[Remark]:
    """Remarks on an output that no scale, no offset or no change of the ECG moves.

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
    if blind(half, twice) and not blind(others[1]):  # else it is saturated
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
    """True if a remark says that the network normalises each ECG."""
    return remark.measured.startswith(BLIND_TO_SIZE)


def _offset(x: Ecgs) -> Float[Tensor, "batch 1 1"]:
    """Half of each ECG's range: as large as a wave."""
    return (x.amax((1, 2), keepdim=True) - x.amin((1, 2), keepdim=True)) / 2


def _of_probabilities(net: nn.Module, x: Ecgs, target: int) -> Iterator[Remark]:
    """A remark where outputs are probabilities, by the last operation or by their values."""
    with torch.enable_grad(), of_any_signal(net):
        given = torch.cat([x, -x, 10 * x]).detach().clone().requires_grad_(has_gradient(net))
        outputs = net(given.clone())
    last = operation_behind(outputs.grad_fn, AFTER)
    outputs = outputs.detach()[outputs.isfinite().all(1)]  # an own softmax may overflow
    within = bool(((outputs >= 0) & (outputs <= 1)).all())
    sums = outputs.shape[1] > 1 and bool(((outputs.sum(1) - 1).abs() <= ONE).all())
    if last in PROBABLE:
        measured = f"the last operation is a {last.lower()}: output {target} is a probability"
    elif within and sums:
        measured = "the outputs lie in 0…1 and add up to 1: they are probabilities"
    elif within and outputs.shape[1] > 1 and last not in UNBOUNDED:
        measured = "all outputs lie in 0…1, also of ECGs ten times as large: as probabilities do"
    else:
        return
    yield Remark(
        measured,
        of_gradients(),
        "gradients vanish where a probability is near 0 or 1, so that maps of sure decisions are "
        "small and rounded, and errors of classes take outputs for logits: explain the logit, by "
        "ends_with of an InputSpec (docs/own_network.md)",
    )


HALF = {torch.float16: "float16", torch.bfloat16: "bfloat16"}
# Maxima within this share of the values' RMS tie: ten times the last bit of float32.
TIE = 1e-6
# Change of the gradient, as a share of its norm, above which ties decide it: the gradient check
# measures slopes no better.
DECIDED = 0.1
# Methods that read the network at the ECG and on the line from 0 µV to it. A place that ties in the
# ECG ties all along this line; noise and the ECGs of others break ties.
WITH_TIES = (
    "saliency", "input_x_gradient", "integrated_gradients", "deconvolution", "guided_backprop",
    "guided_gradcam", "gradcam", "deeplift", "lrp_epsilon", "lrp_composite",
)  # fmt: skip


def of_numerics(net: nn.Module, x: Ecgs, target: int, gradients: Maps | None) -> Iterator[Remark]:
    """Remarks on the numbers that come from these ECGs; gradients are given where there are any."""
    pooled: list[Kind] = []

    def noting(kind: Kind, values: Tensor, call: Call) -> Any:
        pooled.append(kind)
        return call(values)

    types = _Types()
    with torch.no_grad(), unperturbed(net, x[0]), types, Interception({Kind.MAXIMUM}, noting):
        net(x[:1].clone())
    if types.half:
        yield Remark(
            f"the network computes in {' and '.join(sorted(types.half))} inside, with three digits",
            methods(),
            "small changes of the output are rounding, and values of a map tie or vanish: compute "
            "in float32, without half(), bfloat16() and autocast",
        )
    if pooled and gradients is not None:
        yield from _of_ties(net, x, target, gradients)


def of_the_baseline(net: nn.Module, x: Ecgs, target: int) -> Iterator[Remark]:
    """A remark where f(0 µV) is NaN or infinite."""
    with unperturbed(net, x[0]):
        at_zero = predictions(net, torch.zeros_like(x[:1]), target)
    if not at_zero.isfinite().all():
        yield Remark(
            f"the output for 0 µV is {float(at_zero):g}",
            tuple(
                name
                for name in with_facts(baseline="zero")
                if name not in ("input_x_gradient", "lrp_epsilon", "lrp_composite")
            ),
            "they compare with it; look for a division by the size or the length of the ECG and "
            "for a logarithm, or take methods that compare with no 0 µV",
        )


class _Types(TorchDispatchMode):
    """Notes results of half precision."""

    def __init__(self) -> None:
        super().__init__()
        self.half: set[str] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.dtype in HALF:
            self.half.add(HALF[result.dtype])
        return result


def _of_ties(net: nn.Module, x: Ecgs, target: int, gradients: Maps) -> Iterator[Remark]:
    """Equal values in a max pooling, of which torch gives the first the whole gradient."""

    def otherwise(_: Kind, values: Tensor, call: Call) -> Tensor:
        own = normal(generator(0, "ties", *values.shape), *values.shape)
        finite = values.detach().nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)  # padded by −∞
        return call(values + TIE * finite.square().mean().sqrt() * own.to(values))

    other = []
    for some in x.split(1 if keeps_statistics(net) else len(x)):
        with unperturbed(net, some[0]), Interception({Kind.MAXIMUM}, otherwise):
            other.append(input_gradient(net, some, target))
    change = (torch.cat(other) - gradients).flatten(1).norm(dim=1)
    share = float((change / gradients.flatten(1).norm(dim=1)).nan_to_num(nan=0.0).median())
    if share > DECIDED:
        yield Remark(
            "equal values in a max pooling decide the gradient, which changes by "
            f"{100 * share:.0f}\u00a0% (median) when other ones of them are taken",
            WITH_TIES,
            "within a flat part of the ECG their order is arbitrary: take methods that add noise, "
            "such as smoothgrad, or hide segments",
        )
