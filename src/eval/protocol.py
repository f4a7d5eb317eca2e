"""The settings of a perturbation experiment: the default protocol, points, and Storås 2025."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..ecg import FS_HZ
from ..store import check_types

# Fills that are the same in every draw: the ECG itself says what stands in a point's place.
FIXED_FILLS = ("zero", "mean", "linear")


@dataclass(frozen=True)
class Protocol:
    """Rules of a perturbation, under a `name`: how points are changed, how the outcome is read.

    `outcome` is the change of the prediction |f(x_k) − f(x)| in the target's unit (faithfulness to
    the network), the relative error |f(x_k) − y| / y against the true value (Storås 2025), or the
    signed fall f(x) − f(x_k) of a class's logit (Samek 2017). `order` is most (MoRF) or least
    relevant first (LeRF); under LeRF a good map moves the outcome late, so that it counts negative
    and higher is better under every protocol. `unit` is what a step hits: a point, or a segment of
    `segment_ms` in one lead, which is ranked by its sum of |heatmap|. `fill` is what it gets:
    additive noise (on a segment a smooth bump), or in its place zero, the lead's mean, the line
    between the samples beside it, or the aligned samples of a donor, an ECG of another patient.
    `whole_labels` rounds the true value to the nearest integer first, as the published code has it.
    `folded` steps hit the same place of every beat of a strip; it changes nothing on median beats.
    `oracle` is the number of ECGs on which methods are also scaled between random (0) and the
    oracle (1); `ladder` is the number of draws in which each method is compared with its own maps
    of other patients, and whether there is a target prior; 0 leaves the null ladder out. Raises
    ValueError for settings of a wrong type or that contradict each other.
    """

    name: str = "default"
    steps: int = 25  # the AUC needs 15 and its check cut-offs up to 25
    draws: int = 5  # five donors; of noise, one draw's SD within an ECG equals that between ECGs
    noise: float = 0.2  # SD as a share of max − min of the clean input (Storås 2025)
    noise_scope: Literal["sample", "lead"] = "sample"
    until: int = 15  # the AUC runs over the indices 0…15 (Storås 2025)
    cutoffs: Sequence[int] = (10, 25)  # the order must hold for every cut-off between these
    outcome: Literal["change", "relative_error", "logit"] = "change"
    whole_labels: bool = False  # a measured label is real; only the published code has integers
    folded: bool = True  # 15 of a strip's 60 000 points would hardly be noticed
    order: Literal["morf", "lerf"] = "morf"
    unit: Literal["point", "segment"] = "segment"
    segment_ms: int | float = 30  # between 20 and 40 ms: a Q wave, or half of an R wave
    # Real signal; the only fill that is fit on every network of docs/meta_evaluation.md, by
    # criteria that leave templates out: on three networks of nine it prefers one to the true map.
    fill: Literal["noise", "zero", "mean", "linear", "donor"] = "donor"
    oracle: int = 0  # costs every segment alone, 492 × draws predictions per median beat
    ladder: int = 2  # draws; the rungs of each method cost 2 × 15 × ladder predictions

    def __post_init__(self) -> None:
        first, last = self.cutoffs
        # A tuple even from a configuration's list, so that equal protocols compare equal.
        object.__setattr__(self, "cutoffs", (first, last))
        check_types(Protocol, asdict(self), "the protocol")
        if not 1 <= first <= self.until <= last <= self.steps:
            raise ValueError(
                "expected 1 ≤ first cut-off ≤ until ≤ last cut-off ≤ steps, "
                f"got {first}, {self.until}, {last}, {self.steps}"
            )
        if self.draws < 1 or not self.noise > 0:
            raise ValueError(
                f"expected at least 1 draw and noise above 0, got {self.draws} and {self.noise}"
            )
        if self.fill in FIXED_FILLS and self.draws > 1:
            raise ValueError(
                f"expected draws=1 for fill={self.fill}, which is the same in every draw, "
                f"got {self.draws}"
            )
        if self.width() < 1:
            raise ValueError(
                f"expected segment_ms of at least one sample (2 ms), got {self.segment_ms}"
            )
        if self.ladder < 0:
            raise ValueError(f"expected a ladder of 0 draws or more, got {self.ladder}")
        if self.oracle < 0 or self.oracle == 1:
            raise ValueError(
                f"expected an oracle on at least 2 ECGs, or on 0 for none, got {self.oracle}"
            )

    def width(self, fs_hz: float = FS_HZ) -> int:
        """Samples of a lead that a step hits together in one beat."""
        return 1 if self.unit == "point" else round(self.segment_ms * fs_hz / 1e3)

    @property
    def rules(self) -> dict[str, Any]:
        """Settings that the area depends on."""
        idle = {"name", "steps", "cutoffs", "oracle", "ladder"}
        idle |= set() if self.fill == "noise" else {"noise", "noise_scope"}
        idle |= {"segment_ms"} if self.unit == "point" else set()
        return {key: value for key, value in asdict(self).items() if key not in idle}

    @property
    def plain(self) -> bool:
        """True where points are hit, most relevant first: the order that is kept with the maps."""
        return self.order == "morf" and self.unit == "point"


DEFAULT = Protocol()
# Noise of half the published size on single points, as configs/evaluation/noise_10.yaml has it.
NOISE_10 = Protocol(name="noise_10", unit="point", fill="noise", noise=0.1)
# Largest share of its score or return that another map may bring: one that adds less than a third
# is mostly something else (docs/sanity.md, docs/ladder.md).
MOST_KEPT = 0.7
# A map of other patients returns as much: within a third of the 30 % that MOST_KEPT leaves.
AS_WELL = 0.1
# Those that have to agree: each sees what the other misses (docs/meta_evaluation.md).
DECIDING = (DEFAULT, NOISE_10)


def overridden(protocol: Protocol) -> dict[str, Any]:
    """Rules of a protocol that are not those of the one of DECIDING with its name.

    More draws or fewer ask the same: they only make the score more or less sure.
    """
    deciding = next((each.rules for each in DECIDING if each.name == protocol.name), protocol.rules)
    return {
        key: value
        for key, value in protocol.rules.items()
        if key != "draws" and deciding.get(key) != value
    }


# Single points with noise, as the published experiment, but of the prediction itself.
POINTS = Protocol(name="points", unit="point", fill="noise")
# 199 perturbations make the 200 points of the published curve; one noise draw; labels in whole ms
# or µV; single points.
STORAS2025 = Protocol(
    name="storas2025",
    steps=199,
    draws=1,
    outcome="relative_error",
    whole_labels=True,
    folded=False,
    unit="point",
    fill="noise",
    ladder=1,  # beside the published numbers; one draw as they have
)
