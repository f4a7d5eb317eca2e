"""Do methods agree with each other? (Arends 2026, experiment 1)"""

import warnings
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from torch import nn

from ...heatmaps.explained import Setup, explained, left_out, notes
from ...statistics.estimates import Patients
from .correlation import correlations
from .finding import Finding
from .floors import Ground, centred
from .permuted import gathered, permuted_maps
from .rows import frame, headline, kind, of_methods, row
from .views import VIEWS, View

QUESTION = "Do the methods agree with each other, beyond what maps of different ECGs share?"
SOURCE = (
    "Arends 2026, experiment 1 (only its abstract was at hand): Spearman's ρ for every pair of "
    "methods; scales, floors and clusters are our own definition"
)
# ρ ("value") and its floors, of every two methods and each ECG.
Matrices = Mapping[str, Float[np.ndarray, "method method ecg"]]


def similarity(net: nn.Module, setup: Setup, permuted: nn.Module | None = None) -> Finding:
    """Every pair of methods on one network; `permuted` was trained on permuted labels.

    `table` has a method's mean ρ with all others, controls left aside, absolute and by sample.
    details: `views` the same in every view; `pairs` every pair in every view; `order` of the
    clustered matrix with `links` (scipy's linkage, average, of 1 − ρ). No verdict: methods may
    agree and be wrong, or differ and be right. Raises ValueError when nothing may be explained.
    """
    linted = notes({"the network": net}, setup)
    original = explained(net, setup, "similarity")
    other, told = permuted_maps(permuted, setup)
    names = tuple(original.maps)
    shape = tuple(setup.ecgs.x.shape)
    maps, beside = (gathered(each, names, shape) for each in (original.maps, other))
    ground, patients = setup.ground, setup.resampling
    pairs, views = [], []
    for view in VIEWS:
        matrices = similarity_of(maps, beside, ground, view)
        looked = {"scale": view.scale, "sign": view.sign}
        pairs += [looked | one for one in pair_rows(names, matrices, patients)]
        views += [looked | one for one in method_rows(names, matrices, patients)]
    pairs, views = frame(pairs), frame(views)
    table = headline(views).assign(verdict="not judged")
    order, links = clustered(names, headline(pairs))
    return Finding(
        experiment="similarity",
        question=QUESTION,
        source=SOURCE,
        table=table,
        details={"views": views, "pairs": pairs, "order": order, "links": links},
        sentence=in_words(headline(pairs), len(setup.ecgs.record)),
        notes=(*linted, *left_out(original), *told),
    )


def similarity_of(
    maps: Float[np.ndarray, "method ecg lead time"],
    permuted: Float[np.ndarray, "method ecg lead time"],
    ground: Ground,
    view: View,
) -> Matrices:
    """ρ of every two methods, and its floors: of a pair, `abs_x` is that of the lesser follower.

    `permuted` are the maps of the label-permuted network, NaN where there is none.
    """
    values = ground.seen(maps, view)
    less_mean = centred(values)
    other = correlations(values, values[:, ground.partner])
    foreign = correlations(values, ground.seen(permuted, view))
    follows = ground.abs_x(maps, view)
    return {
        "value": correlations(values, values),
        "other_ecg": (other + other.transpose(1, 0, 2)) / 2,
        "centred": correlations(less_mean, less_mean),
        "permuted": (foreign + foreign.transpose(1, 0, 2)) / 2,
        "abs_x": np.minimum(follows[:, None], follows[None]),
    }


def pair_rows(names: Sequence[str], matrices: Matrices, patients: Patients) -> list[dict]:
    """A row for every two methods."""
    return [
        {"method": names[a], "other": names[b]}
        | row({name: each[a, b] for name, each in matrices.items()}, patients)
        for a, b in combinations(range(len(names)), 2)
    ]


def method_rows(names: Sequence[str], matrices: Matrices, patients: Patients) -> list[dict]:
    """A row for each method or control: the mean over all other methods that have ranks."""
    methods = of_methods(names)
    rows = []
    for place, name in enumerate(names):
        others = [names.index(other) for other in methods if other != name]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # no other has a value: the mean is NaN
            numbers = {key: np.nanmean(matrices[key][place, others], 0) for key in matrices}
        numbers["abs_x"] = matrices["abs_x"][place, place]
        rows.append({"method": name, "kind": kind(name)} | row(numbers, patients))
    return rows


def clustered(names: Sequence[str], pairs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The names in the order of their clusters, and the links between these."""
    columns = pd.Index(["left", "right", "distance", "count"])
    if len(names) < 2:
        return frame([{"method": name} for name in names]), pd.DataFrame(columns=columns)
    # combinations() is the order of a condensed matrix; two without ρ have nothing in common.
    distances = squareform(1 - pairs["value"].fillna(0.0).to_numpy(), checks=False)
    links = hierarchy.linkage(squareform(distances), "average", optimal_ordering=True)
    leaves = hierarchy.leaves_list(links)
    order = frame([{"method": names[leaf]} for leaf in leaves])
    return order, pd.DataFrame(links, columns=columns)


def in_words(pairs: pd.DataFrame, ecgs: int) -> str:
    """The answer in one sentence."""
    known = [
        pair
        for pair in pairs.to_dict("records")
        if np.isfinite(pair["value"]) and len(of_methods([pair["method"], pair["other"]])) == 2
    ]
    if not known:
        return f"On {ecgs} ECGs there are no two methods to compare."
    least, most = (choose(known, key=lambda pair: pair["value"]) for choose in (min, max))
    rho, floor = (np.mean([pair[name] for pair in known]) for name in ("value", "other_ecg"))
    return (
        f"On {ecgs} ECGs the maps of two methods agree with ρ = {rho:.2f} on "
        f"average, their maps of different ECGs with {floor:.2f}; most alike "
        f"are {most['method']} and {most['other']} ({most['value']:.2f}), least "
        f"{least['method']} and {least['other']} ({least['value']:.2f})."
    )
