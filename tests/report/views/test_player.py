"""The player says and draws what the run has kept."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ecglens.datamodules import Target
from ecglens.ecg import LEADS
from ecglens.eval import Finding, Networks, Perturbation, ShownSteps, Subject
from ecglens.explain import find_all
from ecglens.models import InUnits, SmallResNet
from ecglens.report import write_report
from ecglens.report.text.numerals import fixed
from ecglens.report.views.perturbation import perturbation_views
from ecglens.report.views.player import BUDGET

from ...eval.networks import exact_ecgs
from ..conftest import CONTROLS, METHODS
from .test_every_number import NUMBER

Make = Callable[..., Finding]
T = Target("t", "µV", "t", waves=("T",), lead="V5")
SHORT = Perturbation(steps=8, draws=2, until=4, cutoffs=(2, 6), ladder=0)
PROTOCOLS = [
    SHORT,
    replace(SHORT, name="noise", unit="point", fill="noise"),
    replace(SHORT, name="lerf", order="lerf", fill="mean", draws=1),
]
CLASS = Target("af", "", "af", kind="binary")


def found(evaluation: Perturbation, target: Target = T) -> Finding:
    """The finding of an untrained network on exact ECGs, three of which are shown."""
    torch.manual_seed(0)
    net = InUnits(SmallResNet(), 0.0, 2.0 if target is CLASS else 200.0).eval()
    ecgs = exact_ecgs(4)
    if target is CLASS:
        ecgs = ecgs._replace(y=(ecgs.y > ecgs.y.median()).float())
    methods = find_all(["saliency", "input_x_gradient"])
    subject = Subject(ecgs, methods, target, gallery=3, progress=False, workers=1)
    return evaluation(Networks([net]), subject)


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    """A finding per protocol, and one of a class."""
    made = {each.name: found(each) for each in PROTOCOLS}
    return made | {"class": found(PROTOCOLS[0], CLASS)}


def player_of(finding: Finding, budget: int = BUDGET) -> Mapping[str, Any]:
    """What the template is given."""
    (view,) = perturbation_views([finding])
    player = view.player(budget)
    assert player is not None
    return json.loads(json.dumps(player))


def unpacked(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


def readings(data: Mapping[str, Any], ecg: int) -> dict[str, np.ndarray]:
    """What the page has of the network's output on an ECG, by method."""
    read = unpacked(data["ecgs"][ecg]["read"], "<f8").reshape(-1, data["steps"] + 1)
    return {method["name"]: each for method, each in zip(data["methods"], read, strict=True)}


@pytest.mark.parametrize("name", [each.name for each in PROTOCOLS])
def test_the_page_has_the_predictions_that_the_scores_were_made_from(findings, name):
    finding = findings[name]
    (curves,), data = finding.curves, player_of(finding)["data"]
    assert len(data["ecgs"]) == 3
    table = finding.tidy().set_index(["method", "draw", "record"])["value"]
    sign = -1 if curves.protocol.order == "lerf" else 1
    for ecg, record in enumerate(curves.gallery.records):
        for method, read in readings(data, ecg).items():
            np.testing.assert_array_equal(
                read, curves.predictions[method][0, curves.records.index(record)]
            )
            change = abs(read.astype(float) - read[0])[: curves.protocol.until + 1]
            score = sign * np.trapezoid(change)
            assert table[method, 0, record] == pytest.approx(score, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", [each.name for each in PROTOCOLS])
def test_the_trace_at_each_step_is_the_ecg_that_the_network_read_to_half_a_microvolt(
    findings, name
):
    (curves,), data = findings[name].curves, player_of(findings[name])["data"]
    gallery, steps = curves.gallery, curves.gallery.steps
    assert steps is not None
    assert [LEADS[lead] for lead in data["leads"]] == [
        cell["name"] for cell in data["ecgs"][0]["sheet"]["cells"]
    ]
    for ecg, own in enumerate(data["ecgs"]):
        units = unpacked(own["units"], "<u2").astype(int)
        x, after = (unpacked(own[key], "<i2").reshape(12, -1) for key in ("x", "after"))
        for method, text in zip(data["methods"], own["orders"], strict=True):
            order = unpacked(text, "<u4").astype(int)
            assert len(order) == curves.protocol.steps
            hit = steps.hit(method["name"], ecg)
            for k in (1, curves.protocol.steps):
                done = np.isin(
                    np.array(data["leads"])[:, None] * (units.max() + 1) + units, order[:k]
                )
                copy = gallery.x[ecg] + steps.changes[ecg] * (hit <= k)
                drawn = np.where(done, after, x)
                np.testing.assert_allclose(drawn, copy[data["leads"]], atol=0.51)


@pytest.mark.parametrize("name", ["default", "noise", "lerf", "class"])
def test_every_number_of_the_sentence_is_in_the_data(findings, name):
    player = player_of(findings[name])
    (own, *_), data = player["data"]["ecgs"], player["data"]
    shown = [data["methods"][place]["name"] for place in data["shown"]]
    read = readings(data, 0)
    ends = [read[shown[0]][0], *(read[method][-1] for method in shown)]
    said = player["sentence"].replace(own["name"], "")
    wanted = [fixed(each, own["places"]) for each in ends]
    steps = str(data["steps"])
    assert NUMBER.findall(said) == [wanted[0], steps, *wanted[1:3], steps, wanted[3]]
    assert shown[2] == "random"
    assert len({*shown}) == 3


def test_a_class_is_read_as_a_probability(findings):
    finding = findings["class"]
    data = player_of(finding)["data"]
    (curves,) = finding.curves
    ecg = curves.records.index(curves.gallery.records[1])
    logits = curves.predictions["saliency"][0, ecg].astype(float)
    np.testing.assert_allclose(readings(data, 1)["saliency"], 1 / (1 + np.exp(-logits)), rtol=1e-5)
    assert data["unit"] == ""
    ticks = [tick for tick, _ in data["ecgs"][1]["ticks"]]
    assert (ticks[0], ticks[-1]) == (0.0, 1.0)


def test_the_sentence_says_what_was_done(findings):
    said = {name: player_of(finding)["sentence"] for name, finding in findings.items()}
    assert re.search(r"The network reads V5 T-amplitude \S+ µV on ECG", said["default"])
    assert (
        "ranks highest were replaced by those of another patient's ECG it reads" in said["default"]
    )
    assert "After noise was added to the 8 points that" in said["noise"]
    assert "ranks lowest were set to the mean of the lead it reads" in said["lerf"]
    assert "The network gives af a probability of 0." in said["class"]


@pytest.mark.parametrize("length", [600, 5000])
@pytest.mark.parametrize("budget", [BUDGET, 40_000, 12_000])
def test_a_player_keeps_within_its_budget(make_finding: Make, length: int, budget: int):
    finding = with_steps(make_finding(length=length, shown=3))
    (view,) = perturbation_views([finding])
    player = view.player(budget)
    if player is None:
        assert budget < {600: 15_000, 5000: 60_000}[length]
    else:
        assert len(json.dumps(player["data"])) <= budget


def with_steps(finding: Finding) -> Finding:
    """The finding with steps that hit segments of the leads in turn."""
    (curves,) = finding.curves
    gallery, steps = curves.gallery, curves.protocol.steps
    ecgs, leads, length = gallery.x.shape
    order = np.tile(np.arange(steps) * (length // 15 + 1) % (leads * (length // 15)), (ecgs, 1))
    kept = ShownSteps(
        np.tile(np.arange(length) // 15, (ecgs, 1)),
        np.full(gallery.x.shape, 100, np.float32),
        {name: order + place for place, name in enumerate((*METHODS, *CONTROLS))},
    )
    gallery = replace(gallery, steps=kept)
    return replace(finding, curves=(replace(curves, gallery=gallery),))


def test_of_several_networks_the_first_is_played(findings, tmp_path: Path):
    one = findings["default"]
    fits = [({"settings": {"seed": seed}},) for seed in range(2)]
    both = [
        replace(one, about=replace(one.about, networks=(key,), fits=fit))
        for key, fit in zip("ab", fits, strict=True)
    ]
    page = write_report(both, tmp_path).read_text(encoding="utf-8")
    assert page.count("The score, step by step, on the first network") == 1


def test_the_player_follows_the_answer_where_steps_were_kept(findings, tmp_path: Path):
    page = write_report([findings["default"]], tmp_path).read_text(encoding="utf-8")
    assert page.count('<div class="player"') == 1
    assert (
        page.index('class="cards"')
        < page.index('class="player"')
        < page.index(">Ranking</summary>")
    )
    (curves,) = findings["default"].curves
    none = replace(curves, gallery=replace(curves.gallery, steps=None))
    without = write_report([replace(findings["default"], curves=(none,))], tmp_path / "none")
    assert '<div class="player"' not in without.read_text(encoding="utf-8")
