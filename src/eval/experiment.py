"""An evaluation that is no perturbation: what it needs, and what it answers."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from torch import nn

from .evaluations.sanity import Finding, Setup
from .measures import Panel


@runtime_checkable
class Experiment(Protocol):
    """A frozen dataclass whose fields are its settings; `name` is that of its finding.

    `networks` is how many networks that differ in their seed alone it needs at least, and
    `permuted` whether it takes one that was trained on permuted labels; `ecgs` is the number of the
    first ECGs that it is content with, None for all. Raises NotApplicable where its question cannot
    be asked of these networks and ECGs. One that knows it without a network is Checked too.
    """

    @property
    def name(self) -> str: ...
    @property
    def networks(self) -> int: ...
    @property
    def permuted(self) -> bool: ...
    @property
    def ecgs(self) -> int | None: ...

    def __call__(
        self, nets: Sequence[nn.Module], setup: Setup, permuted: nn.Module | None
    ) -> Finding | Panel: ...


@runtime_checkable
class Checked(Protocol):
    """An experiment that knows without a network whether it can be asked: no fit is lost."""

    def check(self, setup: Callable[[], Setup]) -> None:
        """Raise NotApplicable when it cannot; `setup` prepares the ECGs when it is called."""
        ...
