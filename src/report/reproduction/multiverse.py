"""The multiverse of Storås 2025: conclusions that survive, and choices that move the order."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ...eval import Finding
from .areas import Multiverse, multiverse
from .experiments import rho, with_interval
from .part import Drawing, Part, Table
from .sources import rules, sources
from .split import option_table, split_table
from .survival import survival_figure, survival_table

HEADS = {"rho": "ρ", "rho_total": "ρ, total", "places": "places", "places_total": "places, total"}


def multiverse_parts(findings: Sequence[Finding]) -> list[Part]:
    """The parts of the page. Raises ValueError for no ranking by the published methods."""
    each = {target: multiverse(target, given) for target, given in sources(findings).items()}
    return [_survival(each), _split(each), _choices(each)]


def _survival(each: Mapping[str, Multiverse]) -> Part:
    table = survival_table(each)
    caption = (
        "Share of universes in which each conclusion of the article holds; the share of those of "
        "the published code, one for each network and draw of noise (– where this run lacks them); "
        "whether it holds in the printed Table 4 (1 yes, 0 no, – where nothing was printed); and "
        "the share by chance, where the areas are dealt to the methods at random (– for what is "
        "said of all methods alike)."
    )
    shown = table.drop(columns="said")
    drawing = Drawing(
        "survival",
        "Conclusions of the article by target. In brackets: by chance. Framed: not so in its own "
        "Table 4.",
        survival_figure(table),
    )
    counts = ", ".join(f"{name.upper()} {len(one.universes.areas)}" for name, one in each.items())
    words = (f"Universes: {counts}. They share ECGs and networks: shares are no probabilities.",)
    title = "Which conclusions survive?"
    return Part(title, (Table("survival", caption, table, shown),), (drawing,), words)


def _split(each: Mapping[str, Multiverse]) -> Part:
    table = split_table(each)
    caption = (
        "Share of each choice in the variance over universes, of ρ with the printed order and of "
        "the places of the methods: of its main effect, and (total) with its interactions. Sorted "
        "by the last, mean over targets."
    )
    title = "Which choice moves the order?"
    if not len(table):
        return Part(title, words=("No choice has two options in this run.",))
    wide = table.pivot(index="choice", columns="target", values=list(HEADS))
    means = table.groupby("choice")["places_total"].mean().fillna(0).to_dict()
    order = sorted(wide.index, key=lambda choice: -means[choice])
    wide = wide.loc[order].reset_index()
    wide.columns = [f"{target.upper()}: {HEADS[of]}" if target else of for of, target in wide]
    return Part(title, (Table("split", caption, table, wide), _options(each)))


def _options(each: Mapping[str, Multiverse]) -> Table:
    """ρ over the universes of each option, a column per target."""
    table = option_table(each)
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for row in table.to_dict("records"):
        at = {"choice": row["choice"], "option": row["option"]}
        of = rows.setdefault((row["choice"], row["option"]), at)
        of[row["target"]] = with_interval(row["rho"], row["lowest"], row["highest"], rho)
    caption = (
        "ρ with the printed order over the universes of each option: mean [lowest, highest]. The "
        "range is no interval."
    )
    return Table("options", caption, table, pd.DataFrame([*rows.values()]))


def _choices(each: Mapping[str, Multiverse]) -> Part:
    """The options of every choice, and those that a target has."""
    rows = [
        {
            "choice": choice,
            "option": option,
            "is": meant,
            **{target: str(option) in one.options[choice] for target, one in each.items()},
        }
        for choice, options in rules()["choices"].items()
        for option, meant in options.items()
    ]
    caption = "Options of every choice, and whether this run has them for each target."
    return Part("Choices", (Table("choices", caption, pd.DataFrame(rows)),))
