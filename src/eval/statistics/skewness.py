"""Student's quantiles corrected for the skewness of what is averaged."""

import numpy as np
from jaxtyping import Float

# Below this the correction is 1e-9 of the quantile, and dividing by it would lose digits.
NO_SKEWNESS = 1e-6


def skewness(values: Float[np.ndarray, "*series unit"]) -> Float[np.ndarray, "*series"]:
    """Unbiased sample skewness G1 of deviations from their mean; 0 for fewer than 3 or no spread.

    Joanes & Gill 1998.
    """
    count = values.shape[-1]
    square, cube = (values**2).mean(-1), (values**3).mean(-1)
    if count < 3:
        return np.zeros_like(square)
    found = np.divide(cube, square**1.5, out=np.zeros_like(square), where=square > 0)
    return np.asarray(found * np.sqrt(count * (count - 1)) / (count - 2))


def corrected(
    quantile: float | Float[np.ndarray, "*series"],
    skewness: Float[np.ndarray, "*series"],
    count: int,
) -> Float[np.ndarray, "*series"]:
    """Quantile of the t of a mean of `count` values with this skewness, from Student's quantile.

    Solves x = t + a t²/3 + a² t³/27 + a/6 for t, with a = skewness/√count, which is monotone
    (Hall 1992, transformation g₁).
    """
    a = skewness / np.sqrt(count)
    flat = np.abs(a) < NO_SKEWNESS
    a = np.where(flat, 1.0, a)
    turned = 3 / a * (np.cbrt(1 + a * (quantile - a / 6)) - 1)
    return np.where(flat, quantile, turned)
