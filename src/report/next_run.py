"""The next run: the cheapest missing test, its command, ready to paste, and how long it takes."""

import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

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
# fit and the curves of twins, a fit of twice the epochs, the curves of MORE ECGs, four networks.
LONGER = {"ladder": 1.0, "weights": 2.0, "labels": 2.0, "all weights": 2.0, "training": 2.0}
LONGER |= {"ecgs": MORE, "networks": NETWORKS - 1.0}
FITS = ("weights", "labels", "all weights", "training", "networks")  # evaluate fits none
GROUPS = {"answer", "all"}  # evaluations that stand for several, with those of PAIR
PAIR = {"perturbation", "default", "noise_10"}
LEAST_MINUTES = 0.5  # a run that found everything in the store says nothing about the next


@dataclass(frozen=True)
class Made:
    """Folder of a run that a command made, and the minutes that it took (NaN: not known)."""

    folder: Path
    minutes: float = nan

    def minutes_of(self, test: str) -> str:
        """About how long a test takes on this machine; "" where that is not known."""
        if not (isfinite(self.minutes) and self.minutes >= LEAST_MINUTES and test in LONGER):
            return ""
        return f"≈ {max(round(self.minutes * LONGER[test]), 1)} min"


def command_of(answer: Answer, test: str, made: Made | None = None) -> str:
    """The command of a missing test; "" where none runs it.

    With `made` it calls the program that this process was started from, and writes to the folder of
    the run, whose page it makes again. The added setting alone where the command of the run is not
    known, or has paths that the page withholds.
    """
    run, sanity = answer.run, "evaluation=[perturbation,weights]"
    if not run.configured:
        return ""
    added = {
        "ladder": "evaluation=perturbation",  # evaluates the null ladder by default
        "weights": sanity,
        "labels": sanity,
        "all weights": sanity,  # evaluation=answer has them on fewer ECGs
        "training": f"fit.epochs={2 * run.epochs}" if run.epochs else "",
        "ecgs": f"ecgs={round(MORE * run.ecgs)}",
        # With the seed of the run, whose network is kept.
        "networks": f"seed=[{','.join(map(str, range(run.seed, run.seed + NETWORKS)))}]",
    }
    if not added.get(test):
        return ""
    words = _with(run.command, added[test])
    own = any(word.startswith("network") for word in words)
    if test in FITS and words[1:2] == ["evaluate"] and not own:
        words[1] = "train"
    if made is not None and run.command:
        _, *rest = _with(words, f"hydra.run.dir={quoted(near(made.folder))}")
        words = [program(), *rest]
    return shlex.join(words)


def _with(command: Sequence[str], setting: str) -> list[str]:
    """The command with this setting in place of those of its name and below it.

    Evaluations of the command stay before the added ones, which win, with their settings: a run in
    the same folder would lose their findings. A command that names none has the group "answer".
    """
    name, _, value = setting.partition("=")
    same = re.compile(rf"\+*{re.escape(name)}(?:\.([^.=]*)[^=]*)?=(.*)")
    words = [(word, same.fullmatch(word)) for word in command]
    before = [found[2] for _, found in words if found and not found[1]]
    if name != "evaluation" or not command:
        return [*(word for word, found in words if not found), setting]
    chosen = any(word.startswith("experiment=") for word in command)  # with its evaluations
    had, added = _list((before or ["" if chosen else "answer"])[-1]), _list(value)
    kept = [each for each in had if each not in added]
    stay = {*kept}
    if grouped := {*kept} & GROUPS:
        added = [each for each in added if each not in PAIR]
        stay |= {found[1] for _, found in words if found and found[1]} - {*added} - PAIR
    every = [*(each for each in kept if not (grouped and each in PAIR)), *added]
    setting = f"{name}={every[0] if len(every) == 1 else '[' + ','.join(every) + ']'}"
    return [*(word for word, found in words if not found or found[1] in stay), setting]


def _list(value: str) -> list[str]:
    """Names in a Hydra list, or the one name."""
    return [each.strip() for each in value.strip("[]").split(",") if each.strip()]


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
