"""Attacks on metrics: maps that are changed without information, and what metrics say of them.

The rule (docs/attacks.md) was written before one was tried, after Song 2023 (arXiv 2304.13836).
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from ecglens.engine import one_thread, sample_ids
from ecglens.eval import Subject, explained
from ecglens.explain import Method
from ecglens.store import Step, Store, fingerprint
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d
from torch import Tensor, nn

from .meta_evaluation.maps import exact_batch
from .meta_evaluation.metrics import METRICS, Metric, OnChangedEcgs
from .meta_evaluation.networks import NETWORKS, truth_of
from .meta_evaluation.panels import AXIOMS, DEGRADATION, EFFECTS, LOCALISATION
from .parts import interval_of, mean_of
from .special_networks import OTHERS

Maps = Float[np.ndarray, "ecg lead time"]
Attack = Callable[[Maps, Maps], Maps]

BLUR = 10.0  # samples, 20 ms
KEPT, LEVELS, SHIFT = 0.01, 8, 5  # share of points, levels, samples (10 ms)


def blur(maps: Maps, ecgs: Maps) -> Maps:
    """Gaussian along time."""
    return gaussian_filter1d(maps, BLUR, axis=2)


def square(maps: Maps, ecgs: Maps) -> Maps:
    """Squares with the sign."""
    return np.sign(maps) * maps**2


def sparsify(maps: Maps, ecgs: Maps) -> Maps:
    """The largest points alone."""
    sizes = np.abs(maps).reshape(len(maps), -1)
    least = np.quantile(sizes, 1 - KEPT, axis=1)[:, None, None]
    return np.where(np.abs(maps) >= least, maps, 0.0)


def sharpen(maps: Maps, ecgs: Maps) -> Maps:
    """What a blur takes away, once more."""
    return 2 * maps - blur(maps, ecgs)


def shift(maps: Maps, ecgs: Maps) -> Maps:
    """Later; the first samples come round from the end."""
    return np.roll(maps, SHIFT, axis=2)


def quantise(maps: Maps, ecgs: Maps) -> Maps:
    """A few levels of size."""
    return np.sign(maps) * _levels(np.abs(maps), LEVELS)


def ties_by_region(maps: Maps, ecgs: Maps) -> Maps:
    """Two levels of size, and within a level the order of |mean ECG|."""
    prior = np.abs(ecgs.mean(0, keepdims=True))
    sizes = np.abs(maps)
    step = sizes.max((1, 2), keepdims=True) / 2
    least = prior / prior.max() * 0.9 * np.where(step > 0, step, 1.0)
    return np.where(maps < 0, -1.0, 1.0) * (_levels(sizes, 2) + least)


def prior(maps: Maps, ecgs: Maps) -> Maps:
    """Half of the map and half of |mean ECG|."""
    mean = np.abs(ecgs.mean(0, keepdims=True))
    sizes = np.abs(maps).sum((1, 2), keepdims=True)
    return maps / np.where(sizes > 0, sizes, 1.0) + mean / mean.sum()


def _levels(sizes: Maps, count: int) -> Maps:
    largest = sizes.max((1, 2), keepdims=True)
    return np.ceil(sizes / np.where(largest > 0, largest, 1.0) * count) * largest / count


ATTACKS: Mapping[str, Attack] = {
    each.__name__.replace("_", " "): each
    for each in (blur, square, sparsify, sharpen, shift, quantise, ties_by_region, prior)
}
NETS = ("window", "edge", "two leads, max")
ECGS, DRAWS = 16, 3
# Counterfactual pairs score maps of two ECGs each, and are left out.
SCORED: Mapping[str, Metric] = {
    name: metric
    for metrics in (METRICS, AXIOMS, DEGRADATION, EFFECTS, LOCALISATION)
    for name, metric in metrics.items()
    if not isinstance(metric, OnChangedEcgs)
}
RANDOM, TRUTH = "random", "truth"
ATTACKED = Step("attacked", version=2)
# A gain counts from this share of the way from random numbers to the truth; a metric is marked
# when an attack raises it on this share of the maps.
LEAST_WAY, MARKED = 0.05, 0.25


def attacked(
    methods: Mapping[str, Method], store: Store, say: Callable[[str], object] = print
) -> pd.DataFrame:
    """Gains of the maps of these methods, of the controls and of the truth.

    A row for each network, map, metric and attack: the mean score of the map, of random numbers and
    of the truth, the gain by the attack with its 95 % interval, the SD of draws, and whether the
    attack raises the metric. Scores are signed so that higher is better. All is kept in `store`.
    """
    rows = []
    for network in NETS:
        maps = _maps(network, methods, store)
        for name, each in maps.items():
            say(f"{network}: {name}")
            rows.append(_kept(network, name, each, store))
    found = pd.concat(rows, ignore_index=True)
    for end in (RANDOM, TRUTH):
        own = found[found["map"] == end].groupby(["network", "metric"])["score"].first()
        places = pd.MultiIndex.from_arrays([found["network"], found["metric"]])
        found[f"score of {end}"] = own.reindex(places).to_numpy()
    way = found[f"score of {TRUTH}"] - found[f"score of {RANDOM}"]
    found["raised"] = (
        (found["low"] > 0)
        & (found["gain"] > 2 * found["draws"])
        & (found["gain"] >= LEAST_WAY * way.abs())
    )
    return found


def shares(gains: pd.DataFrame) -> pd.DataFrame:
    """Share of the maps with a score on which each attack (column) raises each metric (row).

    The truth is left out.
    """
    maps = gains[(gains["map"] != TRUTH) & np.isfinite(gains["score"])]
    found = maps.pivot_table("raised", "metric", "attack", aggfunc="mean")
    return found.reindex(columns=[*ATTACKS])


def marks(gains: pd.DataFrame) -> dict[str, list[str]]:
    """Attacks that mark each metric: those that raise it on a quarter of the maps or more."""
    marked = shares(gains) >= MARKED
    return {str(metric): [*marked.columns[row]] for metric, row in marked.iterrows()}


def _maps(network: str, methods: Mapping[str, Method], store: Store) -> dict[str, Maps]:
    """Maps of the methods that are right on this network, of the controls and of the truth."""
    every, net = exact_batch(ECGS + OTHERS), NETWORKS[network]
    own = exact_batch(ECGS)
    subject = Subject(own, methods, background=every.x[ECGS:].clone(), store=store, progress=False)
    with one_thread():
        made = explained(net, subject, network)
    return {**made.maps, TRUTH: truth_of(net, own.x).numpy()}


def _kept(network: str, name: str, maps: Maps, store: Store) -> pd.DataFrame:
    """Scores of a map before and after each attack, from the store where they are there."""

    def build(folder: Path) -> None:
        with one_thread():
            _scored(network, name, maps).to_csv(folder / "gains.csv", index=False)

    values = fingerprint({"maps": sample_ids(torch.from_numpy(np.float32(maps).copy()))})
    folder = store.folder(ATTACKED, {"network": network, "map": name, "values": values}, build)
    return pd.read_csv(folder / "gains.csv")


def _scored(network: str, name: str, maps: Maps) -> pd.DataFrame:
    net, x, rows = NETWORKS[network], exact_batch(ECGS).x.clone(), []
    changed = {key: attack(maps, x.numpy()) for key, attack in ATTACKS.items()}
    for metric, score in SCORED.items():
        own = _of(score, net, x, maps, 0)
        others = [mean_of(_of(score, net, x, maps, seed)) for seed in range(1, DRAWS)]
        draws = float(np.std([mean_of(own), *others], ddof=1))
        for key, each in changed.items():
            gains = _of(score, net, x, each, 0) - own
            about = {"network": network, "map": name, "metric": metric, "attack": key}
            rows.append(about | {"score": mean_of(own), "draws": draws} | gain(gains))
    return pd.DataFrame(rows)


def gain(gains: Float[np.ndarray, " ecg"]) -> dict[str, float]:
    """Mean over the ECGs with a score before and after, with its 95 % interval."""
    low, high = interval_of(gains)
    return {"gain": mean_of(gains), "low": low, "high": high}


def _of(score: Metric, net: nn.Module, x: Tensor, maps: Maps, seed: int) -> np.ndarray:
    """Scores of maps by a metric, higher is better; NaN where there is none."""
    given = torch.from_numpy(np.ascontiguousarray(maps, np.float32))
    found = score(net, x, given, seed).numpy().astype(float)
    return found if score.higher_is_better else -found
