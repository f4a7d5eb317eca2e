"""Tables and figure of docs/measured_networks.md: python -m benchmarks.measured_tables.

They are read from results/measure alone. The limits below were fixed before a network was measured.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens.eval.statistics import LEVEL
from ecglens.report import GREY, INK, PALETTE
from ecglens.report.text import fixed
from ecglens_measure.doses import doses
from ecglens_measure.responses import BENT, NO_RESPONSE, SCATTERED
from ecglens_measure.words import printed, step_of, stepped
from matplotlib.figure import Figure

from .concept_page import save
from .measured_networks import KEPT, KINDS, SHOWN, TARGETS
from .page import DOCS, exchange, lines

PAGE = DOCS / "measured_networks.md"
PICTURE = DOCS / "images" / "measured-networks.png"
# The dose that is a network's own: the label moves and the waves keep their form.
OWN = {"pr": "pr", "qrs": "qrs", "qt": "t_shift", "r": "r", "j": "j", "t": "t"}
# A gain within this of 1 is what an instrument has: 40 ms, the largest dose, is read to 4 ms, the
# error that an edit itself may have.
EXACT_WITHIN = 0.1
# A reading that takes up less than this part of a change does not follow (as on the data sheet).
FAINT = 0.1
# How far a dose that leaves the label alone may move the reading at any usual size: as far as an
# edit may move a label that it holds.
MOST_ELSE = {"ms": 4.0, "µV": 25.0}
FOLDS = ("heart_failure", "chagas")
DOUBTFUL = ("chagas",)  # µV of CODE-15 are probably twice too large
LISTED = 4  # doses of a cell of the table
SHORT = {"deepfake": "generated", "ptbxl": "PTB-XL", "exact": "exact"}


def gains(folder: Path = KEPT) -> pd.DataFrame:
    """Every gain: target, ECGs trained and measured on, change, gain with interval, form, n."""
    return pd.concat([pd.read_csv(folder / f"{each}_gains.csv") for each in there(folder)])


def there(folder: Path = KEPT) -> list[str]:
    """Targets whose networks were measured."""
    return [each for each in TARGETS if (folder / f"{each}_gains.csv").is_file()]


def errors(folder: Path = KEPT) -> pd.DataFrame:
    """Error of every network on every kind of ECG."""
    return pd.concat([pd.read_csv(folder / f"{each}_errors.csv") for each in there(folder)])


def verdict(row: Mapping[str, Any]) -> str:
    """Word on the gain of a network's own dose.

    "measures": the interval lies within EXACT_WITHIN of 1. "in part" and "too much": it lies below
    or above. "no": no response was shown, or less than FAINT. "bent": a response without a gain.
    "undecided": all others.
    """
    if not np.isfinite(row["gain"]):
        return "bent" if row["form"] in (BENT, SCATTERED) else "not measured"
    if row["form"] == NO_RESPONSE or row["gain"] < FAINT:
        return "no"
    if row["high"] < 1 - EXACT_WITHIN:
        return "in part"
    if row["low"] > 1 + EXACT_WITHIN:
        return "too much"
    inside = row["low"] >= 1 - EXACT_WITHIN and row["high"] <= 1 + EXACT_WITHIN
    return "measures" if inside else "undecided"


def carried(own: Mapping[str, Any], patients: Mapping[str, Any]) -> str:
    """Word on a gain on patients beside that on ECGs like those of the training.

    "less" or "more" where the intervals are apart, "alike" where they are not, "bent" where one of
    them has no gain.
    """
    if not np.isfinite([own["low"], patients["low"]]).all():
        return "bent"
    if patients["high"] < own["low"]:
        return "less"
    return "more" if patients["low"] > own["high"] else "alike"


def else_moved(rows: pd.DataFrame, target: str, unit: str) -> list[tuple[str, float]]:
    """Doses that leave the label alone and move the reading by more than MOST_ELSE, largest first.

    Shown responses that random changes of the same size do not have; the move is the largest mean
    response at any usual size, in the target's unit.
    """
    known = doses()
    found = [
        (row["change"], row["reach"])
        for row in rows.to_dict("records")
        if target in known[row["change"]].holds
        and row["form"] != NO_RESPONSE
        and row["p_null"] < LEVEL
        and abs(row["reach"]) > MOST_ELSE[unit]
    ]
    return sorted(found, key=lambda each: -abs(each[1]))


def cell(rows: pd.DataFrame, target: str, trained: str, name: str, change: str) -> dict[str, Any]:
    """Row of one gain."""
    wanted = (rows["target"] == target) & (rows["trained_on"] == trained)
    wanted &= (rows["measured_on"] == name) & (rows["change"] == change)
    ((_, row),) = rows.loc[wanted].iterrows()
    return {str(key): value for key, value in row.items()}


def interval(row: Mapping[str, Any]) -> str:
    """Gain with its interval, such as ".88 (.82 to .93)"."""
    if not np.isfinite(row["gain"]):
        return "–"
    return f"{fixed(row['gain'], 2)} ({fixed(row['low'], 2)} to {fixed(row['high'], 2)})"


def tables(folder: Path = KEPT) -> Mapping[str, str]:
    """The tables of the page in Markdown, by name."""
    return {
        name: "\n".join(lines(rows[0], rows[1:]))
        for name, rows in (
            ("errors", _errors(errors(folder))),
            ("own", _own(gains(folder))),
            ("else", _else(gains(folder), errors(folder))),
            *(
                (name, _folds(name, folder))
                for name in FOLDS
                if (folder / f"{name}_gains.csv").is_file()
            ),
        )
    }


def _errors(table: pd.DataFrame) -> list[list[str]]:
    heads = [f"on {SHORT[name]}" for name in KINDS]
    rows = [["Reads", "Trained on", *heads, "SD of the label in PTB-XL"]]
    for target in table["target"].unique():
        for trained in KINDS:
            of_network = table.loc[(table["target"] == target) & (table["trained_on"] == trained)]
            by = of_network.set_index("measured_on")
            unit = str(by["unit"].iloc[0])
            cells = [f"{fixed(by.loc[name, 'mae'], _places(unit))}" for name in KINDS]
            sd = fixed(by.loc["ptbxl", "sd"], _places(unit))
            rows.append([f"{printed(target)}, {unit}", SHORT[trained], *cells, sd])
    return rows


def _places(unit: str) -> int:
    return 1 if unit == "ms" else 0


def _own(table: pd.DataFrame) -> list[list[str]]:
    heads = [f"on {SHORT[name]}" for name in KINDS]
    rows = [["Reads", "Trained on", *heads, "own ECGs: verdict", "PTB-XL: verdict"]]
    for target in table["target"].unique():
        for trained in KINDS:
            by = {name: cell(table, target, trained, name, OWN[target]) for name in KINDS}
            cells = [interval(by[name]) for name in KINDS]
            said = [verdict(by[name]) for name in (trained, "ptbxl")]
            rows.append([printed(target), SHORT[trained], *cells, *said])
    return rows


def _else(table: pd.DataFrame, error: pd.DataFrame) -> list[list[str]]:
    rows = [["Reads", "Trained on", "Measured on", "Moved by, up to"]]
    units = error.drop_duplicates("target").set_index("target")["unit"]
    for target in table["target"].unique():
        for trained, name in SHOWN:
            of_network = (table["target"] == target) & (table["trained_on"] == trained)
            of_cell = table.loc[of_network & (table["measured_on"] == name)]
            moved = else_moved(of_cell, target, str(units[target]))
            words = [
                f"{printed(change)} {fixed(abs(reach), 0)}" for change, reach in moved[:LISTED]
            ]
            more = f", {len(moved) - LISTED} more" if len(moved) > LISTED else ""
            said = ", ".join(words) + more if moved else "none"
            rows.append([f"{printed(target)}, {units[target]}", SHORT[trained], SHORT[name], said])
    return rows


def folds(name: str, folder: Path = KEPT) -> pd.DataFrame:
    """Effects of every dose on each fold in logits, by the gain.

    An effect is that of one step (10 ms, 100 µV, 10/min). Where the scale of the recordings is
    doubtful it is that of one SD of the dose's label for doses in µV, left out without a label.
    `shown_1` … say where a response was shown, `reacts_1` … where it is more than that to random
    changes of the same size.
    """
    rows = pd.read_csv(folder / f"{name}_gains.csv")
    doubtful = (rows["unit"] == "µV") & (name in DOUBTFUL)
    steps = rows["gain"] * [step_of(unit) for unit in rows["unit"]]
    rows["effect"] = steps.where(~doubtful, rows["per_sd"])
    rows["shown"] = rows["form"] != NO_RESPONSE
    rows["reacts"] = rows["shown"] & (rows["p_null"] < LEVEL)
    kept = rows.loc[rows["effect"].notna()]
    wide = kept.pivot(index="change", columns="fold", values=["effect", "shown", "reacts"])
    wide = wide.reindex([each for each in doses() if each in wide.index])
    found = pd.DataFrame(index=wide.index)
    for fold in sorted(kept["fold"].unique()):
        found[f"effect_{fold}"] = wide["effect", fold].astype(float)
        for word in ("shown", "reacts"):
            found[f"{word}_{fold}"] = wide[word, fold].eq(True)
    return found


def same_way(effects: pd.DataFrame, word: str = "reacts") -> tuple[list[str], list[str]]:
    """Doses to which any fold reacts, and those to which all react in the same direction."""
    reacts = effects.filter(like=f"{word}_").to_numpy(bool)
    signs = np.sign(effects.filter(like="effect_").to_numpy(float))
    names = effects.index.to_numpy()
    alike = reacts.all(1) & (signs == signs[:, :1]).all(1)
    return names[reacts.any(1)].tolist(), names[alike].tolist()


def _folds(name: str, folder: Path) -> list[list[str]]:
    effects = folds(name, folder)
    count = len(effects.filter(like="effect_").columns)
    rows = [["Dose", *(f"fold {k}" for k in range(1, count + 1))]]
    sizes = doses()
    for change in effects.index:
        row, unit = effects.loc[change], sizes[change].unit
        relative = name in DOUBTFUL and unit == "µV"
        by = "1 SD" if relative else stepped(unit)
        cells = []
        for k in range(1, count + 1):
            said = f"{'+' if row[f'effect_{k}'] > 0 else ''}{fixed(row[f'effect_{k}'], 2)}"
            shown = said if row[f"shown_{k}"] else f"({said})"
            cells.append(f"**{said}**" if row[f"reacts_{k}"] else shown)
        rows.append([f"{printed(change)}, {by} more", *cells])
    return rows


def figure(table: pd.DataFrame) -> Figure:
    """Gain of the own dose by target, training ECGs (colour and sign), and ECGs measured on."""
    targets = table["target"].unique()
    across = min(3, len(targets))
    rows = -(-len(targets) // across)
    drawn = Figure(figsize=(0.8 + 2.4 * across, 0.6 + 2 * rows), dpi=150, layout="constrained")
    grid = drawn.subplots(rows, across, sharey=True, sharex=True, squeeze=False)
    for axes, target in zip(grid.flat, targets, strict=False):
        axes.axhspan(1 - EXACT_WITHIN, 1 + EXACT_WITHIN, color=GREY, alpha=0.18, linewidth=0)
        axes.axhline(0, color=GREY, linewidth=0.7)
        for place, trained in enumerate(KINDS):
            found = [cell(table, target, trained, name, OWN[target]) for name in KINDS]
            at = np.arange(len(KINDS)) + (place - 1) * 0.22
            value, low, high = (np.array([row[k] for row in found], float) for k in
                                ("gain", "low", "high"))  # fmt: skip
            axes.errorbar(at, value, np.stack([value - low, high - value]), fmt="os^"[place],
                          color=PALETTE[place], markersize=5, capsize=2, linewidth=1.2,
                          label=f"trained on {KINDS[trained]}")  # fmt: skip
        unit = doses()[OWN[target]].unit
        how = " (T carried)" if target == "qt" else ""
        axes.set_title(f"{printed(target)}{how}, {unit} per {unit}", fontsize=9, color=INK)
        axes.set_xticks(range(len(KINDS)), [SHORT[name] for name in KINDS], fontsize=8)
        axes.tick_params(labelsize=8)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    for axes in grid.flat[len(targets) :]:
        axes.remove()
    for axes in grid[:, 0]:
        axes.set_ylabel("gain", fontsize=8)
    for axes in grid[-1]:
        axes.set_xlabel("measured on", fontsize=8)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return drawn


def main(arguments: Sequence[str] | None = None) -> None:
    """Write tables, figure and the summary of gains."""
    del arguments
    every = gains()
    short = ["target", "trained_on", "measured_on", "change", "unit", "gain", "low", "high", "form",
             "n"]  # fmt: skip
    every.loc[every["gain"].notna(), short].to_csv(KEPT / "gains.csv", index=False)
    exchange(PAGE, tables())
    save(figure(every), PICTURE)


if __name__ == "__main__":
    main()
