"""Fitting any network to ECGs: optimiser, schedules, random numbers, and what is logged."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau
from torchmetrics import Metric, MetricCollection

from ..engine import generator
from .units import InUnits


@runtime_checkable
class Batch(Protocol):
    """A batch of ECGs with their labels."""

    @property
    def x(self) -> Float[Tensor, "batch lead time"]:
        """ECGs in µV."""
        ...

    @property
    def y(self) -> Float[Tensor, "batch target"]:
        """Labels in the target's unit."""
        ...


class Fitting(pl.LightningModule):
    """Fits `net` with Adam; what is minimised and logged is a subclass's own.

    Logs train/loss, val/loss and the subclass's errors as val/… and test/…; with several targets
    each name ends on the target's among `names` (its index unless they are set): val/mae/0.

    `schedule` is "one_cycle" (up to `lr` and down again over the epochs of the trainer; Smith
    2019) or "plateau" (halved after 10 epochs without improvement of val/loss; Storås 2025).

    Dropout and the like draw by (seed, epoch, step, rank): a fit which goes on from a checkpoint
    draws what it would have drawn. torch's own stream is left as it was.
    """

    def __init__(
        self,
        net: InUnits,
        lr: float = 4e-3,
        schedule: str = "one_cycle",
        seed: int = 0,
    ) -> None:
        super().__init__()
        if schedule not in ("one_cycle", "plateau"):
            raise ValueError(f"expected schedule one_cycle or plateau, got {schedule!r}")
        self.save_hyperparameters({"lr": lr, "schedule": schedule, "seed": seed})
        self.net = net
        self.lr = lr
        self.schedule = schedule
        self.seed = seed
        self.names = tuple(map(str, range(len(net.y_mean))))
        self.val_errors = self.errors(len(net.y_mean))
        self.test_errors = self.errors(len(net.y_mean))

    @abstractmethod
    def errors(self, targets: int) -> Metric | MetricCollection:
        """What is logged of predictions and labels of so many targets."""

    @abstractmethod
    def loss(
        self, predicted: Float[Tensor, "batch target"], y: Float[Tensor, "batch target"]
    ) -> Tensor:
        """What is minimised."""

    @abstractmethod
    def loss_of(self, errors: Mapping[str, Tensor]) -> Tensor:
        """The loss over everything that went into these errors."""

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """Predictions in the target's unit of ECGs in µV."""
        return self.net(x)

    def on_train_start(self) -> None:
        """Raise ValueError for a plateau schedule that no validation tells how the fit stands."""
        every, batches = self.trainer.check_val_every_n_epoch, sum(self.trainer.num_val_batches)
        if self.schedule == "plateau" and (every != 1 or not batches):
            raise ValueError(
                "expected for fit.schedule=plateau a validation after every epoch, got "
                f"{batches} validation batches after every {every} epochs; give more ECGs or a "
                "larger data.split.val, or choose fit.schedule=one_cycle"
            )

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of a batch."""
        with self._random_numbers_of(batch_idx):
            loss = self.loss(self(batch.x), batch.y)
        self.log("train/loss", loss, on_step=True, on_epoch=False)
        return loss

    @contextmanager
    def _random_numbers_of(self, step: int) -> Iterator[None]:
        # Not once an epoch: loaders draw from torch's stream too, and more often in a fit that
        # goes on than in one that does not.
        stream = generator(self.seed, "fit", self.current_epoch, step, self.global_rank)
        on_gpu = self.device.type == "cuda"
        with torch.random.fork_rng([self.device] if on_gpu else [], device_type="cuda"):
            # torch.manual_seed would also touch the streams of GPUs that this fit does not use.
            torch.default_generator.manual_seed(stream.initial_seed())
            if on_gpu:
                torch.cuda.manual_seed(stream.initial_seed())
            yield

    def on_validation_epoch_start(self) -> None:
        """Forget what an earlier or interrupted epoch added."""
        _reset(self.val_errors)

    def on_test_epoch_start(self) -> None:
        """Forget what an earlier or interrupted test added."""
        _reset(self.test_errors)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Add a batch to val/…."""
        self.val_errors.update(self(batch.x).double(), batch.y.double())

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """Add a batch to test/…."""
        self.test_errors.update(self(batch.x).double(), batch.y.double())

    def on_validation_epoch_end(self) -> None:
        """Log val/…."""
        errors = self.val_errors.compute()
        self.log("val/loss", self.loss_of(errors).float(), prog_bar=True, sync_dist=True)
        self._log_errors("val", errors)

    def on_test_epoch_end(self) -> None:
        """Log test/…."""
        self._log_errors("test", self.test_errors.compute())

    def _log_errors(self, part: str, errors: dict[str, Tensor]) -> None:
        for name, values in errors.items():
            for index, value in enumerate(values.flatten()):
                several = f"/{self.names[index]}" if values.numel() > 1 else ""
                self.log(f"{part}/{name}{several}", value.float(), sync_dist=True)

    def on_train_epoch_end(self) -> None:
        """Step the plateau schedule, before a checkpoint of this epoch is written.

        Lightning would step it afterwards, and a fit that goes on from the checkpoint would have
        lost the epoch.
        """
        schedule = self.lr_schedulers()
        if isinstance(schedule, ReduceLROnPlateau):
            schedule.step(float(self.trainer.callback_metrics["val/loss"]))

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        """As Lightning does, but for the plateau schedule, which on_train_epoch_end steps."""
        if not isinstance(scheduler, ReduceLROnPlateau):
            super().lr_scheduler_step(scheduler, metric)

    def configure_optimizers(self) -> Any:
        """Adam with the schedule of the constructor."""
        optimizer = torch.optim.Adam(self.parameters(), lr=self.lr)
        if self.schedule == "plateau":
            scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=10)
            return {
                "optimizer": optimizer,
                "lr_scheduler": {"scheduler": scheduler, "monitor": "val/loss"},
            }
        steps = int(self.trainer.estimated_stepping_batches)
        cycle = OneCycleLR(optimizer, self.lr, total_steps=steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": cycle, "interval": "step"},
        }


def _reset(errors: Metric | MetricCollection) -> None:
    # Sums made in inference mode could not be added to outside it.
    with torch.inference_mode(False):
        errors.reset()
