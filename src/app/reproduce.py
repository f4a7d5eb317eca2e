"""`ecglens reproduce`: the sweeps of a published study, and its tables with the printed numbers."""

import argparse
import shlex
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from .errors import user_errors

NOT_ALL = 1
NOTE = """Stop it at any moment: the same command reads what is finished and resumes.
More words are settings for every job, such as ecgs=16 or store=FOLDER.

exit status: 0 every sweep has finished, 1 some jobs have not (named), 2 wrong use
"""


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_intermixed_args()
    with user_errors("stopped; the same command resumes from here"):
        complete = _reproduce(arguments)
    sys.exit(0 if complete else NOT_ALL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=sys.argv[0],
        description="Run a published study again and set its tables beside the printed ones.",
        epilog=NOTE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    suites = _suites()
    parser.add_argument("suite", choices=suites, help="the study")
    scales = list(dict.fromkeys(scale for sweeps in suites.values() for scale in sweeps))
    parser.add_argument("--scale", choices=scales, default=scales[0], help=f"default: {scales[0]}")
    parser.add_argument("--to", type=Path, help="folder to write (default: results/SUITE/SCALE)")
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="a setting of every job")
    return parser


def _suites() -> dict[str, dict[str, dict[str, list[str]]]]:
    """The words of each sweep, by study, scale and name of the sweep."""
    folder = files("ecglens.app") / "reproductions"
    found = {
        Path(path.name).stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".yaml")
    }
    return {
        suite: {
            scale: {name: _flat(words) for name, words in sweeps.items()}
            for scale, sweeps in scales.items()
        }
        for suite, scales in found.items()
    }


def _flat(words: list[Any]) -> list[str]:
    """The words of lists within lists, which a yaml file repeats by an anchor."""
    return [one for word in words for one in (_flat(word) if isinstance(word, list) else [word])]


def _reproduce(arguments: argparse.Namespace) -> bool:
    """Run the sweeps and write the tables; whether every job has finished."""
    from ..report import installed_versions
    from ..report.reproduction import write_reproduction
    from .runs import findings_in

    sweeps = _suites()[arguments.suite][arguments.scale]
    to = arguments.to or Path("results") / arguments.suite / arguments.scale
    start, complete = time.monotonic(), True
    for name, words in sweeps.items():
        print(f"{name}: {shlex.join(words)}", flush=True)
        folder = [f"hydra.sweep.dir={to / 'runs' / name}"]
        command = [sys.executable, "-m", "ecglens", "train", "-m"]
        done = subprocess.run([*command, *words, *arguments.settings, *folder])
        complete &= done.returncode == 0
    about: dict[str, Any] = {
        "Command": shlex.join(["ecglens", *sys.argv[0].split()[1:], *sys.argv[1:]]),
        "Time of this run": f"{(time.monotonic() - start) / 60:.0f} min",
        "Versions": ", ".join(f"{name} {each}" for name, each in installed_versions().items()),
    }
    print(write_reproduction(findings_in(to / "runs"), about, to).resolve())
    return complete
