"""Uncertainty of a measurement against its real error: python -m benchmarks.label_uncertainty.

Exact strips of both morphologies with 5 to 100 µV of noise (each level equally often on a log
scale) and 3 % of RR scatter, whose truth is known; with a FOLDER that holds LUDB also its clean
sinus records that chose no rule (benchmarks/ludb_halves.py). Errors are taken from their median,
which is a matter of definition. A row per measurement: Kendall's τ of SD and size of error, then
the median SD and the RMS error in five groups from the surest to the most uncertain. Then the
share of errors within 2 SD and within the margin (ecg.margin_ms), with exact 95 % intervals: exact
strips, and the 32 records of LUDB in tests/data, where each error counts as it is.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from ecglens.ecg import (
    MARGIN_MS,
    Measurement,
    UnusableRecord,
    draw_exact,
    exact_record,
    margin_ms,
    measure,
    median_beat,
)
from scipy.stats import kendalltau

from benchmarks.ludb_halves import chooses
from benchmarks.ludb_reading import INTERVALS, readings
from benchmarks.share import share
from benchmarks.validate_ludb import HELD_OUT, records

SEED = 4711  # of no other ECGs of this project
NAMES = ("pr", "qrs", "qt", "qt_tangent", "r", "j", "t")
NOISE_UV, RR_SCATTER = (5.0, 100.0), 0.03
GROUPS = 5
HEAD = f"{'':<14} {'n':>4} {'τ':>5} {'p':>6}   median SD / RMS error, surest fifth first"


def exact_errors(count: int, morphology: str) -> tuple[np.ndarray, np.ndarray]:
    """Measured minus true and SD, (ECG, name), of exact strips."""
    low, high = NOISE_UV
    errors, sds = [], []
    for index in range(count):
        parameters = draw_exact(SEED, index, "sinus", morphology)
        noise_uv = low * (high / low) ** (index / max(1, count - 1))
        try:
            found = measure(
                median_beat(replace(exact_record(parameters, noise_uv, RR_SCATTER), beat=None))
            )
        except UnusableRecord:
            continue
        labels = parameters.labels | {"qt_tangent": parameters.labels["qt"]}
        errors.append([getattr(found, name) - labels[name] for name in NAMES])
        sds.append(of(found, NAMES))
    return centred(np.array(errors)), np.array(sds)


def ludb_errors(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Measured minus manual and SD, (record, interval), of the records that chose no rule."""
    held_out = {path.stem for path in (HELD_OUT / "data").glob("*.hea")}
    paths = [path for path in records(folder) if not chooses(path.name, held_out)]
    clean = [one for one in readings(paths) if one.marked.clean and not one.refused]
    errors = np.array([one.errors_ms for one in clean])
    return centred(errors), np.array([of(one.found, INTERVALS) for one in clean])


def of(found: Measurement, names: Sequence[str]) -> list[float]:
    """The SDs of these measurements."""
    return [found.sd[name] for name in names]


def centred(errors: np.ndarray) -> np.ndarray:
    """Without the median of each column."""
    return errors - np.nanmedian(errors, axis=0)


def rows(errors: np.ndarray, sds: np.ndarray, names: Sequence[str]) -> Iterator[str]:
    """A line per measurement."""
    for name, error, sd in zip(names, np.abs(errors).T, sds.T, strict=True):
        known = ~np.isnan(error)
        error, sd = error[known], sd[known]
        tau, p = kendalltau(error, sd)
        groups = np.array_split(np.argsort(sd, kind="stable"), GROUPS)
        pairs = (f"{np.median(sd[g]):5.1f} /{np.sqrt(np.mean(error[g] ** 2)):5.1f}" for g in groups)
        yield f"{name:<14} {len(error):4d} {tau:+5.2f} {p:6.3f}   {'   '.join(pairs)}"


def coverage(errors: np.ndarray, sds: np.ndarray) -> Iterator[str]:
    """A line per interval: errors within 2 SD, and within the margin."""
    for name, error, sd in zip(INTERVALS, np.abs(errors).T, sds.T, strict=True):
        known = ~np.isnan(error)
        error, sd = error[known], sd[known]
        margin = np.array([margin_ms(name, each) for each in sd])
        within = (share(int((error <= most).sum()), len(error)) for most in (2 * sd, margin))
        yield f"{name:<5} {MARGIN_MS[name]:4.0f} ms   {'   '.join(within)}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="LUDB in its original layout")
    parser.add_argument("--strips", type=int, default=500, help="of each morphology")
    options = parser.parse_args(arguments)
    both = [exact_errors(options.strips, morphology) for morphology in ("plain", "varied")]
    errors, sds = (np.concatenate(parts) for parts in zip(*both, strict=True))
    print(f"Exact strips, ms and µV\n{HEAD}", *rows(errors, sds, NAMES), sep="\n")
    first = errors[:, : len(INTERVALS)], sds[:, : len(INTERVALS)]
    print("\nExact strips: within 2 SD, within the margin", *coverage(*first), sep="\n")
    held_out = [one for one in readings(records(HELD_OUT)) if not one.refused]
    errors = np.array([one.errors_ms for one in held_out])
    sds = np.array([of(one.found, INTERVALS) for one in held_out])
    print("\nLUDB in tests/data: the same", *coverage(errors, sds), sep="\n")
    if options.folder:
        errors, sds = ludb_errors(options.folder)
        print(
            f"\nLUDB, clean sinus, judged half, ms\n{HEAD}", *rows(errors, sds, INTERVALS), sep="\n"
        )


if __name__ == "__main__":
    main()
