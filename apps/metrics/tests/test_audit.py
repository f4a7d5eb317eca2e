"""Networks whose weights are set by hand to cheat, and honest ones, before the audit."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import LEADS, Shortcut, draw_exact, exact_beat, plant, segment_mask
from ecglens.eval import Evaluation, Finding, Networks, Subject, load_finding, save_finding
from ecglens.eval.statistics.resampling import Patients
from ecglens.explain import find_all
from ecglens.store import Store
from ecglens_metrics.shortcuts import MIN_PATIENTS, Shortcuts, judged, limit_of
from torch import nn

from tests.eval.networks import T_IN, WeightedSum

ECGS = 12


class Hum(nn.Module):
    """The power of 50 Hz in V1: (x·sin)² + (x·cos)²."""

    def __init__(self) -> None:
        super().__init__()
        angle = 2 * torch.pi * 50.0 / 500.0 * torch.arange(600)
        self.register_buffer("waves", torch.stack([angle.sin(), angle.cos()]))
        self.eval()

    def forward(self, x):
        return ((x[:, LEADS.index("V1")] @ self.waves.T) ** 2).sum(1, keepdim=True)


def reads(place: np.ndarray) -> WeightedSum:
    """The mean over a place."""
    return WeightedSum(torch.from_numpy(place / place.sum()).float())


def part(first: int, last: int) -> np.ndarray:
    mask = np.zeros((12, 600), bool)
    mask[:, first:last] = True
    return mask


@cache
def ecgs(name: str) -> Batch:
    x, segments = [], []
    for index in range(ECGS):
        parameters = draw_exact(7, index)
        x.append(plant(exact_beat(parameters), Shortcut(name), parameters).beat)
        segments.append(segment_mask(parameters.marks, 600))
    names = [f"ecg-{index}" for index in range(ECGS)]
    return Batch(
        torch.from_numpy(np.stack(x)),
        torch.full((ECGS, 1), torch.nan),
        torch.from_numpy(np.stack(segments)),
        names,
    )


def subject(name: str, folder, methods=("saliency", "input_x_gradient")) -> Subject:
    return Subject(ecgs(name), find_all(methods), store=Store(folder), progress=False)


def audited(net: nn.Module, name: str, folder) -> Finding:
    return Shortcuts()(Networks([net]), subject(name, folder))


def flagged(finding: Finding, method: str) -> set[str]:
    table = finding.details["flags"]
    return {*table["measure"][(table["method"] == method) & (table["flag"] == "suspicious")]}


CHEATS = {
    "edge": (reads(part(0, 40)), {"edges", "tp"}),
    "offset": (reads(part(0, 60)), {"edges", "tp"}),
    "calibration": (reads(part(470, 570)), {"no_signal", "tp"}),
    "mains": (Hum(), {"mains_map", "mains_signal"}),
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_network_that_reads_the_shortcut_alone_is_found_by_its_gradient(name, tmp_path):
    net, places = CHEATS[name]
    assert places <= flagged(audited(net, name, tmp_path), "saliency")


def test_a_network_that_reads_the_spike_is_found(tmp_path):
    place = Shortcut("spike").place(draw_exact(7, 0).marks, 600)
    finding = audited(
        reads(part(*(np.flatnonzero(place[0])[[0, -1]] + [-40, 41]))), "spike", tmp_path
    )
    assert "spikes" in {each.name for each in finding.measures}
    assert "spikes" in flagged(finding, "input_x_gradient")


@pytest.mark.parametrize("name", ["none", "edge", "calibration", "mains"])
def test_a_network_that_reads_t_is_not_suspected_whatever_is_planted(name, tmp_path):
    finding = audited(T_IN["V5"], name, tmp_path)
    for method in ("saliency", "input_x_gradient"):
        assert not flagged(finding, method)
    assert "no share of relevance is shown to be suspicious" in finding.sentence


def test_a_missing_lead_is_seen_by_the_gradient_and_never_by_what_is_multiplied_by_it(tmp_path):
    v3 = np.zeros((12, 600), bool)
    v3[LEADS.index("V3")] = True
    finding = audited(reads(v3), "lead", tmp_path)
    assert flagged(finding, "saliency") >= {"no_signal"}
    # x is 0 there: a map multiplied by it is 0 too, and has no share at all.
    assert np.isnan(finding.scores["no_signal"]["input_x_gradient"]).all()


def test_the_finding_says_chance_rule_and_what_no_ecg_has(tmp_path):
    finding = audited(T_IN["V5"], "none", tmp_path)
    names = [each.name for each in finding.measures]
    assert names == ["tp", "edges", "mains_map", "mains_signal", "fast_map", "fast_signal"]
    assert finding.measures[1].chance == pytest.approx(100 / 600)
    assert any("Pacing spikes: no ECG" in note for note in finding.notes)
    assert isinstance(Shortcuts(), Evaluation)
    loaded = load_finding(save_finding(finding, tmp_path / "finding"))
    pd.testing.assert_frame_equal(loaded.table, finding.table)


def test_what_cannot_be_said_is_no_all_clear(tmp_path):
    few = subject("none", tmp_path, ["saliency"]).first(MIN_PATIENTS - 1)
    finding = Shortcuts()(Networks([T_IN["V5"]]), few)
    assert finding.sentence.endswith("Of 6 of 6 shares it cannot be said.")


def test_the_limit_is_twice_the_odds_and_few_patients_say_nothing():
    expected = np.array([0.5, 1 / 6, 1e-3])
    limit = limit_of(expected)
    np.testing.assert_allclose(limit / (1 - limit), 2 * expected / (1 - expected))
    names, shares = [str(number) for number in range(20)], np.linspace(0.6, 0.8, 20)
    chance = np.full(20, 0.1)
    many = judged(shares, chance, Patients(names, 0))
    assert many.flag == "suspicious"
    assert many.excess == pytest.approx(0.7 - limit_of(chance)[0])
    assert judged(shares / 10, chance, Patients(names, 0)).flag == "not suspicious"
    few = replace(Patients(names, 0), names=["a"] * 10 + ["b"] * 10)
    assert judged(shares, chance, few).flag == "cannot be said"
    nothing = judged(np.full(20, np.nan), chance, Patients(names, 0))
    assert (nothing.flag, nothing.ecgs) == ("cannot be said", 0)
