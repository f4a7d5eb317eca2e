"""Conclusions of Storås 2025 as statements about areas, and in which universes each holds."""

from collections.abc import Callable, Mapping
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from ecglens.report import TYPE
from ecglens.report.figures import quiet
from ecglens.report.text import percent
from jaxtyping import Bool, Shaped
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.stats import rankdata

from .printed import PRINTED_UNTIL, RANDOM, printed_auc, printed_votes
from .sources import rules
from .universes import CUTOFFS, Multiverse, Universes

THIRD = 1 / 3  # of the way from random to the best method: the end of class 3
WELL = ("deeplift", "gradient_shap", "saliency", "smoothgrad")
INTERVALS = ("pr", "qrs", "qt")
ALL = "all"
VERMILION = "#d55e00"  # Okabe & Ito 2008
SEEDS = ("network", "noise")  # choices without an option of the published code
# A deal of the names changes nothing about these.
OF_EVERY_METHOD = ("one_order_for_every_cutoff", "intervals_rise_less")
DEALS, DEALT = 200, 500  # random deals of the names, and universes that each is judged in
CELL = (0.72, 0.46)  # inches of a target and of a conclusion
WORDS = 46  # characters of a line: the longest label has two
COLOURS, LIGHT = "cividis", 0.45  # text on brighter cells is dark: the contrast is the same there
# Whether the statement holds: 1 or 0, NaN where it cannot be judged.
Judged = Shaped[np.ndarray, " universe"]


def deconvolution_is_poor(target: Universes) -> Judged:
    """Deconvolution is of class 3."""
    return np.all(_poor(target)[:, target.of("deconvolution")], axis=1)


def guided_gradcam_below_par(target: Universes) -> Judged:
    """Area of Guided Grad-CAM is below the median of the methods."""
    (place,) = target.of("guided_gradcam")
    return target.own[:, place] < np.median(target.own, axis=1)


def four_do_well(target: Universes) -> Judged:
    """Mean place of four methods is before that of the other five.

    Raises ValueError where one of the four or all of the others are missing.
    """
    places, four = rankdata(-target.own, axis=1), target.of(*WELL)
    others = [place for place in range(len(target.methods)) if place not in four]
    if not others:
        raise ValueError(f"expected methods beside {', '.join(WELL)}, got none")
    return places[:, four].mean(1) < places[:, others].mean(1)


def two_fail_on_r(target: Universes) -> Judged:
    """Guided Backprop and Input×Gradient are of class 3."""
    return np.all(_poor(target)[:, target.of("guided_backprop", "input_x_gradient")], axis=1)


def printed_winner_wins(target: Universes) -> Judged:
    """The method of the largest area is one of those with the largest printed area."""
    printed = printed_auc()[target.target]
    best = max(value for name, value in printed.items() if name != RANDOM)
    first = [name for name in target.methods if printed[name] == best]
    return np.any(target.winners()[:, target.of(*first)], axis=1)


def one_order_for_every_cutoff(target: Universes) -> Judged:
    """Methods and random have one order at every cut-off; NaN without the areas at all of them."""
    order = (-target.at_cutoffs).argsort(axis=-1, kind="stable")
    same = np.all(order == order[:, :1], axis=(1, 2)).astype(float)
    return np.where(np.isfinite(target.at_cutoffs).all((1, 2)), same, np.nan)


def no_single_best(targets: Mapping[str, Universes]) -> Judged:
    """No method has the largest area for all targets."""
    every = np.all(np.stack([each.winners() for each in targets.values()]), axis=0)
    return ~np.any(every, axis=1)


def intervals_rise_less(targets: Mapping[str, Universes]) -> Judged:
    """Best area above random's is smaller for every interval than for every amplitude.

    NaN where targets have different units, and without an interval and an amplitude.
    """
    rises = {name: each.above_random.max(1) for name, each in targets.items()}
    intervals = [rise for name, rise in rises.items() if name in INTERVALS]
    amplitudes = [rise for name, rise in rises.items() if name not in INTERVALS]
    relative = next(iter(targets.values())).relative
    if not intervals or not amplitudes:
        return np.full(len(relative), np.nan)
    smaller = np.max(intervals, axis=0) < np.min(amplitudes, axis=0)
    return np.where(relative, smaller.astype(float), np.nan)


def experts_disagree(targets: Mapping[str, Universes]) -> Judged:
    """The experts' first choice lacks the largest area for at least half of the targets."""
    agree = []
    for name, each in targets.items():
        votes = printed_votes("full")[name]
        first = max(votes, key=lambda method: votes[method])
        agree.append(each.winners()[:, each.of(first)[0]])
    return np.mean(agree, axis=0) <= 0.5


def _poor(target: Universes) -> Bool[np.ndarray, "universe method"]:
    """True for methods of class 3; for all where none is above random."""
    best = target.above_random.max(1, keepdims=True)
    return (target.above_random <= THIRD * best) | (best <= 0)


OF_ONE: Mapping[str, Callable[[Universes], Judged]] = {
    each.__name__: each
    for each in (
        deconvolution_is_poor,
        guided_gradcam_below_par,
        four_do_well,
        two_fail_on_r,
        printed_winner_wins,
        one_order_for_every_cutoff,
    )
}
OF_ALL: Mapping[str, Callable[[Mapping[str, Universes]], Judged]] = {
    each.__name__: each for each in (no_single_best, intervals_rise_less, experts_disagree)
}


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
    size = (4.2 + CELL[0] * len(targets), 1.1 + CELL[1] * len(names))
    figure = Figure(figsize=size, dpi=150, layout="constrained")
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
    """True for universes where every method has an area for every target."""
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
    """Judgement of a conclusion; None where a method that it is about is missing."""
    try:
        return judge(of)
    except ValueError:
        return None
