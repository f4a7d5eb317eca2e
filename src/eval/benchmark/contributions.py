"""Maps against contributions that are known by a formula, on networks set by hand."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ...datamodules import Batch
from ...explain import Method
from ...store import Store
from ..evaluation import Evaluation
from ..evaluations.effects.unit import slopes
from ..finding import Finding
from ..heatmaps.explained import explained, left_out, linter_notes
from ..measures.measure import Measure
from ..measures.per_ecg import stacked
from ..meta_evaluation.ecgs import exact_batch
from ..meta_evaluation.networks import NETWORKS
from ..meta_evaluation.truth import truth_of
from ..networks import Networks
from ..subject import Subject

COSINE = Measure(
    name="cosine",
    label="Cosine with the truth",
    unit="",
    higher_is_better=True,
    about="faithfulness",
    source="our own definition",
    explained="Cosine of the map with the true contributions of the points of an ECG, 1 where they "
    "are proportional; a slope is multiplied by the ECG first.",
    chance=0.0,
)
OTHERS = 16  # ECGs for methods that compare with those of others


@dataclass(frozen=True)
class Contributions(Evaluation):
    """The cosine of the maps with the truth of one of meta_evaluation.NETWORKS."""

    network: str

    name = "contributions"
    question = "Does the map equal contributions that are known by a formula?"
    source = "our own definition; Aumann–Shapley shares from 0 µV (Sundararajan 2017)"

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The cosine of each method and control, by ECG."""
        net, x = NETWORKS[self.network], subject.ecgs.x
        linted = linter_notes({self.network: net}, subject)
        made = explained(net, subject, self.network)
        truth = truth_of(net, x).numpy()
        units = slopes(net, subject, made.maps)
        cosines = {
            name: cosine(each * x.numpy() if units[name] else each, truth)
            for name, each in made.maps.items()
        }
        return Finding(
            self.about(networks, subject),
            measures=(COSINE,),
            scores=stacked([{COSINE.name: cosines}]),
            notes=(*linted, *left_out(made)),
        )

    def of(self, methods: dict[str, Method], count: int, store: Store) -> tuple[Networks, Subject]:
        """The network and `count` exact ECGs."""
        x, y, segments, record = exact_batch(count + OTHERS)
        own = Batch(x[:count].clone(), y[:count], segments[:count], record[:count])
        subject = Subject(own, methods, background=x[count:].clone(), store=store)
        return Networks([NETWORKS[self.network]]), subject


def cosine(
    maps: Float[np.ndarray, "ecg lead time"], truth: Float[np.ndarray, "ecg lead time"]
) -> Float[np.ndarray, " ecg"]:
    """Cosine of each map with the truth; 0 for an empty map, NaN for an empty truth."""
    one, other = (np.float64(each).reshape(len(each), -1) for each in (maps, truth))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    products = (one * other).sum(1)
    found = np.divide(products, lengths, out=np.zeros(len(one)), where=lengths > 0)
    return np.where(np.abs(other).max(1) > 0, found, np.nan)
