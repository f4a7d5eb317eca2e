"""Fitting, resuming and testing."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from ecglens.models import InUnits, Regression
from pytorch_lightning.callbacks import ModelCheckpoint
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Sampler

pytestmark = [
    # Lightning's advice on speed; these ECGs are made in no time.
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*`isinstance.treespec, LeafSpec.` is deprecated"),
]

N, TIME = 48, 40


class Ecgs(NamedTuple):
    x: Tensor
    y: Tensor
    record: list[str]


class Amplitudes(Dataset[int]):
    """Noise in µV; the target is the mean of lead 4 over a fixed window, in its own unit."""

    def __init__(self, targets: int = 1) -> None:
        generator = torch.Generator().manual_seed(0)
        self.x = 1000 * torch.randn(N, 12, TIME, generator=generator)
        mean = self.x[:, 4, 10:20].mean(-1)
        self.y = torch.stack([400 + (index + 1) * mean / 10 for index in range(targets)], dim=1)

    def __len__(self) -> int:
        return N

    def __getitem__(self, index: int) -> int:
        return index

    def batch(self, indices: list[int]) -> Ecgs:
        return Ecgs(self.x[indices], self.y[indices], [f"ecg {index}" for index in indices])


class ByEpoch(Sampler[int]):
    """Another order in every epoch, the same whenever that epoch is run."""

    def __init__(self) -> None:
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.epoch)
        return iter(torch.randperm(N, generator=generator).tolist())

    def __len__(self) -> int:
        return N


def loader(data: Amplitudes, sampler: Sampler[int] | None = None) -> DataLoader:
    return DataLoader(data, batch_size=10, sampler=sampler, collate_fn=data.batch)


def module(
    data: Amplitudes, schedule: str = "one_cycle", lr: float = 3e-2, dropout: float = 0.0
) -> Regression:
    torch.manual_seed(0)
    targets = data.y.shape[1]
    body = nn.Sequential(
        nn.Conv1d(12, 4, 5),
        nn.BatchNorm1d(4),
        nn.ReLU(),
        nn.Sequential(nn.Flatten(), nn.Dropout(dropout)),
        nn.Linear(4 * (TIME - 4), targets),
    )
    net = InUnits(body, y_mean=data.y.mean(0).tolist(), y_sd=data.y.std(0).tolist())
    return Regression(net, lr=lr, schedule=schedule)


class KilledError(Exception):
    """The end of a fit that was not to end yet."""


class KillAt(pl.Callback):
    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Ecgs, batch_idx: int
    ) -> None:
        if trainer.current_epoch == self.epoch and batch_idx == 3:
            raise KilledError


def trainer(epochs: int, folder: Path | None = None, kill_at: int = -1) -> pl.Trainer:
    last = ModelCheckpoint(
        dirpath=folder, filename="last", enable_version_counter=False, save_on_train_epoch_end=True
    )
    return pl.Trainer(
        accelerator="cpu",
        devices=1,
        max_epochs=epochs,
        logger=False,
        callbacks=[last, KillAt(kill_at)] if folder else [],
        enable_checkpointing=folder is not None,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def fit(module: Regression, data: Amplitudes, folder: Path, kill_at: int = -1) -> pl.Trainer:
    last = folder / "last.ckpt"
    run = trainer(epochs=4, folder=folder, kill_at=kill_at)
    train, val = loader(data, ByEpoch()), loader(data)
    run.fit(module, train, val, ckpt_path=last if last.exists() else None)
    return run


@pytest.mark.parametrize("schedule", ["one_cycle", "plateau"])
def test_fitting_learns_what_can_be_learnt(schedule: str, tmp_path: Path) -> None:
    data = Amplitudes()
    fitted = module(data, schedule)
    before = trainer(1).validate(fitted, loader(data), verbose=False)[0]
    run = fit(fitted, data, tmp_path)
    assert run.callback_metrics["val/mae"] < 0.5 * before["val/mae"]
    assert run.callback_metrics["val/r2"] > 0.7


def state(run: pl.Trainer) -> dict[str, object]:
    """Where the schedule of a fit stands."""
    return run.lr_scheduler_configs[0].scheduler.state_dict()


# Lightning looks at the folder of checkpoints; what lies there is what the fit goes on from.
@pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty")
@pytest.mark.parametrize("schedule", ["one_cycle", "plateau"])
def test_a_fit_that_was_killed_goes_on_to_the_same_weights(schedule: str, tmp_path: Path) -> None:
    data = Amplitudes()
    whole = module(data, schedule)
    whole_run = fit(whole, data, tmp_path / "whole")
    with pytest.raises(KilledError):
        fit(module(data, schedule), data, tmp_path / "killed", kill_at=2)
    resumed = module(data, schedule)
    nn.init.zeros_(resumed.net.get_parameter("body.4.weight"))  # must come from the checkpoint
    run = fit(resumed, data, tmp_path / "killed")
    assert run.global_step == 4 * 5
    assert state(run) == state(whole_run)
    for name, value in whole.net.state_dict().items():
        assert torch.equal(resumed.net.state_dict()[name], value), name


@pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty")
def test_a_killed_fit_with_dropout_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    data = Amplitudes()
    whole = module(data, dropout=0.3)
    fit(whole, data, tmp_path / "whole")
    with pytest.raises(KilledError):
        fit(module(data, dropout=0.3), data, tmp_path / "killed", kill_at=1)
    resumed = module(data, dropout=0.3)
    torch.manual_seed(9)  # whatever else was drawn in this process
    fit(resumed, data, tmp_path / "killed")
    for name, value in whole.net.state_dict().items():
        assert torch.equal(resumed.net.state_dict()[name], value), name


def test_dropout_follows_the_seed_and_draws_nothing_from_the_shared_stream(tmp_path: Path) -> None:
    data, weights, streams = Amplitudes(), [], []
    for run, (seed, dropout) in enumerate([(0, 0.3), (0, 0.3), (1, 0.3), (0, 0.0)]):
        fitted = module(data, dropout=dropout)
        fitted.seed = seed
        fit(fitted, data, tmp_path / str(run))
        weights.append(fitted.net.get_parameter("body.4.weight").detach())
        streams.append(torch.rand(1))  # the loaders have drawn from it, and nobody else
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert not torch.equal(weights[0], weights[3])
    assert len({number.item() for number in streams}) == 1


# Lightning's own remark on a loader without ECGs.
@pytest.mark.filterwarnings("ignore:Total length of `DataLoader` across ranks is zero")
def test_a_plateau_without_validation_is_refused_in_one_line_before_the_first_step() -> None:
    data = Amplitudes()
    empty = DataLoader(data, batch_size=10, sampler=[], collate_fn=data.batch)
    fresh = module(data, "plateau")
    before = fresh.net.get_parameter("body.4.weight").detach().clone()
    with pytest.raises(ValueError, match=r"fit.schedule=plateau .* got 0 validation batches") as no:
        trainer(2).fit(fresh, loader(data), empty)
    assert "\n" not in str(no.value)
    assert torch.equal(fresh.net.get_parameter("body.4.weight"), before)
    seldom = trainer(2)
    seldom.check_val_every_n_epoch = 2
    with pytest.raises(ValueError, match="after every 2 epochs"):
        seldom.fit(module(data, "plateau"), loader(data), loader(data))
    trainer(1).fit(module(data, "one_cycle"), loader(data), empty)


def test_a_checkpoint_holds_nothing_but_weights_and_plain_values(tmp_path: Path) -> None:
    data = Amplitudes()
    fitted = module(data)
    fit(fitted, data, tmp_path)
    path = tmp_path / "last.ckpt"
    stored = torch.load(path, weights_only=True)
    assert stored["hyper_parameters"] == {"lr": 3e-2, "schedule": "one_cycle", "seed": 0}
    fresh = Regression.load_from_checkpoint(path, net=module(data).net, weights_only=True)
    torch.testing.assert_close(fresh.eval()(data.x), fitted.eval()(data.x))


@pytest.mark.parametrize("targets", [1, 2])
def test_logged_errors_equal_their_definitions(targets: int) -> None:
    data = Amplitudes(targets)
    fresh = module(data)
    logged = trainer(1).test(fresh, loader(data), verbose=False)[0]
    with torch.no_grad():
        error = (fresh.eval()(data.x) - data.y).double().numpy()
    y = data.y.double().numpy()
    expected = {
        "mae": np.abs(error).mean(0),
        "rmse": np.sqrt((error**2).mean(0)),
        "bias": error.mean(0),
        "r2": 1 - (error**2).sum(0) / ((y - y.mean(0)) ** 2).sum(0),
    }
    names = {f"test/{name}{'' if targets == 1 else '/1'}": name for name in expected}
    for logged_name, name in names.items():
        assert logged[logged_name] == pytest.approx(expected[name][-1], rel=1e-5)
    assert len(logged) == 4 * targets


def test_the_validation_loss_is_the_mean_squared_error_of_the_standardised_targets() -> None:
    data = Amplitudes(targets=2)
    fresh = module(data)
    logged = trainer(1).validate(fresh, loader(data), verbose=False)[0]
    with torch.no_grad():
        error = (fresh.eval()(data.x) - data.y) / fresh.net.y_sd
    assert logged["val/loss"] == pytest.approx(float(error.square().mean()), rel=1e-5)


def test_the_plateau_schedule_halves_after_ten_epochs_without_improvement() -> None:
    data = Amplitudes()
    fresh = module(data, "plateau", lr=8e-3)
    setup = fresh.configure_optimizers()
    scheduler, optimizer = setup["lr_scheduler"]["scheduler"], setup["optimizer"]
    assert setup["lr_scheduler"]["monitor"] == "val/loss"
    rates = []
    for _ in range(25):
        scheduler.step(1.0)
        rates.append(optimizer.param_groups[0]["lr"])
    # The first epoch is the best so far; ten more without improvement are borne, the next is not.
    assert rates[:11] == [8e-3] * 11
    assert rates[11:22] == [4e-3] * 11
    assert rates[22:] == [2e-3] * 3


def test_the_cycle_rises_to_the_given_rate_and_ends_near_zero(tmp_path: Path) -> None:
    data = Amplitudes()
    rates = []

    class Watch(pl.Callback):
        def on_train_batch_start(
            self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Ecgs, batch_idx: int
        ) -> None:
            rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    run = trainer(epochs=4)
    run.callbacks.append(Watch())  # pyright: ignore[reportAttributeAccessIssue]
    run.fit(module(data, lr=1e-2), loader(data, ByEpoch()), loader(data))
    assert len(rates) == 20
    assert max(rates) == pytest.approx(1e-2, rel=1e-2)
    assert rates[-1] < 1e-4


def test_an_unknown_schedule_is_refused() -> None:
    with pytest.raises(ValueError, match="expected schedule one_cycle or plateau, got 'cosine'"):
        module(Amplitudes(), "cosine")
