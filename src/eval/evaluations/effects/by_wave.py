"""Does relevance by wave follow how far the output moves when the wave is swapped?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from torch import nn

from ....ecg import WAVES
from ...asked import PerEcg, stacked
from ...evaluation import NotApplicable
from ...heatmaps.explained import Explained, explained, left_out, notes
from ...measures import Measure, Panel
from ..sanity import Setup, spearman
from .measured import Effect, measured
from .parts import relevance, weights

QUESTION = "Does relevance by wave say how far the output moves when that wave is swapped?"
SOURCE = "our own definition; swaps of aligned waves as the donor fill of the perturbation score"
MEASURES = (
    Measure(
        name="leads",
        label="Effect by wave and lead",
        unit="",
        higher_is_better=True,
        about="faithfulness",
        source="our own definition",
        explained="Spearman's ρ, over each wave of each lead, between relevance and how far the "
        "output moves when it is swapped with another patient's.",
    ),
    Measure(
        name="beyond_other",
        label="Beyond another ECG's map",
        unit="",
        higher_is_better=True,
        about="faithfulness",
        source="our own definition",
        explained="The same, less the ρ that the method's map of another patient's ECG gets.",
        chance=0.0,
    ),
    Measure(
        name="waves",
        label="Effect by wave",
        unit="",
        higher_is_better=True,
        about="faithfulness",
        source="our own definition",
        explained="Spearman's ρ over the five waves, each swapped in all leads together.",
    ),
)


def effects(nets: Sequence[nn.Module], setup: Setup, donors: int = 5) -> Panel:
    """The measures of docs/effects.md for each method and control on these networks.

    details: `waves` the mean Δf by wave, all leads together, `relevance` the share of |a| by wave
    of each method. Raises NotApplicable for ECGs of one patient, ValueError for no donors or
    nothing to explain.
    """
    check_patients(setup)
    if donors < 1:
        raise ValueError(f"expected at least 1 donor, got {donors}")
    linted = notes({f"network {k}": net for k, net in enumerate(nets)}, setup)
    found = [explained(net, setup, f"network {k}") for k, net in enumerate(nets)]
    moved = [measured(net, setup, donors) for net in nets]
    scores = stacked(
        [agreement(one, effect, setup) for one, effect in zip(found, moved, strict=True)]
    )
    return Panel(
        experiment="effects",
        question=QUESTION,
        source=SOURCE,
        measures=MEASURES,
        scores=scores,
        records=setup.ecgs.record,
        patients=setup.patients,
        seed=setup.seed,
        notes=(*linted, *left_out(*found)),
        details={"waves": _by_wave(moved), "relevance": _shares(found[0], setup)},
    )


def check_patients(setup: Setup) -> None:
    """NotApplicable for ECGs of one patient."""
    if len({*setup.patients}) < 2:
        raise NotApplicable("waves are swapped with other patients', and all ECGs are of one")


def agreement(found: Explained, effect: Effect, setup: Setup) -> PerEcg:
    """The measures of each ECG, by method."""
    size = np.abs(effect).mean(1)
    partner = setup.ground.partner
    parts = _parts(setup)
    scores = {measure.name: {} for measure in MEASURES}
    for name, maps in found.maps.items():
        sums = relevance(maps, parts)
        leads, own = size[:, :-1].reshape(len(size), -1), sums[:, :-1].reshape(len(size), -1)
        # The other ECG's map on this ECG's own waves.
        others = relevance(maps[partner], parts)[:, :-1].reshape(len(size), -1)
        rho = spearman(leads, own)
        scores["leads"][name] = rho
        scores["beyond_other"][name] = rho - spearman(leads, others)
        scores["waves"][name] = spearman(size[:, -1], sums[:, -1])
    return scores


def _parts(setup: Setup) -> Float[np.ndarray, "ecg wave time"]:
    return np.stack([weights(one.numpy()) for one in setup.ecgs.segments.cpu()])


def _by_wave(moved: Sequence[Effect]) -> pd.DataFrame:
    """Mean |Δf| and Δf of each wave, all leads together, over networks, ECGs and donors."""
    together = np.concatenate([effect[:, :, -1] for effect in moved]).reshape(-1, len(WAVES))
    return pd.DataFrame(
        {
            "wave": WAVES,
            "mean_size": [_mean(np.abs(each)) for each in together.T],
            "mean_change": [_mean(each) for each in together.T],
        }
    )


def _shares(found: Explained, setup: Setup) -> pd.DataFrame:
    """The mean share of Σ |a| over the five waves that each method has in each of them."""
    parts, rows = _parts(setup), []
    for name, maps in found.maps.items():
        sums = relevance(maps, parts)[:, -1]
        total = np.nansum(sums, 1, keepdims=True)
        shares = np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 0)
        rows.append({"method": name, **dict(zip(WAVES, map(_mean, shares.T), strict=True))})
    return pd.DataFrame(rows)


def _mean(values: Float[np.ndarray, " value"]) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")
