"""Region of a target: around edges or within waves, in one lead or in all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Int8
from scipy.ndimage import binary_dilation

from ..ecg import AROUND_MS, BIT, FS_HZ, LEADS
from .evaluation import NotApplicable

Mask = Literal["edge", "wave", "both"]
Segments = Int8[np.ndarray, "ecg time"]
Times = Bool[np.ndarray, "ecg time"]

# The wave of an edge; the edges that a wave has.
WAVE_OF = {"P_on": "P", "P_off": "P", "QRS_on": "QRS", "QRS_off": "QRS", "T_on": "T", "T_off": "T"}
EDGES_OF = {
    "P": ("P_on", "P_off"),
    "PQ": ("P_off", "QRS_on"),
    "QRS": ("QRS_on", "QRS_off"),
    "ST": ("QRS_off", "T_on"),
    "T": ("T_on", "T_off"),
}


@dataclass(frozen=True)
class TargetRegion:
    """The edges, the waves and the lead that decide a target, as in datamodules.Target.

    An edge stands for the 20 ms on both its sides, a wave for its samples, both for either. A
    target with waves alone has their edges. `lead` None means all leads. Raises ValueError for
    unknown places, NotApplicable for a target without those that the mask needs.
    """

    mask: Mask
    edges: Sequence[str]
    waves: Sequence[str]
    lead: str | None

    def __post_init__(self) -> None:
        for name, given, known in (
            ("a mask", [self.mask], get_args(Mask)),
            ("edges", self.edges, tuple(WAVE_OF)),
            ("waves", self.waves, tuple(EDGES_OF)),
            ("a lead", [self.lead] * (self.lead is not None), LEADS),
        ):
            if wrong := [each for each in given if each not in known]:
                raise ValueError(f"expected {name} of {', '.join(known)}, got {wrong[0]}")
        if not self.waves and (self.mask == "wave" or not self.edges):
            raise NotApplicable(
                f"expected a target with {'waves' if self.edges else 'edges or waves'} to see "
                f"whether a map lies there (mask={self.mask}), got none; name them as "
                "target.waves=[P,PQ], or leave this evaluation out"
            )

    @property
    def parts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The edges and the waves that the mask consists of."""
        of_waves = (edge for wave in self.waves for edge in EDGES_OF[wave])
        edges = tuple(dict.fromkeys(self.edges or of_waves)) if self.mask != "wave" else ()
        return edges, tuple(self.waves) if self.mask != "edge" else ()

    @property
    def leads(self) -> Bool[np.ndarray, "12"]:
        """The leads that count."""
        return np.array([self.lead in (None, lead) for lead in LEADS])

    def times(self, segments: Segments, fs_hz: float = FS_HZ) -> Times:
        """The samples of each ECG that lie in the region; none where one of its parts is missing.

        `segments` has a bit per wave (ecg.waves): the truth or what was delineated.
        """
        edges, waves = self.parts
        near = [_around(segments, edge, fs_hz) for edge in edges]
        each = [*near, *((segments & BIT[wave]) != 0 for wave in waves)]
        complete = np.all([part.any(1) for part in each], axis=0)
        return np.any(each, axis=0) & complete[:, None]

    def points(self, segments: Segments, fs_hz: float = FS_HZ) -> Bool[np.ndarray, "ecg 12 time"]:
        """Samples of the region in the leads that count."""
        return self.times(segments, fs_hz)[:, None] & self.leads[:, None]

    @property
    def places(self) -> str:
        """Edges and waves of the region in words."""
        edges, waves = self.parts
        return ", ".join([*map(_in_words, edges), *waves])

    @property
    def words(self) -> str:
        """Description of the region for a page."""
        edges, waves = self.parts
        near = [f"{AROUND_MS:g} ms around {', '.join(map(_in_words, edges))}"] if edges else []
        within = [f"within {', '.join(waves)}"] if waves else []
        return f"{' or '.join(near + within)}, {f'lead {self.lead}' if self.lead else 'all leads'}"


def _in_words(edge: str) -> str:
    return edge.replace("_on", " onset").replace("_off", " end")


def _around(segments: Segments, edge: str, fs_hz: float) -> Times:
    """The samples within 20 ms of this edge of every beat; one that the signal cuts is unknown."""
    inside = np.pad((segments & BIT[WAVE_OF[edge]]) != 0, ((0, 0), (1, 1)), mode="edge")
    before, here, after = inside[:, :-2], inside[:, 1:-1], inside[:, 2:]
    at = here & ~(before if edge.endswith("_on") else after)
    around = round(AROUND_MS * fs_hz / 1e3)
    return binary_dilation(at, np.ones((1, 2 * around + 1), bool))
