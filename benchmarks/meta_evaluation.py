"""Validation of the metrics, as in docs/meta_evaluation.md and docs/localisation.md.

Run as `python -m benchmarks.meta_evaluation`.

Prints a table for each network, a line for each metric as soon as it is tried. Another seed gives
other noise, other random maps and other samples; ECGs and networks stay. `--write` keeps the
decisions on NETWORKS in ecglens.eval's meta_evaluation.json, which the report reads.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

from ecglens.eval import Validation, steps_of, validations
from ecglens.eval.meta_evaluation import FILE
from ecglens.store import write_text
from ecglens_benchmark.meta_evaluation import (
    AXIOMS,
    BROKEN,
    DEGRADATION,
    EFFECTS,
    ELSEWHERE,
    LOCALISATION,
    METRICS,
    NETWORKS,
    THRESHOLDS,
    NetworkValidation,
    validate,
)

EVERY = {**METRICS, **LOCALISATION, **DEGRADATION, **EFFECTS, **AXIOMS}
PLACES = {**NETWORKS, **ELSEWHERE}
DOSES = "/".join(f"{100 * dose:.0f}" for dose in THRESHOLDS.doses)
HEAD = ["Metric", "Verdict", "Power", "False alarms", f"White noise {DOSES} %",
        f"Rolled noise {DOSES} %", *BROKEN, "Dropped"]  # fmt: skip


def cells(metric: str, found: NetworkValidation) -> Iterator[str]:
    """A line of the table; – where a broken map would be the truth."""
    yield metric
    yield "fit" if found.fit else "unfit: " + "; ".join(found.reasons)
    yield f"{found.power:.2f}"
    yield f"{100 * found.false_alarms:.1f} %"
    for doses in found.doses.values():
        yield " / ".join(f"{mean:.3g}" for mean in doses.means)
    for name in BROKEN:
        yield f"{found.caught[name]:.2f}" if name in found.caught else "–"
    yield str(found.dropped)


def line(words: Sequence[str]) -> None:
    """Print one line of Markdown, now."""
    print(f"| {' | '.join(words)} |", flush=True)


def keep(metric: str, decided: Mapping[str, bool], today: str, path: Path = FILE) -> None:
    """Write into a file of results on which networks a metric is fit.

    Decisions on other networks stay if they were measured with the same versions of the steps.
    """
    found = dict(validations(path)) if path.exists() else {}
    before = found.get(metric, Validation())
    if not before.is_current(metric):
        before = Validation()
    both = {**dict.fromkeys(before.fit, True), **dict.fromkeys(before.unfit, False), **decided}
    found[metric] = Validation(
        _ordered(name for name, fit in both.items() if fit),
        _ordered(name for name, fit in both.items() if not fit),
        today,
        steps_of(metric),
        before.raised,
    )
    write(found, path)


def keep_raised(marks: Mapping[str, Sequence[str]], path: Path = FILE) -> None:
    """Write into a file of results which attacks raise each metric (docs/attacks.md)."""
    found = dict(validations(path))
    write(
        {name: replace(one, raised=tuple(marks.get(name, ()))) for name, one in found.items()}, path
    )


def write(found: Mapping[str, Validation], path: Path) -> None:
    """Write results of metrics."""
    plain = {name: asdict(one) for name, one in found.items()}
    write_text(path, json.dumps(plain, indent=1, ensure_ascii=False) + "\n")


def _ordered(networks: Iterable[str]) -> tuple[str, ...]:
    """Networks in the order of NETWORKS."""
    return tuple(sorted(networks, key=[*NETWORKS].index))


def main(arguments: Sequence[str] | None = None) -> None:
    """Try each metric on each network; network by network, as metrics share its maps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metric", choices=list(EVERY), action="append")
    parser.add_argument("--network", choices=list(PLACES), action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="keep the decisions; seed 0 only")
    options = parser.parse_args(arguments)
    if options.write and options.seed != 0:
        parser.error("expected seed 0 with --write: the results that are kept are those of seed 0")
    for network in options.network or PLACES:
        print(f"\n{network}\n")
        line(HEAD)
        line(["---"] * len(HEAD))
        for metric in options.metric or EVERY:
            try:
                found = validate(EVERY[metric], PLACES[network], seed=options.seed)
            except ValueError as problem:  # too few ECGs have a number of every map
                line([metric, f"not tried: {problem}", *["–"] * (len(HEAD) - 2)])
                continue
            line(list(cells(metric, found)))
            if options.write and network in NETWORKS:
                keep(metric, {network: found.fit}, date.today().isoformat())


if __name__ == "__main__":
    main()
