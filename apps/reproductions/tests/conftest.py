"""Findings of the sanity evaluations and of relevance on two small networks."""

from dataclasses import replace

import pytest
import torch
from ecglens.datamodules import Target
from ecglens.eval import Finding, Networks, Subject
from ecglens.eval.evaluations.sanity import Weights
from ecglens.explain import find_all
from ecglens.store import Store
from ecglens_metrics import Consistency, Similarity
from ecglens_relevance import Relevance
from torch import nn

from tests.eval.networks import exact_ecgs

ECGS = 6
CLASSES = Target("diagnosis", "", kind="binary", classes=("af", "lbbb", "normal"), explain="af")


def net(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = nn.Conv1d(12, 4, 21, padding=10), nn.ReLU(), nn.AdaptiveAvgPool1d(1)
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4, 3)).eval()


@pytest.fixture(scope="session")
def findings(tmp_path_factory) -> list[Finding]:
    ecgs = exact_ecgs(ECGS)
    y = torch.nn.functional.one_hot(torch.arange(ECGS) % 3, 3).float()
    subject = Subject(
        ecgs._replace(y=y),
        find_all(["input_x_gradient", "saliency"]),
        store=Store(tmp_path_factory.mktemp("store")),
        progress=False,
        target=CLASSES,
    )
    evaluations = (
        Similarity(permuted=False),
        Consistency(permuted=False),
        Weights(permuted=False, stages=2, copies=1),
        Relevance(classes=("lbbb",), least=2),
    )
    *sanity, relevance = (each(Networks([net(0), net(1)]), subject) for each in evaluations)
    shown = {name: each for name, each in relevance.details.items() if name != "average_beats"}
    return [*sanity, replace(relevance, details=shown)]  # drawings of beats take seconds


def of_data(finding: Finding, source: str, classes: dict[str, int], auroc: float) -> Finding:
    """The finding on ECGs of this source, with training ECGs of each class, and its AUROC."""
    facts = {
        "source": source,
        "train": sum(classes.values()),
        "classes": {name: {"yes": yes, "no": 9, "unknown": 0} for name, yes in classes.items()},
    }
    fit = {"fit": {"test/auroc/af": auroc, "test/auroc/lbbb": float("nan")}}
    fits = tuple({**each, **fit} for each in finding.about.fits or ({}, {}))
    data = {**finding.about.data, **facts}
    return replace(finding, about=replace(finding.about, data=data, fits=fits))
