"""Is the published score stable enough to rank methods by: python -m benchmarks.stability [STORE].

Two targets (PR interval, J-point amplitude in V5), three networks of each that differ in their seed
alone, the same 256 test ECGs, five noise seeds, the nine methods of Storås 2025 with the switches
of their code. Each evaluation is read by the published rules (relative error against the true
value, one noise draw) and by evaluation=points (change of the prediction, five draws). What should
not matter is changed one at a time: the noise seed, half of the ECGs for the other half, whole
labels for real ones, heatmaps computed alone for those computed in batches of 64. The seed of the
network is changed as well, but it may matter: another network is another thing to explain.

The rule that decides, written down before the first run:

1. A change leaves a score stable when, over all pairs of evaluations that differ by it alone, the
   mean Kendall τ between the two orders of the methods is at least 0.9 (of the 28 pairs of eight
   methods 1.4 stand the other way: one neighbouring pair and a half) and the winner (highest AUC)
   is another in at most 5 % of the pairs. Deconvolution, which lies near random everywhere, would
   make every order look stable and is left out of τ (as is random).
2. A score is stable enough to rank by when the noise seed, the labels and the batch leave it stable
   for both targets. Half of the ECGs is reported beside it: it says whether 128 ECGs are enough.
3. The default score is the stable one; of two stable or two unstable ones that with the higher mean
   τ between noise seeds on its worse target. When neither is stable no order of methods may be
   stated without its ties, only which methods beat the controls.
4. When the mean τ between networks is below 0.9, a ranking is one of a network: statements on
   methods need several networks.

Everything is kept in STORE; stopped, the same command goes on. Two processes share the work as
python -m benchmarks.stability STORE pr and … STORE j. Tables of what is there so far: python -m
benchmarks.stability_tables [STORE]. Some two hours of CPU time in all.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.engine import Walker, accelerate, full_precision
from ecglens.eval import (
    POINTS,
    Curves,
    Networks,
    Noise,
    Perturbation,
    Subject,
    load_finding,
    perturbation_curve,
    save_finding,
)
from ecglens.eval.chunks import write_arrays
from ecglens.eval.finding_files import FINDING
from ecglens.explain import Inputs, attribute
from ecglens.models import network_key
from ecglens.registry import config_folder
from ecglens.store import Step, Store
from jaxtyping import Float
from torch import Tensor, nn

if TYPE_CHECKING:  # imported inside: only what fits and scores needs the application
    from ecglens.jobs.job import Job

ROOT = Path("store")
TARGETS = ("pr", "j")
NETWORKS = (0, 1, 2)
NOISES = (0, 1, 2, 3, 4)
ECGS = 256
BATCHES = (1, 64)
KEPT = Step("batches", version=1)


@dataclass(frozen=True)
class Study:
    """One network of one target, the ECGs that it is judged on, and where all is kept."""

    target: str
    network: int
    root: Path

    @cached_property
    def job(self) -> "Job":
        """The job that `python train.py method=storas2025 target=… seed=…` runs."""
        from ecglens.jobs.job import Job
        from ecglens.jobs.settings import checked

        words = [
            f"target={self.target}",
            f"seed={self.network}",
            "method=storas2025",
            "logger=csv",
            f"store={self.root}",
        ]
        with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
            config = checked(hydra.compose("train", words))
        return Job(config, self.root / "logs" / f"{self.target}-{self.network}", "stability")

    @cached_property
    def net(self) -> nn.Module:
        """The network, fitted when it is not in the store."""
        from ecglens.jobs.networks import fitted

        return fitted(self.job, may_fit=True).net.eval()

    @cached_property
    def ecgs(self) -> Batch:
        """The same for all networks."""
        return self.job.data.test_batch(ECGS)

    @property
    def store(self) -> Store:
        """The application's own."""
        return self.job.store

    def curves(self, noise: int) -> Curves:
        """Five draws of this noise seed, of which the published rules read the first; kept."""
        subject = Subject(
            ecgs=self.ecgs,
            methods=self.job.methods(),
            seed=noise,
            input="median",
            gallery=0,
            store=self.store,
        )
        finding = Perturbation(**asdict(POINTS))(Networks([self.net]), subject)
        save_finding(finding, self._results(noise))
        return finding.curves[0]

    def kept(self, noise: int) -> list[Curves]:
        """What was kept of this noise seed: one or none."""
        folder = self._results(noise)
        return [load_finding(folder).curves[0]] if (folder / FINDING).exists() else []

    def in_batches(self, batch: int) -> dict[str, Float[np.ndarray, "draw ecg point"]]:
        """One draw of noise seed 0, heatmaps in batches of this size ranked as published: plainly.

        Evaluation=points ties values that rounding may part, and makes heatmaps in batches of one
        size, whatever is asked for; here neither is done.
        """
        asked = self._asked(batch)
        folder = self.store.folder(KEPT, asked, lambda part: self._in_batches(batch, part))
        return {name: np.load(folder / f"{name}.npz")["curves"] for name in self.job.methods()}

    @property
    def has_batches(self) -> bool:
        """Whether the heatmaps of all batch sizes were made."""
        from ecglens.jobs.networks import NETWORK, settings

        fitted_already = self.store.has(NETWORK, settings(self.job))
        return fitted_already and all(self.store.has(KEPT, self._asked(b)) for b in BATCHES)

    @cached_property
    def key(self) -> str:
        """The network's weights in short."""
        leads, time = self.ecgs.x.shape[1:]
        return network_key(self.net, (leads, time))

    def _asked(self, batch: int) -> dict[str, Any]:
        return {"network": self.key, "batch": batch, "ecgs": ECGS}

    def _results(self, noise: int) -> Path:
        folder = self.root / "results" / f"{self.target}-{self.network}-{noise}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _in_batches(self, batch: int, part: Path) -> None:
        x, records = self.ecgs.x, self.ecgs.record
        net = accelerate(self.net)
        walker = Walker(net, x[0])
        for name, method in self.job.methods().items():
            if (part / f"{name}.npz").exists():
                continue
            maps = [
                attribute(
                    method,
                    net,
                    x[at : at + batch],
                    0,
                    0,
                    inputs=Inputs(records=records[at : at + batch]),
                )
                for at in range(0, ECGS, batch)
            ]
            order = in_plain_order(torch.cat(maps))
            curves = perturbation_curve(
                walker, x, order, steps=POINTS.steps, noise=Noise(records=records)
            )
            write_arrays(part / f"{name}.npz", curves=curves[None].numpy())


def in_plain_order(heatmap: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch lead time"]:
    """Whole numbers, the largest where |heatmap| is: distinct, so that nothing is tied."""
    order = heatmap.abs().flatten(1).argsort(dim=1, descending=True, stable=True)
    falling = torch.arange(order.shape[1], 0, -1, dtype=torch.float32).expand(order.shape)
    return torch.zeros(order.shape).scatter_(1, order, falling).reshape(heatmap.shape)


def studies(root: Path, targets: Sequence[str] = TARGETS) -> Iterator[Study]:
    """All networks of these targets."""
    for network, target in product(NETWORKS, targets):
        yield Study(target, network, root)


@full_precision()
def main(root: Path, targets: Sequence[str]) -> None:
    """Fit and score whatever is missing: noise seeds in turn, so that a part is a table too."""
    every = list(studies(root, targets))
    for study in every:
        _ = study.net
        said(study, "fitted")
    for noise in NOISES:
        for study in every:
            study.curves(noise)
            said(study, f"noise seed {noise}")
        for study, batch in product(every, BATCHES if noise == 0 else ()):
            study.in_batches(batch)
            said(study, f"batches of {batch}")
    print("all there")


def said(study: Study, done: str) -> None:
    """A line of progress."""
    print(f"{study.target}, network {study.network}: {done}", flush=True)


if __name__ == "__main__":
    store, *asked = sys.argv[1:] or [str(ROOT)]
    main(Path(store).resolve(), asked or TARGETS)
