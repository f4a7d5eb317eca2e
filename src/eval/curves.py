"""Perturbation curves of one network, their outcomes, and the rungs that they are compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Float, Int8, Int64, Shaped
from torch import Tensor

from ..ecg import FS_HZ
from ..store import Step
from .heatmaps.order import step_of_samples
from .protocol import Protocol

# A number for each ECG, and outputs along curves.
EachEcg = Float[np.ndarray, " ecg"]
CurveArray = Float[np.ndarray, "draw ecg point"]


@dataclass(frozen=True, eq=False)
class ShownSteps:
    """Changes that the steps of each method make in the ECGs of a gallery, in the first draw.

    `units` number the points or segments of a lead: the one that each sample belongs to.
    `orders[name]` are those of each step, as lead · units of the ECG + unit. `changes` (µV) are
    added to the samples of a unit from its step on.
    """

    units: Int64[np.ndarray, "ecg time"]
    changes: Float[np.ndarray, "ecg lead time"]
    orders: Mapping[str, Int64[np.ndarray, "ecg step"]]

    def first(self, ecgs: int) -> "ShownSteps":
        """The steps on the first ECGs."""
        orders = {name: order[:ecgs] for name, order in self.orders.items()}
        return replace(self, units=self.units[:ecgs], changes=self.changes[:ecgs], orders=orders)

    def hit(self, name: str, ecg: int) -> Int64[np.ndarray, "lead time"]:
        """The step (1, 2, …) that changes each sample of an ECG; NEVER where none does."""
        order, units = (torch.from_numpy(each[ecg]) for each in (self.orders[name], self.units))
        return step_of_samples(order, units, self.changes.shape[1]).numpy()


# Rungs beside the controls, as they are called in tables.
TARGET_PRIOR, MEAN_OF_OTHERS, ANOTHER_PATIENT = "target_prior", "mean_of_others", "another_patient"
# The same maps of other patients laid wave by wave; those above from the R peak alone.
MEAN_BY_WAVES, ANOTHER_BY_WAVES = f"{MEAN_OF_OTHERS}_by_waves", f"{ANOTHER_PATIENT}_by_waves"
FROM_R, BY_WAVES = (MEAN_OF_OTHERS, ANOTHER_PATIENT), (MEAN_BY_WAVES, ANOTHER_BY_WAVES)


@dataclass(frozen=True)
class Level:
    """Level of a method that is above all of these rungs and reached the level before.

    `beaten` names them together, as it is printed.
    """

    beaten: str
    rungs: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the level, as it is printed."""
        return f"beats {self.beaten}"


# Pages print the name of the target in it: "the PR region".
TARGET_REGION = "the target region"
LADDER_LEVELS = (
    Level("the controls", ("random", "abs_x", "abs_dx")),
    Level(f"{TARGET_REGION} itself", (TARGET_PRIOR,)),
    Level("other patients’ maps", (*FROM_R, *BY_WAVES)),
)


def prior_key(grain: str) -> str:
    """Name among Curves.references of the target prior of this resolution."""
    return f"{TARGET_PRIOR} {grain}"


def template_key(rung: str, method: str) -> str:
    """Name among Curves.references of a method's maps of other patients."""
    return f"{rung} {method}"


ORACLE = "oracle"  # name among Curves.references


@dataclass(frozen=True, eq=False)
class Gallery:
    """A few ECGs (µV, mask of waves, rate) with every method's stored heatmap of them.

    `steps` are what the steps of the curves change in them, None where that was not kept.
    """

    records: tuple[str, ...]
    x: Float[np.ndarray, "ecg lead time"]
    segments: Int8[np.ndarray, "ecg time"]
    heatmaps: Mapping[str, Float[np.ndarray, "ecg lead time"]]
    fs: float = FS_HZ
    steps: ShownSteps | None = None


@dataclass(frozen=True, eq=False)
class Curves:
    """The predictions along every curve, per ECG and draw, so that no cut-off needs a second run.

    `predictions[name]` has index 0 for the clean input. `left_out` gives a reason per method that
    would be wrong on this network, or is in `not_computed`, as it merely lacked data that it needs;
    `zero_share` the share of points that are exactly 0, and `short` the number of ECGs whose map
    has fewer non-zero points than the curve has steps: they stay in, and the rest of their steps
    are random; `nonzero` has the points of each ECG's map that are not 0. `notes` are what a reader
    should know before. `patients` are those of the records, left out where each record is of
    another patient. `references` are further curves to compare with: the ORACLE's, of the first
    ECGs only, and the rungs of the null ladder (LADDER_LEVELS), up to the protocol's `until` and of
    its first draws. `grains` are the resolutions of the maps. `places` are what each step hit: a
    lead and a part of the beat, with one number in all ECGs (perturbation.orders). `test_part` has
    label `y`, output `read` and number of the `patient` of each test ECG, in the target's unit (a
    class: logits); it is empty where the network was tested on none. Raises ValueError when there
    are not as many patients as records.
    """

    protocol: Protocol
    seed: int
    records: tuple[str, ...]
    y: EachEcg  # the true value in the target's unit; NaN where unknown
    predictions: Mapping[str, CurveArray]
    controls: tuple[str, ...]
    left_out: Mapping[str, str]
    zero_share: Mapping[str, float]
    gallery: Gallery
    short: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    references: Mapping[str, Float[np.ndarray, "_ _ _"]] = field(default_factory=dict)
    places: Mapping[str, Int64[np.ndarray, "ecg step"]] = field(default_factory=dict)
    grains: Mapping[str, str] = field(default_factory=dict)
    nonzero: Mapping[str, Shaped[np.ndarray, " ecg"]] = field(default_factory=dict)
    not_computed: tuple[str, ...] = ()
    test_part: Mapping[str, Shaped[np.ndarray, " test"]] = field(default_factory=dict)

    @property
    def wrong(self) -> tuple[str, ...]:
        """Methods that would be wrong on this network."""
        return tuple(name for name in self.left_out if name not in self.not_computed)

    def __post_init__(self) -> None:
        patients = self.patients or self.records
        if len(patients) != len(self.records):
            raise ValueError(
                f"expected a patient for each of {len(self.records)} records, got {len(patients)}"
            )
        object.__setattr__(self, "patients", patients)

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the scored methods, without the controls."""
        return tuple(name for name in self.predictions if name not in self.controls)


# Raised when a number of an outcome or of the area under it changes. The validation of scores is
# then out of date (meta_evaluation), and saved rankings are made again (finding_files).
AREA = Step("area", version=1)

Curve = Float[Tensor, "*draw batch point"]


def relative_error(curve: Curve, y: Shaped[Tensor, " batch"]) -> Curve:
    """|f(x_k) − y| / y with the signed true value y, as published; NaN where y is 0."""
    truth = _beside(curve, y)
    return (curve - truth).abs() / torch.where(truth == 0, torch.nan, truth)


def error_in_sd(curve: Curve, y: Shaped[Tensor, " batch"], sd: float) -> Curve:
    """|f(x_k) − y| / SD of the true values: the second view of amplitudes, which may be near 0."""
    if not sd > 0:
        raise ValueError(f"expected a standard deviation above 0, got {sd}")
    return (curve - _beside(curve, y)).abs() / sd


def prediction_change(curve: Curve) -> Curve:
    """|f(x_k) − f(x)| in the target's unit: how much the network, right or wrong, was moved."""
    return (curve - curve[..., :1]).abs()


def fall(curve: Curve) -> Curve:
    """f(x) − f(x_k) with its sign: above 0 where what was removed spoke for the class."""
    return curve[..., :1] - curve


def area_under_curve(
    errors: Float[Tensor, "*batch point"], until: int = 15
) -> Float[Tensor, "*batch"]:
    """Trapezoids of step 1 over the indices 0…until, both included (Storås 2025: 15)."""
    if not 1 <= until < errors.shape[-1]:
        raise ValueError(f"expected until in 1…{errors.shape[-1] - 1}, got {until}")
    return torch.trapezoid(errors[..., : until + 1], dim=-1)


def _beside(curve: Tensor, y: Tensor) -> Tensor:
    """The true values shaped to stand beside every point of their ECG's curve."""
    if y.shape != curve.shape[-2:-1]:
        raise ValueError(
            f"expected one true value per ECG, ({curve.shape[-2]},); got {tuple(y.shape)}"
        )
    return y.to(curve).unsqueeze(-1)
