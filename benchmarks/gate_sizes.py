"""Small tests of what was learned against the full ones: python -m benchmarks.gate_sizes STORE.

STORE is that of `make demo`. Repeats evaluation=gates on the demo's network with other ECGs, other
redraws and other networks on permuted labels, beside evaluation=weights, as in docs/sanity.md. 15
CPU-minutes.
"""

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

import hydra
import numpy as np
import pandas as pd
import torch
from ecglens.datamodules import Batch
from ecglens.eval import Finding, Networks, Subject, subject_of
from ecglens.jobs.job import Job
from ecglens.jobs.networks import fitted, networks_of
from ecglens.jobs.settings import checked
from ecglens.registry import config_folder
from torch import nn

GROUP, REPEATS = 16, 8  # ECGs of the small tests; each of the four groups of 16 twice
VERDICTS = ["redrawn_verdict", "labels_verdict"]


def job_of(store: Path, evaluation: str) -> Job:
    """The job of the demo with this evaluation."""
    words = [f"evaluation={evaluation}", "logger=csv", f"store={store}"]
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        return Job(checked(hydra.compose("train", words)), store / "logs" / evaluation)


def group_of(subject: Subject, number: int) -> Subject:
    """The ECGs of one group, with this seed for redraws and for methods that draw."""
    x, y, segments, record = subject.ecgs
    part = slice(at := GROUP * (number % 4), at + GROUP)
    return replace(
        subject,
        ecgs=Batch(x[part], y[part], segments[part], record[part]),
        patients=subject.patients[part],
        traits={name: values[part] for name, values in subject.traits.items()},
        seed=1000 * number,
    )


def reads(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """R² of the network on these ECGs and labels."""
    with torch.no_grad():
        left = net(x)[:, 0] - y[:, 0]
    return float(1 - left.square().mean() / y[:, 0].var(unbiased=False))


def permuted(job: Job, seed: int) -> nn.Module:
    """A network on few permuted labels; prints how well it reads them and the true ones."""
    (gates,) = job.evaluations()
    fit = {**job.config["fit"], "epochs": gates.permuted_epochs}
    other = job.variant(
        f"permuted-{seed}",
        permute_labels=True,
        permuted_ecgs=gates.permuted_ecgs,
        fit=fit,
        seed=seed,
    )
    net = fitted(other, may_fit=True).net.eval()
    own = other.data.cohort.ecgs("train")
    x, y, *_ = own.__getitems__(range(len(own)))
    test = job.data.test_batch(256)
    print(
        f"permuted labels, seed {seed}: R² {reads(net, x, y):.2f} on its {len(own)} training ECGs, "
        f"{reads(net, test.x, test.y):.2f} on 256 test ECGs",
        flush=True,
    )
    return net


def verdicts(finding: Finding) -> pd.DataFrame:
    """The verdict of each method by both tests."""
    columns = [*VERDICTS, "redrawn_kept", "labels_kept"]
    return finding.table.set_index("method").loc[:, columns]


def main() -> None:
    """Print each repeat, and how often its verdicts differ from those of the full tests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    store = parser.parse_args().store
    job, small = job_of(store, "weights"), job_of(store, "gates")
    (whole,), (gates,) = job.evaluations(), small.evaluations()
    subject = subject_of(job.data, job.methods(), 64, 0, job.store)
    networks = networks_of(job, [whole], may_fit=True)
    full = verdicts(whole(networks, subject))
    print(full.to_string())
    counts: dict[tuple[str, str], Counter[str]] = {}
    for number in range(1, REPEATS + 1):
        twin = permuted(small, number)
        one = gates(Networks(networks.nets, twin), group_of(subject, number))
        found = verdicts(one)
        print(f"repeat {number}\n{found.round(2).to_string()}", flush=True)
        for name in found.index:
            for gate in VERDICTS:
                counts.setdefault((gate, name), Counter())[str(found.loc[name, gate])] += 1
    rows = [
        {"gate": gate, "method": name, "full": full.loc[name, gate], **count}
        for (gate, name), count in counts.items()
    ]
    table = pd.DataFrame(rows).fillna(0)
    print(table.to_string(index=False))
    for gate, own in table.groupby("gate"):
        same = np.mean([row[row["full"]] / REPEATS for row in own.to_dict("records")])
        print(f"{gate}: {same:.0%} of verdicts are those of the full test")


if __name__ == "__main__":
    main()
