"""The network of Ahus with its published weights (tests/data/networks)."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from ecglens.models import InputSpec, Normalisation, load_weights
from ecglens_zoo import Inception
from torch import Tensor
from wfdb.io import Record, rdrecord

DATA = Path(__file__).parents[3] / "tests" / "data"
LEADS = ("AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")
LIMB = ("I", "II", "III", "AVR")
LOGITS = json.loads((DATA / "networks" / "logits.json").read_text())


def ecg(file: Path, leads: tuple[str, ...] = LEADS) -> np.ndarray:
    """These leads of a WFDB record as (lead, time) in mV."""
    record = rdrecord(str(file))
    assert isinstance(record, Record)
    assert record.p_signal is not None
    names = [name.upper() for name in record.sig_name or []]
    return record.p_signal.T[[names.index(lead) for lead in leads]]


def normalised(x: np.ndarray) -> Tensor:
    """(1, lead, time) with mean 0 and SD 1 in each lead."""
    sd = np.maximum(x.std(-1, ddof=1, keepdims=True), 1e-6)
    return torch.from_numpy((x - x.mean(-1, keepdims=True)) / sd).float()[None]


def logits(net: Inception, ecgs: list[np.ndarray]) -> list[float]:
    with torch.no_grad():
        return [float(net(normalised(x))) for x in ecgs]


@pytest.fixture(scope="module")
def heart_failure() -> Inception:
    net = Inception()
    load_weights(net, DATA / "networks" / "heart_failure" / "fold_1.pt")
    return net


@pytest.mark.heavy
def test_the_heart_failure_network_gives_the_logits_of_its_authors(heart_failure: Inception):
    ecgs = [ecg(DATA / "ludb" / "data" / name) for name in LOGITS["heart_failure"]]
    published = [*LOGITS["heart_failure"].values()]
    assert len(published) == 32
    assert logits(heart_failure, ecgs) == pytest.approx(published, abs=1e-3)


def test_behind_its_spec_it_reads_twelve_leads_in_microvolts(heart_failure: Inception):
    spec = InputSpec(
        leads=("aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"),
        samples=5000,
        normalisation=Normalisation("z-score", per="lead", ddof=1, least_sd=1e-6),
    )
    records = [ecg(DATA / "ludb" / "data" / name, LIMB + LEADS) for name in ("1", "9", "27")]
    with torch.no_grad():
        got = spec.adapt(heart_failure)(torch.from_numpy(1e3 * np.stack(records)).float())
    published = [LOGITS["heart_failure"][name] for name in ("1", "9", "27")]
    assert got[:, 0].tolist() == pytest.approx(published, abs=1e-3)


def test_the_chagas_network_gives_the_logits_of_its_authors():
    net = Inception()
    load_weights(net, DATA / "networks" / "chagas" / "fold_0.pt")
    strips = [ecg(DATA / "networks" / "code15" / name) for name in LOGITS["chagas"]]
    middle = [x[:, x.shape[1] // 2 - 400 : x.shape[1] // 2 + 400] for x in strips]
    assert logits(net, middle) == pytest.approx([*LOGITS["chagas"].values()], abs=1e-3)


def test_the_number_of_parameters_is_that_of_the_published_file():
    file = DATA / "networks" / "heart_failure" / "fold_1.pt"
    published = torch.load(file, weights_only=True, map_location="cpu")[0]
    of_batch_norm = ("running_mean", "running_var", "num_batches_tracked")
    parameters = [v for name, v in published.items() if not name.endswith(of_batch_norm)]
    assert sum(v.numel() for v in parameters) == 483_904
    assert sum(p.numel() for p in Inception().parameters()) == 483_904


def test_thirteen_samples_are_enough():
    assert Inception().eval()(torch.randn(2, 8, 13)).shape == (2, 1)
