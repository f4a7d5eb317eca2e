"""Study input from finished runs, or from a network and its ECGs in Python."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import EcgData, Target
from ecglens.ecg import FS_HZ
from ecglens.engine import full_precision
from ecglens.eval import Finding, Keeper, each_network, progress_bar, subject_of
from ecglens.eval.heatmaps import CHUNK, WHOLE, Probe, kept_attributions, probe_of
from ecglens.explain import Method, controls
from ecglens.inputs import methods_of
from ecglens.jobs import Job, findings_in, kept_network
from ecglens.library import own_of
from ecglens.report import Pseudonyms, origin
from ecglens.store import fingerprint
from jaxtyping import Float
from torch import nn

from .folder import Created, check_experts, check_new, create_from_inputs, seed_for
from .settings import Settings, StudyInput, check_days, defaults_of

# ECGs to choose from: maps of 12 methods take 90 MB for 256 median beats, 1.7 GB for 5000.
POOL = 256
# Folder that lies neither in the study, which is served, nor in the run: both are handed on.
KEY = "{}-key"


@full_precision()
def create_study(  # noqa: PLR0913 - a front door: settings come by name
    folder: str | Path,
    net: nn.Module,
    ecgs: EcgData,
    methods: str | Sequence[str] | Mapping[str, Method] = "default",
    n: int = 12,
    *,
    experts: Sequence[str] = ("expert 1",),
    sampling: str = "stratified",
    **settings: Any,
) -> Created:
    """Study of `n` test ECGs under the maps of these methods, in a new folder.

    `settings` are those of Settings, such as task="rate". `sampling` chooses the ECGs:
    "stratified" by label, "representative" by label and error, "random". The key from pseudonyms to
    ECGs is in the folder of the same name with "-key", for you only. `ecglens study serve FOLDER`
    shows the study to its experts. Several networks or targets in one study: create_from_inputs.
    Raises ValueError for a method that is wrong on the network, fewer test ECGs than `n`, and a
    folder that has a study.
    """
    place = Path(folder)
    check_experts(experts)
    check_new(place)
    defaults = {"name": place.resolve().name, "seed": seed_for(place)}
    own = Settings(**{**defaults, **defaults_of(settings.get("task", "")), **settings})
    check_days(own)
    strips = ecgs.input != "median"
    subject = subject_of(ecgs, methods_of(methods), CHUNK if strips else POOL, 0, ecgs.store)
    x = subject.ecgs.x
    probe = probe_of(own_of(net, x, ecgs.target), subject)
    maps = study_maps(probe, subject.every_method, 0, len(x))
    names = Pseudonyms(ecgs.store)
    shown = names.all_of(ecgs.records.name, subject.records)
    with torch.no_grad():
        clean = probe.net(x)[:, subject.output].double().numpy()
    made = [study_input(probe, ecgs.target, shown, clean, maps)]
    with key_kept(names, place):
        return create_from_inputs(place, made, own, n, sampling, experts)


def key_of(folder: Path) -> Path:
    """Folder of the key of the study in `folder`."""
    return folder.with_name(KEY.format(folder.resolve().name))


@contextmanager
def key_kept(names: Pseudonyms, folder: Path) -> Iterator[None]:
    """Within it a study is made in `folder`, whose key is saved first; of no study none is left.

    Without its key nobody could identify the ECGs of a study.
    """
    key = key_of(folder)
    fresh, saved = not key.exists(), names.save(key)
    try:
        yield
    finally:
        if saved is not None and fresh and not folder.exists():  # no study was begun
            shutil.rmtree(key)


def study_maps(
    probe: Probe, methods: Mapping[str, Method], steps: int, most: int
) -> dict[str, Float[np.ndarray, "ecg lead time"]]:
    """Whole maps of the first `most` ECGs by method; `steps` are those of their perturbation."""
    chunks, wanted = len(probe.chunks), -(-most // CHUNK)
    found = {}
    doing = f"maps on {probe.subject.target.name}"
    with progress_bar(len(methods) * chunks, doing, probe.subject.progress) as done:
        keeper = Keeper(probe.subject.store, chunks, done.update)
        for name, method in methods.items():
            kept = kept_attributions(probe, method, steps, keeper)
            whole = np.concatenate([kept.read(number, "maps") for number in range(wanted)])
            found[name] = whole[:most]
    return found


def study_input(
    probe: Probe,
    target: Target,
    names: tuple[str, ...],
    predicted: Float[np.ndarray, " ecg"],
    maps: Mapping[str, Float[np.ndarray, "ecg lead time"]],
) -> StudyInput:
    """Study input of the first ECGs of a probe, one for each of `names`."""
    x, y, segments, _ = probe.ecgs
    most = len(names)
    return StudyInput(
        target=target,
        ecgs=names,
        x=x[:most].numpy(),
        segments=segments[:most].numpy(),
        y=y[:most, probe.output].double().numpy(),
        prediction=predicted,
        heatmaps={name: each for name, each in maps.items() if name not in controls()},
        controls={name: each for name, each in maps.items() if name in controls()},
        fs=FS_HZ,
        origin=origin(segments[:1].numpy()),
    )


@dataclass(frozen=True)
class Found:
    """Study input for each target; `left_out` lists methods without maps and the reasons.

    `names` maps ECGs to pseudonyms.
    """

    study_inputs: tuple[StudyInput, ...]
    left_out: tuple[str, ...]
    names: Pseudonyms


@full_precision()
def found_in(runs: Sequence[Path], chosen: Sequence[str], ecgs: int, trust: bool = False) -> Found:
    """Study input from these runs and sweeps, with the `chosen` methods (default: all).

    Maps that are not in the store are computed; networks are never trained. `trust` is
    that of findings_in. Raises ValueError for
    two networks or different ECGs on one target, and for fewer than `ecgs` ECGs.
    """
    sources = _sources(runs, trust)
    _check(sources, chosen, ecgs)
    names = Pseudonyms(sources[0].job.store)
    study_inputs: dict[str, StudyInput] = {}
    # Jobs of a sweep may hold a part of the methods each.
    with_maps = [one for one in sources if {*(chosen or one.methods)} & {*one.methods}]
    if lost := {one.target for one in sources} - {one.target for one in with_maps}:
        raise ValueError(f"expected maps by {', '.join(chosen)} on {lost.pop()}, got none")
    for source in with_maps:
        made = _study_input(source, chosen, names)
        study_inputs[made.target.name] = joined(study_inputs.get(made.target.name, made), made)
    reasons = [
        f"{source.target}: no maps by {name}: {reason}"
        for source in sources
        for name, reason in source.ranked.curves[0].left_out.items()
        if not chosen or name in chosen
    ]
    return Found(tuple(study_inputs.values()), tuple(reasons), names)


def joined(first: StudyInput, other: StudyInput) -> StudyInput:
    """Study input with the methods of both, from separate jobs of a sweep.

    Raises ValueError for jobs that scored different ECGs.
    """
    if first.ecgs != other.ecgs:
        raise ValueError(
            f"expected the same ECGs in all runs on {first.target.name}, got different ones; make "
            "one study for each, or score the same ECGs"
        )
    return replace(first, heatmaps={**first.heatmaps, **other.heatmaps})


@dataclass(frozen=True)
class _Source:
    """Result with the job that made it."""

    ranked: Finding
    job: Job

    @property
    def target(self) -> str:
        """Name of the target that the network reads."""
        return self.ranked.about.target.name

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods with maps."""
        return self.ranked.curves[0].methods

    @property
    def most(self) -> int:
        """Number of ECGs to choose from."""
        strips = self.job.config["input"]["samples"] > WHOLE
        return min(CHUNK if strips else POOL, len(self.ranked.curves[0].records))


def rankings_in(folder: Path, trust: bool = False) -> list[Finding]:
    """The rankings of a run's folder, of a sweep's, or the one in this very folder.

    For a run with several networks those of its first seed, whose maps are shown. Raises
    ValueError when there is none.
    """
    ranked = [each_network(each)[0] for each in findings_in(folder, trust) if each.ranked]
    if not ranked:
        raise ValueError(
            "expected the folder of a finished run or sweep, found no ranking in "
            f"findings/*/finding.json beneath {folder}; run `python train.py` first and give its "
            "folder, such as demo"
        )
    return ranked


def _sources(runs: Sequence[Path], trust: bool) -> list[_Source]:
    """One source per network and set of methods."""
    every = [result for run in runs for result in rankings_in(run, trust)]
    return [_Source(result, Job.of_finding(result)) for result in of_each_map(every)]


def of_each_map(results: Sequence[Finding]) -> list[Finding]:
    """The first result of each network and set of methods; several protocols share their maps."""
    found: dict[str, Finding] = {}
    for result in results:
        about, methods = result.about, result.facts["settings"]["method"]
        maps = {"network": about.networks[0], "class": about.target.explained, "methods": methods}
        found.setdefault(fingerprint(maps), result)
    return [*found.values()]


def _check(sources: Sequence[_Source], chosen: Sequence[str], ecgs: int) -> None:
    networks: dict[str, set[str]] = {}
    explained: dict[str, set[str]] = {}
    for about in (source.ranked.about for source in sources):
        networks.setdefault(about.target.name, set()).add(about.networks[0])
        explained.setdefault(about.target.name, set()).add(about.target.explained)
    if several := [name for name, keys in networks.items() if len(keys) > 1]:
        raise ValueError(
            f"expected one network per target, got several for {', '.join(several)}; give the "
            "folder of the run whose maps the study shows"
        )
    for name, classes in explained.items():
        if len(classes) > 1:
            raise ValueError(
                f"expected one explained class of {name}, got {', '.join(sorted(classes))}; make a "
                "study for each"
            )
    methods = [source.job.config.get("method", ()) for source in sources]
    known = [*dict.fromkeys(name for each in methods for name in each)]
    if unknown := [name for name in chosen if name not in known]:
        raise ValueError(f"expected --methods of {', '.join(known)}, got {', '.join(unknown)}")
    fewest = min(sources, key=lambda source: source.most)
    if ecgs > fewest.most:
        raise ValueError(f"expected at most {fewest.most} ECGs, {_why(fewest)}; got --ecgs {ecgs}")


def _why(source: _Source) -> str:
    if source.most == len(source.ranked.curves[0].records):
        return "the number that was scored (evaluate.py with a larger ecgs=… scores more)"
    if source.most == CHUNK:
        return "since the store keeps whole maps of strips only for the first ones"
    return "the first of those that were scored"


def _study_input(source: _Source, chosen: Sequence[str], names: Pseudonyms) -> StudyInput:
    job, result, most = source.job, source.ranked, source.most
    net = kept_network(job)
    subject = subject_of(
        job.data, job.methods(), job.config["ecgs"], result.curves[0].seed, job.store
    )
    probe, ecgs = probe_of(net, subject), subject.ecgs
    if (probe.key, subject.records) != (result.about.networks[0], result.about.records):
        raise ValueError(
            f"expected the network and the ECGs of the result on {job.target.name}, got different "
            "ones; run `python train.py` again with the same settings"
        )
    shown = {
        name: method
        for name, method in subject.every_method.items()
        if name in result.curves[0].controls
        or (name in result.curves[0].methods and (not chosen or name in chosen))
    }
    maps = study_maps(probe, shown, result.curves[0].protocol.steps, most)
    clean = next(iter(result.curves[0].predictions.values()))[0, :most, 0]
    own = names.all_of(job.data.records.name, ecgs.record[:most])
    return study_input(probe, job.target, own, clean, maps)
