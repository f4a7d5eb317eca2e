"""Predictions for perturbed copies of an ECG, computed in the cheapest exact way."""

import copy
import logging
import warnings
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from threading import Lock

import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor, nn

from ..black_box import evaluating, fitting, in_memory
from ..precision import full_precision
from ..random import generator, normal
from .graph import Lowering, Network
from .operations import NotUnderstoodError
from .recurrent import AsOneOperation, work_of
from .stepwise import NEVER, Copies, follow

# Copies of an ECG in one full pass on a CPU: 15 MB of input for a 10-s strip.
ROWS = 64

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
        alone = Copies(x, torch.full(x.shape, NEVER), torch.zeros_like(x)[None], steps=1)
        own = self._of_core(alone)
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
        """Kind of prediction for copies: by windows, by windows up to an operation, or whole."""
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
        rows = fitting(ROWS, self._device)
        parts = [slice(at, at + rows) for at in range(0, len(copies), rows)]
        # A GPU would convolve in TF32, which moves outputs by 0.2 % of their SD.
        with full_precision(), evaluating(self._net), unperturbed(self._net, copies.x):
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
        # Windows are copied row by row, which on a GPU is slower than whole passes; and a traced
        # network would keep the values of one signal for all.
        may = x.device.type == "cpu" and not reads_by_name(self._net)
        network = trace(self._net, x) if may else None
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


def _check_copies(like: Float[Tensor, "lead time"]) -> Copies:
    """Copies of a random signal, equal for all ECGs, with steps at both ends and at random."""
    leads, time = like.shape
    x, noise = CHECK_SD * normal(generator(0, "trial"), 2, leads, time).to(like)
    hit = torch.full((leads * time,), NEVER)
    points = torch.randperm(leads * time, generator=generator(0, "points"))[:CHECK_STEPS]
    points[:2] = torch.tensor([0, leads * time - 1])
    hit[points] = torch.arange(1, CHECK_STEPS + 1)
    return Copies(x, hit.reshape(leads, time), CHECK_NOISE * noise[None], CHECK_STEPS)


# torch.export and the silence around it belong to the whole process.
ONE_AT_A_TIME = Lock()


# Copies that go through a layer at once: 9 MB in the widest windows of a 10-s strip.
TRACED_ROWS = 32
# Operations of a pass above which tracing (2 to 4 ms for each) costs more than windows save: those
# of a loop over time in Python. The deepest published network here has 476.
MOST_OPERATIONS = 1000
# Values that a pass computes, below which copying windows takes as long: of thirteen such designs
# nine were slower by windows, of larger ones none.
LEAST_VALUES = 100_000


def trace(net: nn.Module, x: Float[Tensor, "lead time"], rows: int = TRACED_ROWS) -> Network | None:
    """Steps of a network in evaluation mode, on `rows` ECGs of x's shape, type and device at once.

    Convolutions, pooling, functions of each sample, their sums and concatenations and means over
    time are steps of windows; what follows the means, and any other operation with all that
    follows it, is computed for whole signals. None where that is the whole network, for one with
    hooks or in another type than float32 or float64, and for one of more than MOST_OPERATIONS or
    fewer than LEAST_VALUES. The weights are read once: a changed network needs a new trace.
    """
    hooked = any(each._forward_hooks or each._forward_pre_hooks for each in net.modules())
    if x.dtype not in (torch.float32, torch.float64) or hooked:
        return None
    with ONE_AT_A_TIME, torch.no_grad(), _in_silence():
        try:
            # A copy, because export runs the network's own code on tensors without values, and
            # any state that the code keeps would stay without values.
            copied = copy.deepcopy(net).eval()
            operations, values = work_of(copied, x)
            if operations > MOST_OPERATIONS or values < LEAST_VALUES:
                return None
            with AsOneOperation():
                given = (x.new_zeros(rows, *x.shape),)
                program = torch.export.export(copied, given, strict=False)
        except Exception:  # noqa: BLE001 - errors of many types, torch.export's own and python's
            return None
        try:
            return Lowering(program).network()
        except NotUnderstoodError:
            return None


@contextmanager
def _in_silence() -> Iterator[None]:
    """Silences torch.export, whose refusal of a network only means that whole passes are made."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stderr(StringIO()), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


class Keeping(nn.Module):
    """Base of a module that reads a copy of a signal by what it keeps of the signal itself.

    `keeps_statistics` says that it does: it reads a copy by the signal `unperturbed` that the copy
    is made of, or by itself where that is None. `by_name` says that it knows values of certain
    signals alone, and takes `unperturbed` for the name of one: the signal that the whole network
    reads, not what reaches this module. Signals without values are refused, but inside
    `of_any_signal`.
    """

    keeps_statistics: bool = False
    by_name: bool = False
    unperturbed: Float[Tensor, "1 lead time"] | None = None  # set by the function of this name
    takes_any: bool = False


class Prepared(Keeping):
    """Base of a network that prepares each signal before its `core` reads it.

    Where it keeps statistics, a copy of a signal is normalised by those of the signal.
    `standardises` says that what the core reads had mean 0 and SD 1 over its training data.
    """

    core: nn.Module
    averaged: int = 1  # networks whose outputs are averaged
    standardises: bool = False

    @abstractmethod
    def own_copies(self, copies: Copies) -> Copies | None:
        """The same copies as what the core reads of them.

        None where a sample of the core's input is not that of one sample of the record.
        """

    @abstractmethod
    def reads(self, time: int) -> Bool[Tensor, "lead {time}"]:
        """Points of a record of `time` samples that the core is given."""

    @abstractmethod
    def along_record(
        self, curve: Float[Tensor, "row 1 own_time"], time: int
    ) -> Float[Tensor, "batch 1 {time}"]:
        """Curve over the time of the core's input, moved to the samples of the record."""


def keeps_statistics(net: nn.Module) -> bool:
    """True if copies of a signal have to be read inside `unperturbed`, one signal at a time."""
    return bool(_keepers(net))


def reads_by_name(net: nn.Module) -> bool:
    """True if a part of a network knows values of certain signals alone."""
    return any(one.by_name for one in _keepers(net))


@contextmanager
def of_any_signal(net: nn.Module) -> Iterator[None]:
    """Inside, signals without values are read with those of the first that has some.

    For checks on signals that are made up, such as noise. Inside another one nothing is done.
    """
    named = [one for one in _keepers(net) if one.by_name and "takes_any" not in vars(one)]
    try:
        for one in named:
            vars(one)["takes_any"] = True
        yield
    finally:
        for one in named:
            vars(one).pop("takes_any")


@contextmanager
def unperturbed(net: nn.Module, x: Float[Tensor, "lead time"]) -> Iterator[None]:
    """Inside, the network reads copies of `x`, and normalises them by the statistics of x.

    Where the network keeps no statistics nothing is done. Inside another `unperturbed` the outer
    one holds: copies of a copy are copies of the signal. A preparation within other modules keeps
    what reaches it when the whole network reads x.
    """
    keepers = _keepers(net)
    if not keepers or any(one.unperturbed is not None for one in keepers):
        yield
        return
    x = x.detach()[None]
    named = [one for one in keepers if one.by_name]
    others = [one for one in keepers if not one.by_name]
    try:
        for one in named:
            vars(one)["unperturbed"] = x
        found = {net: x} if others == [net] else _reaching(net, others, x) if others else {}
        for one, signal in found.items():
            vars(one)["unperturbed"] = signal
        yield
    finally:
        for one in keepers:
            vars(one).pop("unperturbed", None)


def prepared_in(net: nn.Module) -> Prepared | None:
    """The part of a network that prepares its signals; None for a network that reads them raw."""
    return next((one for one in net.modules() if isinstance(one, Prepared)), None)


def points_read(net: nn.Module, time: int) -> Bool[Tensor, "lead {time}"] | None:
    """Points of a record that the network declares to read; None where it declares nothing."""
    prepared = prepared_in(net)
    return None if prepared is None else prepared.reads(time)


def _keepers(net: nn.Module) -> list[Keeping]:
    return [one for one in net.modules() if isinstance(one, Keeping) and one.keeps_statistics]


def _reaching(
    net: nn.Module, keepers: list[Keeping], x: Float[Tensor, "1 lead time"]
) -> dict[Keeping, Tensor]:
    """Input of each of these modules when the network reads x."""
    inputs: dict[Keeping, Tensor] = {}

    def note(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        if isinstance(module, Keeping):
            inputs.setdefault(module, given[0].detach())

    with ExitStack() as hooks, torch.no_grad():
        for one in keepers:
            hooks.enter_context(one.register_forward_pre_hook(note))
        net(x)
    return inputs
