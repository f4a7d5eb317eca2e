"""Base of every evaluation: a way to measure heatmaps, with what it needs."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import ClassVar

from ..ecg import FS_HZ
from ..engine import one_thread
from ..models import UnknownEcg
from ..store import Shard, Step
from .finding import About, Finding
from .heatmaps.attributions import WHOLE
from .heatmaps.explained import map_pieces, suited
from .heatmaps.probe import CHUNK
from .precompute import Piece, Tasks
from .subject import Networks, Subject

DESCRIBED = ("name", "question", "source")  # of every evaluation


class NotApplicable(ValueError):  # noqa: N818 - a reason, not a fault
    """Raised where an evaluation cannot be made: what was expected, what came, what to do."""


class Evaluation(ABC):
    """A way to measure heatmaps. Subclasses are frozen dataclasses whose fields are the settings.

    `name` is that of its finding, and that under which the report finds its view; `question` is
    what it answers, `source` who proposed it. `cites` are the papers that a methods text cites:
    keys of the report's references, or BibTeX entries.
    What it needs: at least `networks` networks that differ in their seed (those beyond the first
    are used where `every_network`), one trained on `permuted` labels, and the first `ecgs` ECGs
    (None for all). That on permuted labels learns from `permuted_ecgs` of the training ECGs over
    `permuted_epochs` (None for those of the network). `whole_maps` says that it reads whole
    heatmaps, which on strips are kept of the first ECGs only. `any_rate` says that it takes ECGs at
    any rate, and not at 500 Hz alone. The validation of its measures counts for the versions of its
    `store_steps`, whose numbers they are made of.
    """

    name: str
    question: str
    source: str
    cites: tuple[str, ...] = ()
    networks: int = 1
    every_network: bool = True
    permuted: bool = False
    permuted_ecgs: int | None = None
    permuted_epochs: int | None = None
    ecgs: int | None = None
    whole_maps: bool = True
    any_rate: bool = False
    store_steps: ClassVar[tuple[Step, ...]] = ()

    def check_described(self) -> None:
        """Raise ValueError unless name, question and source are texts, as every finding has."""
        for attribute in DESCRIBED:
            if not isinstance(getattr(self, attribute, None), str):
                kind = type(self).__name__
                raise ValueError(
                    f"expected the evaluation {kind} to have {', '.join(DESCRIBED)}, got no "
                    f'{attribute}; write {attribute} = "…" in the class'
                )

    def check(self, subject: Callable[[], Subject]) -> None:
        """Raise NotApplicable where that is known without a network, before one is fitted.

        `subject` prepares the ECGs when it is called.
        """
        return

    def check_networks(self, networks: Networks, subject: Subject) -> None:
        """Raise ValueError for networks that cannot be evaluated, before anything is computed."""
        return

    def __call__(self, networks: Networks, subject: Subject) -> Finding:
        """The finding on these networks and ECGs.

        Raises NotApplicable where the question makes no sense here, and ValueError for fewer
        networks than it needs or where nothing may be explained.
        """
        self.check_described()
        if len(networks) < self.networks:
            raise ValueError(
                f"expected at least {self.networks} networks for {self.name}, got {len(networks)}"
            )
        if subject.fs != FS_HZ and not self.any_rate:
            raise NotApplicable(
                f"expected ECGs at {FS_HZ:g} Hz for {self.name}, got {subject.fs:g} Hz; "
                "resample them (ecglens.ecg.resampled), with an InputSpec(fs=…) for the network"
            )
        used, own = self._used(networks, subject)
        with one_thread():
            with suppress(ValueError):  # `measure` raises it again
                for pieces in self.work(used, own):
                    Tasks.missing(pieces, own.store).in_processes(
                        own.workers, self.name, own.progress
                    )
            try:
                return self.measure(used, own)
            except UnknownEcg as problem:  # of an ECG that it makes
                raise NotApplicable(str(problem)) from problem

    def make(self, networks: Networks, subject: Subject, shard: Shard) -> None:
        """Make the shard's chunks of what `measure` reads from the store.

        What depends on other ECGs is made once these are there. Errors as `measure` raises them,
        but those of methods that are left out.
        """
        used, own = self._used(networks, subject)
        with one_thread():
            for pieces in self.work(used, own):
                Tasks.missing(pieces, own.store, shard).in_processes(
                    own.workers, self.name, own.progress
                )
                Tasks.missing(pieces, own.store, shard).here(self.name, own.progress)

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """Pieces that `measure` reads from the store, in parts; a part needs those before it.

        By default the maps of every network, where whole maps are read. An evaluation that leaves
        something out computes it in one process.
        """
        if self.whole_maps:
            others = [networks.permuted] if self.permuted and networks.permuted else []
            yield [each for net in (*networks.nets, *others) for each in map_pieces(net, subject)]

    def _used(self, networks: Networks, subject: Subject) -> tuple[Networks, Subject]:
        used = networks if self.every_network else networks.first()
        return used, suited(used.nets, self.limited(subject))

    @abstractmethod
    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The finding on the networks and ECGs that the evaluation uses."""

    def limited(self, subject: Subject) -> Subject:
        """The ECGs that the evaluation uses."""
        used = subject.first(self.ecgs)
        return used.first(CHUNK) if self.whole_maps and subject.shape[1] > WHOLE else used

    def about(self, networks: Networks, subject: Subject) -> About:
        """Description of the finding: evaluation, data, networks, ECGs."""
        return About(
            evaluation=self.name,
            question=self.question,
            source=self.source,
            cites=self.cites,
            method_cites={name: each.cites for name, each in subject.methods.items()},
            target=subject.target,
            input=subject.input,
            networks=networks.keys(subject.shape),
            records=subject.records,
            patients=tuple(subject.patients),
            seed=subject.seed,
            data=subject.facts,
            fits=tuple(networks.facts),
        )


def not_applicable(reason: NotApplicable, about: About) -> Finding:
    """The finding of an evaluation that does not apply: a reason and no numbers."""
    return Finding(about, sentence=f"Not applicable: {reason}.", reason=str(reason))


def finding_or_reason(evaluation: Evaluation, networks: Networks, subject: Subject) -> Finding:
    """The finding of an evaluation; its reason where it does not apply."""
    try:
        return evaluation(networks, subject)
    except NotApplicable as reason:
        about = evaluation.about(networks.first(), evaluation.limited(subject))
        return not_applicable(reason, about)
