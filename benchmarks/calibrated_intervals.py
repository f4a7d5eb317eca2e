"""What a second bootstrap would add to the intervals: python -m benchmarks.calibrated_intervals.

The level of an interval is raised until it holds the sample's mean in 95 % of resampled samples
(Efron & Tibshirani 1993, section 18.2). The interval within is Student's after Hall's correction
for skewness, so that one replicate costs no bootstrap of its own.
"""

import numpy as np
from ecglens.eval.statistics.crossed import corrected, skewness
from jaxtyping import Bool, Float
from scipy import stats

from .validate_intervals import SHAPES, TRIALS

REPLICATES = 400  # enough for coverage over many trials, too few for one interval
LEVELS = np.array([0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.9975, 0.999])


def held(
    scores: Float[np.ndarray, "*studies patient"], truth: float
) -> Bool[np.ndarray, "level *studies"]:
    """Whether the interval of each level holds the truth."""
    count = scores.shape[-1]
    mean = scores.mean(-1)
    deviation = scores - mean[..., None]
    error = np.sqrt((deviation**2).mean(-1) / (count - 1))
    t = np.divide(mean - truth, error, out=np.full_like(mean, np.inf), where=error > 0)
    skew = skewness(deviation)
    ends = stats.t.ppf((1 + LEVELS) / 2, count - 1)
    return np.stack(
        [(corrected(-q, skew, count) <= t) & (t <= corrected(q, skew, count)) for q in ends]
    )


def calibrated(scores: Float[np.ndarray, " patient"], random: np.random.Generator) -> int:
    """The number of the lowest level that holds the sample's mean in 95 % of resampled samples."""
    drawn = scores[random.integers(0, len(scores), (REPLICATES, len(scores)))]
    enough = held(drawn, float(scores.mean())).mean(1) >= LEVELS[0]
    return int(enough.argmax()) if enough.any() else len(LEVELS) - 1


def main() -> None:
    """A row per shape and number of patients: coverage as it is and calibrated."""
    print("| Scores | patients | Hall | calibrated | mean level |\n|---|---|---|---|---|")
    for shape, draw in SHAPES.items():
        for patients in (16, 64):
            random = np.random.default_rng(0)
            scores = draw(random, (TRIALS, patients))
            holds = held(scores, 0.0)
            levels = [calibrated(each, random) for each in scores]
            better = np.mean([holds[level, study] for study, level in enumerate(levels)])
            print(
                f"| {shape} | {patients} | {holds[0].mean():.1%} | {better:.1%} "
                f"| {LEVELS[levels].mean():.1%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
