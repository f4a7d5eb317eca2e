"""Perturbation as an evaluation: the curves of every network, and the ranking of the methods."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain

from ...ahead import Piece
from ...evaluation import Evaluation
from ...finding import Finding
from ...networks import Networks
from ...protocol import Protocol
from ...ranking.finding import finding_of
from ...subject import Subject
from .pieces import curve_pieces
from .score import score


@dataclass(frozen=True)
class Perturbation(Protocol, Evaluation):
    """The output while the points that a map ranks highest are changed, by a protocol.

    The settings are those of Protocol.
    """

    question = "Which maps rank highest what moves the output?"
    source = "Samek 2017; Storås 2025; the settings of each protocol are in docs/perturbation.md"
    cites = ("storas2025",)
    whole_maps = False
    any_rate = True

    @property
    def protocol(self) -> Protocol:
        """The settings alone."""
        return Protocol(**asdict(self))

    def check(self, subject: Callable[[], Subject]) -> None:
        """ValueError for ECGs of fewer than 2 patients."""
        patients = subject().patients
        if len({*patients}) < 2:
            raise ValueError(
                "expected test ECGs of at least 2 patients to rank methods on, "
                f"got {len(patients)} of {len({*patients})}"
            )

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps and curves of every network, then the rungs of other patients."""
        each = [curve_pieces(net, subject, self.protocol) for net in networks.nets]
        return (list(chain(*parts)) for parts in zip(*each, strict=True))

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The curves of every network and the ranking of the methods."""
        curves = tuple(score(net, subject, self.protocol) for net in networks.nets)
        return finding_of(curves, self.about(networks, subject))
