"""The gates on maps with a known verdict: three templates, and the exact contributions.

Half a minute: quick tests of the same two verdicts are in test_weights.
"""

from dataclasses import replace

import pytest
import torch
from ecglens.eval import MOST_KEPT, Networks
from ecglens.eval.evaluations.sanity import Weights
from ecglens.explain import attribute, find

from benchmarks.template_maps import FirstLayerEdges, MeanMap, OfOneNetwork, SmoothedAbsX

from ...networks import exact_ecgs
from .networks import made_subject, trained

pytestmark = pytest.mark.heavy

EXACT = find("integrated_gradients", steps=64)
FINER = find("integrated_gradients", steps=256)
ECGS = exact_ecgs(32)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Every planted map on a small network that has learned to read the T amplitude."""
    net = trained(0)
    methods = {
        "smoothed |x|": SmoothedAbsX(),
        "mean map": OfOneNetwork(MeanMap(), net),
        "mean map of each network": MeanMap(),
        "first-layer edges": OfOneNetwork(FirstLayerEdges(), net),
        "edges of each network": FirstLayerEdges(),
        "exact contributions": EXACT,
    }
    others = exact_ecgs(16, start=200).x
    subject = made_subject(tmp_path_factory.mktemp("store"), ecgs=ECGS, background=others)
    subject = replace(subject, methods=methods)
    return Weights(stages=1, copies=10)(Networks([net]), subject).table.set_index("method")


@pytest.mark.long
@pytest.mark.parametrize(
    "template", ["smoothed |x|", "mean map", "first-layer edges", "edges of each network"]
)
def test_a_template_fails_the_gate_on_weights(table, template):
    assert table["redrawn_verdict"][template] == "fails"


@pytest.mark.long
def test_one_map_for_every_ecg_may_be_about_the_network(table):
    assert table["redrawn_verdict"]["mean map of each network"] == "passes"


@pytest.mark.long
def test_the_exact_contributions_of_a_trained_network_pass(table):
    row = table.loc["exact contributions"]
    assert row["redrawn_verdict"] == "passes"
    assert row["redrawn_kept_high"] < MOST_KEPT


def test_the_contributions_are_exact():
    """Those along the line from 0 µV add up to the output (Aumann & Shapley 1974)."""
    net = trained(0)
    maps, of_the_gate = attribute(FINER, net, ECGS.x), attribute(EXACT, net, ECGS.x)
    with torch.no_grad():
        change = (net(ECGS.x) - net(torch.zeros_like(ECGS.x[:1])))[:, 0]
    assert (maps.sum((1, 2)) - change).abs().max() < 0.01 * change.std()
    # More nodes would cost the gate its redraws; these maps are the same to 2 % of their size.
    assert (maps - of_the_gate).norm() < 0.02 * maps.norm()
