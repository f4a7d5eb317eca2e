"""What was measured of a network is a witness for maps: the rule of docs/effects.md."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.datamodules import Target
from ecglens.eval import About, Finding, Networks, Subject
from ecglens.eval.answer.witness import witness
from ecglens.eval.evaluations.sanity import spearman
from ecglens.explain import find_all
from ecglens.models import layers, randomised
from ecglens.store import Store
from ecglens_metrics import OTHER_EFFECTS, Effects
from ecglens_metrics.effects import MEASURES
from ecglens_metrics.wave_swaps import measured, relevance, weights

from .evaluations.sanity.networks import trained
from .networks import exact_ecgs

pytestmark = pytest.mark.heavy

ROW = {"measure": "leads", "method": "saliency", "value": 0.7, "about": "network",
       "controls_difference": 0.3, "controls_low": 0.2, "controls_high": 0.4,
       f"{OTHER_EFFECTS}_p": 0.01}  # fmt: skip


def measured_(**changed: object) -> Finding:
    """A finding of effects with one row, and one of the other question."""
    rows = [ROW | changed, ROW | {"measure": "adds", "about": "ECG"}]
    about = About(
        "effects", "?", "ours", Target("pr", "ms", "pr"), "median", ("a",), ("r",), ("r",)
    )
    scores = {each.name: {"saliency": np.zeros((1, 1, 1))} for each in MEASURES}
    details = {"yardstick": pd.DataFrame(rows)}
    return Finding(about, MEASURES, scores, sentence="…", details=details)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "agrees"),
        ({"about": "ECG"}, "agrees"),
        ({f"{OTHER_EFFECTS}_p": np.nan}, "agrees"),  # no weights to redraw
        ({f"{OTHER_EFFECTS}_p": 0.05}, "not shown"),
        ({"about": "nothing"}, "not shown"),
        ({"about": "nothing", "controls_difference": -0.1, "controls_high": 0.01}, "not shown"),
        ({"about": "nothing", "controls_difference": -0.1, "controls_high": -0.01}, "disagrees"),
    ],
)
def test_agreement_is_above_controls_and_other_networks_and_disagreement_below_a_control(
    changed, verdict
):
    found = witness("saliency", [measured_(**changed)])
    assert found.verdict == verdict
    assert found.agreement == 0.7
    assert (found.above, found.high) == tuple(
        (ROW | changed)[f"controls_{end}"] for end in ("difference", "high")
    )


def test_nothing_is_said_without_the_evaluation_and_the_worst_of_several_networks_counts():
    assert witness("saliency", []).verdict == "not measured"
    assert witness("deeplift", [measured_()]).verdict == "not measured"
    refused = Finding(measured_().about, sentence="…", reason="one patient")
    assert witness("saliency", [refused]).verdict == "not measured"
    both = [measured_(), measured_(about="nothing", controls_high=-0.01)]
    assert witness("saliency", both).verdict == "disagrees"
    assert witness("saliency", [*both[:1], measured_(about="nothing")]).verdict == "not shown"


def test_effects_of_the_redrawn_network_are_measured_in_its_ecgs(tmp_path):
    """The difference again, from swaps in both networks by hand."""
    net, ecgs = trained(0), exact_ecgs(12)
    subject = Subject(ecgs, find_all(["saliency"]), store=Store(tmp_path), progress=False)
    finding = Effects(donors=2, redrawn=8)(Networks([net]), subject)
    row = finding.details["yardstick"].set_index(["measure", "method"]).loc[("leads", "saliency")]
    few = subject.first(8)
    other = randomised(net, layers(net, ecgs.x), few.ecgs.x, 0)
    maps = torch.stack([torch.autograd.grad(net(x).sum(), x)[0][0] for x in _leaves(few)])
    waves = np.stack([weights(one.numpy()) for one in few.ecgs.segments])
    own = relevance(maps.abs().numpy(), waves)[:, :-1].reshape(8, -1)

    def agreement(one, over):
        size = np.abs(measured(one, over, 2)).mean(1)[:8, :-1].reshape(8, -1)
        return spearman(size, own)

    slow = agreement(net, subject) - agreement(other, few)
    assert row[f"{OTHER_EFFECTS}_difference"] == pytest.approx(np.nanmean(slow), abs=1e-6)
    assert row[f"{OTHER_EFFECTS}_low"] <= row[f"{OTHER_EFFECTS}_difference"]
    assert witness("saliency", [finding]).agreement == pytest.approx(row["value"])
    alone = replace(subject, patients=("a",) * 8 + tuple("bcde"))
    without = Effects(donors=2, redrawn=8)(Networks([net]), alone)
    assert f"{OTHER_EFFECTS}_p" not in without.details["yardstick"]


def _leaves(subject: Subject) -> list[torch.Tensor]:
    return [x[None].clone().requires_grad_() for x in subject.ecgs.x]
