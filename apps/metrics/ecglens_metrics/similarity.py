"""Agreement of methods with each other (Arends 2026, experiment 1)."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from ecglens.eval import Evaluation, Finding, Networks, Subject, explained, left_out, linter_notes
from ecglens.eval.evaluations.sanity import (
    RESOLUTIONS,
    RHO,
    Ground,
    Numbers,
    Resolution,
    centred,
    correlations,
    frame,
    gathered,
    ground_of,
    headline,
    kind,
    of_methods,
    permuted_maps,
    rho_table,
    row,
)
from ecglens.eval.statistics import Patients
from jaxtyping import Float

# ρ ("value") and its baselines, of every two methods and each ECG.
Matrices = Mapping[str, Float[np.ndarray, "method method ecg"]]


@dataclass(frozen=True)
class Similarity(Evaluation):
    """Every pair of methods on the first network.

    The table has a method's mean ρ with all others, controls left aside, absolute and by sample.
    details: `resolutions` the same at every resolution; `pairs` every pair at every resolution;
    `order` of the clustered matrix with `links` (scipy's linkage, average, of 1 − ρ). No verdict:
    methods may agree and be wrong, or differ and be right.
    """

    permuted: bool = True  # one more network is trained, for that baseline
    ecgs: int | None = None

    name = "similarity"
    question = "Do the methods agree with each other, beyond what maps of different ECGs share?"
    source = (
        "Arends 2026, experiment 1 (only its abstract was at hand): Spearman's ρ for every pair of "
        "methods; scales, baselines and clusters are our own definition"
    )
    cites = ("arends2026",)
    every_network = False

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """ρ between the maps of every two methods."""
        net = networks.nets[0]
        linted = linter_notes({"the network": net}, subject)
        original = explained(net, subject, "similarity")
        other, remarks = permuted_maps(networks.permuted, subject)
        names, shape = tuple(original.maps), tuple(subject.ecgs.x.shape)
        maps, beside = (gathered(each, names, shape) for each in (original.maps, other))
        ground, patients = ground_of(subject), Patients(subject.patients, subject.seed)
        pairs, resolutions, rhos = [], [], {}
        for resolution in RESOLUTIONS:
            matrices = similarity_of(maps, beside, ground, resolution)
            place = {"scale": resolution.scale, "sign": resolution.sign}
            pairs += [place | one for one in pair_rows(names, matrices, patients)]
            by_method = method_numbers(names, matrices)
            resolutions += [
                place | {"method": name, "kind": kind(name)} | row(numbers, patients)
                for name, numbers in by_method.items()
            ]
            if resolution == RESOLUTIONS[0]:
                rhos = {name: each["value"][None, None] for name, each in by_method.items()}
        pairs, resolutions = frame(pairs), frame(resolutions)
        table = headline(resolutions).assign(verdict="not judged")
        order, links = clustered(names, headline(pairs))
        details = {"resolutions": resolutions, "pairs": pairs, "order": order, "links": links}
        return Finding(
            self.about(networks, subject),
            measures=(RHO,),
            scores={RHO.name: rhos},
            table=rho_table(table, details),
            sentence=similarity_sentence(headline(pairs), len(subject.records)),
            notes=(*linted, *left_out(original), *remarks),
            details=details,
        )


def similarity_of(
    maps: Float[np.ndarray, "method ecg lead time"],
    permuted: Float[np.ndarray, "method ecg lead time"],
    ground: Ground,
    resolution: Resolution,
) -> Matrices:
    """ρ of every two methods, and its baselines: of a pair, `abs_x` is that of the lesser follower.

    `permuted` are the maps of the label-permuted network, NaN where there is none.
    """
    values = ground.at_resolution(maps, resolution)
    less_mean = centred(values)
    other = correlations(values, values[:, ground.partner])
    foreign = correlations(values, ground.at_resolution(permuted, resolution))
    follows = ground.abs_x(maps, resolution)
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


def method_numbers(names: Sequence[str], matrices: Matrices) -> dict[str, Numbers]:
    """The mean over all other methods that have ranks, for each method or control."""
    methods = of_methods(names)
    found = {}
    for place, name in enumerate(names):
        others = [names.index(other) for other in methods if other != name]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # no other has a value: the mean is NaN
            numbers = {key: np.nanmean(matrices[key][place, others], 0) for key in matrices}
        numbers["abs_x"] = matrices["abs_x"][place, place]
        found[name] = numbers
    return found


def clustered(names: Sequence[str], pairs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The names in the order of their clusters, and the links between these."""
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    columns = pd.Index(["left", "right", "distance", "count"])
    if len(names) < 2:
        return frame([{"method": name} for name in names]), pd.DataFrame(columns=columns)
    # combinations() is the order of a condensed matrix; two without ρ have nothing in common.
    distances = squareform(1 - pairs["value"].fillna(0.0).to_numpy(), checks=False)
    links = hierarchy.linkage(squareform(distances), "average", optimal_ordering=True)
    leaves = hierarchy.leaves_list(links)
    order = frame([{"method": names[leaf]} for leaf in leaves])
    return order, pd.DataFrame(links, columns=columns)


def similarity_sentence(pairs: pd.DataFrame, ecgs: int) -> str:
    """The answer in one sentence."""
    known = [
        pair
        for pair in pairs.to_dict("records")
        if np.isfinite(pair["value"]) and len(of_methods([pair["method"], pair["other"]])) == 2
    ]
    if not known:
        return f"On {ecgs} ECGs there are no two methods to compare."
    rho, baseline = (np.mean([pair[name] for pair in known]) for name in ("value", "other_ecg"))
    text = (
        f"On {ecgs} ECGs the maps of two methods agree with ρ = {rho:.2f} on "
        f"average, their maps of different ECGs with {baseline:.2f}"
    )
    if len(known) == 1:
        return f"{text}."
    least, most = (choose(known, key=lambda pair: pair["value"]) for choose in (min, max))
    return (
        f"{text}; most alike are {most['method']} and {most['other']} ({most['value']:.2f}), least "
        f"{least['method']} and {least['other']} ({least['value']:.2f})."
    )
