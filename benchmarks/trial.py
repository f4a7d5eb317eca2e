"""The metrics on trial, as in docs/trial.md: python -m benchmarks.trial.

Prints three tables: the verdicts, the scores by dose, and which broken maps each metric sees. Other
seeds give other noise and samples; ECGs and networks stay.
"""

import argparse
from collections.abc import Mapping, Sequence

from ecglens.eval.trial import BROKEN, METRICS, NETWORKS, THRESHOLDS, Verdict, trial

Verdicts = Mapping[tuple[str, str], Verdict]


def verdict_rows(found: Verdicts) -> list[list[str]]:
    """Metric, network, power, false alarms, dropped ECGs, the verdict."""
    return [
        [
            metric,
            network,
            f"{each.power:.2f}",
            f"{100 * each.false_alarms:.1f} %",
            str(each.dropped),
            "fit" if each.fit else "unfit: " + "; ".join(each.reasons),
        ]
        for (metric, network), each in found.items()
    ]


def dose_rows(found: Verdicts) -> list[list[str]]:
    """Mean score at each dose, and the smallest loss of a step with its interval."""
    rows = []
    for (metric, network), each in found.items():
        for noise, doses in each.doses.items():
            least = int(doses.losses.argmin())
            interval = (
                f"{doses.losses[least]:.3g} ({doses.low[least]:.3g} … {doses.high[least]:.3g})"
            )
            means = [f"{mean:.3g}" for mean in doses.means]
            rows.append([metric, network, noise, *means, interval])
    return rows


def caught_rows(found: Verdicts) -> list[list[str]]:
    """How often each broken map is shown to be worse than the truth; – where it is the truth."""
    return [
        [metric, network, *(f"{each.caught[name]:.2f}" if name in each.caught else "–"
                            for name in BROKEN)]
        for (metric, network), each in found.items()
    ]  # fmt: skip


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """As Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Try each metric on each network and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metric", choices=list(METRICS), action="append")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    found = {
        (metric, network): trial(METRICS[metric], NETWORKS[network], seed=options.seed)
        for metric in options.metric or METRICS
        for network in NETWORKS
    }
    doses = [f"{100 * dose:.0f} %" for dose in THRESHOLDS.doses]
    print(table(["Metric", "Network", "Power", "False alarms", "Dropped", "Verdict"],
                verdict_rows(found)), end="\n\n")  # fmt: skip
    print(table(["Metric", "Network", "Noise", *doses, "Least loss"], dose_rows(found)),
          end="\n\n")  # fmt: skip
    print(table(["Metric", "Network", *BROKEN], caught_rows(found)))


if __name__ == "__main__":
    main()
