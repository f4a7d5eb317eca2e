"""Parts on networks of their own: set by hand, and published ones on recorded ECGs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from ecglens.datamodules import Batch, open_records
from ecglens.eval import (
    Evaluation,
    Finding,
    Measure,
    Networks,
    Subject,
    explained,
    left_out,
    linter_notes,
    stacked,
)
from ecglens.explain import Method
from ecglens.inputs import ecgs_of, own_network
from ecglens.library import evaluations_of
from ecglens.models import InputSpec, load_weights
from ecglens.report import own_subject
from ecglens.store import Store
from ecglens_metrics import slopes
from ecglens_zoo import Inception
from jaxtyping import Float

from .meta_evaluation.maps import exact_batch
from .meta_evaluation.networks import NETWORKS, truth_of
from .parts import Outcome, real_outcome

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
Maps = Float[np.ndarray, "ecg lead time"]
OTHERS = 16  # ECGs for methods that compare with those of others

# Input of the networks, as examples/heart_failure has it.
LEADS = ("aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
NORMALISATION = {"kind": "z-score", "per": "lead", "ddof": 1, "least_sd": 1e-6}


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


def _of_size_1(rows: Float[np.ndarray, "ecg point"]) -> Float[np.ndarray, "ecg point"]:
    """Rows by a power of 2, which loses no digit: their squares neither overflow nor vanish."""
    return np.ldexp(rows, -np.frexp(np.abs(rows).max(1, keepdims=True))[1])


def cosine(maps: Maps, truth: Maps) -> Float[np.ndarray, " ecg"]:
    """Cosine of each map with the truth; 0 for an empty map, NaN for an empty truth."""
    one, other = (_of_size_1(np.float64(each).reshape(len(each), -1)) for each in (maps, truth))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    products = (one * other).sum(1)
    found = np.divide(products, lengths, out=np.zeros(len(one)), where=lengths > 0)
    return np.where(np.abs(other).max(1) > 0, found, np.nan)


@dataclass(frozen=True)
class RealNetwork:
    """A published network: the folder of its ECGs, their reader, and what it reads.

    `weights_by` and `ecgs_by` are what to cite, with the licence.
    """

    ecgs: str
    reader: str
    fs: float
    samples: int
    weights_by: str
    ecgs_by: str


REAL: Mapping[str, RealNetwork] = {
    "heart_failure": RealNetwork(
        "ludb",
        "ludb",
        500.0,
        5000,
        "E. Stenhede, J. Ravn, H. Schirmer, A. Ranjbar, “Heart Failure Detection using Artificial "
        "Intelligence and Pragmatic Labelling”, 2025, github.com/Ahus-AIM/Heart-Failure-Detection "
        "(Apache-2.0)",
        "A. I. Kalyakulina et al., “LUDB: A New Open-Access Validation Tool for "
        "Electrocardiogram Delineation Algorithms”, IEEE Access 8:186181, 2020, and A. L. "
        "Goldberger et al., “PhysioBank, PhysioToolkit, and PhysioNet”, Circulation 101:e215, "
        "2000 (ODC-By 1.0)",
    ),
    "chagas": RealNetwork(
        "code15",
        "wfdb",
        400.0,
        800,
        "team Ahus AIM, George B. Moody PhysioNet Challenge 2025, "
        "github.com/Ahus-AIM/physionet-challenge-2025 (MIT)",
        "A. H. Ribeiro et al., “Automatic diagnosis of the 12-lead ECG using a deep neural "
        "network”, Nat Commun 11:1760, 2020, Zenodo 4916206 (CC BY 4.0)",
    ),
}
ECGS = 32  # strips


def real_networks(
    methods: Mapping[str, Method], networks: Path, data: Path, store: Store
) -> Outcome:
    """Level of the null ladder on each network that is there; errors as of `there`."""
    (own,) = methods
    found = {name: _found(each, networks / name, data, methods, store)
             for name, each in there(networks, data).items()}  # fmt: skip
    return real_outcome(found, own)


def sources(networks: Path, data: Path) -> list[str]:
    """Citations of each network that is there, with the licences; errors as of `there`."""
    return [
        f"{name}: weights of {each.weights_by}; ECGs of {each.ecgs_by}"
        for name, each in there(networks, data).items()
    ]


def there(networks: Path, data: Path) -> dict[str, RealNetwork]:
    """The networks of REAL with weights (networks/NAME/*.pt) and ECGs (data/ludb, data/code15).

    Raises ValueError where there is none of them.
    """
    found = {
        name: each
        for name, each in REAL.items()
        if [*(networks / name).glob("*.pt")] and (data / each.ecgs).is_dir()
    }
    if not found:
        wanted = " or ".join(
            f"{networks / name}/*.pt with {data / each.ecgs}" for name, each in REAL.items()
        )
        raise ValueError(f"expected weights and ECGs in {wanted}; got neither pair")
    return found


def _found(
    real: RealNetwork, weights: Path, data: Path, methods: Mapping[str, Method], store: Store
) -> list[Finding]:
    records = list(open_records(real.reader, path=str(data / real.ecgs)))[:ECGS]
    half = min(one.signal.shape[1] for one in records) // 2  # all as long as the shortest
    middles = [one.signal.shape[1] // 2 for one in records]
    pairs = zip(records, middles, strict=True)
    x = np.stack([one.signal[:, at - half : at + half] for one, at in pairs])
    folds = [load_weights(Inception(), file) for file in sorted(weights.glob("*.pt"))]
    ecgs = ecgs_of(x, None, 0, real.fs)
    about = {"leads": [*LEADS], "fs": real.fs, "samples": real.samples}
    spec = InputSpec.from_plain({**about, "normalisation": NORMALISATION})
    network = own_network(spec.adapt(folds, real.fs), ecgs.x)
    subject: Subject = replace(own_subject(ecgs, methods, 0, None, real.fs), store=store)
    protocols = evaluations_of("perturbation", subject.target)
    return [each(Networks([network]), subject) for each in protocols]
