"""What of the agreement with measured effects is about this network, and about this ECG."""

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.ecg import V5, WAVES
from ecglens.engine import sample_ids
from ecglens.eval import Finding, Networks
from ecglens.eval.subject import Subject, donors
from ecglens.explain import GivenMaps, Method, find_all
from ecglens.store import Store
from ecglens_metrics import Effects
from ecglens_metrics.wave_swaps import TYPICAL, measured, relevance, to_donor, weights
from ecglens_metrics.yardstick import direction, of_others
from torch import Tensor, nn

from tests.eval.evaluations.sanity.networks import trained
from tests.eval.networks import T_IN, NoiseMap, WeightedSum, Window, exact_ecgs

ECGS = exact_ecgs(24)
NET = Window().eval()
MEAN = ECGS.x.mean(0)


def maps_of(values: Tensor) -> Method:
    return GivenMaps(dict(zip(sample_ids(ECGS.x), values, strict=True)))


def found(folder, net: nn.Module = NET, methods=(), redrawn: int = 0, **given: Method) -> Finding:
    subject = Subject(
        ECGS, {**find_all(methods), **given}, background=MEAN[None], store=Store(folder),
        progress=False,
    )  # fmt: skip
    return Effects(donors=2, redrawn=redrawn)(Networks([net]), subject)


def rows(finding: Finding) -> pd.DataFrame:
    return finding.details["yardstick"].set_index(["measure", "method"])


def typical_change(ecg: int, subject: Subject) -> Tensor:
    x, marks = ECGS.x, ECGS.segments
    every = [donors(ECGS.record, subject.patients, 0, draw)[ecg] for draw in range(TYPICAL)]
    return torch.stack([to_donor(x[ecg], marks[ecg], x[one], marks[one]) for one in every]).mean(0)


def test_what_a_linear_network_adds_is_predicted_exactly(tmp_path):
    subject = Subject(ECGS, {}, store=Store(tmp_path / "a"), progress=False)
    changes = torch.stack([typical_change(ecg, subject) for ecg in range(len(ECGS.x))])
    finding = found(tmp_path / "b", true=maps_of(-changes * NET.weights.detach()))
    assert finding.scores["adds"]["true"] == pytest.approx(np.ones((1, 1, 24)), abs=1e-6)
    assert rows(finding).loc[("adds", "true"), "slope"] == pytest.approx(1, abs=1e-4)


def test_the_wave_that_is_read_is_on_top(tmp_path):
    subject = Subject(ECGS, {}, store=Store(tmp_path), progress=False)
    size = np.abs(measured(T_IN["V5"], subject, 2)).mean((0, 1))[:-1]
    lead, wave = np.unravel_index(size.argmax(), size.shape)
    assert (lead, WAVES[wave]) == (V5, "T")


def test_a_true_map_is_about_the_ecg_where_its_question_is_about_the_ecg(tmp_path):
    own = NET.weights.detach()
    table = rows(found(tmp_path, from_zero=maps_of(ECGS.x * own),
                       from_mean=maps_of((ECGS.x - MEAN) * own),
                       noise=NoiseMap()))  # fmt: skip
    # The same waves of the same lead move it in every ECG; by how much and which way differs.
    assert table.loc[("adds", "from_mean"), "value"] > 0.8
    assert table.loc[("adds", "from_mean"), "about"] == "ECG"
    assert table.loc[("adds", "from_mean"), "other_ecg_difference"] > 0.5
    assert table.loc[("leads", "from_zero"), "about"] == "network"
    assert abs(table.loc[("leads", "from_zero"), "other_ecg_difference"]) < 0.1
    for question in ("leads", "adds"):
        assert table.loc[(question, "noise"), "about"] == "nothing"
    assert abs(table.loc[("adds", "noise"), "value"]) < 0.2


@pytest.mark.heavy
def test_maps_of_another_network_are_not_shown_and_weights_are_redrawn(tmp_path):
    net = trained(0)
    elsewhere = torch.zeros(12, 600)
    elsewhere[0, :60] = 1.0
    finding = found(tmp_path, net, ("expected_gradients",), 16, other=maps_of(ECGS.x * elsewhere))
    table = rows(finding)
    assert table.loc[("adds", "expected_gradients"), "about"] == "ECG"
    assert table.loc[("adds", "expected_gradients"), "redrawn_difference"] > 0.5
    assert table.loc[("adds", "other"), "about"] == "nothing"
    # A given map does not change with the weights.
    assert table.loc[("adds", "other"), "redrawn_difference"] == 0
    assert not finding.notes


def test_without_weights_to_redraw_the_page_says_so(tmp_path):
    finding = found(tmp_path, WeightedSum(NET.weights.detach()), ("input_x_gradient",), 8)
    assert any(note.startswith("no redrawn network: ") for note in finding.notes)
    assert not any("redrawn" in column for column in rows(finding))


def test_a_template_is_not_about_the_ecg_though_the_marks_are(tmp_path):
    sizes = (ECGS.x * NET.weights.detach()).abs()
    template = (sizes.sum(0) - sizes) / (len(sizes) - 1)
    table = rows(found(tmp_path, template=maps_of(template)))
    assert table.loc[("leads", "template"), "about"] == "network"
    # Read at this ECG's marks, another ECG's map is nearly the same map.
    assert abs(table.loc[("leads", "template"), "mean_map_difference"]) < 0.02


def test_maps_of_others_are_read_by_their_marks_and_by_those_of_this_ecg(tmp_path):
    subject = Subject(ECGS, find_all(["input_x_gradient"]), store=Store(tmp_path), progress=False)
    maps = (ECGS.x * NET.weights.detach()).numpy()
    waves = np.stack([weights(one.numpy()) for one in ECGS.segments])
    shares = of_others(maps, relevance(maps, waves), subject)
    every = [donors(ECGS.record, subject.patients, 0, draw)[3] for draw in range(TYPICAL)]
    for way, by in enumerate((every, [3] * TYPICAL)):  # marks of the other ECGs, then of this one
        slow = [
            maps[one] @ waves[at].T / np.abs(maps[one]).sum()
            for one, at in zip(every, by, strict=True)
        ]
        assert shares[way, :, 3, :-1] == pytest.approx(np.array(slow), abs=1e-6)


def test_the_direction_is_over_the_cells_that_both_have():
    effect, own = np.array([[3.0, 4, np.nan, 7]]), np.array([[4.0, 3, 9, np.nan]])
    assert direction(effect, own) == pytest.approx([24 / 25])
