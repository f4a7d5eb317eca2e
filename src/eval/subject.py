"""Networks and ECGs of an evaluation, and the other patients that an ECG is compared with."""

import shutil
import tempfile
import uuid
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, Int8, Int64, Shaped
from torch import Tensor, nn

from ..datamodules import Batch, Target, cores
from ..ecg import FS_HZ
from ..engine import generator
from ..explain import Method, with_controls
from ..models import network_key
from ..store import Store


@dataclass(frozen=True, eq=False)
class Networks:
    """Networks that read the same target and differ only in their seed.

    `permuted` was trained on permuted labels, None where there is none. `facts` (plain JSON) has
    an entry for each network: its settings and how well it reads its target; empty where nothing
    is known; `tested` its test part (Curves.test_part), empty where it was tested on none. Raises
    ValueError for no network, or another number of facts or test parts.
    """

    nets: Sequence[nn.Module]
    permuted: nn.Module | None = None
    facts: Sequence[Mapping[str, Any]] = field(default=())
    tested: Sequence[Mapping[str, Shaped[np.ndarray, " test"]]] = field(default=())

    def __post_init__(self) -> None:
        facts = tuple(self.facts or [{} for _ in self.nets])
        tested = tuple(self.tested or [{} for _ in self.nets])
        if not self.nets or {len(facts), len(tested)} != {len(self.nets)}:
            raise ValueError(
                f"expected at least one network and facts for each, got {len(self.nets)} networks, "
                f"{len(facts)} facts and {len(tested)} test parts"
            )
        for name, each in (("nets", tuple(self.nets)), ("facts", facts), ("tested", tested)):
            object.__setattr__(self, name, each)

    def __len__(self) -> int:
        return len(self.nets)

    @property
    def by_name(self) -> dict[str, nn.Module]:
        """The networks by their names in notes (network 0, network 1, …)."""
        return {f"network {number}": net for number, net in enumerate(self.nets)}

    def first(self) -> "Networks":
        """The first network and the one trained on permuted labels."""
        return Networks(self.nets[:1], self.permuted, self.facts[:1], self.tested[:1])

    def keys(self, shape: tuple[int, int]) -> tuple[str, ...]:
        """The key of each network for ECGs of this shape (models.network_key)."""
        return tuple(network_key(net, shape) for net in self.nets)


UNNAMED = Target("output", "", "output")  # the target of networks nobody has described


def temporary_store() -> Store:
    """A store that is deleted with the object."""
    folder = Path(tempfile.gettempdir()) / f"ecglens-{uuid.uuid4()}"  # made when it is first used
    store = Store(folder)
    weakref.finalize(store, shutil.rmtree, folder, ignore_errors=True)
    return store


@dataclass(frozen=True, eq=False)
class Subject:
    """The ECGs of an evaluation with their labels and marks; networks come separately.

    `target` describes the label, `output` is its position among the outputs of the networks.
    `patients` names the patient of each ECG; by default each ECG has its own. `background` holds
    ECGs of other patients, for methods that compare with them; `traits` what is known of the people
    (such as sex and age), NaN where unknown; `rr_ms` the mean RR interval of each ECG whose rate is
    known, by its name, and `reasons` those against its labels: a median beat does not show them.
    `facts` (plain JSON) describe the data set; `input` is its name in reports. Whole heatmaps of
    `gallery` ECGs are kept for figures, with the one that is read worst of the first 16. Everything
    that costs time is kept in `store`, by default one that is deleted afterwards. `unperturbed` are
    the ECGs that these are perturbed copies of, None where they are copies of none. `fs` is their
    rate in Hz; evaluations other than Perturbation take 500 Hz alone. `workers` is the number of
    processes that make heatmaps and curves: by default one for each core, on Linux and a CPU.
    `left_out` has methods that are not among `methods`, because they would be wrong on these
    networks, with the reason. Raises ValueError for a negative seed, patients that do not match the
    ECGs, and wrong labels.
    """

    ecgs: Batch
    methods: Mapping[str, Method]
    target: Target = UNNAMED
    output: int = 0
    seed: int = 0
    patients: Sequence[str] = ()
    background: Float[Tensor, "other lead time"] | None = None
    traits: Mapping[str, Float[np.ndarray, " ecg"]] = field(default_factory=dict)
    rr_ms: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    input: str = "these ECGs"
    facts: Mapping[str, Any] = field(default_factory=dict)
    gallery: int = 6
    store: Store = field(default_factory=temporary_store)
    progress: bool = True
    unperturbed: Float[Tensor, "ecg lead time"] | None = None
    fs: float = FS_HZ
    workers: int = field(default_factory=cores)
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.ecgs.record)
        if self.seed < 0:
            raise ValueError(f"expected a seed of 0 or more, got {self.seed}")
        patients = tuple(self.patients or self.ecgs.record)
        if len(patients) != count:
            raise ValueError(f"expected a patient for each of {count} ECGs, got {len(patients)}")
        object.__setattr__(self, "patients", patients)
        self.target.check_labels(self.ecgs.y.cpu().numpy())

    @property
    def every_method(self) -> dict[str, Method]:
        """The methods, then the controls."""
        return with_controls(self.methods)

    @property
    def records(self) -> tuple[str, ...]:
        """The names of the ECGs."""
        return tuple(self.ecgs.record)

    def named(self, ecg: int) -> str:
        """Name and place of an ECG, for messages."""
        return f"{self.ecgs.record[ecg]} (index {ecg})"

    @property
    def shape(self) -> tuple[int, int]:
        """Leads and samples of an ECG."""
        leads, time = self.ecgs.x.shape[1:]
        return leads, time

    def first(self, ecgs: int | None) -> "Subject":
        """The first ECGs; None for all. Raises ValueError for less than one."""
        if ecgs is not None and ecgs < 1:
            raise ValueError(f"expected at least 1 ECG, got ecgs={ecgs}")
        x, y, segments, record = self.ecgs
        return replace(
            self,
            ecgs=Batch(x[:ecgs], y[:ecgs], segments[:ecgs], record[:ecgs]),
            patients=self.patients[:ecgs],
            traits={name: values[:ecgs] for name, values in self.traits.items()},
            unperturbed=None if self.unperturbed is None else self.unperturbed[:ecgs],
        )

    def without(self, reasons: Mapping[str, str]) -> "Subject":
        """The subject without these methods, each of which has its reason."""
        kept = {name: each for name, each in self.methods.items() if name not in reasons}
        return replace(self, methods=kept, left_out={**self.left_out, **reasons})

    def changed(
        self, x: Float[Tensor, "ecg lead time"], segments: Int8[Tensor, "ecg time"] | None = None
    ) -> "Subject":
        """Subject with perturbed copies of the ECGs under their names: random numbers stay."""
        marks = self.ecgs.segments if segments is None else segments
        own = self.ecgs.x if self.unperturbed is None else self.unperturbed
        return replace(self, ecgs=self.ecgs._replace(x=x, segments=marks), unperturbed=own)


def donor_places(records: Iterable[str], seed: int, draw: int) -> Int64[np.ndarray, " ecg"]:
    """Place of each ECG on the circle of `donors`, from 0 to 2⁶² by its name alone."""
    each = (generator(seed, "donor", draw, record) for record in records)
    return np.fromiter((int(torch.randint(2**62, (), generator=one)) for one in each), np.int64)


def donors(records: Sequence[str], patients: Sequence[str], seed: int, draw: int) -> list[int]:
    """Place of each ECG's donor: the next ECG of another patient in a seeded circle of all.

    It depends on which ECGs there are, not on their order. With an ECG a patient each ECG is the
    donor of one other. Raises ValueError when all are of one patient.
    """
    if len({*patients}) < 2:
        raise ValueError(
            f"expected ECGs of at least 2 patients for donors, got {len(records)} of "
            f"{len({*patients})}; give ECGs of others (equal ones without names are one patient), "
            "or a fill other than donor"
        )
    place = donor_places(records, seed, draw)
    around = sorted(range(len(records)), key=lambda ecg: (place[ecg], records[ecg]))
    found = [0] * len(records)
    after = next(ecg for ecg in around if patients[ecg] != patients[around[-1]])
    for here in range(len(around) - 1, -1, -1):
        ecg = around[here]
        following = around[(here + 1) % len(around)]
        # ECGs of one patient in a row have the same donor: that of the last of them.
        after = following if patients[following] != patients[ecg] else after
        found[ecg] = after
    return found


def partners(subject: Subject) -> Int[np.ndarray, " ecg"]:
    """Position of another patient's ECG for each ECG; ValueError when all are of one patient."""
    return np.array(donors(subject.records, subject.patients, subject.seed, 0))


def subject_of(
    data: Any, methods: Mapping[str, Method], ecgs: int, seed: int, store: Store
) -> Subject:
    """The first test ECGs of a data module (EcgData) with everything known of them."""
    batch = data.test_batch(ecgs)
    patients = data.patients_of(batch.record)
    return Subject(
        ecgs=batch,
        methods=methods,
        target=data.target,
        output=data.target.index,
        seed=seed,
        patients=patients,
        background=data.background,
        traits=data.traits_of(batch.record),
        rr_ms=data.rr_ms_of(batch.record),
        reasons=data.reasons_of(batch.record),
        input=data.input,
        facts=data.facts,
        store=store,
    )
