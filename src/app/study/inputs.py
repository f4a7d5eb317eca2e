"""Study input from finished runs: their ECGs, and every method's maps from the store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...eval import Finding, subject_of
from ...eval.heatmaps import CHUNK, WHOLE, probe_of
from ...library import POOL, full_precision, study_input, study_maps
from ...report import Pseudonyms
from ...store import fingerprint
from ...study import StudyInput
from ..job import Job
from ..networks import kept_network
from ..runs import rankings_in


@dataclass(frozen=True)
class Found:
    """Study input for each target; `left_out` lists methods without maps and the reasons.

    `names` maps ECGs to pseudonyms.
    """

    study_inputs: tuple[StudyInput, ...]
    left_out: tuple[str, ...]
    names: Pseudonyms


def found_in(runs: Sequence[Path], chosen: Sequence[str], ecgs: int) -> Found:
    """Study input from these runs and sweeps, with the `chosen` methods (default: all).

    Maps that are not in the store are computed; networks are never trained. Raises ValueError for
    two networks or different ECGs on one target, and for fewer than `ecgs` ECGs.
    """
    full_precision()
    sources = _sources(runs)
    _check(sources, chosen, ecgs)
    names = Pseudonyms(sources[0].job.store)
    study_inputs: dict[str, StudyInput] = {}
    for source in sources:
        made = _study_input(source, chosen, names)
        study_inputs[made.target.name] = joined(study_inputs.get(made.target.name, made), made)
    reasons = [
        f"{source.ranked.about.target.name}: no maps by {name}: {reason}"
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
    def most(self) -> int:
        """Number of ECGs to choose from."""
        strips = self.job.config["input"]["samples"] > WHOLE
        return min(CHUNK if strips else POOL, len(self.ranked.curves[0].records))


def _sources(runs: Sequence[Path]) -> list[_Source]:
    """One source per network and set of methods; results of several protocols share their maps."""
    found: dict[str, _Source] = {}
    for result in (result for run in runs for result in rankings_in(run)):
        settings = result.facts["settings"]
        maps = fingerprint({"network": result.about.networks[0], "methods": settings["method"]})
        found.setdefault(maps, _Source(result, Job.of_finding(result)))
    return [*found.values()]


def _check(sources: Sequence[_Source], chosen: Sequence[str], ecgs: int) -> None:
    networks: dict[str, set[str]] = {}
    for source in sources:
        networks.setdefault(source.ranked.about.target.name, set()).add(
            source.ranked.about.networks[0]
        )
    if several := [name for name, keys in networks.items() if len(keys) > 1]:
        raise ValueError(
            f"expected one network per target, got several for {', '.join(several)}; give the "
            "folder of the run whose maps the study shows"
        )
    known = [*dict.fromkeys(name for source in sources for name in source.job.config["method"])]
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
