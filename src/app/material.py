"""From finished runs to what a study is made of: ECGs and every method's map out of the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..ecg import HOUSE_FS_HZ
from ..engine import accelerate
from ..eval import Result
from ..eval.chunks import Keeper
from ..eval.heatmaps.attributions import WHOLE, attributions
from ..eval.heatmaps.question import CHUNK, Question
from ..eval.progress import bar
from ..explain import Method, with_controls
from ..models import network_key
from ..report import Pseudonyms
from ..report.views.gallery import origin
from ..store import fingerprint
from ..study.design import Material
from .evaluation import network_of
from .finished import results_in
from .fit import full_precision
from .job import Job

# ECGs to choose from: twelve methods' maps of so many median beats are 90 MB, of 5000 beats 1.7 GB.
POOL = 256


@dataclass(frozen=True)
class Found:
    """A material per target; `left_out` says which methods have no maps and why.

    `names` knows whose ECGs the pseudonyms are.
    """

    materials: tuple[Material, ...]
    left_out: tuple[str, ...]
    names: Pseudonyms


def found_in(runs: Sequence[Path], chosen: Sequence[str], ecgs: int) -> Found:
    """The materials of these runs and sweeps, of the `chosen` methods or, without any, of all.

    Maps that the store lacks are made; networks never. Raises ValueError for runs with two
    networks or other ECGs on one target, and for fewer than `ecgs` ECGs.
    """
    full_precision()
    sources = _sources(runs)
    _check(sources, chosen, ecgs)
    names = Pseudonyms(sources[0].job.store)
    materials: dict[str, Material] = {}
    for source in sources:
        made = _material(source, chosen, names)
        materials[made.target.name] = joined(materials.get(made.target.name, made), made)
    reasons = [
        f"{source.result.target.name}: no maps by {name}: {reason}"
        for source in sources
        for name, reason in source.result.scores.left_out.items()
        if not chosen or name in chosen
    ]
    return Found(tuple(materials.values()), tuple(reasons), names)


def joined(first: Material, other: Material) -> Material:
    """Methods that were swept in jobs of their own, beside each other.

    ValueError for jobs that scored other ECGs: the maps of one would lie over those of the other.
    """
    if first.ecgs != other.ecgs:
        raise ValueError(
            f"expected the same ECGs in all runs on {first.target.name}, got others; make a study "
            "of each, or score the same ones"
        )
    return replace(first, heatmaps={**first.heatmaps, **other.heatmaps})


@dataclass(frozen=True)
class _Source:
    """A result with the job that left it."""

    result: Result
    job: Job

    @property
    def most(self) -> int:
        """How many of its ECGs can be chosen from."""
        strips = self.job.config["input"]["samples"] > WHOLE
        return min(CHUNK if strips else POOL, len(self.result.scores.records))


def _sources(runs: Sequence[Path]) -> list[_Source]:
    """One for each network and set of methods: several protocols scored the same maps."""
    found: dict[str, _Source] = {}
    for result in (result for run in runs for result in results_in(run)):
        settings = result.facts["settings"]
        maps = fingerprint({"network": result.network, "methods": settings["method"]})
        found.setdefault(maps, _Source(result, Job(settings, Path(), "")))
    return [*found.values()]


def _check(sources: Sequence[_Source], chosen: Sequence[str], ecgs: int) -> None:
    networks: dict[str, set[str]] = {}
    for source in sources:
        networks.setdefault(source.result.target.name, set()).add(source.result.network)
    if several := [name for name, keys in networks.items() if len(keys) > 1]:
        raise ValueError(
            f"expected one network for each target, got several for {', '.join(several)}; give the "
            "folder of the run whose maps are to be shown"
        )
    known = [*dict.fromkeys(name for source in sources for name in source.job.config["method"])]
    if unknown := [name for name in chosen if name not in known]:
        raise ValueError(f"expected --methods of {', '.join(known)}, got {', '.join(unknown)}")
    fewest = min(sources, key=lambda source: source.most)
    if ecgs > fewest.most:
        raise ValueError(f"expected at most {fewest.most} ECGs, {_why(fewest)}; got --ecgs {ecgs}")


def _why(source: _Source) -> str:
    if source.most == len(source.result.scores.records):
        return "as many as were scored (evaluate.py with a larger ecgs=… scores more)"
    if source.most == CHUNK:
        return "as of strips whole maps are kept of the first ones alone"
    return "the first of those that were scored"


def _material(source: _Source, chosen: Sequence[str], names: Pseudonyms) -> Material:
    job, result, most = source.job, source.result, source.most
    net = network_of(job, may_fit=False).net.eval()
    ecgs = job.data.test_batch(job.config["ecgs"])
    key = network_key(net, (ecgs.x.shape[1], ecgs.x.shape[2]))
    if (key, tuple(ecgs.record)) != (result.network, result.scores.records):
        raise ValueError(
            f"expected the network and the ECGs that the result on {job.target.name} is of, got "
            "others; run `python train.py` with the same words again"
        )
    question = Question(
        accelerate(net),
        key,
        ecgs,
        job.target.index,
        result.scores.seed,
        background=job.data.background,
    )
    asked = {
        name: method
        for name, method in with_controls(job.methods()).items()
        if name in result.scores.controls
        or (name in result.scores.methods and (not chosen or name in chosen))
    }
    maps = _maps(question, asked, source)
    clean = next(iter(result.scores.curves.values()))[0, :most, 0]
    return Material(
        target=job.target,
        ecgs=names.all_of(job.data.records.name, ecgs.record[:most]),
        x=ecgs.x[:most].numpy(),
        segments=ecgs.segments[:most].numpy(),
        y=result.scores.y[:most],
        prediction=clean,
        heatmaps={name: each for name, each in maps.items() if name in result.scores.methods},
        controls={name: each for name, each in maps.items() if name in result.scores.controls},
        fs=HOUSE_FS_HZ,
        origin=origin(ecgs.segments[:1].numpy()),
    )


def _maps(
    question: Question, methods: Mapping[str, Method], source: _Source
) -> dict[str, np.ndarray]:
    """The first whole maps of each method."""
    chunks, wanted = len(question.chunks), -(-source.most // CHUNK)
    found = {}
    with bar(len(methods) * chunks, f"maps on {source.job.target.name}", True) as done:
        keeper = Keeper(source.job.store, chunks, done.update)
        for name, method in methods.items():
            kept = attributions(question, method, source.result.scores.protocol.steps, keeper)
            whole = np.concatenate([kept.read(number, "maps") for number in range(wanted)])
            found[name] = whole[: source.most]
    return found
