"""Do heatmaps find cheating networks (docs/shortcuts.md)? python -m benchmarks.shortcuts [STORE].

Exact median beats, of which a network is to say whether T in V5 is high (above its median). In the
training ECGs of a cheating network a planted shortcut says the same without fail; in those of its
clean twin (same hearts, same weights to begin with, same order of batches) a coin decides where it
is. Six kinds of shortcut, six pairs each. Both are audited (eval.shortcuts) on the same new ECGs,
where a coin decides, by nine methods and the controls.

The rule that decides, written down before the first run:

1. A network counts as cheating when, on those new ECGs, its output tells where the shortcut is with
   an AUROC of at least 0.75 (halfway from chance to certainty), as clean at most 0.65. Others are
   counted and left out; a kind with fewer than 3 of either is not judged.
2. A network's score by a method and a measure is the mean share over ECGs. The AUROC of cheating
   against clean networks by this score is what detection means; above 0.5 the cheating have more.
   A method finds a kind when its AUROC by the measure meant for that kind (MEANT) is at least 0.9:
   with six against six chance does so once in a hundred times. ECG by ECG the AUROC stands beside.
3. The flag of the audit is judged by itself: the share of cheating networks that are flagged at the
   measure meant, and of clean ones that are (false alarms), and of clean ones flagged anywhere.
4. What clean networks have is the mean over all clean twins; it is shown, and changes no rule.

Everything is kept in STORE; stopped, the same command goes on. Ten minutes on one core.
"""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
import torch
from ecglens.eval.chunks import write_arrays
from ecglens.explain import attribute, find_all, with_controls
from ecglens.store import Step, Store
from ecglens_benchmark.planted import ECGS, EPOCHS, MEANT, NEW, Planted, world
from ecglens_metrics.shortcuts import Audit, audit

METHODS = (
    "saliency", "smoothgrad", "input_x_gradient", "deconvolution", "guided_backprop", "deeplift",
    "integrated_gradients", "gradient_shap", "guided_gradcam",
)  # fmt: skip
PAIRS = 6
AUDITED = 32
KEPT = Step("cheats", version=1)


@dataclass(frozen=True)
class Study:
    """One network: which shortcut its training ECGs have, whether it follows the label."""

    kind: str
    pair: int
    cheating: bool
    ecgs: int = ECGS
    epochs: int = EPOCHS
    audited: int = AUDITED

    def kept(self, store: Store) -> Path:
        """The folder with audit.npz and about.npz; made when it is missing."""
        return store.folder(KEPT, {**asdict(self), "methods": METHODS}, self._make)

    def _make(self, folder: Path) -> None:
        net = Planted(self.kind, self.pair, self.cheating, self.ecgs, self.epochs).fitted()
        x, y, present, segments = world(self.kind, NEW, self.audited, strength=0.0)
        maps = {
            name: attribute(method, net, x).numpy()
            for name, method in with_controls(find_all(METHODS)).items()
        }
        with torch.no_grad():
            logit = net(x)[:, 0].numpy()
        found = audit(maps, x.numpy(), segments)
        flat = {
            f"{measure} {method}": share
            for measure, by_method in found.shares.items()
            for method, share in by_method.items()
        }
        write_arrays(folder / "audit.npz", **flat)
        write_arrays(folder / "expected.npz", **found.expected)
        write_arrays(folder / "about.npz", logit=logit, y=y.numpy(), present=present)


def audit_of(folder: Path) -> Audit:
    """The audit that was kept."""
    shares: dict[str, dict[str, np.ndarray]] = {}
    with np.load(folder / "audit.npz") as kept:
        for key in kept.files:
            measure, method = key.split(" ")
            shares.setdefault(measure, {})[method] = kept[key]
    with np.load(folder / "expected.npz") as kept:
        return Audit(shares, {name: kept[name] for name in kept.files})


def studies(**changed: int) -> Iterator[Study]:
    """All networks."""
    for pair, kind, cheating in product(range(PAIRS), MEANT, (True, False)):
        yield Study(kind, pair, cheating, **changed)


def main(root: Path) -> None:
    """Train and audit whatever is missing, then print the tables."""
    from .shortcuts_tables import tables

    torch.set_num_threads(1)
    store = Store(root)
    for study in studies():
        study.kept(store)
        print(f"{study.kind}, pair {study.pair}, cheating {study.cheating}", file=sys.stderr)
    print(tables({study: study.kept(store) for study in studies()}))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "store").resolve())
