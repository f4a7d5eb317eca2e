"""Networks whose truth lies elsewhere in each ECG: no map of other patients can be right."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor

from ...ecg import R_INDEX
from .networks import T_WAVE, HandSet, window

# Samples after the R peak. T peaks between 120 and 400 ms after R in exact beats.
T_SEARCH = (60, 200)
PEAK_SAMPLES, PEAK_STEP = 20, 5  # the mean of 40 ms, looked for every 10 ms


class Largest(HandSet):
    """f = max of z, which are different facts: the largest has the whole share."""

    def combined(self, z: Float[Tensor, "batch reading"]) -> Float[Tensor, " batch"]:
        return z.amax(1)


def _starts() -> list[int]:
    first, last = T_SEARCH
    return list(range(R_INDEX + first, R_INDEX + last - PEAK_SAMPLES + 1, PEAK_STEP))


ELSEWHERE: Mapping[str, HandSet] = {
    "moving wave": Largest(*(window("V5", (at, at + PEAK_SAMPLES)) for at in _starts())),
    "tallest lead": Largest(*(window(f"V{number}", T_WAVE) for number in range(1, 7))),
}
