"""The next run: the cheapest missing test, its command, ready to paste, and how long it takes."""

import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

from .. import registry
from ..eval import Answer
from ..store import quoted

# What the cheapest missing test does.
DOES = {
    "ladder": "Compare each map with the region of the target itself.",
    "weights": "Redraw the weights and permute the labels: does the map follow?",
    "labels": "Train on permuted labels (evaluate fits none): does the map follow?",
    "all weights": "Redraw the weights and permute the labels with every explained ECG.",
    "training": "Train longer, until the network reads its target.",
    "own training": "Train longer, or on more ECGs, until the network reads its target.",
    "ecgs": "More ECGs may settle the undecided tests.",
    "networks": "Do four more networks agree?",
}
# Intervals are 0.63 times as wide, 1 / √2.5: 160 ECGs for 64, the default.
MORE = 2.5
NETWORKS = 5  # one and four more
# How much longer than this run, which has the first network and the ECGs in the store: a second
# fit and the curves of twins, the curves of MORE ECGs, four networks.
LONGER = {"ladder": 1.0, "weights": 2.0, "labels": 2.0, "all weights": 2.0}
LONGER |= {"ecgs": MORE, "networks": NETWORKS - 1.0}
FITS = ("weights", "labels", "all weights", "training", "networks")  # evaluate fits none
GROUPS = {"answer", "all"}  # evaluations that stand for several, with those of PAIR
PAIR = {"perturbation", "default", "noise_10"}
# Evaluations that a missing test needs; "weights" takes all ECGs, evaluation=answer fewer.
EVALUATIONS: dict[str, tuple[str, ...]] = {"ladder": ("perturbation",)}  # with the null ladder
EVALUATIONS |= dict.fromkeys(("weights", "labels", "all weights"), ("perturbation", "weights"))
LEAST_MINUTES = 0.5  # a run that found everything in the store says nothing about the next


@dataclass(frozen=True)
class Made:
    """Folder of a run that a command made, and the minutes that it took (NaN: not known)."""

    folder: Path
    minutes: float = nan

    def minutes_to(self, answer: Answer) -> str:
        """About how long the command of the next run takes here; "" where that is not known."""
        if not (isfinite(self.minutes) and self.minutes >= LEAST_MINUTES):
            return ""
        run = answer.run
        longer = run.longer / run.epochs if answer.next == "training" else LONGER[answer.next]
        return f"≈ {max(round(self.minutes * longer), 1)} min"


def command_of(answer: Answer, test: str, made: Made | None = None) -> str:
    """The command of a missing test; "" where none runs it.

    With `made` it calls the program that this process was started from, and writes to the folder of
    the run, whose page it makes again. The added setting alone where the command of the run is not
    known, or has paths that the page withholds.
    """
    run = answer.run
    settings = {
        "training": f"fit.epochs={run.longer}" if run.longer else "",
        "ecgs": f"ecgs={round(MORE * run.ecgs)}",
        # With the seed of the run, whose network is kept.
        "networks": f"seed=[{','.join(map(str, range(run.seed, run.seed + NETWORKS)))}]",
    }
    if not run.configured or not (test in EVALUATIONS or settings.get(test)):
        return ""
    words = _evaluating(answer, test) if test in EVALUATIONS else _with(run.command, settings[test])
    own = any(word.startswith("network") for word in words)
    if test in FITS and words[1:2] == ["evaluate"] and not own:
        words[1] = "train"
    if made is not None and run.command and words:
        words = [program(), *_with(words, f"hydra.run.dir={quoted(near(made.folder))}")[1:]]
    return shlex.join(words)


def _with(command: Sequence[str], setting: str, below: str = ".*") -> list[str]:
    """The command with this setting in place of those of its name and of some names `below` it."""
    same = re.compile(rf"\+*{re.escape(setting.partition('=')[0])}(\.({below})(\.[^=]*)?)?=")
    return [*(word for word in command if not same.match(word)), setting]


def _evaluating(answer: Answer, test: str) -> list[str]:
    """The command with the evaluations of a test, by their own settings, after those of the run.

    A run in the same folder would lose their findings: [] where those of the run are not known.
    """
    had = _files(answer.run.command)
    if answer.run.command and not had:
        return []
    own = {*EVALUATIONS[test], *PAIR}
    kept = [each for each in had if each not in own]
    grouped = not GROUPS.isdisjoint(kept)
    every = [*kept, *(each for each in EVALUATIONS[test] if not (grouped and each in PAIR))]
    value = every[0] if len(every) == 1 else f"[{','.join(every)}]"
    return _with(answer.run.command, f"evaluation={value}", "|".join(own))


def _files(command: Sequence[str]) -> list[str]:
    """Files of evaluations of a command; [] where they are not known, as of a user's experiment."""
    words = (word.lstrip("+").partition("=") for word in command)
    chosen = {name: re.findall(r"[^][,\s]+", said) for name, _, said in words}
    given, group = chosen.get("experiment", []), "override /evaluation"
    if "evaluation" in chosen or not (command and given):
        return chosen.get("evaluation", ["answer"] * bool(command))
    known = len(given) == 1 and given[0] in registry.names("experiment")
    begins = registry.settings("experiment", given[0]).get("defaults", ()) if known else ()
    files = next((each[group] for each in begins if group in each), [])
    return [files] if isinstance(files, str) else [*files]


def program() -> str:
    """The installed command `ecglens` of this Python, as one calls it from here."""
    own = Path(sys.executable).parent / "ecglens"
    found = shutil.which("ecglens")
    if not own.is_file() or (found and Path(found).samefile(own)):
        return "ecglens"
    return str(near(own))


def near(path: Path) -> Path:
    """A path from the current folder where it lies below, else in full."""
    whole = path.absolute()
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole
