"""`ecglens collect`: all scores of runs and sweeps in one table, and one report over them."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from ecglens.jobs import parser_of, tell, user_errors

if TYPE_CHECKING:
    import pandas as pd
    from ecglens.eval import Finding
    from ecglens.report import Pseudonyms

NOT_ALL = 1
LIST = "collected.json"  # of the files in the folder, which the next call there removes
NOTE = """files: scores.csv (and scores.parquet where pyarrow is installed) with a row per run,
evaluation, measure, method, network, draw and ECG; jobs.csv with the state of every job;
report.html over what is there.

exit status: 0 every job has finished, 1 some have not (named with the command that repeats them),
2 wrong use
"""


def main() -> None:
    """Collect; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; nothing is lost, the same command begins again"):
        complete = _collect(arguments.runs, arguments.to)
    sys.exit(0 if complete else NOT_ALL)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Gather runs and sweeps, half-done ones too, into one table and one report.", NOTE
    )
    add = parser.add_argument
    add("runs", type=Path, nargs="+", metavar="RUN", help="folder of a run or sweep")
    add("--to", type=Path, default=Path("collected"), help="folder to write (default: collected)")
    return parser


def _collect(runs: list[Path], to: Path) -> bool:
    """Write the files; whether every job has finished."""
    from ecglens.jobs import FINISHED_JOB, failures, jobs_in

    jobs = [job for run in runs for job in jobs_in(run)]  # of a wrong folder this is all
    folders = Counter(job.folder.resolve() for job in jobs)
    if twice := [str(folder) for folder, times in folders.items() if times > 1]:
        raise ValueError(f"expected each job once, got {', '.join(twice)} twice")
    if to.resolve() in folders:
        raise ValueError(f"expected a folder of its own in --to, got {to}, which is a run's")
    import pandas as pd
    from ecglens.jobs import findings_of_job, names_of
    from ecglens.report import write_report, write_table
    from ecglens.report.text import counted
    from ecglens.store import atomic_path, in_place_of

    findings = [(job.folder, finding) for job in jobs for finding in findings_of_job(job.folder)]
    names = names_of(findings[0][0] if findings else jobs[0].folder)
    with in_place_of(to / LIST):
        write_table(pd.DataFrame([asdict(job) for job in jobs]), to / "jobs.csv")
        for line in failures(jobs):
            tell(line, file=sys.stderr)
        done = sum(job.state == FINISHED_JOB for job in jobs)
        begun = [job.folder for job in jobs]
        missing = {sweep: n for run in runs for sweep, n in _not_begun(run, begun)}
        for sweep, count in missing.items():
            what = f"not begun: {counted(count, 'job')} of the sweep in {sweep}; repeat it there"
            tell(what, file=sys.stderr)
        lacking = sum(missing.values())
        print(f"{done} of {len(jobs) + lacking} jobs have finished")
        if findings:
            scores = pd.concat([_tidy(*each, names) for each in findings], ignore_index=True)
            write_table(scores, to / "scores.csv")
            with suppress(ImportError), atomic_path(to / "scores.parquet") as file:
                scores.to_parquet(file, index=False)  # pyarrow is an extra
            tell(write_report([finding for _, finding in findings], to, names).resolve())
    return done == len(jobs) and not lacking


def _not_begun(run: Path, jobs: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    """Sweeps in this folder with the number of jobs that have no folder.

    Words of Hydra's glob are passed over, as is a torn file.
    """
    from ecglens.jobs import SWEEP, read_yaml

    for file in run.rglob(SWEEP):
        own = sum(job.is_relative_to(file.parent) for job in jobs)
        with suppress(ValueError, TypeError, KeyError):
            asked = [*swept(read_yaml(file)["hydra"]["overrides"]["task"])]
            if len(asked) > own:
                yield file.parent, len(asked) - own


def swept(words: Sequence[str]) -> Iterator[list[str]]:
    """Settings of each job of a sweep. As in Hydra, the last word for a setting counts."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    values: dict[str, list[str]] = {}
    try:
        for each in OverridesParser.create().parse_overrides([*words]):
            if each.is_hydra_override():
                continue
            key = each.get_key_element()
            many = each.is_sweep_override()
            found = each.sweep_string_iterator() if many else [each.get_value_element_as_str()]
            values[key] = [f"{key}={value}" for value in found]
    except HydraException as problem:
        raise ValueError(
            f"expected settings as NAME=VALUE, got {' '.join(words)}: {problem}"
        ) from problem
    return map(list, product(*values.values()))


def _tidy(folder: Path, finding: "Finding", names: "Pseudonyms") -> "pd.DataFrame":
    """The scores of a finding with what they are of in front, a row per ECG."""
    from ecglens.report import shareable

    about, table = finding.about, shareable(finding, names).tidy()
    facts = {
        "run": str(folder),
        "target": about.target.explained,
        "input": about.input,
        "evaluation": about.evaluation,
    }
    for place, (name, value) in enumerate(facts.items()):
        table.insert(place, name, value)
    return table
