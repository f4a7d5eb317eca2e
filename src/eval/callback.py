"""Explain and score a network when its test ends."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities import rank_zero_info
from torch import nn

from ..explain import Method, left_out_notes
from ..store import Store
from .evaluation import Evaluation
from .evaluations.perturbation import DEFAULT_PERTURBATION
from .finding import Finding, fit_of, numbers
from .subject import Networks, subject_of, temporary_store


class AttributionCallback(pl.Callback):
    """Makes an evaluation on `ecgs` test ECGs, logs its numbers and keeps the finding.

    The data module is an EcgData, the module has a `net` from µV to the target's unit. Each of
    `publish` is called with the finding; drawing it is left to them.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        evaluation: Evaluation = DEFAULT_PERTURBATION,
        ecgs: int = 64,
        seed: int = 0,
        store: Store | None = None,
        publish: Sequence[Callable[[Finding], object]] = (),
    ) -> None:
        if ecgs < 2:
            raise ValueError(f"expected at least 2 ECGs to rank methods on, got {ecgs}")
        evaluation.check_described()
        self.methods = methods
        self.evaluation = evaluation
        self.ecgs = ecgs
        self.seed = seed
        self.store = store or temporary_store()
        self.publish = publish
        self.finding: Finding | None = None

    def on_test_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Evaluate on rank zero; `finding` holds the outcome afterwards."""
        if not trainer.is_global_zero:
            return
        data = trainer.datamodule  # pyright: ignore[reportAttributeAccessIssue]
        if data is None:
            raise ValueError("expected trainer.test(module, datamodule=…), got no data module")
        networks = Networks([cast(nn.Module, pl_module.net)], facts=[{"fit": fit_of(trainer)}])
        subject = subject_of(data, self.methods, self.ecgs, self.seed, self.store)
        self.evaluation.check(lambda: subject)
        # Lightning tests without gradients, and tensors made in inference mode never get any.
        with torch.inference_mode(False), torch.enable_grad():
            self.finding = self.evaluation(networks, subject)
        # Loggers keep what they get in memory for a while: the finding is on disk before that.
        for publish in self.publish:
            publish(self.finding)
        for logger in trainer.loggers:
            logger.log_metrics(numbers(self.finding), step=trainer.global_step)
        for line in (self.finding.sentence, *remarks(self.finding)):
            rank_zero_info(line)


def remarks(finding: Finding) -> tuple[str, ...]:
    """Notes of a finding and its networks, and each method that was left out with the reason."""
    left_out = [note for curves in finding.curves for note in left_out_notes(curves.left_out)]
    return tuple(dict.fromkeys([*finding.notes, *left_out]))
