"""Do networks learn as well with the fast convolution: python -m benchmarks.validate_training.

Each seed fits two small networks from the same weights on the same batches, one with torch's own
convolutions. Rounding parts their weights within some hundred steps; what has to stay is the error
on ECGs that neither has seen.
"""

import tempfile
from pathlib import Path

import numpy as np
import pytorch_lightning as pl
import torch
from ecglens.datamodules import EcgData, Target
from ecglens.models import InUnits, Regression, SmallResNet
from ecglens.store import Store
from torch import nn

SEEDS = (0, 1, 2)
ECGS = 2000
EPOCHS = 5
PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"), waves=("P", "PQ"))


def validation_mae(seed: int, fast: bool, store: Store) -> float:
    """MAE of the PR interval (ms) on the validation part after the last epoch."""
    source = {"name": "exact", "n": ECGS, "noise_uv": 20.0}
    data = EcgData(source, "median", PR, batch_size=32, seed=seed, store=store)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        body = SmallResNet()
    if not fast:
        for module in body.modules():
            if isinstance(module, nn.Conv1d):
                module.__class__ = nn.Conv1d
    module = Regression(InUnits(body, data.y_mean, data.y_sd), seed=seed)
    trainer = pl.Trainer(
        max_epochs=EPOCHS,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(module, datamodule=data)
    (found,) = trainer.validate(module, datamodule=data, verbose=False)
    return found["val/mae"]


def main() -> None:
    """Print the errors of each seed and their paired difference."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        print(f"PR of {ECGS} exact ECGs, small network, {EPOCHS} epochs: validation MAE, ms")
        differences = []
        for seed in SEEDS:
            plain, fast = (validation_mae(seed, which, store) for which in (False, True))
            differences.append(fast - plain)
            print(f"seed {seed}: nn.Conv1d {plain:.3f}, FftConv1d {fast:.3f}", flush=True)
    print(f"difference {np.mean(differences):+.3f} ± {np.std(differences, ddof=1):.3f} (SD)")


if __name__ == "__main__":
    main()
