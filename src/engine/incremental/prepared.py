"""Networks behind a preparation of their signals, some by statistics of the unperturbed signal."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from .copies import Copies


class Prepared(nn.Module):
    """Base of a network that prepares each signal before its `core` reads it.

    `keeps_statistics` says that a copy of a signal is normalised by the statistics of the signal
    that it is a copy of: of `unperturbed`, or of itself where that is None. `standardises` says
    that what the core reads had mean 0 and SD 1 over its training data.
    """

    core: nn.Module
    averaged: int = 1  # networks whose outputs are averaged
    keeps_statistics: bool = False
    standardises: bool = False
    unperturbed: Float[Tensor, "1 lead time"] | None = None  # set by the function of this name

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
    """Whether copies of a signal have to be read inside `unperturbed`, one signal at a time."""
    return bool(_keepers(net))


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
    found = {net: x} if keepers == [net] else _reaching(net, keepers, x)
    try:
        for one, signal in found.items():
            vars(one)["unperturbed"] = signal
        yield
    finally:
        for one in found:
            vars(one).pop("unperturbed")


def prepared_in(net: nn.Module) -> Prepared | None:
    """The part of a network that prepares its signals; None for a network that reads them raw."""
    return next((one for one in net.modules() if isinstance(one, Prepared)), None)


def points_read(net: nn.Module, time: int) -> Bool[Tensor, "lead {time}"] | None:
    """Points of a record that the network declares to read; None where it declares nothing."""
    prepared = prepared_in(net)
    return None if prepared is None else prepared.reads(time)


def _keepers(net: nn.Module) -> list[Prepared]:
    return [one for one in net.modules() if isinstance(one, Prepared) and one.keeps_statistics]


def _reaching(
    net: nn.Module, keepers: list[Prepared], x: Float[Tensor, "1 lead time"]
) -> dict[Prepared, Tensor]:
    """Input of each of these modules when the network reads x."""
    found: dict[Prepared, Tensor] = {}

    def note(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        if isinstance(module, Prepared):
            found.setdefault(module, given[0].detach())

    hooks = [one.register_forward_pre_hook(note) for one in keepers]
    try:
        with torch.no_grad():
            net(x)
    finally:
        for hook in hooks:
            hook.remove()
    return found
