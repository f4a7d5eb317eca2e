"""How the measures of panels stood trial, and why the others did not: docs/trial.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..measures.measure import Measure
from .networks import NETWORKS

_EVERY = tuple(NETWORKS)


@dataclass(frozen=True)
class Stood:
    """The networks on which a measure is fit and unfit; on the others it was not tried."""

    fit: Sequence[str] = ()
    unfit: Sequence[str] = ()

    @property
    def tried(self) -> int:
        """On how many networks."""
        return len(self.fit) + len(self.unfit)


# By the names of python -m benchmarks.trial: those of localisation, or evaluation and measure.
STOOD: Mapping[str, Stood] = {
    "pointing_game": Stood(_EVERY),
    "relevance_rank": Stood(_EVERY),
    "top_iou": Stood(_EVERY),
    "spatial_specificity": Stood(_EVERY),
    "temporal_specificity": Stood(_EVERY),
    "axioms, completeness": Stood(unfit=("window", "signed", "edge", "three votes", "product")),
    "axioms, infidelity": Stood(("window", "signed", "edge", "product"), unfit=("three votes",)),
    "effects, leads": Stood(("window", "signed", "edge", "three votes", "product")),
    "effects, waves": Stood(("window", "edge", "three votes"), unfit=("signed",)),
    "aur": Stood(("signed",), unfit=("window", "edge", "three votes")),
    "aupr": Stood(("window", "signed", "edge", "three votes")),
    "degradation, degradation": Stood(("window", "signed", "three votes"), unfit=("edge",)),
    "degradation, aucs_top": Stood(("window", "signed", "three votes"), unfit=("edge",)),
    "degradation, f1s": Stood(("window", "signed", "three votes"), unfit=("edge",)),
    "counterfactuals, cosine": Stood(("window", "signed", "three votes"), unfit=("edge",)),
    "counterfactuals, sign": Stood(("edge",), unfit=("window", "signed", "three votes")),
    "counterfactuals, moved": Stood(("window", "signed", "edge", "three votes")),
    "relevance_rank, of |map|": Stood(("window", "signed", "edge", "three votes")),
    "top_iou, of |map|": Stood(("window", "signed", "edge", "three votes")),
    "pointing_game, of |map|": Stood(("window", "signed", "edge", "three votes")),
    "relevance_mass, of |map|": Stood(("window", "signed", "edge", "three votes")),
    "aup": Stood(("window", "signed", "edge", "two leads, mean", "three votes")),
    "relevance_mass": Stood(("window", "signed", "edge", "three votes")),
}
# Of these |map| is another measure; all others of localisation read |map| in any case.
SIGNED = ("pointing_game", "relevance_rank", "top_iou", "relevance_mass")
NO_ORDER = "no value of it is better, so it orders no maps"
OF_PEOPLE = "experts are asked what they prefer, and no network holds the truth of that"
ON_STRIPS = "the trial was held on median beats"
OF_PROBABILITIES = "the networks on trial give no probabilities"
TOO_FEW = "too few of the trial's ECGs have a number of it for every map"
UNREACHED = "the trial has not reached it"


def stood(evaluation: str, measure: str, absolute: bool = False) -> Stood:
    """How a measure stood; on no network where it was not tried.

    `absolute` where localisation took |map| for all.
    """
    if not evaluation.startswith("localisation"):
        return STOOD.get(f"{evaluation}, {measure}", Stood())
    name = f"{measure}, of |map|" if absolute and measure in SIGNED else measure
    return STOOD.get(name, Stood())


def why_not(evaluation: str, measure: Measure, kind: str, read: str) -> str:
    """Why a measure of such a target and input cannot have stood trial; "" where it can."""
    if measure.higher_is_better is None:
        return NO_ORDER
    if evaluation.startswith("votes"):
        return OF_PEOPLE
    if (evaluation, measure.name) == ("effects", "beyond_other"):
        return TOO_FEW
    if read == "rhythm":
        return ON_STRIPS
    return OF_PROBABILITIES if (evaluation, kind) == ("degradation", "binary") else ""
