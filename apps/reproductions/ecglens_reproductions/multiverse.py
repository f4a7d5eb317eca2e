"""Page of the multiverse of Storås 2025: surviving conclusions, choices that move the order."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from ecglens.eval import Finding
from jaxtyping import Float
from scipy.stats import rankdata

from .agreement import ANCHORS, LEAST_METHODS, spearman
from .conclusions import survival_figure, survival_table
from .experiments import Drawing, Section, Table, rho, with_interval
from .printed import printed_auc
from .sources import rules, sources
from .universes import Multiverse, multiverse

HEADS = {"rho": "ρ", "rho_total": "ρ, total", "places": "places", "places_total": "places, total"}
REST = "interactions"


def multiverse_parts(findings: Sequence[Finding]) -> list[Section]:
    """Parts of the page. Raises ValueError for no ranking by the published methods."""
    each = {target: multiverse(target, given) for target, given in sources(findings).items()}
    return [_survival(each), _split(each), _choices(each)]


def _survival(each: Mapping[str, Multiverse]) -> Section:
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
    return Section(title, (Table("survival", caption, table, shown),), (drawing,), words)


def _split(each: Mapping[str, Multiverse]) -> Section:
    table = split_table(each)
    caption = (
        "Share of each choice in the variance over universes, of ρ with the printed order and of "
        "the places of the methods: of its main effect, and (total) with its interactions. Sorted "
        "by the last, mean over targets."
    )
    title = "Which choice moves the order?"
    if not len(table):
        return Section(title, words=("No choice has two options in this run.",))
    wide = table.pivot(index="choice", columns="target", values=list(HEADS))
    means = table.groupby("choice")["places_total"].mean().fillna(0).to_dict()
    order = sorted(wide.index, key=lambda choice: -means[choice])
    wide = wide.loc[order].reset_index()
    wide.columns = [f"{target.upper()}: {HEADS[of]}" if target else of for of, target in wide]
    return Section(title, (Table("split", caption, table, wide), _options(each)))


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


def _choices(each: Mapping[str, Multiverse]) -> Section:
    """Options of every choice, and those that a target has."""
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
    return Section("Choices", (Table("choices", caption, pd.DataFrame(rows)),))


def main_effects(
    values: Float[np.ndarray, "*choice number"], choices: Sequence[str]
) -> dict[str, float]:
    """Share of the total variance that the means of each choice's options have; then the rest.

    Universes are all combinations of options: the shares are those of an analysis of variance and
    add up to 1 with the REST. Variances of several numbers are summed. NaN without any variance.
    """
    total = values.var(axis=tuple(range(len(choices)))).sum()
    found = {}
    for axis, choice in enumerate(choices):
        others = tuple(number for number in range(len(choices)) if number != axis)
        effect = values.mean(axis=others).var(axis=0).sum()
        found[choice] = float(effect / total) if total > 0 else np.nan
    return found | {REST: 1.0 - sum(found.values())}


def total_effects(
    values: Float[np.ndarray, "*choice number"], choices: Sequence[str]
) -> dict[str, float]:
    """Share of the total variance that is left when every other choice is held: with interactions.

    The mean variance over a choice's options (Sobol's total effect); they add up to more than 1.
    """
    total = values.var(axis=tuple(range(len(choices)))).sum()
    within = [values.var(axis=axis).mean(axis=tuple(range(len(choices) - 1))).sum()
              for axis in range(len(choices))]  # fmt: skip
    shares = [float(each / total) if total > 0 else np.nan for each in within]
    return dict(zip(choices, shares, strict=True)) | {REST: np.nan}


def split_table(each: Mapping[str, Multiverse]) -> pd.DataFrame:
    """Share of each choice in the variance of ρ with the printed order, and of the places.

    A row per target and choice, with its main effect and (`_total`) all that it takes part in.
    Choices with one option are left out, and methods that lack an area in some universe.
    """
    rows = []
    for target, universe in each.items():
        choices = [name for name, options in universe.options.items() if len(options) > 1]
        shape = [len(universe.options[name]) for name in choices]
        names, universes = _there(universe), universe.universes
        if not choices or len(names) < LEAST_METHODS:
            continue
        own = universes.own[:, universes.of(*names)]
        places = rankdata(-own, axis=1).reshape(*shape, -1)
        rho = printed_order(universe, names).reshape(*shape, 1)
        effects = {
            "rho": main_effects(rho, choices),
            "rho_total": total_effects(rho, choices),
            "places": main_effects(places, choices),
            "places_total": total_effects(places, choices),
        }
        for choice in (*choices, REST):
            count = len(universe.options.get(choice, ()))
            row = {"target": target, "choice": choice, "options": count, "methods": len(names)}
            rows.append(row | {name: shares[choice] for name, shares in effects.items()})
    return pd.DataFrame(rows)


def option_table(each: Mapping[str, Multiverse]) -> pd.DataFrame:
    """ρ with the printed order by target, choice and option: mean and range over its universes.

    Over the methods that have an area in every universe; nothing for choices with one option.
    """
    rows = []
    for target, universe in each.items():
        names, shape = _there(universe), [len(options) for options in universe.options.values()]
        if len(names) < LEAST_METHODS:
            continue
        rho = printed_order(universe, names).reshape(shape)
        for axis, (choice, options) in enumerate(universe.options.items()):
            for option, own in zip(options, np.moveaxis(rho, axis, 0), strict=True):
                if len(options) > 1:
                    rows.append((target, choice, option, own.mean(), own.min(), own.max()))
    columns = ["target", "choice", "option", "rho", "lowest", "highest"]
    return pd.DataFrame(rows, columns=pd.Index(columns))


def _there(universe: Multiverse) -> list[str]:
    """Methods with an area in every universe."""
    there = np.all(np.isfinite(universe.universes.own), axis=0)
    return [name for name, known in zip(universe.universes.methods, there, strict=True) if known]


def printed_order(universe: Multiverse, names: Sequence[str]) -> Float[np.ndarray, " universe"]:
    """Spearman ρ of the areas of these methods with the printed ones, without the ANCHORS.

    0 where all areas are equal, so that there is no order.
    """
    one = universe.universes
    compared = [name for name in names if name not in ANCHORS]
    printed = np.array([printed_auc()[one.target][name] for name in compared])
    own = one.own[:, one.of(*compared)]
    found = np.zeros(len(own))
    ordered = own.max(1) > own.min(1)
    found[ordered] = spearman(own[ordered], printed)
    return found
