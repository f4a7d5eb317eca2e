from dataclasses import replace

import numpy as np
import pytest
from ecglens.datamodules import Batch
from ecglens.eval import (
    POINTS,
    Noise,
    Protocol,
    Subject,
    finding_of,
    load_finding,
    oracle,
    perturbation_curve,
    rank,
    save_finding,
    score,
)
from ecglens.eval.evaluations.perturbation import orders
from ecglens.eval.evaluations.perturbation import orders as kept_curves
from ecglens.eval.ranking.ranking import references
from ecglens.explain import find
from ecglens.store import Store

from ..networks import CONTROLS, Contribution, Smooth, Window, column, exact_ecgs, made_curves
from ..test_finding_files import about

QUICK = Protocol("quick", unit="point", fill="noise", steps=6, draws=2, until=3, cutoffs=(2, 4))
SEGMENTS = replace(QUICK, unit="segment", oracle=4)
SALIENCY = {"saliency": find("saliency")}


def constant(auc, ecgs=6):
    """A curve of one draw per ECG with this AUC."""
    return made_curves({"random": np.full(ecgs, auc)}, replace(POINTS, draws=1)).predictions[
        "random"
    ]


def test_random_is_0_the_oracle_1_and_the_rest_between():
    aucs = {"half": 15.0, "full": 20.0, "below": 5.0, "random": 10.0, "abs_x": 12.0, "abs_dx": 10.0}
    scores = made_curves(
        {name: np.full(6, auc) for name, auc in aucs.items()},
        replace(POINTS, draws=1),
        references={"oracle": constant(20.0, 4)},
    )
    ranking = rank(scores)
    scaled = column(ranking, "scaled")
    assert scaled == pytest.approx(
        {"half": 0.5, "full": 1, "below": -0.5, "random": 0, "abs_x": 0.2, "abs_dx": 0}
    )
    assert column(ranking, "scaled_low") == pytest.approx(scaled)
    assert column(ranking, "scaled_high") == pytest.approx(scaled)
    assert "oracle" not in ranking.names


def test_the_scale_is_made_on_the_oracles_ecgs_alone():
    method = np.array([15.0, 15, 99, 99])
    scores = made_curves(
        {"method": method, "random": np.full(4, 10.0), "abs_x": method, "abs_dx": method},
        replace(POINTS, draws=1),
        references={"oracle": constant(20.0, 2)},
    )
    assert column(rank(scores), "scaled")["method"] == pytest.approx(0.5)


def test_its_interval_is_that_of_a_ratio():
    random = np.random.default_rng(0)
    made = {name: random.normal(at, 2, 60) for name, at in zip("mr", (15, 10), strict=True)}
    best = random.normal(20, 2, 60)
    scores = made_curves(
        {"m": made["m"], "random": made["r"], "abs_x": made["r"], "abs_dx": made["r"]},
        replace(POINTS, draws=1),
        references={"oracle": np.concatenate([constant(each, 1) for each in best], axis=1)},
    )
    row = references([scores]).loc["m"]
    drawn = random.integers(0, 60, (4000, 60))
    m, r, o = (each[drawn].mean(1) for each in (made["m"], made["r"], best))
    low, high = np.quantile((m - r) / (o - r), [0.025, 0.975])
    assert row["scaled_low"] == pytest.approx(low, abs=0.015)
    assert row["scaled_high"] == pytest.approx(high, abs=0.015)


def test_without_an_oracle_or_one_above_random_there_is_no_scale():
    made = {name: np.full(6, 10.0) for name in ("method", *CONTROLS)}
    scores = made_curves(made, replace(POINTS, draws=1))
    assert not {"scaled"} & {*rank(scores).table}
    flat = replace(scores, references={"oracle": constant(10.0)})
    assert np.isnan(rank(flat).table["scaled"].to_numpy(float)).all()


def test_the_oracles_curve_is_the_walk_along_its_map(tmp_path):
    net, protocol, beats = Smooth().eval(), replace(QUICK, oracle=3), exact_ecgs(5)
    ecgs = Batch(beats.x[..., 235:275], beats.y, beats.segments[:, 235:275], beats.record)
    scores = score(net, Subject(ecgs, SALIENCY, seed=2, store=Store(tmp_path)), protocol)
    effects = oracle(net, ecgs.x[:3], draws=2, noise=Noise(seed=2, records=ecgs.record[:3]))
    for draw in range(2):
        curve = perturbation_curve(
            net,
            ecgs.x[:3],
            effects,
            steps=6,
            noise=Noise(seed=2, records=ecgs.record[:3], draw=draw),
        )
        assert np.allclose(scores.references["oracle"][draw], curve, rtol=1e-5)
    table = rank(scores).table.set_index("method")
    assert table["scaled"]["random"] == 0
    assert 0 < table["scaled"]["saliency"] < 1


def test_the_oracle_of_segments_finds_the_window_that_is_read(tmp_path):
    net, ecgs = Window().eval(), exact_ecgs(6)
    methods = {"contribution": Contribution()}
    scores = score(net, Subject(ecgs, methods, store=Store(tmp_path)), SEGMENTS)
    first = np.abs(np.diff(scores.references["oracle"][..., :2], axis=-1))[..., 0].mean(0)
    for curve in scores.predictions.values():
        assert (first >= np.abs(np.diff(curve[..., :2], axis=-1))[:, :4, 0].mean(0) - 1e-4).all()
    assert 0.3 < column(rank(scores), "scaled")["contribution"] <= 1.01


def test_references_are_saved_and_read_back(tmp_path):
    scores = score(Smooth().eval(), Subject(exact_ecgs(4), SALIENCY), SEGMENTS)
    finding = finding_of((scores,), about(scores))
    loaded = load_finding(save_finding(finding, tmp_path))
    assert loaded.curves[0].references.keys() == scores.references.keys()
    assert loaded.curves[0].references["oracle"].shape == (2, 4, 7)
    assert rank(loaded).table.equals(rank(finding).table)


def test_the_oracle_is_kept_like_a_map(tmp_path, monkeypatch):
    net, subject = Smooth().eval(), Subject(exact_ecgs(4), SALIENCY, store=Store(tmp_path))
    once = score(net, subject, SEGMENTS)
    monkeypatch.setattr(orders, "unit_effects", None)
    monkeypatch.setattr(kept_curves, "predictions", None)
    again = score(net, subject, SEGMENTS)
    assert np.array_equal(once.references["oracle"], again.references["oracle"])
