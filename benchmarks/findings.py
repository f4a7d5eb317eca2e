"""The tables of docs/findings.md from results/storas/laptop: python -m benchmarks.findings."""

from collections.abc import Callable, Mapping, Sequence
from math import isnan
from pathlib import Path

import pandas as pd
from ecglens.report import style

from .page import exchange, lines

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "findings.md"
RESULTS = ROOT / "results" / "storas" / "laptop"
TARGETS = {"pr": "PR", "qrs": "QRS", "qt": "QT", "r": "R", "j": "J", "t": "T"}
ALL = "all"  # of a conclusion on all targets together
STATEMENTS = {
    "deconvolution_is_poor": "Deconvolution is at the level of random",
    "guided_gradcam_below_par": "Guided Grad-CAM is below the median method",
    "four_do_well": (
        "DeepLIFT, Gradient SHAP, Saliency and SmoothGrad have a better mean place than the other "
        "five"
    ),
    "two_fail_on_r": "Guided Backprop and Input × gradient fail on R",
    "printed_winner_wins": "The printed winner wins",
    "one_order_for_every_cutoff": "One order at every cut-off from 10 to 25",
    "no_single_best": "No method is the best for all targets",
    "intervals_rise_less": "The error rises less for intervals than for amplitudes",
    "experts_disagree": "The experts’ first choice is mostly another method",
}
CHOICES = {
    "network": "network (three seeds)",
    "until": "cut-off (10, 15, 25)",
    "ecgs": "number of ECGs (256, 128, 64)",
    "outcome": "outcome (signed, absolute, change)",
    "labels": "labels (whole, measured)",
    "short": "maps of few points (dropped, kept)",
}


def tables(results: Path) -> dict[str, str]:
    """Every table of the page in Markdown, from the CSV files of a reproduction."""
    made: Mapping[str, Callable[[Path], Sequence[Sequence[str]]]] = {
        "errors": errors,
        "areas": areas,
        "conclusions": conclusions,
        "order": order,
        "choices": choices,
        "templates": templates,
    }
    each = {name: make(results) for name, make in made.items()}
    return {name: "\n".join(lines(rows[0], rows[1:])) for name, rows in each.items()}


def errors(results: Path) -> list[list[str]]:
    """Mean absolute error of each network beside that of the published code."""
    table = pd.read_csv(results / "errors.csv")
    rows = [["Target", "Input", "MAE of each network", "published code", "ratio"]]
    for (target, given), own in table.groupby(["target", "input"], sort=False):
        printed = own["mae_printed"].iloc[0]
        cells = [_joined(own["mae"], 1), _number(printed, 1), _joined(own["mae_ratio"], 2)]
        rows.append([f"{TARGETS[str(target)]}, {own['unit'].iloc[0]}", str(given), *cells])
    return rows


def areas(results: Path) -> list[list[str]]:
    """Area of each method on median beats, with its class, beside the printed one."""
    table = pd.read_csv(results / "table-4-median.csv")
    shown = table[table["printed"].notna()]
    rows = [["Method", *TARGETS.values()]]
    for method, own in shown.groupby("method", sort=False):
        of = own.set_index("target")
        cells = [
            f"{of['auc'][target]:.2f}{_class(of['class'][target])} ({of['printed'][target]:.2f})"
            if target in of.index
            else ""
            for target in TARGETS
        ]
        rows.append([style(str(method)).label, *cells])
    return rows


def conclusions(results: Path) -> list[list[str]]:
    """Share of universes in which each statement holds, by chance in brackets.

    A star: it does not hold in the universe of the published code.
    """
    table = pd.read_csv(results / "survival.csv").set_index(["conclusion", "target"])
    rows = [["The article says", *TARGETS.values()]]
    for name, words in STATEMENTS.items():
        if (name, ALL) in table.index:
            cells = [_survives(table.loc[(name, ALL)]), *[""] * (len(TARGETS) - 1)]
            rows.append([f"{words} (all targets together)", *cells])
        elif name in table.index.get_level_values(0):
            own = [(name, target) for target in TARGETS]
            rows.append(
                [words, *(_survives(table.loc[at]) if at in table.index else "" for at in own)]
            )
    return rows


def order(results: Path) -> list[list[str]]:
    """Spearman ρ of the areas with Table 4, of all networks, of each and with each other."""
    table = pd.read_csv(results / "order.csv").query("input == 'median'").set_index("target")
    each = pd.read_csv(results / "order-networks.csv").query("input == 'median'")
    printed = each["beside"] == "printed"

    def joined(rows: pd.DataFrame) -> list[str]:
        return [_joined(rows.loc[rows["target"] == target, "rho"], 2) for target in TARGETS]

    whole = [f"{r.rho:.2f} [{r.low:.2f}, {r.high:.2f}]" for r in table.loc[[*TARGETS]].itertuples()]
    return [
        ["Spearman ρ", *TARGETS.values()],
        ["Table 4, all networks [95 %]", *whole],
        ["Table 4, each network", *joined(each[printed])],
        ["networks with each other", *joined(each[~printed])],
        ["lowest Kendall τ of a cut-off", *(f"{table['kendall'][t]:.2f}" for t in TARGETS)],
    ]


def choices(results: Path) -> list[list[str]]:
    """Total effect of each choice on the places, and on ρ with Table 4 after a stroke."""
    table = pd.read_csv(results / "split.csv").set_index(["choice", "target"])
    rows = [["Choice", *TARGETS.values()]]
    for name, words in CHOICES.items():
        pairs = [
            (table["places_total"].get((name, target)), table["rho_total"].get((name, target)))
            for target in TARGETS
        ]
        rows.append([words, *(f"{_number(a, 2)} / {_number(b, 2)}" for a, b in pairs)])
    return rows


def templates(results: Path) -> list[list[str]]:
    """Level of the null ladder; shares of other patients' maps in the own area above random."""
    table = pd.read_csv(results / "templates.csv").query("input == 'median'")
    targets = [name for name in TARGETS if name in {*table["target"]}]
    of = table.set_index(["method", "target"])
    rows = [["Method", *(TARGETS[name] for name in targets)]]
    for method in table["method"].unique():
        every = [of.loc[(method, target)] for target in targets]
        rows.append([style(method).label, *(_shares(row) for row in every)])
    return rows


def _shares(row: "pd.Series[float]") -> str:
    shares = [row[each] for each in ("mean_of_others", "another_patient", "target_prior")]
    said = "–" if all(map(isnan, shares)) else " / ".join(_number(each, 2) for each in shares)
    return f"{row['level']:.0f}; {said}"


def _survives(row: "pd.Series[float]") -> str:
    chance = "" if pd.isna(row["chance"]) else f" ({100 * row['chance']:.0f} %)"
    star = "*" if row["published"] == 0 else ""
    return f"{100 * row['holds']:.0f} %{chance}{star}"


def _class(tier: float) -> str:
    return "" if pd.isna(tier) else f", {tier:.0f}"


def _joined(values: "pd.Series[float]", digits: int) -> str:
    return " / ".join(_number(value, digits) for value in values) if len(values) else ""


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None or pd.isna(value) else f"{value:.{digits}f}"


if __name__ == "__main__":
    exchange(PAGE, tables(RESULTS))
