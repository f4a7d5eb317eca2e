"""`ecglens plan`: how many ECGs would show what a finished run did not."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecglens.jobs import add_trust, parser_of, tell, user_errors

from . import DETECTED, ECG, OTHERS, TARGET

if TYPE_CHECKING:
    import pandas as pd
    from ecglens.eval import Finding

NOTE = """The rule is in docs/plan.md. Nothing is written.

exit status: 0 planned, 2 wrong use
"""
FEW = 12  # ECGs that are scored for the time that one takes


def main() -> None:
    """Print the plan; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; nothing was written"):
        if not arguments.run.is_dir():
            raise ValueError(f"expected the folder of a finished run, found no {arguments.run}")
        from ecglens.jobs import findings_in

        from .planning import plan

        findings = findings_in(arguments.run, arguments.trust)
        targets = sorted({each.about.target.explained for each in findings})
        if len(targets) != 1:
            raise ValueError(
                f"expected a finished run of one target, got {', '.join(targets) or 'no finding'} "
                f"in {arguments.run}; give the folder of one job"
            )
        table = plan(findings, arguments.detect, arguments.gain, arguments.power)
        of_ladder = arguments.detect in (TARGET, OTHERS)
        seconds = seconds_per_ecg(findings) if of_ladder and not arguments.no_cost else None
        tell(*lines(table, arguments.power, seconds))


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Say how many ECGs would show a gain of this size, from the variance of a finished run.",
        NOTE,
    )
    add = parser.add_argument
    add("--from", dest="run", type=Path, required=True, metavar="RUN", help="finished run")
    add("--detect", choices=DETECTED, default=ECG, help="what is to be shown "
        "(default: this ECG)")  # fmt: skip
    add("--gain", type=float, default=0.2, help="share of the own map's score (default: 0.2)")
    add("--power", type=float, default=0.9, help="probability that it is shown (default: 0.9)")
    add("--no-cost", action="store_true", help="do not measure what an ECG costs")
    add_trust(parser)
    return parser


def lines(table: "pd.DataFrame", power: float, seconds: float | None) -> list[str]:
    """Lines of the plan; `seconds` of CPU that an ECG costs per network and the run's draws."""
    found = []
    for method, by in dict.fromkeys(zip(table["method"], table["by"], strict=True)):
        rows = table[(table["method"] == method) & (table["by"] == by)]
        names = ["gain", "power_now", "ecgs_now", "patients_now"]
        gain, now, ecgs, patients = rows.iloc[0][names]
        of = f" of {patients} patients" if patients < ecgs else ""
        found.append(
            f"{method}, {by}: a gain of {100 * gain:g}% has power {now:.2f} with the run's {ecgs} "
            f"ECGs{of}"
        )
        found += [f"  {_sentence(row, power, seconds)}" for _, row in rows.iterrows()]
    return found


def _sentence(row: "pd.Series", power: float, seconds: float | None) -> str:
    if row["ecgs"] != row["ecgs"]:
        count = f"power {power:g} needs more than 100000 ECGs"
    else:
        count = f"power {power:g} needs {row['ecgs']:.0f} ECGs (ecgs={row['ecgs']:.0f})"
    if row["redraws"] == row["redraws"]:
        return f"{count} and {row['redraws']:.1f} times the redraws"
    words = [count]
    if row["draws"] > 1:
        words.append(f"{row['draws']:.0f} times the draws")
    if row["networks"] > 1:
        words.append(f"{row['networks']:.0f} networks")
    if seconds is not None and row["ecgs"] == row["ecgs"]:
        hours = seconds * row["ecgs"] * row["networks"] * row["draws"] / 3600
        words.append(f"at most {hours:.2g} CPU-hours")
    return ", ".join(words)


def seconds_per_ecg(findings: "Sequence[Finding]") -> float:
    """CPU seconds of one more ECG and network on this machine, by all deciding protocols.

    The run's methods are applied to a few of its ECGs, with an empty store.
    """
    import time
    from dataclasses import replace

    from ecglens.eval import Subject, deciding, score, subject_of
    from ecglens.jobs import Job, kept_network

    ranked = [each for each in findings if each.ranked]
    protocols = [each.curves[0].protocol for each in deciding(ranked)]
    job = Job.of_finding(ranked[0])
    net = kept_network(job)
    subject = replace(
        subject_of(job.data, job.methods(), FEW, ranked[0].about.seed, job.store),
        gallery=0,
        workers=1,
    )

    def seconds(count: int) -> float:
        few = subject.first(count)
        parts = {name: getattr(few, name) for name in NEEDED}
        begun = time.process_time()
        for protocol in protocols:
            score(net, Subject(**parts), protocol)
        return time.process_time() - begun

    seconds(2)  # what is loaded and compiled once
    count = len(subject.ecgs.x)
    return seconds(count) / count


# All of a subject but its store: an empty one is made for each.
NEEDED = (
    *("ecgs", "methods", "target", "output", "seed", "patients", "background", "traits", "rr_ms"),
    *("reasons", "input", "facts", "gallery", "progress", "fs", "workers"),
)
