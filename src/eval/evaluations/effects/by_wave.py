"""Does relevance by wave follow how far the output moves when the wave is swapped?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from ....ecg import WAVES
from ...ahead import Piece
from ...donors import partners
from ...evaluation import Evaluation, NotApplicable
from ...finding import Finding
from ...heatmaps.explained import Explained, explained, left_out, linter_notes
from ...heatmaps.probe import probe_of
from ...measures.measure import Measure
from ...measures.per_ecg import PerEcg, stacked
from ...networks import Networks
from ...subject import Subject
from ..sanity import spearman
from .measured import Effect, effect_piece, measured
from .wave_weights import relevance, weights

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


@dataclass(frozen=True)
class Effects(Evaluation):
    """Relevance by wave against the effect of swapping the wave; of the first network.

    details: `waves` the mean Δf by wave, all leads together, `relevance` the share of |a| by wave
    of each method. Raises NotApplicable for ECGs of one patient, ValueError for no donors.
    """

    donors: int = 5  # other ECGs that each wave is swapped with; 65 predictions each

    name = "effects"
    question = QUESTION
    source = SOURCE
    every_network = False

    def __post_init__(self) -> None:
        if self.donors < 1:
            raise ValueError(f"expected at least 1 donor, got {self.donors}")

    def check(self, subject: Callable[[], Subject]) -> None:
        """NotApplicable for ECGs of one patient."""
        _check_patients(subject())

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps of every network and what waves swapped do to its output."""
        _check_patients(subject)
        probes = [probe_of(net, subject) for net in networks.nets]
        for maps in super().work(networks, subject):
            yield [*maps, *(effect_piece(probe, self.donors) for probe in probes)]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The measures of docs/effects.md for each method and control."""
        _check_patients(subject)
        nets = networks.nets
        linted = linter_notes({f"network {k}": net for k, net in enumerate(nets)}, subject)
        found = [explained(net, subject, f"network {k}") for k, net in enumerate(nets)]
        moved = [measured(net, subject, self.donors) for net in nets]
        scores = stacked(
            [agreement(one, effect, subject) for one, effect in zip(found, moved, strict=True)]
        )
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=scores,
            notes=(*linted, *left_out(*found)),
            details={"waves": _by_wave(moved), "relevance": _shares(found[0], subject)},
        )


def _check_patients(subject: Subject) -> None:
    if len({*subject.patients}) < 2:
        raise NotApplicable("waves are swapped with other patients', and all ECGs are of one")


def agreement(found: Explained, effect: Effect, subject: Subject) -> PerEcg:
    """The measures of each ECG, by method."""
    size = np.abs(effect).mean(1)
    partner = partners(subject)
    waves = _weights(subject)
    scores = {measure.name: {} for measure in MEASURES}
    for name, maps in found.maps.items():
        sums = relevance(maps, waves)
        leads, own = size[:, :-1].reshape(len(size), -1), sums[:, :-1].reshape(len(size), -1)
        # The other ECG's map on this ECG's own waves.
        others = relevance(maps[partner], waves)[:, :-1].reshape(len(size), -1)
        rho = spearman(leads, own)
        scores["leads"][name] = rho
        scores["beyond_other"][name] = rho - spearman(leads, others)
        scores["waves"][name] = spearman(size[:, -1], sums[:, -1])
    return scores


def _weights(subject: Subject) -> Float[np.ndarray, "ecg wave time"]:
    return np.stack([weights(one.numpy()) for one in subject.ecgs.segments.cpu()])


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


def _shares(found: Explained, subject: Subject) -> pd.DataFrame:
    """The mean share of Σ |a| over the five waves that each method has in each of them."""
    waves, rows = _weights(subject), []
    for name, maps in found.maps.items():
        sums = relevance(maps, waves)[:, -1]
        total = np.nansum(sums, 1, keepdims=True)
        shares = np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 0)
        rows.append({"method": name, **dict(zip(WAVES, map(_mean, shares.T), strict=True))})
    return pd.DataFrame(rows)


def _mean(values: Float[np.ndarray, " value"]) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")
