from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ecglens.datamodules import Batch
from ecglens.ecg import BIT
from ecglens.eval import Networks, Protocol, load_finding, save_finding
from ecglens.eval.evaluations.perturbation.evaluation import score
from ecglens.eval.evaluations.sanity import BASELINES, SCALES
from ecglens.eval.heatmaps import attributions
from ecglens.eval.heatmaps.explained import explained
from ecglens.eval.subject import donors
from ecglens.explain import Inputs, attribute
from ecglens_metrics import Similarity

from tests.eval.evaluations.sanity.networks import ECGS, linear, made_subject, rho, trained

METHODS = ("saliency", "input_x_gradient")


def named(heatmap: np.ndarray, scale: str, sign: str, segments: np.ndarray) -> np.ndarray:
    """A map of one ECG at a scale, by loops; NaN for waves that are not there."""
    heatmap = np.abs(heatmap).astype(float) if sign == "absolute" else heatmap.astype(float)
    if scale == "sample":
        return heatmap.ravel()
    if scale == "wave × lead":
        bits = [*BIT.values()]
        masks = [*((segments & bit) != 0 for bit in bits), (segments & sum(bits)) == 0]
        return np.array(
            [lead[mask].sum() if mask.any() else np.nan for lead in heatmap for mask in masks]
        )
    width = int(scale.split()[0]) // 2
    return np.array(
        [lead[at : at + width].sum() for lead in heatmap for at in range(0, 600, width)]
    )


def slow_rho(one: np.ndarray, other: np.ndarray) -> float:
    there = np.isfinite(one) & np.isfinite(other)
    return rho(one[there], other[there])


@pytest.mark.heavy
def test_every_pair_at_every_resolution_is_a_slow_loop_over_ecgs(tmp_path):
    net, foreign, subject = trained(0), trained(1), made_subject(tmp_path, METHODS)
    finding = Similarity()(Networks([net], foreign), subject)
    x, segments = subject.ecgs.x, subject.ecgs.segments.numpy()
    maps, beside = (
        {
            name: attribute(name, one, x, 0, 0, inputs=Inputs(records=subject.ecgs.record)).numpy()
            for name in METHODS
        }
        for one in (net, foreign)
    )
    partner = donors(subject.ecgs.record, subject.patients, 0, 0)
    every: Any = finding.details["pairs"].to_dict("records")
    pairs = [pair for pair in every if (pair["method"], pair["other"]) == METHODS]
    assert len(pairs) == 2 * len(SCALES)
    for found in pairs:

        def resolution(heatmaps, ecg, scale=found["scale"], sign=found["sign"]):
            return named(heatmaps[ecg], scale, sign, segments[ecg])

        def mean(one, other, shift=False):
            ecgs = range(ECGS)
            return np.mean(
                [
                    slow_rho(resolution(one, e), resolution(other, partner[e] if shift else e))
                    for e in ecgs
                ]
            )

        a, b = (maps[name] for name in METHODS)
        seen = [np.stack([resolution(one, ecg) for ecg in range(ECGS)]) for one in (a, b)]
        left = [one - np.nanmean(one, 0) for one in seen]
        follows = [
            [
                slow_rho(
                    named(one[ecg], found["scale"], "absolute", segments[ecg]),
                    named(x.numpy()[ecg], found["scale"], "absolute", segments[ecg]),
                )
                for ecg in range(ECGS)
            ]
            for one in (a, b)
        ]
        slow = {
            "value": mean(a, b),
            "other_ecg": (mean(a, b, True) + mean(b, a, True)) / 2,
            "centred": np.mean([slow_rho(left[0][e], left[1][e]) for e in range(ECGS)]),
            "permuted": (mean(a, beside[METHODS[1]]) + mean(b, beside[METHODS[0]])) / 2,
            "abs_x": np.min(follows, 0).mean(),
        }
        # Maps made in another batch may differ by rounding, which moves a rank here and there.
        assert {name: found[name] for name in slow} == pytest.approx(slow, abs=1e-5)


def test_a_linear_networks_maps_are_known(tmp_path):
    net, subject = linear(0), made_subject(tmp_path, METHODS)
    table = Similarity()(Networks([net]), subject).table.set_index("method")
    weights = np.abs(net.get_parameter("1.weight").detach().numpy()).ravel()
    x = subject.ecgs.x.abs().flatten(1).numpy()
    known = np.mean([rho(weights, weights * one) for one in x])
    assert table["value"][[*METHODS]].tolist() == pytest.approx([known, known], abs=1e-6)
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    assert np.isnan(table["centred"]["saliency"])  # the same map for every ECG
    assert {*table["verdict"]} == {"not judged"}


@pytest.mark.parametrize("more", [(), ("smoothgrad",)])
def test_the_most_and_the_least_alike_are_named_where_there_are_several_pairs(tmp_path, more):
    subject = made_subject(tmp_path, (*METHODS, *more))
    sentence = Similarity()(Networks([linear(0)]), subject).sentence
    assert ("; most alike are " in sentence) == bool(more)
    assert sentence.endswith(").") == bool(more)


def test_the_order_of_the_ecgs_does_not_matter(tmp_path):
    net = Networks([trained(0)])
    subject = made_subject(tmp_path, METHODS, patients=[*"aabcdd"])
    turned = [2, 0, 1, 5, 3, 4]
    x, y, segments, record = subject.ecgs
    ecgs = Batch(x[turned], y[turned], segments[turned], [record[ecg] for ecg in turned])
    again = replace(subject, ecgs=ecgs, patients=[subject.patients[ecg] for ecg in turned])
    one, other = (Similarity()(net, each).table for each in (subject, again))
    columns = ["value", "low", "high", "other_ecg", "centred", "abs_x"]
    for name in columns:
        assert one[name].to_numpy() == pytest.approx(other[name].to_numpy(), abs=1e-4)


def test_clusters_hold_every_method_once_with_like_beside_like(tmp_path):
    methods = ("saliency", "input_x_gradient", "smoothgrad", "integrated_gradients")
    finding = Similarity()(Networks([trained(0)]), made_subject(tmp_path, methods))
    order = [*finding.details["order"]["method"]]
    assert sorted(order) == sorted([*methods, "random", "abs_x", "abs_dx"])
    assert abs(order.index("saliency") - order.index("smoothgrad")) == 1
    assert abs(order.index("abs_x") - order.index("random")) > 1
    assert len(finding.details["links"]) == len(order) - 1


def test_maps_that_an_evaluation_made_are_not_made_again(tmp_path, monkeypatch):
    subject = made_subject(tmp_path)
    quick = Protocol("quick", unit="point", fill="noise", steps=4, draws=1, until=2, cutoffs=(1, 3))
    score(trained(0), subject, quick)
    monkeypatch.setattr(attributions, "attribute", None)
    finding = Similarity()(Networks([trained(0)]), subject)
    assert "no label-permuted network was given: that baseline is empty" in finding.notes
    assert np.isnan(finding.table["permuted"].to_numpy()).all()
    assert set(BASELINES) <= set(load_finding(save_finding(finding, tmp_path / "kept")).table)


def test_long_strips_are_refused_beyond_what_the_store_keeps(tmp_path):
    subject = made_subject(tmp_path)
    long = Batch(
        subject.ecgs.x.repeat(3, 1, 2), subject.ecgs.y.repeat(3, 1),
        subject.ecgs.segments.repeat(3, 2), [str(number) for number in range(3 * ECGS)],
    )  # fmt: skip
    with pytest.raises(ValueError, match="at most 16 ECGs of more than 1000 samples"):
        explained(trained(0), replace(subject, ecgs=long, patients=()), "long strips")
