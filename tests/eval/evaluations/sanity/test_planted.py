"""The gates on maps with a known verdict: three templates, and the exact contributions."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.eval import Networks
from ecglens.eval.evaluations.sanity import Weights
from ecglens.eval.evaluations.sanity.planted import (
    FirstLayerEdges,
    MeanMap,
    OfOneNetwork,
    SmoothedAbsX,
)
from ecglens.explain import Method, attribute, find

from ...networks import exact_ecgs
from .networks import made_subject, trained

EXACT = find("integrated_gradients", steps=64)
FINER = find("integrated_gradients", steps=256)
ECGS = exact_ecgs(32)


def judged(folder: Path, methods: Mapping[str, Method], ecgs: Batch, copies: int) -> pd.DataFrame:
    """Table of these maps of a small network that has learned to read the T amplitude."""
    subject = made_subject(folder, ecgs=ecgs, background=exact_ecgs(16, start=200).x)
    subject = replace(subject, methods=methods)
    found = Weights(stages=1, copies=copies)(Networks([trained(0)]), subject)
    return found.table.set_index("method")


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Every planted template; three redraws are enough to see that it stays."""
    net = trained(0)
    methods = {
        "smoothed |x|": SmoothedAbsX(),
        "mean map": OfOneNetwork(MeanMap(), net),
        "mean map of each network": MeanMap(),
        "first-layer edges": OfOneNetwork(FirstLayerEdges(), net),
        "edges of each network": FirstLayerEdges(),
    }
    return judged(tmp_path_factory.mktemp("store"), methods, exact_ecgs(12), 3)


@pytest.mark.parametrize(
    "template",
    [
        "smoothed |x|",
        "mean map",
        "mean map of each network",
        "first-layer edges",
        "edges of each network",
    ],
)
def test_a_template_fails_the_gate_on_weights(templates, template):
    assert templates["weights_verdict"][template] == "fails"


def test_the_exact_contributions_of_a_trained_network_pass(tmp_path):
    table = judged(tmp_path, {"exact contributions": EXACT}, ECGS, 10)
    row = table.loc["exact contributions"]
    assert row["weights_verdict"] == "passes"
    assert row["weights_kept_high"] < row["limit"]


def test_the_contributions_are_exact():
    """Those along the line from 0 µV add up to the output (Aumann & Shapley 1974)."""
    net = trained(0)
    maps, of_the_gate = attribute(FINER, net, ECGS.x), attribute(EXACT, net, ECGS.x)
    with torch.no_grad():
        change = (net(ECGS.x) - net(torch.zeros_like(ECGS.x[:1])))[:, 0]
    assert (maps.sum((1, 2)) - change).abs().max() < 0.01 * change.std()
    # More nodes would cost the gate its redraws; these maps are the same to 2 % of their size.
    assert (maps - of_the_gate).norm() < 0.02 * maps.norm()
