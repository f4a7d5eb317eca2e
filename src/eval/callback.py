"""Explain and score a network when its test ends."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pytorch_lightning as pl
import torch
from torch import nn

from ..explain import Method
from ..models import network_key
from ..store import Store
from .curves import Result
from .evaluations.perturbation.score import score
from .protocol import DEFAULT, Protocol
from .ranking.ranking import rank


class AttributionCallback(pl.Callback):
    """Scores every method on `n_ecgs` test ECGs, logs the AUCs and hands the result on.

    The data module is an EcgData, the module has a `net` from µV to the target's unit. Each of
    `publish` is called with the Result; drawing it is left to them.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        protocol: Protocol = DEFAULT,
        n_ecgs: int = 64,
        seed: int = 0,
        store: Store | None = None,
        gallery: int = 6,
        publish: Sequence[Callable[[Result], object]] = (),
    ) -> None:
        if n_ecgs < 2:
            raise ValueError(f"expected at least 2 ECGs to rank methods on, got {n_ecgs}")
        self.methods = methods
        self.protocol = protocol
        self.n_ecgs = n_ecgs
        self.seed = seed
        self.store = store
        self.gallery = gallery
        self.publish = publish
        self.result: Result | None = None

    def on_test_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Score on rank zero; `result` holds the outcome afterwards."""
        if not trainer.is_global_zero:
            return
        data = trainer.datamodule  # pyright: ignore[reportAttributeAccessIssue]
        if data is None:
            raise ValueError("expected trainer.test(module, datamodule=…), got no data module")
        # Lightning tests without gradients, and tensors made in inference mode never get any.
        with torch.inference_mode(False), torch.enable_grad():
            self.result = self._result(trainer, cast(nn.Module, pl_module.net), data)
        table = rank(self.result).table
        aucs = {
            f"auc/{self.protocol.name}/{name}": float(auc)
            for name, auc in zip(table["method"], table["auc"], strict=True)
        }
        # Loggers keep what they get in memory for a while: the result is on disk before that.
        for publish in self.publish:
            publish(self.result)
        for logger in trainer.loggers:
            logger.log_metrics(aucs, step=trainer.global_step)

    def _result(self, trainer: pl.Trainer, net: nn.Module, data: Any) -> Result:
        ecgs = data.test_batch(self.n_ecgs)
        patients = data.patients_of(ecgs.record)
        if len({*patients}) < 2:
            raise ValueError(
                "expected test ECGs of at least 2 patients to rank methods on, "
                f"got {len(patients)} of {len({*patients})}"
            )
        scores = score(
            net,
            ecgs,
            self.methods,
            self.protocol,
            target=data.target.index,
            seed=self.seed,
            store=self.store,
            gallery=self.gallery,
            patients=patients,
            background=data.background,
            reads=data.target,
        )
        fit = {
            name.removeprefix("test/"): float(value)
            for name, value in trainer.callback_metrics.items()
            if name.startswith("test/")
        }
        return Result(
            target=data.target,
            input=data.input,
            network=network_key(net, (ecgs.x.shape[1], ecgs.x.shape[2])),
            scores=scores,
            facts={**data.facts, "fit": fit},
        )
