"""In which share of the universes each conclusion of the article holds."""

from collections.abc import Callable, Mapping
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Shaped
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..figures.curves import quiet
from ..style import TYPE, VERMILION
from ..text.numerals import percent
from .areas import CUTOFFS, Multiverse
from .conclusions import OF_ALL, OF_ONE, Judged
from .printed import PRINTED_UNTIL, printed_auc
from .sources import rules
from .universes import RANDOM, Universes

ALL = "all"
SEEDS = ("network", "noise")  # choices without an option of the published code
# A deal of the names changes nothing about these.
OF_EVERY_METHOD = ("one_order_for_every_cutoff", "intervals_rise_less")
DEALS, DEALT = 200, 500  # random deals of the names, and universes that each is judged in
CELL = (0.72, 0.46)  # inches of a target and of a conclusion
WORDS = 46  # characters of a line: the longest label has two
COLOURS, LIGHT = "cividis", 0.45  # text on brighter cells is dark: the contrast is the same there


def survival_table(each: Mapping[str, Multiverse]) -> pd.DataFrame:
    """A row per conclusion and target, or `all` for those on all targets together.

    `holds` is the share of the universes that were `judged`, `published` that of the universes of
    the published code, one for each network and draw of noise, and `printed` whether the conclusion
    holds in the printed Table 4; empty where it cannot be judged, and where a run lacks an option
    of those universes. Universes in which a method has no area are not judged. `chance` is the
    share of the judged ones where the areas are dealt to the methods at random; empty for a
    conclusion that says the same of all methods, as a deal changes nothing.
    """
    rows = []
    of = {target: multiverse.universes for target, multiverse in each.items()}
    for name, rule in rules()["conclusions"].items():
        row = {"conclusion": name, "said": rule["said"], "rule": rule["rule"]}
        if rule.get("of") == ALL:
            same = len({tuple(one.options.items()) for one in each.values()}) == 1
            own = _own(OF_ALL[name], of) if len(of) > 1 and same else None
            if own is not None:
                printed = OF_ALL[name]({target: printed_universe(target) for target in of})
                judged = _judged(own, of, printed, _published(next(iter(each.values()))))
                rows.append(row | {"target": ALL} | judged | _chance(name, OF_ALL[name], of))
            continue
        for target in rule["targets"]:
            own = _own(OF_ONE[name], of[target]) if target in of else None
            if own is not None:
                printed = OF_ONE[name](printed_universe(target))
                alone = {target: of[target]}
                judged = _judged(own, alone, printed, _published(each[target]))
                chance = _chance(name, lambda one, judge=OF_ONE[name]: judge(*one.values()), alone)
                rows.append(row | {"target": target} | judged | chance)
    return pd.DataFrame(rows)


def printed_universe(target: str) -> Universes:
    """Table 4 as one universe; of the cut-offs it has one, areas at the others are NaN."""
    printed = printed_auc()[target]
    methods = tuple(name for name in printed if name != RANDOM)
    areas = np.array([[printed[name] for name in (*methods, RANDOM)]])
    at_cutoffs = np.full((1, len(CUTOFFS), areas.shape[1]), np.nan)
    at_cutoffs[:, CUTOFFS.index(PRINTED_UNTIL)] = areas
    return Universes(target, methods, areas, at_cutoffs, np.array([True]))


def survival_figure(table: pd.DataFrame) -> Figure:
    """The share of universes in which each conclusion holds: a row a conclusion, a column a target.

    A frame marks what does not hold in the printed table.
    """
    names, targets = [*dict.fromkeys(table["conclusion"])], [*dict.fromkeys(table["target"])]
    values = np.full((len(names), len(targets)), np.nan)
    figure = Figure(
        figsize=(4.2 + CELL[0] * len(targets), 1.1 + CELL[1] * len(names)),
        dpi=150,
        layout="constrained",
    )
    axes = figure.subplots()
    for row in table.to_dict("records"):
        down, right = names.index(row["conclusion"]), targets.index(row["target"])
        values[down, right] = row["holds"]
        if np.isfinite(row["holds"]):
            colour = "black" if row["holds"] > LIGHT else "white"
            text = {"ha": "center", "va": "center", "fontsize": 7.5, "color": colour}
            chance = f"\n({percent(row['chance'])})" if np.isfinite(row["chance"]) else ""
            words = f"{percent(row['holds'])}{chance}"
            axes.text(right, down, words, **text)
        if row["printed"] == 0:
            corner = (right - 0.46, down - 0.44)
            look = {"fill": False, "edgecolor": VERMILION, "linewidth": 1.6}
            axes.add_patch(Rectangle(corner, 0.92, 0.88, **look))
    axes.imshow(values, cmap=COLOURS, vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(targets)), [name.upper() for name in targets], **TYPE)
    labels = [fill(rules()["conclusions"][name]["label"], WORDS) for name in names]
    axes.set_yticks(range(len(names)), labels, **TYPE)
    quiet(axes, "Share of universes in which a conclusion holds (by chance)")
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    return figure


def _published(multiverse: Multiverse) -> Bool[np.ndarray, " universe"]:
    """Universes of the published code: the first option of every choice but those of a seed."""
    found = np.ones([len(options) for options in multiverse.options.values()], bool)
    choices = rules()["choices"]
    for axis, (choice, options) in enumerate(multiverse.options.items()):
        if choice not in SEEDS:
            first = np.array(options) == next(iter(choices[choice]))
            found &= np.expand_dims(first, [each for each in range(found.ndim) if each != axis])
    return found.reshape(-1)


def _complete(of: Mapping[str, Universes]) -> Bool[np.ndarray, " universe"]:
    """Whether every method has an area for every target."""
    return np.all([np.isfinite(one.areas).all(1) for one in of.values()], axis=0)


def _judged(
    judged: Judged,
    of: Mapping[str, Universes],
    printed: Shaped[np.ndarray, "1"],
    published: Bool[np.ndarray, " universe"],
) -> dict[str, Any]:
    values = np.where(_complete(of), judged.astype(float), np.nan)
    known = np.isfinite(values)
    code = values[known & published]
    return {
        "universes": len(values),
        "judged": int(known.sum()),
        "holds": float(values[known].mean()) if known.any() else np.nan,
        "published": float(code.mean()) if len(code) else np.nan,
        "printed": float(printed[0]),
    }


def _chance(
    name: str, judge: Callable[[Mapping[str, Universes]], Judged], of: Mapping[str, Universes]
) -> dict[str, float]:
    """Share of DEALS random exchanges of the methods' names after which a statement holds.

    Of the universes in which every method has an area; NaN where there is none, and for a statement
    that says the same of all methods.
    """
    if name in OF_EVERY_METHOD:
        return {"chance": np.nan}
    rng = np.random.default_rng(0)
    places = np.flatnonzero(_complete(of))
    if not len(places):
        return {"chance": np.nan}
    rows = rng.choice(places, min(len(places), DEALT), replace=False).tolist()
    shares = []
    for _ in range(DEALS):
        dealt = {
            target: one.dealt(rng.permutation(len(one.methods)).tolist(), rows)
            for target, one in of.items()
        }
        shares.append(np.nanmean(values) if np.isfinite(values := judge(dealt)).any() else np.nan)
    return {"chance": float(np.mean(shares))}


def _own(judge: Callable[..., Judged], of: Universes | Mapping[str, Universes]) -> Judged | None:
    """What a conclusion is judged to be; None where methods that it is about are missing."""
    try:
        return judge(of)
    except ValueError:
        return None
