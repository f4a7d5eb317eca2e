"""What a fit begins with: whether it may, and patients whom it knows."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import pandas as pd

from ..datamodules import EcgData, Reader, overlap, readers_in
from ..store import say_once
from .job import Job
from .networks import runs_before, seed_in, start_of_job

# What to do about patients who were learned from, by where they are tested.
APART = {
    "data": "split the ECGs as it did",
    "data.external": "give another data set as data.external",
}


def check_start(job: Job) -> None:
    """Raise ValueError where `fit.start` names nothing that the fit can begin with.

    That is also a run that learned from patients who are tested here, or began with one that did,
    as far as names tell, and the same weights for several networks that are not fitted further.
    """
    begun, runs = "", [*runs_before(job)]
    for path, other in runs:
        for where, ecgs in _tested(job).items():
            pairs = _patients_of(other.data, ecgs, overlap)
            if _learns(other) and any({*one} & {*two} for one, two in pairs):
                raise ValueError(
                    f"expected in fit.start a network that learned from no test ECG, got {begun}"
                    f"{path}, which learned from some of these patients; {APART[where]}"
                )
        begun += f"{path}, which began with "
    start = start_of_job(job)
    given = {seed_in(runs[0][1], seed) if runs else 0 for seed in job.seeds}
    same = start is not None and not start.fresh_head and len(given) < len(job.seeds)
    if same and not job.config["fit"]["epochs"]:
        raise ValueError(
            f"expected networks that differ, got fit.epochs=0 for seed={list(job.seeds)}, several "
            "of which begin with the same weights; give one seed, more epochs, or in fit.start a "
            "run with all of these seeds"
        )


def say_namesakes(job: Job) -> None:
    """Say how many test patients have the name of one who was learned from in another folder.

    One class reads both folders, and the names are no ids of ECGs. It is no error: each of two
    hospitals may have a patient 1.
    """
    fitted_here = [run for run in [("this network", job), *runs_before(job)] if _learns(run[1])]
    for who, other in fitted_here:
        for where, ecgs in _tested(job).items():
            pairs = _patients_of(other.data, ecgs, _of_one_format)
            both = [{*one[one != one.index]} & {*two[two != two.index]} for one, two in pairs]
            if same := set[str]().union(*both):
                say_once(
                    f"{who} learned from patients with the names of test patients in {where} "
                    f"({len(same)}), in other files of the same format: if they are the same "
                    "people, leave them out, because its errors on them are too small"
                )


def _learns(job: Job) -> bool:
    """True if the network of this job is fitted to the job's own training ECGs."""
    return job.own_network is None and job.config["fit"]["epochs"] > 0


def _tested(job: Job) -> dict[str, EcgData]:
    """Data sets with the test ECGs of the job, by their place in the settings."""
    return {"data": job.data} | ({"data.external": job.external} if job.external else {})


def _of_one_format(one: Reader, other: Reader) -> bool:
    """True if one class reads both, so that their patients may be named alike."""
    return type(one) is type(other) and not one.generated


def _patients_of(
    learned: EcgData, tested: EcgData, alike: Callable[[Reader, Reader], bool]
) -> Iterator[tuple[pd.Series, pd.Series]]:
    """Patients of the training ECGs of one and of the test ECGs of the other, by ECG.

    A pair for each two data sets that are `alike`; in others "1" may be another person.
    """

    def patients(ecgs: EcgData, source: str, *parts: str) -> pd.Series:
        rows = np.concatenate([ecgs.cohort.parts[part] for part in parts])
        before = f"{source}/" if source else ""  # of a mixture
        names = ecgs.prepared.table.iloc[rows].set_index("id")["patient"]
        own = names[names.str.startswith(before)].str.removeprefix(before)
        return own.rename(lambda id: id.removeprefix(before))

    one, other = (
        readers_in(each.records.reader) or {"": each.records.reader} for each in (learned, tested)
    )
    for first, second in product(one, other):
        if alike(one[first], other[second]):
            yield patients(learned, first, "train", "val"), patients(tested, second, "test")
