from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import pytorch_lightning as pl
import torch
from ecglens.datamodules import Batch, EcgData, Target
from ecglens.eval import AttributionCallback, Finding, Perturbation, Subject, score
from ecglens.explain import find
from pytorch_lightning.loggers import CSVLogger
from torch import nn
from torch.utils.data import DataLoader

from .networks import CONTROLS, Smooth, exact_ecgs

# Lightning's own: workers pay for no data set of two ECGs, and its use of torch's pytree is old.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),
]

QUICK = Perturbation("quick", unit="point", fill="noise", steps=5, draws=2, until=3, cutoffs=(2, 4))
METHODS = {"saliency": find("saliency"), "smoothgrad": find("smoothgrad", copies=2)}


class Module(pl.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.net: nn.Module = Smooth()

    def test_step(self, batch: Batch) -> None:
        error = (self.net(batch.x)[:, 0] - batch.y[:, 0]).abs().mean()
        self.log("test/mae", error, batch_size=len(batch.x))


class Data(pl.LightningDataModule):
    target = Target("t", "µV", "t", lead="V5")
    input = "median"
    y_sd = 100.0
    facts = {"excluded": [["ecg", "flat"]]}  # noqa: RUF012
    patients_of = EcgData.patients_of
    traits_of = EcgData.traits_of
    rr_ms_of = EcgData.rr_ms_of
    reasons_of = EcgData.reasons_of
    background = exact_ecgs(4, 16).x

    def __init__(self, patients: int = 8) -> None:
        super().__init__()
        # In another order than the test batch's, two ECGs a patient or more.
        ids = exact_ecgs(16).record[::-1]
        names = [f"p{place % patients}" for place in range(16)]
        table = pd.DataFrame({"id": ids, "patient": names, "rate": 60.0, "reasons": "{}"})
        self.prepared = SimpleNamespace(table=table)

    def test_batch(self, n: int) -> Batch:
        return exact_ecgs(n)

    def test_dataloader(self) -> DataLoader:
        return DataLoader(cast(Any, [0]), collate_fn=lambda _: exact_ecgs(2))


def run_test(folder, callback, data=None, **settings):
    trainer = pl.Trainer(
        accelerator="cpu", devices=1, callbacks=[callback], logger=CSVLogger(folder),
        enable_progress_bar=False, enable_model_summary=False, **settings,
    )  # fmt: skip
    module = Module()
    trainer.test(module, datamodule=data or Data(), verbose=False)
    return trainer, module


@pytest.mark.heavy
@pytest.mark.parametrize("inference_mode", [True, False])
def test_at_the_end_of_a_test_every_method_is_scored_logged_and_published(tmp_path, inference_mode):
    published = []
    own = AttributionCallback(
        METHODS, QUICK, ecgs=4, seed=3, publish=[published.append, published.append]
    )
    trainer, module = run_test(tmp_path, own, inference_mode=inference_mode)
    (finding, again) = published
    assert finding is again is own.finding
    assert isinstance(finding, Finding)
    assert (finding.about.target, finding.about.input) == (Data.target, "median")
    assert finding.facts["excluded"] == Data.facts["excluded"]
    assert finding.facts["fit"]["mae"] == pytest.approx(float(trainer.callback_metrics["test/mae"]))
    assert finding.about.patients == finding.curves[0].patients == ("p7", "p6", "p5", "p4")
    ours = score(module.net.eval(), Subject(exact_ecgs(4), METHODS, seed=3), QUICK.protocol)
    for name, curve in ours.predictions.items():
        assert np.allclose(curve, finding.curves[0].predictions[name], rtol=1e-5)
    logged = (tmp_path / "lightning_logs" / "version_0" / "metrics.csv").read_text()
    for name in (*METHODS, *CONTROLS):
        assert f"auc/quick/{name}" in logged


def test_what_a_reader_should_know_is_told_by_lightnings_logger(tmp_path, caplog):
    methods = {**METHODS, "again": find("saliency"), "guided": find("guided_backprop")}
    own = AttributionCallback(methods, QUICK, ecgs=2)
    with caplog.at_level("INFO", logger="pytorch_lightning"):
        run_test(tmp_path, own)
    assert own.finding is not None
    assert own.finding.sentence in caplog.messages
    assert any(line.startswith("saliency and again give the same maps") for line in caplog.messages)
    assert any(line.startswith("guided was left out: expected ReLU") for line in caplog.messages)


def test_the_network_leaves_the_callback_as_it_came(tmp_path):
    _, module = run_test(tmp_path, AttributionCallback(METHODS, QUICK, ecgs=2))
    fresh = Smooth().state_dict()
    assert all(torch.equal(value, fresh[name]) for name, value in module.net.state_dict().items())
    assert all(parameter.grad is None for parameter in module.parameters())


def test_test_ecgs_of_one_patient_are_refused_before_they_are_scored(tmp_path, monkeypatch):
    monkeypatch.setattr(Perturbation, "__call__", None)
    with pytest.raises(ValueError, match=r"at least 2 patients to rank methods on, got 4 of 1$"):
        run_test(tmp_path, AttributionCallback(METHODS, QUICK, ecgs=4), Data(patients=1))


def test_fewer_than_two_ecgs_are_refused_at_the_door():
    with pytest.raises(ValueError, match="at least 2 ECGs to rank methods on, got 1"):
        AttributionCallback(METHODS, ecgs=1)
