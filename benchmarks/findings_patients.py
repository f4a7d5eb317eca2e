"""Tables of docs/patients.md from results/patients (see benchmarks.findings)."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

from ecglens.datamodules import DIAGNOSES
from ecglens.eval import POWER
from ecglens.eval.statistics import SharePilot
from ecglens.report import style
from scipy.special import stdtrit

from .findings_cells import Row, grouped, joined, number, read
from .findings_words import TARGETS

NONE = "none"
ECGS = {
    "ptbxl": "PTB-XL",
    "deepfake": "generated",
    "exact": "exact",
    "ludb": "LUDB",
    "ptbxl after generated": "PTB-XL, begun with generated",
}
# Targets and classes as they are printed.
NAMES = {
    **TARGETS,
    **DIAGNOSES,
    "cs100": "recorder CS100",
    "cs12": "recorder CS-12",
    "at6": "recorder AT-6",
    "site0": "site 0",
    "site1": "site 1",
    "site2": "site 2",
}
INPUTS = {"median": "median beats", "rhythm": "strips"}
PROTOCOLS = {"default": "default", "noise_10": "points, noise of 10 %"}
ABOVE, UNDECIDED = "is_above_every_control_and_any_target_prior", "cannot be said"
RUNGS = {
    "target_prior": "the region",
    "abs_x": r"\|x\|",
    "abs_dx": r"\|dx/dt\|",
    "random": "random numbers",
}
METHODS = 9  # that a run of the study ranks
Table = list[list[str]]


def errors(*results: Path) -> Table:
    """Mean absolute error and R² of each network of these folders; classes have none."""
    rows = [["Target", "learned from", "tested on", "ECGs", "MAE of each network", "R²"]]
    keys = "target", "learned_from", "tested_on"
    found = [row for row in _read(results, "errors.csv") if not isnan(row["mae"])]
    for (target, learned, tested), own in grouped(found, *keys):
        where = "its test part" if tested == "test part" else ECGS[tested]
        rows.append([
            f"{_named(target)}, {own[0]['unit']}",
            f"{own[0]['train']:.0f} {ECGS[learned]}",
            where,
            f"{own[0]['ecgs']:.0f}",
            joined((row["mae"] for row in own), 1),
            joined((row["r2"] for row in own), 2),
        ])  # fmt: skip
    return rows


def classes(*folders: Path) -> Table:
    """AUROC of each class over test parts, each of a network that never saw it, by folder."""
    found = [read(folder / "classes.csv") for folder in folders]
    head = ["Class"]
    for rows in found:
        head += [f"AUROC on {INPUTS[rows[0]['input']]} (95 % interval)", "test parts"]
    return [head] + [
        [_named(own[0]["class"])]
        + [cell for row in own for cell in (_between(row, "auroc"), f"{row['test_parts']:.0f}")]
        for own in zip(*found, strict=True)
    ]


def recorders(folder: Path) -> Table:
    """AUROC of each recorder and site by each network, as fitted first and on another processor."""
    rows = [["Class", "ECGs", "AUROC of each network", "fitted again"]]
    each = (grouped(read(folder / f"classes-{of}.csv"), "class") for of in ("cs100", "site2"))
    for ((name,), first), (_, again) in zip(*each, strict=True):
        aurocs = [joined((row["auroc"] for row in own), 2) for own in (first, again)]
        rows.append([_named(name), f"{first[0]['ecgs']:.0f}", *aurocs])
    return rows


def answers(*results: Path) -> Table:
    """Methods by what they were shown to be in these folders."""
    rows = [["Target", "ECGs", "use", "not shown", "fails a test", "specific to its ECG"]]
    for (target, learned), own in grouped(_read(results, "answers.csv"), "target", "learned_from"):
        of = {
            use: [row["method"] for row in own if row["use"] == use]
            for use in ("use", "not shown", "do not use")
        }
        about = [row["method"] for row in own if row["this_ecg"] == "shown"]
        rows.append([_named(target), ECGS[learned], *map(_methods, [*of.values(), about])])
    return rows


def undecided(*results: Path) -> Table:
    """Methods whose score may be above a rung, with the ECGs that would show it."""
    rows = [["Target", "ECGs", "not shown to beat", "ECGs that would show it"]]
    found = [
        row
        for row in _read(results, "answers.csv")
        if row["use"] == "not shown" and row[ABOVE] == UNDECIDED
    ]
    for (target, learned, rung), own in grouped(found, "target", "learned_from", "not_above"):
        numbers = [f"{style(row['method']).label} {_ecgs_that_show(row)}" for row in own]
        rows.append([_named(target), ECGS[learned], RUNGS[rung], ", ".join(numbers)])
    return rows


def _ecgs_that_show(row: Row) -> str:
    """ECGs with which a difference as large as this one's is significant with probability POWER.

    From its 95 % interval, corrected over METHODS.
    """
    ecgs, half = int(row["ecgs"]), (row["difference_high"] - row["difference_low"]) / 2
    error = half / -stdtrit(ecgs - 1, 0.025)
    found = SharePilot(error, row["difference"], ecgs, METHODS).ecgs(POWER)
    return "> 100 000" if found is None else f"{found}"


def transfer(table: Path) -> Table:
    """Errors on fold 10 by start and by number of training ECGs."""
    found = read(table)
    starts = list(dict.fromkeys((row["start"], row["body_lr"]) for row in found if row["steps"]))
    heads = [_start(*each) for each in starts]
    rows = [["Target", "training ECGs", *heads]]
    for (target, train), own in grouped(found, "target", "train"):
        fits = [row for row in own if row["steps"]]
        cells = [
            joined((row["mae"] for row in fits if (row["start"], row["body_lr"]) == each), 1)
            for each in starts
        ]
        rows.append([f"{_named(target)}, ms", f"{float(train):.0f}", *cells])
    return rows


def as_they_are(table: Path) -> Table:
    """Errors on fold 10 of networks that saw no recorded ECG."""
    rows = [["Target", "learned from", "MAE", "R²", "mean error"]]
    for row in read(table):
        if not row["steps"]:
            numbers = (number(row[name], 1 + (name == "r2")) for name in ("mae", "r2", "bias"))
            rows.append([f"{_named(row['target'])}, ms", ECGS[row["start"]], *numbers])
    return rows


def orders(*results: Path) -> Table:
    """Kendall's τ between the order of methods on two kinds of ECGs, and within each kind."""
    rows = [["Target", "protocol", "τ (95 % interval)", "within patients", "within generated"]]
    for row in _read(results, "orders.csv"):
        within = {row["one"]: row["within_one"], row["other"]: row["within_other"]}
        rows.append([
            _named(row["target"]),
            PROTOCOLS[row["protocol"]],
            _between(row, "tau"),
            number(within["ptbxl"], 2),
            number(within["deepfake"], 2),
        ])  # fmt: skip
    return rows


def _read(folders: Sequence[Path], name: str) -> list[Row]:
    return [row for folder in folders for row in read(folder / name)]


def _named(target: str) -> str:
    return NAMES.get(target, target)


def _between(row: Row, name: str) -> str:
    return f"{number(row[name], 2)} ({number(row['low'], 2)} to {number(row['high'], 2)})"


def _start(start: str, rate: float) -> str:
    if start == "nothing":
        return start
    return ECGS[start] + ("" if rate == 1 else f", all but the last layer at {rate:g} of the rate")


def _methods(names: Sequence[str]) -> str:
    return ", ".join(style(name).label for name in names) or NONE
