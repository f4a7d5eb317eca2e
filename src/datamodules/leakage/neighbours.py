"""Distance from test ECGs to training ECGs: near duplicates make a test too easy."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

from ..preparation.prepared import Prepared

# Rows of a matrix product: 256 × 12·600 floats are 7 MB.
CHUNK = 256
# Pairs of training ECGs for the typical distance: its median is known to 1 %.
PAIRS = 4000


@dataclass(frozen=True)
class Neighbours:
    """Distances between median beats: root mean square over leads and time, µV.

    `test` and `train` are the numbers of ECGs compared, with or without a label: the distances are
    the same for all targets. `nearest_uv` is the median over test ECGs of the distance to the
    nearest training ECG, `closest_uv` the minimum; `typical_uv` is the median distance between two
    training ECGs.
    """

    test: int
    train: int
    nearest_uv: float
    closest_uv: float
    typical_uv: float

    @property
    def share(self) -> float:
        """Median nearest distance over the typical one; 1 means that test ECGs are unrelated."""
        return self.nearest_uv / self.typical_uv

    def sentence(self) -> str:
        """Sentence for the reader of a result."""
        return (
            f"A test ECG differs by {self.nearest_uv:.0f} µV (RMS) from the nearest training ECG: "
            f"{100 * self.share:.0f}\u00a0% of the {self.typical_uv:.0f} µV between two training "
            f"ECGs. Medians over {self.test} test and {self.train} training ECGs with or without a "
            "label."
        )


def neighbours(
    beats: Prepared, test: Int[np.ndarray, " test"], train: Int[np.ndarray, " train"]
) -> Neighbours:
    """Distances from the `test` rows to the `train` rows of the prepared median beats.

    Raises ValueError for fewer than 1 test or 2 training ECGs.
    """
    if len(test) < 1 or len(train) < 2:
        raise ValueError(
            f"expected at least 1 test and 2 training ECGs, got {len(test)} and {len(train)}; "
            "give more ECGs or other shares in data.split"
        )
    chunks = (beats.x(train[start : start + CHUNK]) for start in range(0, len(train), CHUNK))
    near = nearest(beats.x(test), chunks)
    first, second = np.random.default_rng(0).integers(len(train), size=(2, PAIRS))
    pairs = train[np.stack((first, second), 1)[first != second]]
    apart = [rms(np.subtract(*beats.x(pair))) for pair in pairs]
    return Neighbours(
        test=len(test),
        train=len(train),
        nearest_uv=float(np.median(near)),
        closest_uv=float(near.min()),
        typical_uv=float(np.median(apart)),
    )


def nearest(
    test: Float32[np.ndarray, "test lead time"],
    chunks: Iterable[Float32[np.ndarray, "_ lead time"]],
) -> Float[np.ndarray, " test"]:
    """Distance from each test ECG to the nearest ECG of all chunks, µV RMS."""
    rows = test.reshape(len(test), -1)
    neighbour = np.zeros_like(rows)
    best = np.full(len(rows), np.inf)
    for chunk in chunks:
        others = chunk.reshape(len(chunk), -1)
        # |a − b|² = |a|² + |b|² − 2ab, and |a|² is the same for all candidates of a.
        distance = np.einsum("nk,nk->n", others, others) - 2 * rows @ others.T
        place = distance.argmin(1)
        value = np.take_along_axis(distance, place[:, None], 1)[:, 0]
        nearer = value < best
        best[nearer], neighbour[nearer] = value[nearer], others[place[nearer]]
    # The matrix product only finds the neighbour: its rounding error would hide a small distance.
    return np.array([rms(one - other) for one, other in zip(rows, neighbour, strict=True)])


def rms(difference: np.ndarray) -> float:
    """Root mean square of all elements."""
    return float(np.sqrt(np.mean(np.square(difference, dtype=float))))
