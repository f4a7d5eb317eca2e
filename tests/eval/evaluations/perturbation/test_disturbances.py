"""Every order, unit and fill against a slow loop, and closed forms of a linear network."""

import json
import math
from copy import deepcopy
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import R_PEAK
from ecglens.engine import noise_field
from ecglens.eval import DEFAULT, Protocol, Subject, rank, score
from ecglens.eval.chunks import Keeper
from ecglens.eval.evaluations.perturbation.orders import kept_curves, perturbation_order
from ecglens.eval.heatmaps.attributions import kept_attributions
from ecglens.eval.heatmaps.probe import Probe
from ecglens.eval.subject import donors
from ecglens.explain import Inputs, attribute, find
from ecglens.store import Store

from ...networks import Contribution, Smooth, Window, exact_ecgs

RECORDS, PATIENTS = ["a", "b", "c"], ("p", "q", "p")
FILLS = {"noise": 2, "zero": 1, "mean": 1, "linear": 1, "donor": 2}  # with their draws
QUICK = Protocol(
    "quick", unit="point", fill="noise", steps=6, draws=2, until=3, cutoffs=(2, 4), segment_ms=10
)
WIDTH = 5  # 10 ms at 500 Hz


def beats_of_50(beats):
    """Noise with an R peak in the middle of every 50 samples."""
    time = 50 * beats
    x = 100 * torch.randn(3, 12, time, generator=torch.Generator().manual_seed(beats))
    marks = torch.zeros(3, time, dtype=torch.int8)
    marks[:, 25::50] = R_PEAK
    return Batch(x, torch.ones(3, 1), marks, RECORDS)


def from_the_r_peak(t, beats):
    """Of a beat of 50 samples 20 lie before its R peak; one beat alone has 25."""
    return t - 25 if beats == 1 else (t - 5) % 50 - 20


def stretches(times):
    """Samples that follow one another, together."""
    found = []
    for t in times:
        if found and found[-1][-1] == t - 1:
            found[-1].append(t)
        else:
            found.append([t])
    return found


def slow_curve(net, ecgs, ecg, heatmap, protocol, draw, beats):
    """One ECG, one step after another, one forward pass each, as the rules are written."""
    x, width = ecgs.x[ecg], WIDTH if protocol.unit == "segment" else 1
    values = heatmap.tolist()
    leads, time = x.shape
    places = {}
    for lead, t in product(range(leads), range(time)):
        number = math.floor((from_the_r_peak(t, beats) + width // 2) / width)
        places.setdefault((lead, number), []).append(t)
    sizes = {place: sum(abs(values[place[0]][t]) for t in times) for place, times in places.items()}
    order = sorted(sizes, key=sizes.__getitem__, reverse=protocol.order == "morf")
    field = noise_field(3, [RECORDS[ecg]], draw, (leads, time))[0].double()
    sd = 0.2 * (float(x.max()) - float(x.min()))
    other = ecgs.x[donors(RECORDS, PATIENTS, 3, draw)[ecg]]
    peak_of_middle_beat = 25 + 50 * (beats // 2)
    perturbed, said = x.clone(), []
    with torch.no_grad():
        said.append(float(net(perturbed[None])[0, 0]))
        for lead, number in order[: protocol.steps]:
            for stretch in stretches(places[lead, number]):
                for j, t in enumerate(stretch):
                    left, right = max(stretch[0] - 1, 0), min(stretch[-1] + 1, time - 1)
                    there = peak_of_middle_beat + from_the_r_peak(t, beats)
                    bump = (1 - math.cos(2 * math.pi * (j + 0.5) / len(stretch))) / 2
                    perturbed[lead, t] = {
                        "noise": x[lead, t] + sd * field[lead, stretch[0]] * bump,
                        "zero": 0.0,
                        "mean": x[lead].mean(),
                        "linear": x[lead, left]
                        + (x[lead, right] - x[lead, left]) * (t - left) / (right - left),
                        "donor": other[lead, min(max(there, 0), time - 1)],
                    }[protocol.fill]
            said.append(float(net(perturbed[None])[0, 0]))
    return said


def ecg_curves(net, ecgs, protocol, folder):
    """The curves as score() makes them, in float64 by maps made in float32."""
    subject = Subject(ecgs, {}, seed=3, patients=PATIENTS)
    probe = Probe(net, "key", subject)
    keeper = Keeper(Store(folder), 1, lambda count: None)
    method = find("saliency")
    maps = kept_attributions(probe, method, protocol.steps, keeper)
    steps = perturbation_order(probe, protocol, method, maps, keeper)
    exact = Probe(deepcopy(net).double(), "key", subject.changed(ecgs.x.double()))
    return kept_curves(exact, protocol, steps, keeper)


def in_double(ecgs):
    return ecgs._replace(x=ecgs.x.double())


@pytest.mark.heavy
@pytest.mark.parametrize("beats", [1, 4])
@pytest.mark.parametrize("unit", ["point", "segment"])
@pytest.mark.parametrize("order", ["morf", "lerf"])
@pytest.mark.parametrize("fill", FILLS)
def test_every_curve_is_the_slow_loop(fill, order, unit, beats, tmp_path):
    net, ecgs = Smooth().eval(), beats_of_50(beats)
    protocol = replace(QUICK, fill=fill, order=order, unit=unit, draws=FILLS[fill])
    curves = ecg_curves(net, ecgs, protocol, tmp_path)
    maps = attribute("saliency", net, ecgs.x, 0, 3, inputs=Inputs(records=RECORDS))
    net, ecgs = net.double(), in_double(ecgs)
    for draw in range(protocol.draws):
        for ecg in range(3):
            slow = slow_curve(net, ecgs, ecg, maps[ecg], protocol, draw, beats)
            assert np.ptp(slow) > 1e-6  # it moves at all
            assert curves[draw, ecg] == pytest.approx(np.array(slow), abs=1e-6)


@pytest.mark.parametrize("fill", ["zero", "mean", "linear", "donor"])
def test_a_linear_network_moves_by_its_weights_times_what_was_put_in(fill):
    net, ecgs = Window().eval(), exact_ecgs(4)
    protocol = replace(
        QUICK, steps=4, unit="segment", segment_ms=30, fill=fill, draws=1, cutoffs=(3, 4)
    )
    subject = Subject(ecgs, {"contribution": Contribution()})
    curve = score(net, subject, protocol).predictions["contribution"][0]
    # The window of 60 samples lies in V5, 40 … 99 after the R peak: five segments of 15 touch it.
    weights, x = net.weights.detach().double(), ecgs.x.double()
    others = donors(ecgs.record, ecgs.record, 0, 0)
    for ecg in range(4):
        filled = {
            "zero": torch.zeros(12, 600),
            "mean": x[ecg].mean(1, keepdim=True).expand(12, 600),
            "linear": x[ecg].clone(),
            "donor": x[others[ecg]],
        }[fill].double()
        segments = [slice(250 - 7 + 15 * k, 250 + 8 + 15 * k) for k in range(3, 8)]
        if fill == "linear":
            for one in segments:
                left, right = x[ecg][:, one.start - 1], x[ecg][:, one.stop]
                share = torch.arange(1, 16) / 16
                filled[:, one] = left[:, None] + (right - left)[:, None] * share
        size = [(x[ecg] * weights)[:, one].abs().sum(1).max() for one in segments]
        first = sorted(segments, key=lambda one: -size[segments.index(one)])[:4]
        moved = np.cumsum([float((weights * (filled - x[ecg]))[:, one].sum()) for one in first])
        assert curve[ecg, 1:] - curve[ecg, 0] == pytest.approx(moved, rel=1e-3, abs=0.02)


def test_lerf_the_truth_is_best_too_and_its_outcome_negative():
    net, ecgs = Smooth().eval(), exact_ecgs(12)
    protocol = replace(QUICK, order="lerf", unit="segment")
    scores = score(net, Subject(ecgs, {"saliency": find("saliency")}), protocol)
    table = rank(scores).table.set_index("method")["value"]
    assert (table < 0).all()
    assert table["saliency"] > table["random"]


def test_the_logit_falls_with_its_sign():
    net, ecgs = Smooth().eval(), exact_ecgs(3)
    scores = score(net, Subject(ecgs, {}), replace(QUICK, outcome="logit"))
    auc = rank(scores).table.set_index("method")["value"]
    curve = scores.predictions["abs_x"]
    fall = curve[..., :1] - curve
    areas = fall[..., 1] + fall[..., 2] + fall[..., 3] / 2
    assert auc["abs_x"] == pytest.approx(areas.mean())


def test_points_keep_their_keys_in_the_store(tmp_path):
    net, ecgs = Smooth().eval(), exact_ecgs(1)
    score(net, Subject(ecgs, {}, store=Store(tmp_path)), QUICK)
    for path in (tmp_path / "curves").glob("*/settings.json"):
        settings = json.loads(path.read_text("utf-8"))["settings"]
        plain = {"steps": 6, "draws": 2, "noise": 0.2, "noise_scope": "sample", "folded": False}
        assert settings == {"attributions": settings["attributions"], **plain}
        assert settings["attributions"].keys() == {"settings", "version"}
    assert {path.name for path in tmp_path.iterdir()} == {"attributions", "curves", "linted"}


@pytest.mark.heavy
@pytest.mark.parametrize(
    "changed",
    [
        {"order": "lerf"},
        {"unit": "segment"},
        {"unit": "segment", "segment_ms": 20},
        {"fill": "zero", "draws": 1},
        {"fill": "mean", "draws": 1},
        {"fill": "donor"},
    ],
    ids=str,
)
def test_whatever_is_done_to_an_ecg_has_a_key_of_its_own(changed, tmp_path):
    net, subject = Smooth().eval(), Subject(exact_ecgs(2), {}, store=Store(tmp_path))
    protocols = [QUICK, replace(QUICK, unit="segment", fill="linear", draws=1)]
    found = [score(net, subject, each) for each in [*protocols, QUICK]]
    apart = score(net, subject, replace(QUICK, **changed))
    assert np.array_equal(found[0].predictions["random"], found[2].predictions["random"])
    for other in found:
        assert not np.array_equal(apart.predictions["random"][0], other.predictions["random"][0])


@pytest.mark.parametrize("order", ["morf", "lerf"])
def test_segments_are_those_of_their_own_r_peak(order, tmp_path):
    net, ecgs, store = Smooth().eval(), beats_of_50(1), Store(tmp_path)
    marked = ecgs._replace(segments=ecgs.segments.roll(2, dims=1))
    protocol = replace(QUICK, unit="segment", fill="zero", draws=1, order=order)
    one, other = (
        score(net, Subject(each, {}, store=store), protocol).predictions["abs_x"]
        for each in (ecgs, marked)
    )
    assert not np.array_equal(one, other)
    assert np.array_equal(other, score(net, Subject(marked, {}), protocol).predictions["abs_x"])


def test_one_patient_alone_has_no_donor():
    with pytest.raises(ValueError, match="at least 2 patients for donors, got 2 of 1"):
        score(Smooth().eval(), Subject(exact_ecgs(2), {}, patients=["p", "p"]), DEFAULT)
