"""Does a method say the same of networks that were trained anew? (Arends 2026, experiment 2)"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from jaxtyping import Float
from torch import nn

from ...heatmaps.explained import Setup, explained, left_out, notes
from .correlation import correlations
from .finding import Finding
from .floors import Ground, centred
from .gates import THRESHOLDS, Thresholds, agrees
from .permuted import gathered, permuted_maps
from .rows import (
    Numbers,
    above_floor,
    by_verdict,
    frame,
    headline,
    kind,
    mean_agreement,
    output_agreement,
    row,
)
from .views import VIEWS, View

QUESTION = "Does a method find the same in networks that were trained anew on the same data?"
SOURCE = (
    "Arends 2026, experiment 2 (only its abstract was at hand; it prints mean correlations of "
    "0.41–0.65 for most methods); floors and verdicts are our own definition"
)


def consistency(
    nets: Sequence[nn.Module],
    setup: Setup,
    permuted: nn.Module | None = None,
    limits: Thresholds = THRESHOLDS,
) -> Finding:
    """The same methods on K networks that differ in their seed alone; mean over K(K−1)/2 pairs.

    `table` has absolute maps by sample, and the agreement of the networks' own outputs: no map
    can be expected to agree where these do not. It passes when the networks' maps of one ECG agree
    more than one network's maps of two ECGs, by the margin; that is no gate, since networks may
    solve a task in different ways. details: `views` every view; `outputs` every pair of networks.
    Raises ValueError for fewer than 2 networks or when nothing may be explained.
    """
    if len(nets) < 2:
        raise ValueError(f"expected at least 2 networks to compare, got {len(nets)}")
    linted = notes({f"network {k}": net for k, net in enumerate(nets)}, setup)
    found = [explained(net, setup, f"network {k}") for k, net in enumerate(nets)]
    other, told = permuted_maps(permuted, setup)
    names = [name for name in found[0].maps if all(name in each.maps for each in found)]
    ground, patients = setup.ground, setup.resampling
    views, verdicts = [], []
    for name in names:
        maps = np.stack([each.maps[name] for each in found])
        beside = gathered(other, [name], maps.shape[1:])[0]
        for view in VIEWS:
            numbers = consistency_of(maps, beside, ground, view)
            looked = {"scale": view.scale, "sign": view.sign}
            views.append(looked | {"method": name, "kind": kind(name)} | row(numbers, patients))
            if view == VIEWS[0]:
                verdicts.append(agrees(above_floor(numbers, patients), limits))
    views = frame(views)
    every = [*combinations(range(len(nets)), 2)]
    outputs = [output_agreement(found[a].outputs, found[b].outputs) for a, b in every]
    table = headline(views).assign(verdict=verdicts, **mean_agreement(outputs))
    named = [{"network": a, "other": b} | one for (a, b), one in zip(every, outputs, strict=True)]
    return Finding(
        experiment="consistency",
        question=QUESTION,
        source=SOURCE,
        table=table,
        details={"views": views, "outputs": frame(named)},
        sentence=in_words(table, len(nets), len(setup.ecgs.record)),
        notes=(*linted, *left_out(*found), *told, "intervals hold for these networks"),
    )


def consistency_of(
    maps: Float[np.ndarray, "net ecg lead time"],
    permuted: Float[np.ndarray, "ecg lead time"],
    ground: Ground,
    view: View,
) -> Numbers:
    """The mean ρ over pairs of networks, of each ECG, and its floors: means over the networks."""
    values = ground.seen(maps, view)
    less_mean = centred(values)
    one, other = np.triu_indices(len(values), 1)
    foreign = correlations(values, ground.seen(permuted[None], view))[:, 0]
    return {
        "value": correlations(values, values)[one, other].mean(0),
        "other_ecg": np.mean([ground.other_ecg(each) for each in values], 0),
        "centred": correlations(less_mean, less_mean)[one, other].mean(0),
        "permuted": foreign.mean(0),
        "abs_x": ground.abs_x(maps, view).mean(0),
    }


def in_words(table: pd.DataFrame, networks: int, ecgs: int) -> str:
    """The answer in one sentence."""
    methods = [one for one in table.to_dict("records") if one["kind"] == "method"]
    if not methods:
        return f"On {ecgs} ECGs there is no method to compare."
    rho, floor = (np.mean([one[name] for one in methods]) for name in ("value", "other_ecg"))
    told = by_verdict(
        table,
        {
            "passes": "above it",
            "fails": "not above it",
            "cannot be said": "cannot be said",
        },
    )
    return (
        f"Maps of {networks} networks agree with ρ = {rho:.2f} on average over "
        f"methods and {ecgs} ECGs, one network's maps of different ECGs with "
        f"{floor:.2f} ({told}); the networks' own outputs agree with "
        f"r = {methods[0]['output_r']:.2f}."
    )
