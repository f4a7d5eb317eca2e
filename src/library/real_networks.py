"""Published networks on recorded ECGs, as a part of the suite: who gives both folders has it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..datamodules import open_records
from ..eval import Finding, Networks, Perturbation, Subject
from ..eval.benchmark import Outcome, real_outcome
from ..explain import Method
from ..models import InputSpec, load_weights
from ..models.published import Inception
from ..report import ecgs_of, own_network, own_subject
from ..store import Store
from .evaluations import evaluations_of

LEADS = ("aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
NORMALISATION = {"kind": "z-score", "per": "lead", "ddof": 1, "least_sd": 1e-6}


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

    def spec(self) -> InputSpec:
        """What the network wants, as examples/heart_failure has it."""
        return InputSpec.from_plain(
            {
                "leads": [*LEADS],
                "fs": self.fs,
                "samples": self.samples,
                "normalisation": NORMALISATION,
            }
        )


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
    """What to cite of each network that is there, with the licences; errors as of `there`."""
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
    network = own_network(real.spec().adapt(folds, real.fs), ecgs.x)
    subject: Subject = replace(own_subject(ecgs, methods, 0, None, real.fs), store=store)
    protocols = [
        each for each in evaluations_of("perturbation", subject.target)
        if isinstance(each, Perturbation)
    ]  # fmt: skip
    return [each(Networks([network]), subject) for each in protocols]
