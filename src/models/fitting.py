"""Fitting a network to measurements or classes: optimiser, schedules, random numbers, logs."""

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from math import inf
from numbers import Real
from typing import Any, Protocol, runtime_checkable

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau
from torchmetrics import Metric, MetricCollection

from ..engine import generator, torch_seeded
from .errors import ClassErrors, regression_errors
from .start import head_of
from .units import InUnits

Outputs = Float[Tensor, "batch target"]


@runtime_checkable
class LabelledEcgs(Protocol):
    """A batch of ECGs with their labels."""

    @property
    def x(self) -> Float[Tensor, "batch lead time"]:
        """ECGs in µV."""
        ...

    @property
    def y(self) -> Outputs:
        """Labels in the target's unit."""
        ...


class Fitting(pl.LightningModule):
    """Fits `net` with Adam; a subclass gives the loss and the logged errors.

    Logs train/loss, val/loss and the subclass's errors as val/… and test/…; with several targets
    each name ends on the target's among `names` (its index unless they are set): val/mae/0.

    `schedule` is "one_cycle" (up to `lr` and down again over the epochs of the trainer; Smith
    2019) or "plateau" (halved after 10 epochs without improvement of val/loss; Storås 2025).

    Dropout and the like draw by (seed, epoch, step, rank): a fit resumed from a checkpoint draws
    the numbers that it would have drawn. torch's own stream is left as it was.

    `body_lr` is the learning rate of all layers but the last, as a share of `lr`. With 0 they stay
    as they are, the means and variances of BatchNorm too.
    """

    def __init__(
        self,
        net: InUnits,
        lr: float = 4e-3,
        schedule: str = "one_cycle",
        seed: int = 0,
        body_lr: float = 1.0,
    ) -> None:
        super().__init__()
        if not isinstance(lr, Real) or not 0 < lr < inf:
            raise ValueError(f"expected lr above 0, got {lr!r}")
        if not isinstance(body_lr, Real) or not 0 <= body_lr < inf:
            raise ValueError(f"expected body_lr of 0 or above, got {body_lr!r}")
        if schedule not in ("one_cycle", "plateau"):
            raise ValueError(f"expected schedule one_cycle or plateau, got {schedule!r}")
        self.save_hyperparameters({"lr": lr, "schedule": schedule, "seed": seed})
        self.net = net
        self.lr = lr
        self.schedule = schedule
        self.seed = seed
        self.body_lr = body_lr
        self.last = head_of(net, "leave body_lr at 1") if body_lr != 1 else ()
        self.names = tuple(map(str, range(len(net.y_mean))))
        self.val_errors = self.errors(len(net.y_mean))
        self.test_errors = self.errors(len(net.y_mean))
        self.tested: list[tuple[Tensor, Tensor]] = []  # labels and outputs, batch by batch

    @abstractmethod
    def errors(self, targets: int) -> Metric | MetricCollection:
        """Errors that are logged, for this number of targets."""

    @abstractmethod
    def loss(self, predicted: Outputs, y: Outputs) -> Tensor:
        """Loss that is minimised."""

    @abstractmethod
    def loss_of(self, errors: Mapping[str, Tensor]) -> Tensor:
        """Loss over all ECGs of these errors."""

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Outputs:
        """Predictions in the target's unit, for ECGs in µV."""
        return self.net(x)

    def on_train_start(self) -> None:
        """Raise ValueError for a plateau schedule without a validation after every epoch."""
        every, batches = self.trainer.check_val_every_n_epoch, sum(self.trainer.num_val_batches)
        if self.schedule == "plateau" and (every != 1 or not batches):
            raise ValueError(
                "expected for fit.schedule=plateau a validation after every epoch, got "
                f"{batches} validation batches after every {every} epochs; give more ECGs or a "
                "larger data.split.val, or choose fit.schedule=one_cycle"
            )

    def training_step(self, batch: LabelledEcgs, batch_idx: int) -> Tensor:
        """Loss of a batch; ValueError for outputs without a gradient, and NaN or infinite ones."""
        if self.body_lr == 0:
            self.net.eval()  # BatchNorm as it was, no dropout; nothing of this is in a last layer
        with self._random_numbers_of(batch_idx):
            predicted = self(batch.x)
            if not batch_idx:  # once an epoch: each look waits for the device
                _finite(predicted, "training")
            loss = self.loss(predicted, batch.y)
        if not loss.requires_grad:
            raise ValueError(
                "expected outputs that depend on weights that learn, got outputs without a "
                "gradient; look for detach(), argmax and torch.inference_mode()"
            )
        self.log("train/loss", loss, on_step=True, on_epoch=False)
        return loss

    def _random_numbers_of(self, step: int) -> AbstractContextManager[None]:
        # Not once an epoch: loaders draw from torch's stream too, and more often in a fit that is
        # resumed than in one that is not.
        stream = generator(self.seed, "fit", self.current_epoch, step, self.global_rank)
        return torch_seeded(stream.initial_seed(), self.device)

    def on_validation_epoch_start(self) -> None:
        """Forget the batches of an earlier or interrupted epoch."""
        _reset(self.val_errors)

    def on_test_epoch_start(self) -> None:
        """Forget the batches of an earlier or interrupted test."""
        _reset(self.test_errors)
        self.tested.clear()

    def validation_step(self, batch: LabelledEcgs, batch_idx: int) -> None:
        """Add a batch to val/…; ValueError for outputs that are not finite."""
        self.val_errors.update(_finite(self(batch.x), "validation").double(), batch.y.double())

    def test_step(self, batch: LabelledEcgs, batch_idx: int) -> None:
        """Add a batch to test/…; ValueError for outputs that are not finite."""
        predicted = _finite(self(batch.x), "test").double()
        self.test_errors.update(predicted, batch.y.double())
        self.tested.append((batch.y.double().cpu(), predicted.cpu()))

    def on_validation_epoch_end(self) -> None:
        errors = self.val_errors.compute()
        self.log("val/loss", self.loss_of(errors).float(), prog_bar=True, sync_dist=True)
        self._log_errors("val", errors)

    def on_test_epoch_end(self) -> None:
        self._log_errors("test", self.test_errors.compute())

    def _log_errors(self, part: str, errors: dict[str, Tensor]) -> None:
        for name, values in errors.items():
            for index, value in enumerate(values.flatten()):
                several = f"/{self.names[index]}" if values.numel() > 1 else ""
                self.log(f"{part}/{name}{several}", value.float(), sync_dist=True)

    def on_train_epoch_end(self) -> None:
        """Step the plateau schedule, before a checkpoint of this epoch is written.

        Lightning would step it afterwards, and a fit resumed from the checkpoint would have lost
        the epoch.
        """
        schedule = self.lr_schedulers()
        if isinstance(schedule, ReduceLROnPlateau):
            schedule.step(float(self.trainer.callback_metrics["val/loss"]))

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        """Step every schedule but the plateau one, which on_train_epoch_end steps."""
        if not isinstance(scheduler, ReduceLROnPlateau):
            super().lr_scheduler_step(scheduler, metric)

    def setup(self, stage: str) -> None:
        """Freeze all layers but the last for a body_lr of 0; ValueError if no weights learn.

        Before several devices begin, which wait for the gradients of all weights that learn then.
        """
        if stage != "fit":
            return
        for name, each in self.net.body.named_parameters():
            each.requires_grad_(each.requires_grad and (self.body_lr != 0 or name in self.last))
        if not any(each.requires_grad for each in self.parameters()):
            raise ValueError(
                f"expected a model with weights that learn, got a {type(self.net.body).__name__} "
                "with none; requires_grad_() lets them"
            )

    def configure_optimizers(self) -> Any:
        """Adam with the schedule of the constructor."""
        rates: dict[float, list[Tensor]] = {self.lr * self.body_lr: [], self.lr: []}
        for name, each in self.net.body.named_parameters():
            rates[self.lr if name in self.last else self.lr * self.body_lr].append(each)
        groups = [{"params": each, "lr": rate} for rate, each in rates.items() if rate > 0]
        optimizer = torch.optim.Adam(groups)
        if self.schedule == "plateau":
            scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=10)
            return {
                "optimizer": optimizer,
                "lr_scheduler": {"scheduler": scheduler, "monitor": "val/loss"},
            }
        steps = int(self.trainer.estimated_stepping_batches)
        cycle = OneCycleLR(optimizer, [each["lr"] for each in groups], total_steps=steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": cycle, "interval": "step"}}


def _finite(predicted: Tensor, part: str) -> Tensor:
    if wrong := int((~predicted.isfinite()).any(1).sum()):
        raise ValueError(
            f"expected finite outputs for {part} ECGs, got NaN or infinity for {wrong} of "
            f"{len(predicted)}; leave these ECGs out, mend the network, or fit with a lower lr"
        )
    return predicted


def _reset(errors: Metric | MetricCollection) -> None:
    # Sums made in inference mode could not be added to outside it.
    with torch.inference_mode(False):
        errors.reset()


class Regression(Fitting):
    """Fits `net` to the standardised target; see Fitting.

    Logs mae, rmse, bias (mean error) and r2 in the target's unit.
    """

    def errors(self, targets: int) -> MetricCollection:
        return regression_errors(targets)

    def loss(self, predicted: Outputs, y: Outputs) -> Tensor:
        return mse_loss(self.net.standardised(predicted), self.net.standardised(y))

    def loss_of(self, errors: Mapping[str, Tensor]) -> Tensor:
        return ((errors["rmse"] / self.net.y_sd) ** 2).mean()


class Classification(Fitting):
    """Fits `net`, whose outputs are the log-odds (logits) of classes; see Fitting.

    A label is 1, 0 or NaN, which is unknown and left out of the loss. Logs the measures of
    `class_errors`. All classes and labels have equal weight.
    Raises ValueError for outputs that are scaled or shifted.
    """

    def __init__(self, net: InUnits, *args: Any, **settings: Any) -> None:
        if net.y_mean.any() or (net.y_sd != 1).any():
            raise ValueError(
                "expected outputs that are logits (y_mean 0, y_sd 1), "
                f"got y_mean {net.y_mean.tolist()} and y_sd {net.y_sd.tolist()}"
            )
        super().__init__(net, *args, **settings)

    def errors(self, targets: int) -> ClassErrors:
        return ClassErrors()

    def loss(self, predicted: Outputs, y: Outputs) -> Tensor:
        """Mean binary cross-entropy of the logits over the known labels, 0 where none is known."""
        known = ~y.isnan()
        each = binary_cross_entropy_with_logits(predicted, y.nan_to_num(), reduction="none")
        return (each * known).sum() / known.sum().clamp(min=1)

    def loss_of(self, errors: Mapping[str, Tensor]) -> Tensor:
        known = errors["positive"] + errors["negative"]
        return (errors["cross_entropy"].nan_to_num() * known).sum() / known.sum().clamp(min=1)
