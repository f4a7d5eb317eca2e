"""From a network and ECGs to the scores of every method, kept on the way."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ..datamodules import Batch, Target
from ..engine import accelerate
from ..explain import Method, controls, lint, with_controls
from ..models import network_key
from ..store import Store
from .attributions import attributions
from .chunks import Chunks, Keeper
from .ladder.curves import Rungs, grain_of
from .perturbation.places import places
from .perturbation.protocol import DEFAULT, Protocol
from .perturbation.routes import oracle_route, route
from .perturbation.walks import walk
from .progress import bar
from .question import CHUNK, Question
from .result import ORACLE, Gallery, Scores


def score(
    net: nn.Module,
    ecgs: Batch,
    methods: Mapping[str, Method],
    protocol: Protocol = DEFAULT,
    *,
    target: int = 0,
    seed: int = 0,
    store: Store | None = None,
    gallery: int = 6,
    progress: bool = True,
    patients: Sequence[str] | None = None,
    background: Float[Tensor, "other lead time"] | None = None,
    reads: Target | None = None,
) -> Scores:
    """Explain the ECGs by every method and control, and walk the curve of each kept heatmap.

    What `store` holds is not computed again, and a run that was killed goes on at the chunk of
    ECGs where it was; None keeps nothing. Methods that would be wrong on this network are left out
    with their reason, and if none is left the controls come back alone. The first `gallery` ECGs
    come back with their whole heatmaps. The network works on the device it is on. `patients` names
    the patient of each ECG, None says that each is of another one; `background` are ECGs of others
    for methods that compare with them, which are left out without any; `reads` says what the
    output is and so where the target prior of the null ladder lies.
    Raises ValueError when nothing may be explained on this network or a control is impossible.
    """
    if seed < 0:
        raise ValueError(f"expected a seed of 0 or more, got {seed}")
    if not 0 <= gallery <= CHUNK:
        raise ValueError(f"expected a gallery of at most {CHUNK} ECGs, got {gallery}")
    patients = tuple(ecgs.record if patients is None else patients)
    if len(patients) != len(ecgs.record):
        raise ValueError(
            f"expected a patient for each of {len(ecgs.record)} ECGs, got {len(patients)}"
        )
    question, notes = _asked(net, ecgs, target, seed, patients, background)
    if question.strips and not protocol.folded:
        notes = (*notes, underpowered(question, protocol))
    most = min(question.points, question.most_steps(protocol))
    if protocol.steps > most:
        raise ValueError(f"expected at most {most} steps here, got {protocol.steps}")
    every = with_controls(methods)
    maps: dict[str, Chunks] = {}
    curves: dict[str, Float[np.ndarray, "draw ecg point"]] = {}
    references: dict[str, Float[np.ndarray, "draw ecg point"]] = {}
    hit: dict[str, Int64[np.ndarray, "ecg step"]] = {}
    left_out: dict[str, str] = {}
    place_of = places(question, protocol)
    chunks = len(question.chunks)
    few = min(chunks, -(-protocol.oracle // CHUNK))
    explained = {name: each for name, each in every.items() if name not in controls()}
    work = (2 + (not protocol.plain)) * len(every) * chunks + 2 * few
    work += (2 * len(explained) + 1) * chunks if protocol.ladder else 0
    with _opened(store) as place, bar(work, "scoring", progress) as done:
        keeper = Keeper(place, chunks, done.update)
        rungs = Rungs(question, protocol, reads, keeper)
        for name, method in every.items():
            done.set_postfix_str(name, refresh=False)
            try:
                maps[name] = attributions(question, method, protocol.steps, keeper)
            except ValueError as problem:  # the method's own check on these ECGs
                if name in controls():
                    raise ValueError(f"expected every control, got {name}: {problem}") from None
                left_out[name] = str(problem)
                continue
            own = route(question, protocol, method, maps[name], keeper)
            curves[name] = walk(question, protocol, own, keeper)
            hit[name] = place_of(own)
            if name not in controls():
                references |= rungs.of_others(name, maps[name])
        references |= rungs.of_priors(
            {name: explained[name] for name in explained if name in curves}
        )
        if protocol.oracle:
            fewer = replace(keeper, count=few)
            best = oracle_route(question, protocol, fewer)
            references[ORACLE] = walk(question, protocol, best, fewer)
        nonzero = {name: _gathered(kept, "nonzero", chunks) for name, kept in maps.items()}
        shown = {name: kept.read(0, "maps")[:gallery] for name, kept in maps.items()}
    return Scores(
        protocol=protocol,
        seed=seed,
        records=tuple(ecgs.record),
        y=ecgs.y[:, target].cpu().numpy(),
        curves=curves,
        controls=controls(),
        left_out=left_out,
        zero_share={name: 1 - float(n.mean()) / ecgs.x[0].numel() for name, n in nonzero.items()},
        gallery=Gallery(
            records=tuple(ecgs.record[:gallery]),
            x=ecgs.x[:gallery].cpu().numpy(),
            segments=ecgs.segments[:gallery].cpu().numpy(),
            heatmaps=shown,
        ),
        short=_short(protocol, nonzero),
        references=references,
        places=hit,
        grains={name: grain_of(method) for name, method in every.items() if name in curves},
        notes=(*notes, *rungs.notes),
        patients=patients,
    )


def underpowered(question: Question, protocol: Protocol) -> str:
    """What a reader has to know of single points or segments on strips."""
    points = f"{question.ecgs.x[0].numel():,}".replace(",", " ")
    covered = protocol.until * protocol.width
    return (
        f"unfolded strip: the area covers {covered} of {points} points, underpowered; "
        "methods that differ may look alike"
    )


def _asked(
    net: nn.Module,
    ecgs: Batch,
    target: int,
    seed: int,
    patients: tuple[str, ...],
    background: Float[Tensor, "other lead time"] | None,
) -> tuple[Question, tuple[str, ...]]:
    """The question put to the accelerated network and the linter's notes on it.

    Raises ValueError when nothing may be explained.
    """
    leads, time = ecgs.x.shape[1:]
    key = network_key(net, (leads, time))
    question = Question(net, key, ecgs, target, seed, patients, background)
    findings = lint(net, ecgs.x[:CHUNK].to(question.device), target)
    if findings.errors:
        raise ValueError("; ".join(findings.errors))
    return replace(question, net=accelerate(net)), findings.notes


def _short(protocol: Protocol, nonzero: Mapping[str, np.ndarray]) -> dict[str, int]:
    """Scores.short; least relevant first and in segments, points that are 0 are no hindrance."""
    if not protocol.plain:
        return dict.fromkeys(nonzero, 0)
    return {name: int((n < protocol.steps).sum()) for name, n in nonzero.items()}


def _gathered(kept: Chunks, name: str, chunks: int) -> np.ndarray:
    return np.concatenate([kept.read(number, name) for number in range(chunks)])


@contextmanager
def _opened(store: Store | None) -> Iterator[Store]:
    """The store, or one that lasts as long as the block."""
    if store is not None:
        yield store
        return
    with tempfile.TemporaryDirectory(prefix="ecglens-") as folder:
        yield Store(Path(folder))
