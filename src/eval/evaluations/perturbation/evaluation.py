"""Perturbation score: curves of every method, made in pieces by several processes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import chain

import numpy as np
import torch
from jaxtyping import Float, Int64
from scipy.special import expit
from torch import nn

from ....explain import LacksData, Method, controls
from ....progress import progress_bar
from ...chunks import Chunks, Keeper, ShardWriter
from ...curves import ORACLE, CurveArray, Curves, EachEcg, Gallery, ShownSteps, template_key
from ...evaluation import Evaluation
from ...finding import Finding
from ...heatmaps.attributions import kept_attributions, made_maps, method_notes
from ...heatmaps.explained import explainable, same_maps, suited
from ...heatmaps.probe import CHUNK, Probe, probe_of
from ...precompute import ChunkTask, Piece
from ...protocol import DEFAULT, Protocol
from ...ranking.finding import finding_of
from ...ranking.outcome import areas, read
from ...subject import Networks, Subject
from .curves import changes, most_steps, units_of, width_of
from .orders import curve_chunks, kept_curves, oracle_order, perturbation_order, places
from .rung_curves import Rungs, grain_of


def curve_pieces(net: nn.Module, subject: Subject, protocol: Protocol) -> Iterator[list[Piece]]:
    """The work of `score`: maps and curves, then priors and the rungs of other patients' maps.

    A method's rungs, and the prior of its maps, are left out while maps of it are missing. Raises
    ValueError when nothing may be explained on this network.
    """
    probe = probe_of(net, subject)
    explainable(net, subject)
    rungs = Rungs(probe, protocol, subject.target)
    count = len(probe.chunks)
    first = [partial(_curves, probe, protocol, each) for each in subject.every_method.values()]
    oracle = _piece(probe, oracle_chunks(probe, protocol), partial(_oracle, probe, protocol))
    # The oracle's chunks take longest: last, they would leave the other processes without work.
    yield [oracle, *(_piece(probe, count, do) for do in first)]
    if not protocol.ladder:
        return
    there = [made_maps(probe, method, protocol.steps) for method in subject.methods.values()]
    made = [maps for maps in there if maps is not None]
    pieces: list[Piece] = []
    if rungs.has_prior:
        grains = (grain_of(maps, probe.ecgs.segments.cpu(), probe.fs) for maps in made)
        pieces += [
            _piece(probe, count, partial(rungs.prior, each)) for each in dict.fromkeys(grains)
        ]
    if rungs.has_others:
        pieces += [_others(rungs, maps) for maps in made]
    yield pieces


def oracle_chunks(probe: Probe, protocol: Protocol) -> int:
    """The number of chunks with ECGs of the oracle."""
    return min(len(probe.chunks), -(-protocol.oracle // CHUNK))


def _piece(probe: Probe, count: int, do: ChunkTask) -> Piece:
    return Piece(count, lambda: do, lambda: probe.walker)


def _curves(probe: Probe, protocol: Protocol, method: Method, keeper: Keeper) -> None:
    maps = kept_attributions(probe, method, protocol.steps, keeper)
    order = perturbation_order(probe, protocol, method, maps, keeper)
    curve_chunks(probe, protocol, order, keeper)


def _oracle(probe: Probe, protocol: Protocol, keeper: Keeper) -> None:
    curve_chunks(probe, protocol, oracle_order(probe, protocol, keeper), keeper)


def _others(rungs: Rungs, maps: Chunks) -> Piece:
    """The rungs of other patients for a method's maps."""
    # New beats for each process that begins: those of the last method are then forgotten.
    return Piece(
        maps.count, lambda: partial(rungs.of_others, rungs.beats(maps)), lambda: rungs.probe.walker
    )


def shown_ecgs(read: EachEcg, y: EachEcg, count: int) -> list[int]:
    """Positions of `count` ECGs: the first, those read worst and best, then the others in order.

    The error is |read − y|, with `read` and `y` in the target's unit, or a probability and 0 or 1.
    Where no label is known (NaN), the first ECGs. A smaller count gives the beginning of the list.
    """
    errors = np.abs(read.astype(np.float64) - y)
    known = np.flatnonzero(np.isfinite(errors))
    order = known[np.argsort(errors[known], kind="stable")]
    ends = [int(order[-1]), int(order[0])] if len(order) else []
    return list(dict.fromkeys([0, *ends, *range(len(read))]))[:count]


def shown_steps(
    probe: Probe,
    protocol: Protocol,
    orders: Mapping[str, Int64[np.ndarray, "ecg step"]],
    ecgs: Sequence[int],
) -> ShownSteps | None:
    """The steps on the ECGs at these positions, of which there are orders; None without an ECG."""
    if not ecgs:
        return None
    changed = changes(probe, replace(protocol, draws=1))
    units = units_of(probe, protocol)
    return ShownSteps(
        units=torch.stack([units[ecg] for ecg in ecgs]).numpy(),
        changes=torch.cat([changed(ecg) for ecg in ecgs]).numpy(),
        orders={name: order[list(ecgs)] for name, order in orders.items()},
    )


def score(net: nn.Module, subject: Subject, protocol: Protocol = DEFAULT) -> Curves:
    """The curves of every method and control on the ECGs of the subject.

    What the store holds is not computed again: a run that was killed resumes at the chunk of ECGs
    where it stopped. Methods that are wrong on this network are left out with their reason, and if
    none remains the controls stand alone. The network works on the device it is on. The target
    decides where the target prior of the null ladder lies.
    Raises ValueError when nothing may be explained on this network or a control is impossible.
    """
    if not 0 <= subject.gallery <= CHUNK:
        raise ValueError(f"expected a gallery of at most {CHUNK} ECGs, got {subject.gallery}")
    probe, notes = probe_of(net, subject), explainable(net, subject).notes
    subject = suited([net], subject)
    if probe.strips and not protocol.folded:
        notes = (*notes, underpowered(probe, protocol))
    most = min(probe.points, most_steps(probe, protocol))
    if protocol.steps > most:
        raise ValueError(f"expected at most {most} steps here, got {protocol.steps}")
    chunks = len(probe.chunks)
    with progress_bar(_work(probe, protocol), "scoring", subject.progress) as done:
        keeper = Keeper(subject.store, chunks, done.update)
        rungs = Rungs(probe, protocol, subject.target)
        made = _Made(probe, protocol, keeper, left_out=dict(subject.left_out))
        for name, method in subject.every_method.items():
            done.set_postfix_str(name, refresh=False)
            made.add(name, method, rungs)
        grains = made.grains
        scored = (grains[name] for name in grains if name not in controls())
        references = {**made.references, **rungs.of_priors(scored, keeper)}
        if protocol.oracle:
            fewer = replace(keeper, count=oracle_chunks(probe, protocol))
            best = oracle_order(probe, protocol, fewer)
            references[ORACLE] = kept_curves(probe, protocol, best, fewer)
    nonzero = {name: kept.all("nonzero") for name, kept in made.maps.items()}
    points = subject.ecgs.x[0].numel()
    return Curves(
        protocol=protocol,
        seed=subject.seed,
        records=subject.records,
        y=subject.ecgs.y[:, subject.output].cpu().numpy(),
        predictions=made.predictions,
        controls=controls(),
        left_out=made.left_out,
        not_computed=tuple(made.not_computed),
        zero_share={name: 1 - float(each.mean()) / points for name, each in nonzero.items()},
        gallery=_gallery(subject, made),
        short=_short(protocol, nonzero),
        nonzero=nonzero,
        references=references,
        places=made.places,
        grains=grains,
        notes=made.notes(notes, rungs),
        patients=tuple(subject.patients),
    )


def areas_of_first(
    net: nn.Module,
    subject: Subject,
    ecgs: int,
    grains: Iterable[str] = (),
    protocol: Protocol = DEFAULT,
) -> dict[str, EachEcg]:
    """Area under the curve of each of the first ECGs, mean over draws: by method and control.

    They are those of the curves of `score`; the other ECGs are here as donors alone. `grains`
    (Curves.grains) add the target prior at these resolutions, by prior_key, where the target has a
    region. The network is not linted. Errors as in `score`, and for a method that is wrong on it.
    """
    probe = probe_of(net, subject)
    chunks = -(-ecgs // CHUNK)
    # Leaves its blocks unfinished, as a later `score` needs all of their chunks.
    keeper = ShardWriter(subject.store, chunks, lambda count: None, range(chunks))
    curves = {}
    for name, method in subject.every_method.items():
        maps = kept_attributions(probe, method, protocol.steps, keeper)
        order = perturbation_order(probe, protocol, method, maps, keeper)
        curves[name] = kept_curves(probe, protocol, order, keeper)
    curves |= Rungs(probe, protocol, subject.target).of_priors(grains, keeper)
    y = subject.ecgs.y[:ecgs, subject.output].cpu().numpy()
    found = {name: read(protocol, each[:, :ecgs], y) for name, each in curves.items()}
    return {name: areas(each.mean(0), protocol.until) for name, each in found.items()}


def underpowered(probe: Probe, protocol: Protocol) -> str:
    """Note on single points or segments of strips."""
    points = f"{probe.ecgs.x[0].numel():,}".replace(",", " ")
    covered = protocol.until * width_of(probe, protocol)
    return (
        f"unfolded strip: the area covers {covered} of {points} points, underpowered; "
        "methods that differ may look alike"
    )


@dataclass
class _Made:
    """Maps and curves of the methods so far, by name."""

    probe: Probe
    protocol: Protocol
    keeper: Keeper
    maps: dict[str, Chunks] = field(default_factory=dict)
    predictions: dict[str, CurveArray] = field(default_factory=dict)
    references: dict[str, CurveArray] = field(default_factory=dict)
    places: dict[str, Int64[np.ndarray, "ecg step"]] = field(default_factory=dict)
    orders: dict[str, Int64[np.ndarray, "ecg step"]] = field(default_factory=dict)  # first chunk
    left_out: dict[str, str] = field(default_factory=dict)
    not_computed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._places_of = places(self.probe, self.protocol)

    def add(self, name: str, method: Method, rungs: Rungs) -> None:
        """Explain the ECGs by a method and make its curves, or note why it is left out."""
        probe, protocol, keeper = self.probe, self.protocol, self.keeper
        try:
            self.maps[name] = kept_attributions(probe, method, protocol.steps, keeper)
        except ValueError as problem:  # the method's own check on these ECGs
            if name in controls():
                raise ValueError(f"expected every control, got {name}: {problem}") from None
            self.left_out[name] = str(problem)
            if isinstance(problem, LacksData):
                self.not_computed.append(name)
            return
        own = perturbation_order(probe, protocol, method, self.maps[name], keeper)
        self.predictions[name] = kept_curves(probe, protocol, own, keeper)
        self.places[name] = self._places_of(own)
        self.orders[name] = own.read(0)[:, : protocol.steps]
        if name not in controls() and rungs.has_others:
            kept, there = rungs.of_others(rungs.beats(self.maps[name]), keeper), rungs.laying.rungs
            self.references |= {template_key(rung, name): kept.all(rung, 1) for rung in there}

    @property
    def grains(self) -> dict[str, str]:
        """Resolution of the maps of each method that was not left out."""
        segments, fs = self.probe.ecgs.segments.cpu(), self.probe.fs
        return {name: grain_of(maps, segments, fs) for name, maps in self.maps.items()}

    @property
    def first_maps(self) -> dict[str, Float[np.ndarray, "ecg lead time"]]:
        """Whole maps of the first ECGs."""
        return {name: kept.read(0, "maps") for name, kept in self.maps.items()}

    def notes(self, linted: Sequence[str], rungs: Rungs) -> tuple[str, ...]:
        """Notes of the linter, on the maps, and on the rungs of the ladder, each once."""
        maps, methods = self.first_maps, self.probe.subject.every_method
        of_maps = same_maps(maps, controls()), method_notes(self.probe, methods, maps)
        return tuple(dict.fromkeys([*linted, *chain(*of_maps), *rungs.notes]))


def _gallery(subject: Subject, made: _Made) -> Gallery:
    """ECGs of the first chunk, whose maps are kept whole."""
    read = made.predictions[controls()[0]][0, :CHUNK, 0]
    y = subject.ecgs.y[:CHUNK, subject.output].cpu().numpy()
    if subject.target.kind == "binary":
        read = expit(read)
    ecgs = shown_ecgs(read, y, subject.gallery)
    return Gallery(
        records=tuple(subject.records[ecg] for ecg in ecgs),
        x=subject.ecgs.x[ecgs].cpu().numpy(),
        segments=subject.ecgs.segments[ecgs].cpu().numpy(),
        heatmaps={name: maps[ecgs] for name, maps in made.first_maps.items()},
        fs=subject.fs,
        steps=shown_steps(made.probe, made.protocol, made.orders, ecgs),
    )


def _work(probe: Probe, protocol: Protocol) -> int:
    """The number of chunks to make or read, for the progress bar."""
    methods, every = len(probe.subject.methods), len(probe.subject.every_method)
    work = (2 + (not protocol.plain)) * every * len(probe.chunks)
    work += 2 * oracle_chunks(probe, protocol)
    return work + ((methods + 1) * len(probe.chunks) if protocol.ladder else 0)


def _short(protocol: Protocol, nonzero: Mapping[str, np.ndarray]) -> dict[str, int]:
    """Curves.short; least relevant first and in segments, points that are 0 are no hindrance."""
    if not protocol.plain:
        return dict.fromkeys(nonzero, 0)
    return {name: int((n < protocol.steps).sum()) for name, n in nonzero.items()}


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
        curves = tuple(
            replace(score(net, subject, self.protocol), test_part=part)
            for net, part in zip(networks.nets, networks.tested, strict=True)
        )
        return finding_of(curves, self.about(networks, subject))
