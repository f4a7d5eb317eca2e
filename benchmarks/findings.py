"""Tables of docs/findings.md and other pages from results/: python -m benchmarks.findings."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isnan
from pathlib import Path

from ecglens.report import style
from ecglens_reproductions.sources import rules

from . import findings_claims, findings_patients
from .findings_arends import sanity
from .findings_bender import verdicts, where_it_errs, where_it_reads
from .findings_cells import Row, classed, grouped, joined, number, of_medians, read
from .findings_full import full_tier, season
from .findings_words import ALL, CHOICES, DEPARTED, MORE_CHOICES, SHOWN, TARGETS
from .page import DOCS, exchange, lines

RESULTS = Path(__file__).parents[1] / "results"
PATIENTS = RESULTS / "patients"
# Jobs of several days.
LAPTOP = [PATIENTS / each for each in ("laptop", "laptop-qt", "laptop-rj", "laptop-t")]
GENERATED = PATIENTS / "generated"  # the same questions
EXACT = PATIENTS / "exact"
BEGUN = [PATIENTS / each for each in ("pretrained", "pretrained-jt")]
OTHERS = [PATIENTS / each for each in ("age", "diagnoses")]  # that no wave decides, or several
STORAS, ARENDS, BENDER = (RESULTS / study / "laptop" for study in ("storas", "arends", "bender"))

MULTIVERSE = RESULTS / "multiverse" / "laptop"

SEASON = "season-2026c.csv"
EPOCHS, ECGS = 5, 256  # of the laptop scale
HALF = 0.5  # of the networks


def pages() -> dict[Path, dict[str, str]]:
    """Every table in Markdown by its name, for each page."""
    of_storas: Mapping[str, Callable[[Path], Sequence[Sequence[str]]]] = {
        "errors": errors,
        "learning": learning,
        "areas": areas,
        "conclusions": conclusions,
        "order": order,
        "options": options,
        "near_zero": near_zero,
        **{f"departures_{each}": partial(departures, target=each) for each in DEPARTED},
        "choices": choices,
        "templates": templates,
    }
    learned = {name: make(STORAS) for name, make in of_storas.items()}
    learned |= {"more_conclusions": conclusions(MULTIVERSE)}
    learned |= {"more_choices": choices(MULTIVERSE, MORE_CHOICES)}
    relevance = {"reads": where_it_reads(BENDER), "errs": where_it_errs(BENDER)}
    return {
        DOCS / "findings.md": _in_markdown(
            learned | {"arends": sanity(ARENDS), "bender": verdicts(BENDER)}
        ),
        DOCS / "relevance.md": _in_markdown(relevance),
        DOCS / "patients.md": _in_markdown(
            {
                "errors": findings_patients.errors(*LAPTOP, GENERATED, EXACT, *BEGUN, *OTHERS),
                "classes": findings_patients.classes(PATIENTS / "folds", PATIENTS / "strip-folds"),
                "answers": findings_patients.answers(*LAPTOP, GENERATED, EXACT, *BEGUN, *OTHERS),
                "undecided": findings_patients.undecided(*LAPTOP, *BEGUN, *OTHERS),
                "recorders": findings_patients.recorders(PATIENTS / "recorders"),
                "orders": findings_patients.orders(*sorted(PATIENTS.glob("order-*"))),
                "transfer": findings_patients.transfer(PATIENTS / "transfer.csv"),
                "as_they_are": findings_patients.as_they_are(PATIENTS / "transfer.csv"),
            }
        ),
        DOCS / "claims_lab.md": _in_markdown(
            {
                "sources": findings_claims.sources(),
                "decisions": findings_claims.decisions(RESULTS / "claims"),
            }
        ),
        DOCS / "seasons.md": _in_markdown({"season": season(RESULTS / "benchmark" / SEASON)}),
        DOCS / "benchmark.md": _in_markdown({"full": full_tier(RESULTS / "benchmark" / "full")}),
    }


def _in_markdown(tables: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, str]:
    return {name: "\n".join(lines(rows[0], rows[1:])) for name, rows in tables.items()}


def errors(results: Path) -> list[list[str]]:
    """Mean absolute error of each network beside that of the published code."""
    rows = [["Target", "Input", "MAE of each network", "published code", "ratio"]]
    for (target, given), own in grouped(read(results / "errors.csv"), "target", "input"):
        mae = joined((row["mae"] for row in own), 1)
        ratio = joined((row["mae_ratio"] for row in own), 2)
        printed = number(own[0]["mae_printed"], 1)
        rows.append([f"{TARGETS[target]}, {own[0]['unit']}", given, mae, printed, ratio])
    return rows


def learning(results: Path) -> list[list[str]]:
    """Errors of networks of other numbers of beats and epochs, beside those of the laptop scale."""
    kept = of_medians(results / "errors.csv")
    rows = [["Target", "training beats", "epochs", "MAE", "ratio"]]
    for (target,), own in grouped(read(results.parent / "learning_curve.csv"), "target"):
        scale = [row for row in kept if row["target"] == target]
        beats = max(row["beats"] for row in own)
        groups = [((beats, EPOCHS), scale), *grouped(own, "beats", "epochs")]
        for (count, epochs), each in sorted(groups, key=lambda group: group[0]):
            mae = joined((row["mae"] for row in each), 1)
            ratio = joined((row["mae_ratio"] for row in each), 2)
            rows.append([TARGETS[target], f"{count}", f"{epochs}", mae, ratio])
    return rows


def areas(results: Path) -> list[list[str]]:
    """Area of each method on median beats, with its class, beside the printed one."""
    rows = [["Method", *TARGETS.values()]]
    for (method,), own in grouped(read(results / "table-4-median.csv"), "method"):
        of = {row["target"]: row for row in own if not isnan(row["printed"])}
        if of:
            rows.append([style(method).label, *(_area(of.get(target)) for target in TARGETS)])
    return rows


def conclusions(results: Path) -> list[list[str]]:
    """Share of universes in which each statement holds, by chance in brackets.

    A star: with the choices of the published code it does not hold on most networks.
    """
    of = {(row["conclusion"], row["target"]): row for row in read(results / "survival.csv")}
    rows = [["The article says", *TARGETS.values()]]
    for name, rule in rules()["conclusions"].items():
        words = rule["label"]
        if (name, ALL) in of:
            cells = [_survives(of[name, ALL]), *[""] * (len(TARGETS) - 1)]
            rows.append([f"{words} (all targets together)", *cells])
        elif any(known == name for known, _ in of):
            rows.append([words, *(_survives(of.get((name, target))) for target in TARGETS)])
    return rows


def order(results: Path) -> list[list[str]]:
    """Spearman ρ of the areas with Table 4, of all networks, of each and with each other."""
    whole = {row["target"]: row for row in of_medians(results / "order.csv")}
    each = of_medians(results / "order-networks.csv")

    def rhos(printed: bool) -> list[str]:
        own = [row for row in each if (row["beside"] == "printed") == printed]
        return [joined((row["rho"] for row in own if row["target"] == t), 2) for t in TARGETS]

    def of(target: str) -> str:
        rho, low, high = (number(whole[target][name], 2) for name in ("rho", "low", "high"))
        return f"{rho} [{low}, {high}]"

    return [
        ["Spearman ρ", *TARGETS.values()],
        ["Table 4, all networks [95 %]", *map(of, TARGETS)],
        ["Table 4, each network", *rhos(True)],
        ["networks with each other", *rhos(False)],
        ["lowest Kendall τ of a cut-off", *(number(whole[t]["kendall"], 2) for t in TARGETS)],
    ]


def options(results: Path) -> list[list[str]]:
    """ρ with Table 4 over the universes of each outcome and network: mean [lowest, highest]."""
    table = [row for row in read(results / "options.csv") if row["choice"] in SHOWN]
    rows = [["Universes of", *TARGETS.values()]]
    for (choice, option), own in grouped(table, "choice", "option"):
        of = {row["target"]: row for row in own}
        cells = []
        for target in TARGETS:
            rho, low, high = (number(of[target][name], 2) for name in ("rho", "lowest", "highest"))
            cells.append(f"{rho} [{low}, {high}]")
        rows.append([f"{choice} {option}", *cells])
    return rows


def near_zero(results: Path) -> list[list[str]]:
    """Areas on J without the ECGs whose amplitude is near 0, and ρ with Table 4."""
    table = read(results.parent / "near_zero.csv")
    sizes = [own for _, own in grouped(table, "size_uv")]
    heads = [
        f"{own[0]['size_uv']:.0f} µV and more ({own[0]['ecgs']} ECGs)"
        if own[0]["size_uv"]
        else f"all {own[0]['ecgs']} ECGs"
        for own in sizes
    ]
    rows = [["Method", *heads, "printed"]]
    for (method,), own in grouped(table, "method"):
        cells = [number(row["area"], 2) for row in own]
        rows.append([style(method).label, *cells, number(own[0]["printed"], 2)])
    return [*rows, ["ρ with the print", *(number(own[0]["rho"], 2) for own in sizes), ""]]


def departures(results: Path, target: str) -> list[list[str]]:
    """Areas on the networks of the laptop scale, and on one where a cause is changed.

    Network 0 has the seed of those where a cause is changed.
    """
    table = read(results.parent / "departures.csv")
    own = [row for row in table if row["target"] == target and not isnan(row["printed"])]
    laptop = of_medians(results / "table-4-median.csv")
    ours = {row["method"]: row for row in laptop if row["target"] == target}
    networks = read(results.parent / "networks.csv")
    first = {
        row["method"]: row["area"]
        for row in networks
        if (row["target"], row["network"]) == (target, 0) and row["ecgs"] == ECGS
    }
    causes = [*grouped(own, "unit", "epochs")]
    heads = [f"{unit}, {epochs} epochs" for (unit, epochs), _ in causes]
    scale = [f"mV, {EPOCHS} epochs: three networks", "network 0"]
    rows = [["Method", *scale, *heads, "printed"]]
    for (method,), each in grouped(own, "method"):
        cells = [classed(ours[method]["auc"], ours[method]["class"]), number(first[method], 2)]
        cells += [classed(row["value"], row["tier"]) for row in each]
        rows.append([style(method).label, *cells, number(each[0]["printed"], 2)])
    (whole,) = (row for row in of_medians(results / "order.csv") if row["target"] == target)
    (alone,) = (
        row
        for row in of_medians(results / "order-networks.csv")
        if (row["target"], row["network"], row["beside"]) == (target, 0, "printed")
    )
    rhos = [whole["rho"], alone["rho"], *(each[0]["rho"] for _, each in causes)]
    return [*rows, ["ρ with the print", *(number(rho, 2) for rho in rhos), ""]]


def choices(results: Path, names: Mapping[str, str] = CHOICES) -> list[list[str]]:
    """Total effect of each choice on the places, and on ρ with Table 4 after a stroke."""
    of = {(row["choice"], row["target"]): row for row in read(results / "split.csv")}

    def cell(name: str, target: str) -> str:
        row = of.get((name, target))
        return joined((row["places_total"], row["rho_total"]), 2) if row else "–"

    rows = [[words, *(cell(name, target) for target in TARGETS)] for name, words in names.items()]
    return [["Choice", *TARGETS.values()], *rows]


def templates(results: Path) -> list[list[str]]:
    """Level of the null ladder; shares of other maps in the own area above random.

    A dash: the method is of class 3, its area near random's. Those not shown to be above random
    have their shares too: to leave them out would choose methods by their own area.
    """
    table = of_medians(results / "templates.csv")
    targets = [target for target in TARGETS if any(row["target"] == target for row in table)]
    rows = [["Method", *(TARGETS[name] for name in targets)]]
    for (method,), own in grouped(table, "method"):
        of = {row["target"]: row for row in own}
        rows.append([style(method).label, *(_shares(of[target]) for target in targets)])
    return rows


def _area(row: Row | None) -> str:
    if row is None:
        return ""
    return f"{classed(row['auc'], row['class'])} ({number(row['printed'], 2)})"


def _survives(row: Row | None) -> str:
    if row is None:
        return ""
    chance = "" if isnan(row["chance"]) else f" ({100 * row['chance']:.0f} %)"
    return f"{100 * row['holds']:.0f} %{chance}{'*' if row['published'] < HALF else ''}"


def _shares(row: Row) -> str:
    shares = [row[each] for each in ("mean_of_others", "another_patient", "target_prior")]
    return f"{row['level']:.0f}; {'–' if isnan(shares[0]) else joined(shares, 2)}"


if __name__ == "__main__":
    for page, tables in pages().items():
        exchange(page, tables)
