"""Subject of evaluations: the ECGs, their methods, and everything known about them."""

import shutil
import tempfile
import uuid
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int8
from torch import Tensor

from ..datamodules import Batch, Target, cores
from ..ecg import FS_HZ
from ..explain import Method, with_controls
from ..store import Store

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
    (such as sex and age), NaN where unknown. `facts` (plain JSON) describe the data set; `input` is
    its name in reports. Whole heatmaps of `gallery` ECGs are kept for figures, with the one that is
    read worst of the first 16. Everything that costs time is kept in `store`, by default one that
    is deleted afterwards. `unperturbed` are the ECGs that these are perturbed copies of, None where
    they are copies of none. `fs` is their rate in Hz; evaluations other than Perturbation take
    500 Hz alone. `workers` is the number of processes that make heatmaps and curves: by default one
    for each core, on Linux and a CPU.
    Raises ValueError for a negative seed and for patients that do not match the ECGs.
    """

    ecgs: Batch
    methods: Mapping[str, Method]
    target: Target = UNNAMED
    output: int = 0
    seed: int = 0
    patients: Sequence[str] = ()
    background: Float[Tensor, "other lead time"] | None = None
    traits: Mapping[str, Float[np.ndarray, " ecg"]] = field(default_factory=dict)
    input: str = "these ECGs"
    facts: Mapping[str, Any] = field(default_factory=dict)
    gallery: int = 6
    store: Store = field(default_factory=temporary_store)
    progress: bool = True
    unperturbed: Float[Tensor, "ecg lead time"] | None = None
    fs: float = FS_HZ
    workers: int = field(default_factory=cores)

    def __post_init__(self) -> None:
        count = len(self.ecgs.record)
        if self.seed < 0:
            raise ValueError(f"expected a seed of 0 or more, got {self.seed}")
        patients = tuple(self.patients or self.ecgs.record)
        if len(patients) != count:
            raise ValueError(f"expected a patient for each of {count} ECGs, got {len(patients)}")
        object.__setattr__(self, "patients", patients)

    @property
    def every_method(self) -> dict[str, Method]:
        """The methods, then the controls."""
        return with_controls(self.methods)

    @property
    def records(self) -> tuple[str, ...]:
        """The names of the ECGs."""
        return tuple(self.ecgs.record)

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

    def changed(
        self,
        x: Float[Tensor, "ecg lead time"],
        segments: Int8[Tensor, "ecg time"] | None = None,
    ) -> "Subject":
        """Subject with perturbed copies of the ECGs under their names: random numbers stay."""
        marks = self.ecgs.segments if segments is None else segments
        own = self.ecgs.x if self.unperturbed is None else self.unperturbed
        return replace(self, ecgs=self.ecgs._replace(x=x, segments=marks), unperturbed=own)
