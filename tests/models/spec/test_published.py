"""Published networks behind their spec give the outputs of their authors (tests/data/networks)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import wfdb
from ecglens.ecg import in_order
from ecglens.explain import attribute
from ecglens.models import InputSpec, Normalisation, load_weights
from ecglens_zoo import Inception

DATA = Path(__file__).parents[2] / "data"
LOGITS = json.loads((DATA / "networks" / "logits.json").read_text())
HEART_FAILURE = InputSpec(
    leads=("aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"),
    samples=5000,
    normalisation=Normalisation("z-score", ddof=1),
)
CHAGAS = HEART_FAILURE.changed(fs=400, samples=800)


def record(file: Path) -> np.ndarray:
    """Twelve leads in µV."""
    found: Any = wfdb.rdrecord(str(file))
    return 1000 * in_order(found.p_signal.T, found.sig_name)


@pytest.fixture(scope="module")
def strips() -> np.ndarray:
    return np.stack([record(DATA / "ludb" / "data" / name) for name in LOGITS["heart_failure"]])


@pytest.fixture(scope="module")
def heart_failure() -> Inception:
    net = Inception()
    load_weights(net, DATA / "networks" / "heart_failure" / "fold_1.pt")
    return net.eval()


def test_heart_failure_on_ludb_agrees(heart_failure: Inception, strips: np.ndarray):
    found = HEART_FAILURE.check(heart_failure, strips, [*LOGITS["heart_failure"].values()])
    assert found.agrees
    assert found.largest < 1e-3


def test_chagas_on_code15_agrees_at_the_window_in_the_middle():
    net = Inception()
    load_weights(net, DATA / "networks" / "chagas" / "fold_0.pt")
    for name, logit in LOGITS["chagas"].items():
        x = record(DATA / "networks" / "code15" / name)[None]
        assert CHAGAS.check(net.eval(), x, [logit], fs=400).agrees
        maps = attribute("saliency", CHAGAS.adapt(net.eval(), fs=400), torch.from_numpy(x))
        # The map is that of the record: 0 outside the window, and in the leads that are not read.
        first = (x.shape[2] - 800) // 2
        assert maps.shape == x.shape
        assert not maps[..., :first].any()
        assert not maps[..., first + 800 :].any()
        assert not maps[:, :4].any()
        assert maps[:, 4:, first : first + 800].abs().amax(-1).min() > 0


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (
            {"leads": ("aVF", "aVL", "V1", "V2", "V3", "V4", "V5", "V6")},
            "the leads as in ecg.LEADS",
        ),
        ({"normalisation": "none"}, "z-score over each lead"),
    ],
)
def test_a_wrong_spec_of_it_is_found(
    heart_failure: Inception, strips: np.ndarray, wrong: dict[str, Any], hint: str
):
    known = [*LOGITS["heart_failure"].values()][:4]
    found = HEART_FAILURE.changed(**wrong).check(heart_failure, strips[:4], known)
    assert not found
    assert hint in found.hint
