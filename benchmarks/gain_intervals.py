"""Coverage of the intervals of gains for few ECGs: `python -m benchmarks.gain_intervals`.

Written down before the first run: an interval holds for a number of ECGs where it has the true mean
in at least 93 % of 4000 draws, and is called wide above 97 % (95 ± 2; SD of a draw 0.3 %). Slopes
are those of hand-set networks on exact ECGs (a line whose edits are rounded; a product, whose slope
is R; a maximum, which half of the ECGs answer to) and of ECGs with long tails on both sides or on
one. Bootstrap-t intervals, by which gains were told before, stand beside. Widths are in SDs of the
slopes, so that a wide one says more than that it holds.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.ecg import draw_exact
from ecglens.eval.statistics import sampling
from ecglens_measure.intervals import estimates
from jaxtyping import Float

DRAWS, KNOWN = 4000, 2000  # KNOWN exact ECGs are the population of R
DRAWS_T = 400  # of the bootstrap-t, whose 2000 replicates take a thousand times as long
COUNTS, NETWORKS = (6, 8, 12, 16, 24, 64), (1, 4)
HOLDS, WIDE = 93.0, 97.0
BETWEEN = 0.5  # SD of the gain between networks, in SDs between ECGs
OUT = Path("results/measure/intervals.csv")

Slopes = Callable[[np.random.Generator, tuple[int, int]], Float[np.ndarray, "draw ecg"]]


def forms() -> Mapping[str, tuple[Slopes, float, float]]:
    """Slopes of ECGs by the form of their distribution, with true mean and SD."""
    r = np.array([draw_exact(11, index).labels["r"] for index in range(KNOWN)]) / 1000
    e = float(np.e)
    return {
        "line": (lambda random, size: 1 + 0.02 * random.normal(size=size), 1.0, 0.02),
        "product": (lambda random, size: random.choice(r, size), r.mean(), r.std()),
        "maximum": (lambda random, size: 1.0 * (random.random(size) < 0.5), 0.5, 0.5),
        "one in five answers": (lambda random, size: 1.0 * (random.random(size) < 0.2), 0.2, 0.4),
        "Laplace": (lambda random, size: random.laplace(size=size), 0.0, 2**0.5),
        "t of 3 degrees": (lambda random, size: random.standard_t(3, size), 0.0, 3**0.5),
        "one in ten ten times": (_mixed, 0.0, (0.9 + 0.1 * 100) ** 0.5),
        "exponential": (lambda random, size: random.exponential(size=size), 1.0, 1.0),
        "lognormal, log SD 0.5": (
            lambda random, size: random.lognormal(0, 0.5, size),
            e**0.125,
            (e**0.25 * (e**0.25 - 1)) ** 0.5,
        ),
        "lognormal, log SD 1": (
            lambda random, size: random.lognormal(0, 1, size),
            e**0.5,
            (e * (e - 1)) ** 0.5,
        ),
    }


def _mixed(random: np.random.Generator, size: tuple[int, int]) -> Float[np.ndarray, "draw ecg"]:
    return random.normal(size=size) * np.where(random.random(size) < 0.1, 10.0, 1.0)


def covered() -> pd.DataFrame:
    """Coverage and widths of both intervals by form, number of networks and of ECGs."""
    rows = []
    for form, (slopes, mean, sd) in forms().items():
        for networks in NETWORKS:
            for count in COUNTS:
                random = np.random.default_rng([networks, count])
                own = slopes(random, (DRAWS, count))[:, None]
                more = BETWEEN * sd * random.normal(size=(DRAWS, networks, 1)) * (networks > 1)
                values, patients = own + more, [str(place) for place in range(count)]
                found = np.array(estimates(values, patients))[:, 1:].T
                before = np.stack(sampling(networks, 1, patients, 0).interval(values[:DRAWS_T]))
                row = {"slopes": form, "networks": networks, "ecgs": count}
                rows.append(row | _coverage(found, mean, sd) | _coverage(before, mean, sd, "t_"))
    return pd.DataFrame(rows)


def _coverage(
    ends: Float[np.ndarray, "2 draw"], mean: float, sd: float, of: str = ""
) -> dict[str, float]:
    low, high = ends
    width = (high - low) / sd
    return {
        f"{of}covered": 100 * float(((low <= mean) & (high >= mean)).mean()),
        f"{of}width": float(np.median(width)),
        f"{of}widest": float(width.max()),
    }


def main() -> None:
    """Write the table, and print what does not hold or is wide."""
    table = covered()
    table["verdict"] = np.select(
        [table["covered"] < HOLDS, table["covered"] > WIDE], ["does not hold", "wide"], "holds"
    )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    table.round(2).to_csv(OUT, index=False, lineterminator="\n")
    print(table.pivot(index=["slopes", "networks"], columns="ecgs", values="covered").round(1))
    print(table.to_string(float_format="%.2f"))


if __name__ == "__main__":
    main()
