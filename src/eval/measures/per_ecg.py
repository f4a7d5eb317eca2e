"""Numbers per ECG by measure and method."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

# By measure and by method or control a number of each ECG.
PerEcg = Mapping[str, Mapping[str, Float[np.ndarray, " ecg"]]]


def by_measure(methods: Mapping[str, Mapping[str, Float[np.ndarray, " ecg"]]]) -> PerEcg:
    """Numbers by measure and method; every method has the same measures."""
    names = dict.fromkeys(name for each in methods.values() for name in each)
    return {name: {method: each[name] for method, each in methods.items()} for name in names}


def stacked(
    networks: Sequence[PerEcg],
) -> dict[str, dict[str, Float[np.ndarray, "network draw ecg"]]]:
    """The numbers of several networks, for the methods that are right on all of them."""
    found = {}
    for measure, methods in networks[0].items():
        common = [name for name in methods if all(name in each[measure] for each in networks)]
        found[measure] = {
            name: np.stack([each[measure][name] for each in networks])[:, None] for name in common
        }
    return found
