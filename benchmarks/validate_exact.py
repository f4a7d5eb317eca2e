"""Measured intervals against the truth of exact ECGs: python -m benchmarks.validate_exact.

Three questions. How far are PR, QRS and QT of exact beats from the truth, and where are the large
errors? How do they grow with white noise? Is an interval that does not exist refused, and one that
exists not? Nothing in ecg/ was chosen on exact ECGs: bias is a matter of definition (a wave's
support ends further out than cardiologists mark it), its scatter is the measurement's own.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from ecglens.ecg import (
    KINDS,
    ExactParameters,
    Measurement,
    Record,
    UnusableRecord,
    draw_exact,
    exact_beat,
    exact_record,
    measure,
    median_beat,
)
from matplotlib.figure import Figure

from benchmarks.share import share

FIGURE = Path(__file__).parents[1] / "docs" / "images" / "exact-errors.png"
INTERVALS = ("pr", "qrs", "qt", "qt_tangent")
GOAL_SD_MS = 4.0  # PR, QRS, QT without noise
NOISE_UV = (0.0, 5.0, 10.0, 20.0, 40.0)
SEED = 2026  # no other ECGs of this project have it
# A strip as a hospital records it, for what needs a rhythm.
STRIP_NOISE_UV, RR_SCATTER = 10.0, 0.03
INK, ACCENT, SOFT = "#1d3557", "#e76f51", "#8d99ae"


def truth(parameters: ExactParameters, name: str) -> float:
    """The true interval in ms; both readings of QT have the same."""
    return parameters.labels["qt" if name == "qt_tangent" else name]


def errors(
    count: int, noise_uv: float, morphology: str
) -> tuple[dict[str, np.ndarray], list[ExactParameters]]:
    """Measured minus true in ms of `count` exact beats, NaN where nothing was measured."""
    rows, drawn = [], []
    for index in range(count):
        parameters = draw_exact(SEED, index, "sinus", morphology)
        found = measure(median_beat(exact_beat(parameters, noise_uv)))
        rows.append([getattr(found, name) - truth(parameters, name) for name in INTERVALS])
        drawn.append(parameters)
    return dict(zip(INTERVALS, np.array(rows).T, strict=True)), drawn


def summary(error: np.ndarray) -> str:
    """Number, bias, SD, central 95 % and how many are NaN."""
    known = error[~np.isnan(error)]
    low, high = np.percentile(known, [2.5, 97.5])
    return (
        f"{len(known):6d} {known.mean():+6.1f} {known.std():5.1f} "
        f"{low:+6.0f} … {high:+3.0f} {len(error) - len(known):5d}"
    )


def possible_causes(parameters: ExactParameters) -> dict[str, float]:
    """What the errors could depend on: durations in ms, amplitudes in V5 in µV, the rate."""
    marks, t, labels = parameters.marks, parameters.waves[5], parameters.labels
    next_p = parameters.rr_samples + marks.p_on
    return {
        "length of P": 2 * (marks.p_off - marks.p_on),
        "QRS": labels["qrs"],
        "fall of T": 2.0 * (t[2] - t[1]),
        "QT": labels["qt"],
        "T to next P": 2 * (next_p - marks.t_off),
        "rate": labels["rate"],
        "J": labels["j"],
        "height of T": labels["t"],
    }


def profile(error: np.ndarray, drawn: Sequence[ExactParameters]) -> list[str]:
    """Correlation with each possible cause; mean error and its SD in each fifth of the largest."""
    known = ~np.isnan(error)
    rows = [possible_causes(parameters) for parameters in drawn]
    causes = {name: np.array([row[name] for row in rows])[known] for name in rows[0]}
    r = {name: np.corrcoef(values, error[known])[0, 1] for name, values in causes.items()}
    name = max(r, key=lambda key: abs(r[key]))
    values = causes[name]
    fifth = np.digitize(values, np.quantile(values, [0.2, 0.4, 0.6, 0.8]))
    lines = ["  r with " + ", ".join(f"{cause} {value:+.2f}" for cause, value in r.items())]
    lines.append(f"  by {name}:")
    for number in range(5):
        part, here = error[known][fifth == number], values[fifth == number]
        span = f"{here.min():6.0f} … {here.max():4.0f}"
        lines.append(f"    {span}  {part.mean():+6.1f} ms, SD {part.std():.1f}")
    return lines


def strip(kind: str, index: int, morphology: str) -> Record:
    """A noisy strip without its own median beat, so that the whole measurement is tried."""
    parameters = draw_exact(SEED, index, kind, morphology)
    return replace(exact_record(parameters, STRIP_NOISE_UV, RR_SCATTER), beat=None)


def measured(record: Record) -> Measurement | str:
    """What is measured on a strip, or why it is refused."""
    try:
        return measure(median_beat(record))
    except UnusableRecord as problem:
        return str(problem)


def refusals(kind: str, count: int, morphology: str) -> list[str]:
    """How often each interval of a kind is NaN, against whether it exists, and the reasons."""
    found = [measured(strip(kind, index, morphology)) for index in range(count)]
    lines = []
    for name in ("pr", "qrs", "qt"):
        exists = name != "pr" or KINDS[kind].atria == "leading"
        reasons = Counter(
            (f"record refused: {one}" if isinstance(one, str) else one.reasons.get(name, ""))
            # Without the number that some reasons end with.
            .partition(":")[0]
            for one in found
        )
        nan = count - reasons.pop("", 0)
        what = "wrongly NaN" if exists else "NaN, as it must be"
        why = "; ".join(f"{number} × {reason}" for reason, number in reasons.most_common())
        lines.append(f"{kind:7} {name.upper():4} {what:18} {share(nan, count)}  {why}".rstrip())
    return lines


def draw(levels: Sequence[float], found: dict[float, dict[str, np.ndarray]], path: Path) -> None:
    """Bias and SD of the error against noise, an interval a panel."""
    figure = Figure(figsize=(9.0, 3.2), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    for axes, name in zip(panels, ("pr", "qrs", "qt"), strict=True):
        columns = [found[level][name] for level in levels]
        known = [error[~np.isnan(error)] for error in columns]
        mean, sd = np.array([k.mean() for k in known]), np.array([k.std() for k in known])
        axes.fill_between(levels, mean - sd, mean + sd, color=SOFT, alpha=0.35, lw=0)
        axes.plot(levels, mean, "o-", color=INK, ms=4)
        axes.axhline(0.0, color=ACCENT, lw=0.8)
        axes.set_title(name.upper(), loc="left", fontweight="bold")
        axes.set_xlabel("white noise in the beat, SD in µV")
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xticks(levels)
    panels[0].set_ylabel("measured − true, ms\n(line: mean, band: ± SD)")
    figure.savefig(path, dpi=150)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables; `--figure` draws them as well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beats", type=int, default=5000)
    parser.add_argument("--strips", type=int, default=500, help="of each kind")
    parser.add_argument("--figure", action="store_true", help=f"draw {FIGURE.name} anew")
    options = parser.parse_args(arguments)
    print(f"{'measured − true, ms':<34} {'n':>6} {'bias':>6} {'SD':>5} {'95 %':>12} {'NaN':>5}")
    for morphology in ("plain", "varied"):
        found, drawn = errors(options.beats, 0.0, morphology)
        for name, error in found.items():
            print(f"{morphology:7} no noise   {name.upper():<15} {summary(error)}")
            print(*profile(error, drawn), sep="\n")
    noisy = {level: errors(options.beats, level, "plain")[0] for level in NOISE_UV}
    for level, found in noisy.items():
        for name, error in found.items():
            print(f"plain   {level:3.0f} µV     {name.upper():<15} {summary(error)}")
    print(f"\nGoal: SD of at most {GOAL_SD_MS:g} ms for PR, QRS and QT without noise.")
    if options.figure:
        draw(NOISE_UV, noisy, FIGURE)
    print(f"\n10-s strips, {STRIP_NOISE_UV:g} µV of noise, RR scatter {100 * RR_SCATTER:g} %")
    for morphology in ("plain", "varied"):
        print(morphology)
        for kind in KINDS:
            print(*refusals(kind, options.strips, morphology), sep="\n")


if __name__ == "__main__":
    main()
