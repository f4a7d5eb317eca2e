"""`ecglens reproduce`: a published study again, its tables beside the printed ones."""

import argparse
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecglens.jobs import parser_of, tell, user_errors
from ecglens.store import quoted

from .provenance import Cost, commit, provenance, without_folders
from .sweeps import FOLDERS, STUDIES, Jobs, clear_others, jobs_of, on_disk, suites, with_folders

if TYPE_CHECKING:
    from ecglens.eval import Finding

NOT_ALL = 1
ALL = "all"
ABOUT = "reproduction.json"  # the page writes it
CHOSEN = "storas"  # the study whose heatmaps are chosen
OTHER = "left out, jobs of other settings"
COST = "Cost of the last session"  # jobs that had finished before cost it nothing
NOTE = f"""Stop it at any moment: the same command reads what is finished and resumes.
More words are settings for every job, such as ecgs=16 or store=FOLDER. Only jobs of these
settings are read; others in the folder are named.
{ALL} runs {", ".join(STUDIES)}.

exit status: 0 every job has finished, 1 some jobs have not (named) or kept numbers differ,
2 wrong use
"""


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_intermixed_args()
    with user_errors("stopped; the same command resumes from here"):
        names = STUDIES if arguments.suite == ALL else (arguments.suite,)
        _check(arguments, names)
        done = [_reproduce(name, arguments) for name in names]
    sys.exit(0 if all(done) else NOT_ALL)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Run a published study again and set its tables beside the printed ones.", NOTE
    )
    every = suites()
    scales = list(dict.fromkeys(scale for sweeps in every.values() for scale in sweeps))
    add = parser.add_argument
    add("suite", choices=[*every, ALL], help="the study")
    add("--scale", choices=scales, default="smoke", help="default: smoke")
    add("--to", type=Path, help="folder to write (default: results/SUITE/SCALE)")
    add("--methods", default="", help="with --read: methods of the heatmaps, saliency,deeplift")
    add("--records", default="", help="with --read: ECGs of the heatmaps, of those in galleries")
    for name in FOLDERS:
        add(f"--{name}", type=Path, metavar="FOLDER", help=f"folder of {name}")
    add("--read", action="store_true", help="run nothing: tables and figures of finished jobs")
    add("--check", type=Path, metavar="KEPT", help="compare with the CSV files of this study")
    add("settings", nargs="*", metavar="NAME=VALUE", help="a setting of every job")
    return parser


def _check(arguments: argparse.Namespace, names: Sequence[str]) -> None:
    """Raise ValueError for wrong arguments before any sweep runs."""
    if arguments.check:
        from .page import kept_tables

        if arguments.suite == ALL:
            raise ValueError(
                f"expected --check with one study, because kept results are of one, got {ALL}"
            )
        kept_tables(arguments.check)
    for suite in names:
        if arguments.scale not in (scales := suites()[suite]):
            raise ValueError(
                f"expected one of {', '.join(scales)} in --scale of {suite}, got {arguments.scale}"
            )
    if arguments.methods or arguments.records:
        if arguments.suite != CHOSEN:
            raise ValueError(
                f"expected --methods and --records with {CHOSEN}, got {arguments.suite}, whose "
                "figures leave nothing to choose"
            )
        if not arguments.read:
            raise ValueError(
                "expected --methods and --records with --read, because they choose from the maps "
                "that a run has kept; run first, then add --read"
            )
    for name in FOLDERS:
        folder = getattr(arguments, name)
        if folder is not None and not folder.is_dir() and not arguments.read:
            raise ValueError(f"expected a folder in --{name}, got {folder}, which is none")


def _reproduce(suite: str, arguments: argparse.Namespace) -> bool:
    """Run the sweeps, write the tables and check them; True where every job and number is there."""
    from ecglens_paper.figures import Choice

    from .page import differences, write_reproduction

    to, cost = _folder(suite, arguments), Cost()
    sweeps = _sweeps(suite, arguments)
    jobs = jobs_of(to / "runs", sweeps)
    about = _drawn(to) if arguments.read else provenance()  # the source may change during a run
    ran = arguments.read or _run(sweeps, jobs, to)
    if not arguments.read:
        about |= {COST: cost.words()}
    methods, records = (
        tuple(filter(None, text.split(","))) for text in (arguments.methods, arguments.records)
    )
    found = on_disk(to / "runs", jobs)
    for what, folders in (("not finished", found.unfinished), (OTHER, found.others)):
        if folders:
            names = ", ".join(folder.relative_to(to / "runs").as_posix() for folder in folders)
            tell(f"{what}: {names}", file=sys.stderr)
    page = write_reproduction(
        suite, _findings(to / "runs", found.own), about, to, Choice(methods, records)
    )
    print(page.resolve())
    lines = differences(arguments.check, to) if arguments.check else []
    for line in lines:
        tell(line, file=sys.stderr)
    if arguments.check and not lines:
        print(f"the numbers are those of {arguments.check}")
    return ran and not found.unfinished and not lines


def _drawn(to: Path) -> dict[str, str]:
    """Facts that the run wrote, and the commit that makes tables and figures now."""
    from ecglens.store import read_json

    path = to / ABOUT
    known = read_json(path) if path.is_file() else provenance()
    if "Command" in known:  # with folders where an earlier version ran it
        known["Command"] = without_folders(shlex.split(known["Command"]))
    return known | {"Tables and figures": f"commit {commit()}"}


def _folder(suite: str, arguments: argparse.Namespace) -> Path:
    """Folder to write: one for each study, and never that of kept results."""
    own = Path(suite) / arguments.scale
    if arguments.to is None:
        return Path("checked" if arguments.check else "results") / own
    to = arguments.to / own if arguments.suite == ALL else arguments.to
    if arguments.check and to.resolve() == arguments.check.resolve():
        raise ValueError(
            f"expected in --to another folder than that of the kept results, got {to}; leave it out"
        )
    return to


def _sweeps(suite: str, arguments: argparse.Namespace) -> dict[str, list[str]]:
    """Words of every sweep with the user's own; a line names a sweep without its data set."""
    given = {name: getattr(arguments, name) for name in FOLDERS}
    sweeps, lines = with_folders(suites()[suite][arguments.scale], given)
    for line in lines:
        print(line, flush=True)
    return {name: [*words, *arguments.settings] for name, words in sweeps.items()}


def _run(sweeps: Mapping[str, Sequence[str]], jobs: Jobs, to: Path) -> bool:
    """Run every sweep; False where one said that a job failed."""
    clear_others(jobs)
    complete = True
    for name, words in sweeps.items():
        print(f"{name}: {shlex.join(words)}", flush=True)
        folder = f"hydra.sweep.dir={quoted(to / 'runs' / name)}"
        command = [sys.executable, "-m", "ecglens", "train", "-m"]
        complete &= swept([*command, *words, folder]) == 0
    return complete


def swept(command: Sequence[str]) -> int:
    """Exit status of a command; it is ended when this process is asked to end."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with subprocess.Popen(command) as running:
            try:
                return running.wait()
            except (SystemExit, KeyboardInterrupt):
                running.terminate()
                running.wait()
                raise
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _findings(runs: Path, folders: Sequence[Path]) -> "list[Finding]":
    """Findings of these jobs, under pseudonyms where ECGs may not leave the machine."""
    from ecglens.jobs import findings_in, names_of
    from ecglens.report import shareable

    found = [finding for folder in folders for finding in findings_in(folder)]
    if not found:
        raise ValueError(
            f"expected a finished job of these settings in {runs}, got none; see what it printed"
        )
    names = names_of(folders[0])  # jobs share a store
    return [shareable(each, names) for each in found]
