"""Weights after two steps of a fit: stored networks are kept under NETWORK's version."""

from typing import NamedTuple

import pytest
import pytorch_lightning as pl
import torch
from ecglens.ecg import draw_exact, exact_beat
from ecglens.models import InUnits, Regression, SmallResNet
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

STEPS, BATCH = 2, 4
# The same code differed by up to 4.8e-5 between an Intel Xeon and an AMD EPYC.
ROUNDING = 1e-4
# fmt: off
GOLDEN = {
    "one_cycle": [
        0.996753, 0.996753, 0.996753, 0.811794, 0.815183, 0.812122, 0.145505, -0.137032, 0.157924,
        0.096753,
    ],
    "plateau": [
        0.996653, 0.99215, 0.997359, 0.812065, 0.81515, 0.812425, 0.145899, -0.135686, 0.15865,
        0.096769,
    ],
}
# fmt: on


class Ecgs(NamedTuple):
    x: Tensor
    y: Tensor


class ExactBeats(Dataset[int]):
    """Exact median beats in µV and their PR in ms."""

    def __init__(self) -> None:
        drawn = [draw_exact(0, index) for index in range(STEPS * BATCH)]
        self.x = torch.stack([torch.from_numpy(exact_beat(one).signal) for one in drawn])
        self.y = torch.tensor([[one.labels["pr"]] for one in drawn])

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> int:
        return index

    def loader(self) -> DataLoader:
        return DataLoader(
            self, batch_size=BATCH, collate_fn=lambda rows: Ecgs(self.x[rows], self.y[rows])
        )


def fixed_network() -> InUnits:
    """Weights from a formula, so that no library's random numbers are in them."""
    net = InUnits(SmallResNet(), y_mean=165.0, y_sd=20.0)
    for name, value in net.named_parameters():
        if value.ndim > 1:
            wave = torch.sin(1 + 3 * torch.arange(value.numel(), dtype=torch.float64) ** 1.1)
            value.data = (wave / value[0].numel() ** 0.5).float().view(value.shape)
        else:
            value.data.fill_(1.0 if name.endswith("weight") else 0.1)
    return net


def weights_after_two_steps(schedule: str) -> list[float]:
    """Those of the last layers whose gradients stand high above the rounding of any machine.

    Adam makes steps of one size of whatever gradient there is, also of rounding: weights of the
    last convolution differed by 4e-4 between two processors.
    """
    data = ExactBeats()
    module = Regression(fixed_network(), lr=4e-3, schedule=schedule)
    trainer = pl.Trainer(
        accelerator="cpu",
        devices=1,
        max_epochs=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(module, data.loader(), data.loader())
    # Two steps hardly feel these.
    adam = trainer.optimizers[0].param_groups[0]
    assert (adam["betas"][1], adam["eps"], adam["weight_decay"]) == (0.999, 1e-8, 0)
    body = module.net.body
    return [
        *body.get_parameter("blocks.2.norm2.weight")[:3].tolist(),
        *body.get_buffer("norm.running_var")[:3].tolist(),
        *body.get_parameter("head.weight")[0, :3].tolist(),
        *body.get_parameter("head.bias").tolist(),
    ]


# Lightning's advice on speed; these ECGs are made in no time.
@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:The number of training batches")
@pytest.mark.filterwarnings("ignore:.*`isinstance.treespec, LeafSpec.` is deprecated")
@pytest.mark.parametrize("schedule", ["one_cycle", "plateau"])
def test_a_fit_s_numbers_change_only_with_the_version_of_networks(schedule: str) -> None:
    found = weights_after_two_steps(schedule)
    assert found == pytest.approx(GOLDEN[schedule], rel=0, abs=ROUNDING), (
        "a fit gives other weights: raise NETWORK's version (src/jobs/networks.py), write here "
        f"GOLDEN[{schedule!r}] = {[round(value, 6) for value in found]}"
    )
