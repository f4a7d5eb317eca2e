"""Networks of finished runs: all seeds of one, and several runs that differ in their seed alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecglens.eval import Reading
    from ecglens_sheets import Opened
    from torch import nn

FINDINGS = "findings/*/finding.json"
# What has to be the same in networks that are measured as one; the seed may differ.
SAME = ("data", "target", "input", "model", "fit", "network", "permute_labels")


@dataclass(frozen=True, eq=False)
class Several:
    """Networks of one target that differ in their seed: measured as one.

    `known` is what is known of the first, `gate` the test of their runs of whether they read their
    target (the one that reads least; None where none was made).
    """

    known: "Opened"
    nets: "Sequence[nn.Module]"
    gate: "Reading | None" = None


def check_run(folder: Path) -> None:
    """Raise ValueError for a folder without findings; nothing heavy is loaded for it."""
    if next(folder.rglob(FINDINGS), None) is None:
        raise ValueError(
            f"expected the folder of a finished run, found no finding on a network beneath {folder}"
            "; run `ecglens train` first and give its folder, such as demo"
        )


def opened(folder: Path, trust: bool) -> Several:
    """Networks of a run, one for each of its seeds.

    Raises ValueError as `opened_run`, also for the folder of a sweep over several networks.
    """
    from ecglens.eval import answers_of
    from ecglens.jobs import Job, kept_network
    from ecglens_sheets import opened_run

    known = opened_run(folder, trust)
    answers = answers_of([known.finding]) if known.finding.curves else ()
    job = Job.of_finding(known.finding)
    others = [job.variant(f"seed-{seed}", seed=seed) for seed in job.seeds[1:]]
    return Several(
        known, [known.net, *map(kept_network, others)], answers[0].reads if answers else None
    )


def together(folders: Sequence[Path], trust: bool) -> Several:
    """Networks of several runs, or of a sweep over seeds, as one.

    Raises ValueError for networks that differ in more than their seed, and for one that is there
    twice.
    """
    from ecglens.jobs import folders_in

    every = [(job, opened(job, trust)) for folder in folders for job in folders_in(folder)]
    (first, known), *_ = every
    seeds: dict[int, Path] = {}
    for job, each in every:
        settings = each.known.finding.facts["settings"]
        for key in SAME:
            if settings.get(key) != known.known.finding.facts["settings"].get(key):
                raise ValueError(
                    f"expected networks that differ in their seed alone, got another {key} in "
                    f"{job} than in {first}; leave --together out to see them side by side"
                )
        for seed in settings["seeds"]:
            if seed in seeds:
                raise ValueError(
                    f"expected networks of different seeds, got seed {seed} in {seeds[seed]} and "
                    f"in {job}"
                )
            seeds[seed] = job
    gates = [each.gate for _, each in every if each.gate is not None]
    nets = [net for _, each in every for net in each.nets]
    least = min(gates, key=lambda gate: (gate.verdict != "does not read", gate.low), default=None)
    return Several(known.known, nets, least)


def checked_files(paths: Sequence[Path]) -> None:
    """Raise ValueError for a file or folder that is not there."""
    for path in paths:
        if not path.exists():
            raise ValueError(f"expected a file or folder, found nothing at {path}")
