from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import DEFAULT, STORAS2025, Protocol, rank
from ecglens.eval.ranking.order import held, positions, tiers
from ecglens.eval.ranking.outcome import mean_curves

from ..networks import column, made_curves


def aucs(means, seed=0, ecgs=64):
    """AUCs per ECG with the given means; ECGs share most of their spread."""
    random = np.random.default_rng(seed)
    shared = random.normal(0, 1, ecgs)
    return {name: mean + shared + random.normal(0, 0.3, ecgs) for name, mean in means.items()}


CONTROLS = {"random": 10.0, "abs_x": 11.0, "abs_dx": 10.5}


def test_the_best_method_beats_every_control_and_the_table_says_by_how_much():
    made = aucs({"saliency": 20.0, "smoothgrad": 14.0, "deeplift": 10.9, **CONTROLS})
    ranking = rank(made_curves(made, DEFAULT))
    assert ranking.names == ("saliency", "smoothgrad", "abs_x", "deeplift", "abs_dx", "random")
    assert (ranking.best, ranking.tied) == ("saliency", ())
    assert column(ranking, "value")["saliency"] == pytest.approx(made["saliency"].mean())
    assert column(ranking, "difference")["saliency"] == pytest.approx(
        (made["saliency"] - made["random"]).mean()
    )
    row = {name: column(ranking, name)["saliency"] for name in ranking.table.columns}
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    # Paired: the ECGs' shared spread is not in the difference.
    assert row["difference_high"] - row["difference_low"] < 0.5 * (row["high"] - row["low"])
    assert column(ranking, "beats_random") == {
        "saliency": True, "smoothgrad": True, "abs_x": False,
        "deeplift": True, "abs_dx": False, "random": False,
    }  # fmt: skip
    assert not column(ranking, "beats_data_controls")["deeplift"]
    assert not column(ranking, "beats_controls")["deeplift"]
    for name in ("tier", "position"):
        place = column(ranking, name)
        assert [place[method] for method in made if method not in CONTROLS] == [1, 2, 3]
    assert ranking.stable
    assert ranking.agreement == 1
    told = "saliency moves the prediction most of those that beat the controls on 64 ECGs"
    assert ranking.sentence.startswith(told)
    assert "beats the controls: saliency, smoothgrad; no level: deeplift" in ranking.sentence
    assert column(ranking, "level")["saliency"] == 1


@pytest.mark.parametrize(("unit", "said"), [(1, "20.5 against 10.5"), (1e3, "20000 against 10000")])
def test_areas_in_a_sentence_have_three_digits_and_no_exponent(unit, said):
    means = {"saliency": 20.0, **CONTROLS}
    made = {name: np.full(64, unit * mean) + np.arange(64) % 2 for name, mean in means.items()}
    assert f"(AUC {said} for random)" in rank(made_curves(made, DEFAULT)).sentence


def test_methods_that_cannot_be_told_from_the_best_are_tied_with_it():
    made = aucs({"one": 20.0, "other": 20.0, "far": 15.0, **CONTROLS})
    ranking = rank(made_curves(made, DEFAULT))
    first, second = ranking.names[:2]
    assert {first, second} == {"one", "other"}
    assert (ranking.best, ranking.tied) == (first, (second,))
    assert f"cannot be told from {second}" in ranking.sentence


def test_a_ranking_does_not_depend_on_the_order_of_the_ecgs():
    made = aucs({"saliency": 13.0, "smoothgrad": 11.4, **CONTROLS}, ecgs=24)
    records = tuple(f"ecg {number}" for number in range(24))
    patients = tuple(f"p{number // 2}" for number in range(24))
    order = np.random.default_rng(0).permutation(24)
    turned = made_curves(
        {name: auc[order] for name, auc in made.items()},
        DEFAULT,
        records=tuple(records[ecg] for ecg in order),
        patients=tuple(patients[ecg] for ecg in order),
    )
    table = rank(made_curves(made, DEFAULT, records=records, patients=patients)).table
    pd.testing.assert_frame_equal(table, rank(turned).table, rtol=1e-9)


def test_random_against_random_is_seldom_called_a_winner():
    level = dict.fromkeys(("a", "b", "random", "abs_x"), 10.0)
    wins = [rank(made_curves(aucs(level, seed), DEFAULT)).best for seed in range(40)]
    # Each method has to beat two controls at once, corrected for two methods.
    assert sum(best is not None for best in wins) <= 1


def test_nobody_wins_who_loses_to_the_size_of_the_signal():
    means = {"saliency": 20.0, "random": 10.0, "abs_x": 25.0, "abs_dx": 9.0}
    ranking = rank(made_curves(aucs(means), DEFAULT))
    assert ranking.best is None
    assert ranking.tied == ()
    assert column(ranking, "beats_random")["saliency"]
    assert ranking.sentence == (
        "No method was shown to beat the controls on 64 ECGs: none is significantly above "
        "random numbers, |x| and |dx/dt|."
    )


def test_the_p_beside_a_verdict_decides_it_and_below_random_is_named():
    means = {"good": 20.0, "near": 11.05, "level": 10.0, "poor": 8.0}
    # Controls as high as `near`: significantly above random, not significantly above |x|.
    ranking = rank(made_curves(aucs({**means, **CONTROLS}), DEFAULT))
    table = ranking.table[ranking.table["kind"] == "method"]
    assert (table["beats_controls"] == (table["p_controls"] < 0.05)).all()
    assert (table["beats_random"] == (table["against_random"] == "above")).all()
    assert (table["against_random"] != "not shown").equals(table["p"] < 0.05)
    sides = column(ranking, "against_random")
    assert [sides[name] for name in means] == ["above", "above", "not shown", "below"]
    assert column(ranking, "p")["near"] < 0.05 < column(ranking, "p_controls")["near"]
    assert column(ranking, "p_controls")["poor"] == 1


def test_tied_methods_are_those_that_may_be_the_best():
    made = aucs({"one": 20.0, "other": 20.05, "far": 15.0, "never": 5.0, **CONTROLS})
    ranking = rank(made_curves(made, DEFAULT))
    p = column(ranking, "p_best")
    assert ranking.best is not None
    assert ranking.best in ("one", "other")
    assert p[ranking.best] == 1
    assert {name for name in made if p[name] >= 0.05} == {ranking.best, *ranking.tied}
    assert p["far"] < 0.05
    assert np.isnan(p["never"])
    assert np.isnan(p["random"])


def test_the_area_of_a_change_cannot_be_negative_and_a_logits_can():
    made = {name: np.zeros(7) for name in ("saliency", *CONTROLS)}
    # Skewed to the left: what the one low ECG says of others reaches below 0.
    made["saliency"][:] = 1.0, 1.1, 0.9, 1.2, 1.05, 0.95, 0.0
    ranking = rank(made_curves(made, DEFAULT))
    assert column(ranking, "low")["saliency"] == 0
    assert column(ranking, "difference_low")["saliency"] < 0
    logit = replace(DEFAULT, name="logit", outcome="logit")
    assert column(rank(made_curves(made, logit)), "low")["saliency"] < 0


def test_a_network_that_never_moves_has_no_best_method():
    made = {name: np.zeros(20) for name in ("saliency", *CONTROLS)}
    ranking = rank(made_curves(made, DEFAULT))
    assert ranking.best is None
    assert column(ranking, "p")["saliency"] == 1
    assert column(ranking, "tier")["saliency"] == 3


def test_controls_alone_are_ranked_and_the_sentence_says_why_they_are():
    why = "expected ReLU or MaxPool, found LeakyReLU"
    scores = made_curves(aucs(CONTROLS), DEFAULT, left_out={"deconvolution": why})
    ranking = rank(scores)
    assert set(ranking.names) == {*CONTROLS}
    assert (ranking.best, ranking.tied, ranking.stable, ranking.agreement) == (None, (), True, 1)
    assert ranking.sentence == (
        f"No method was scored, only controls on 64 ECGs (deconvolution was left out: {why})."
    )
    whole = rank(made_curves(aucs({"saliency": 20.0, **CONTROLS}), DEFAULT)).table
    assert ranking.table.dtypes.equals(whole.dtypes)
    assert ranking.table[["p", "position", "tier", "held"]].isna().to_numpy().all()


def test_a_method_without_proof_is_not_the_best_even_with_the_highest_mean():
    made = aucs({"steady": 14.0, **CONTROLS})
    made["wild"] = np.zeros(64)
    made["wild"][:2] = 500.0
    ranking = rank(made_curves(made, DEFAULT))
    assert ranking.names[0] == "wild"
    assert ranking.best == "steady"


def test_signed_relative_error_drops_and_counts_what_has_no_true_value():
    storas = Protocol("storas2025", steps=25, draws=1, outcome="relative_error", folded=False)
    ecgs = 12
    y = np.linspace(50, 100, ecgs)
    y[[2, 5, 7]] = 0, np.nan, -40
    scores = made_curves(aucs({"saliency": 400.0, "random": 100.0}, ecgs=ecgs), storas, y=y)
    ranking = rank(scores)
    assert (ranking.ecgs, ranking.dropped) == (10, 2)
    keep = np.isfinite(y) & (y != 0)
    curve = scores.predictions["saliency"][0][keep]
    mean = (np.abs(curve - y[keep, None]) / y[keep, None]).mean(0)
    by_hand = sum((mean[k] + mean[k + 1]) / 2 for k in range(15))
    assert column(ranking, "value")["saliency"] == pytest.approx(by_hand)
    assert np.allclose(mean_curves(scores)["saliency"], mean)


def test_the_storas_rules_divide_by_whole_labels_and_drop_what_rounds_to_0():
    y = np.array([0.4, -0.5, 1.6, -2.4, 99.7, np.nan])
    made = {"saliency": np.full(6, 400.0), "random": np.full(6, 100.0)}
    assert STORAS2025.whole_labels
    scores = made_curves(made, STORAS2025, y=y)
    ranking = rank(scores)
    assert (ranking.ecgs, ranking.dropped) == (3, 3)
    curve, whole = scores.predictions["saliency"][0][2:5], np.array([2.0, -2.0, 100.0])
    by_hand = (np.abs(curve - whole[:, None]) / whole[:, None]).mean(0)
    assert np.allclose(mean_curves(scores)["saliency"], by_hand)
    # The error view of the default protocol keeps the labels as they were measured.
    default = rank(made_curves(made, replace(DEFAULT, outcome="relative_error"), y=y))
    assert (default.ecgs, default.dropped) == (5, 1)


def test_many_ecgs_of_few_patients_prove_no_more_than_their_patients():
    random = np.random.default_rng(3)
    patients = tuple(f"p{number // 16}" for number in range(64))
    made = aucs(CONTROLS)
    # The four patients differ among themselves about as much as from nothing.
    gain = np.repeat(np.array([3.0, 2.0, 1.5, -1.0]), 16) + random.normal(0, 0.3, 64)
    made["saliency"] = made["abs_x"] + gain
    one, other = (
        rank(made_curves(made, DEFAULT, **known)) for known in ({}, {"patients": patients})
    )
    assert (one.best, one.patients, other.best, other.patients) == ("saliency", 64, None, 4)
    assert column(one, "value") == column(other, "value")
    assert "on 64 ECGs of 4 patients: " in other.sentence
    assert "patients" not in one.sentence


def test_the_order_is_checked_at_every_cut_off():
    scores = made_curves(aucs({"early": 20.0, "late": 20.5, "never": 0.0, "random": 10.0}), DEFAULT)
    step = np.arange(26)
    # At first ahead, overtaken between the cut-offs 10 and 25.
    curves = {
        "early": np.minimum(step, 5) * 4.0,
        "late": np.maximum(step - 4, 0) * 3.0,
        "never": step * 0.0,
        "random": step * 0.1,
    }
    whole = {name: np.tile(curve, (5, 64, 1)) for name, curve in curves.items()}
    ranking = rank(made_curves({name: np.ones(64) for name in curves}, DEFAULT, predictions=whole))
    assert not ranking.stable
    held_share = column(ranking, "held")
    areas = {
        until: {n: np.trapezoid(c[: until + 1]) for n, c in curves.items()}
        for until in range(10, 26)
    }
    ahead = [area["early"] > area["late"] for area in areas.values()]
    share = np.mean([each == (areas[15]["early"] > areas[15]["late"]) for each in ahead])
    assert 0 < share < 1
    assert held_share["early"] == held_share["late"] == pytest.approx(share)
    assert held_share["never"] == 1
    # One pair of three stands the other way: (2 − 1) / 3.
    assert ranking.agreement == pytest.approx(1 / 3)
    assert scores.methods == ("early", "late", "never")


def test_classes_are_thirds_of_the_way_from_random_to_the_winner():
    found = tiers(np.array([4.0, 3.01, 2.99, 2.01, 1.99, 1.0, 0.5]), 1.0)
    assert found.tolist() == [1, 1, 2, 2, 3, 3, 3]
    assert tiers(np.array([1.0, 0.5]), 1.0).tolist() == [3, 3]


def test_positions_and_a_method_alone():
    assert positions(np.array([2.0, 5.0, 2.0])).tolist() == [2, 1, 3]
    share, agreement = held(np.ones((16, 1)), np.ones(1))
    assert (share.tolist(), agreement) == ([1.0], 1.0)


def test_what_cannot_be_ranked_is_refused():
    storas = Protocol("storas2025", draws=1, outcome="relative_error")
    unknown = made_curves(aucs({"saliency": 1.0, **CONTROLS}), storas, y=np.full(64, np.nan))
    with pytest.raises(ValueError, match=r"at least 2 usable ECGs .*, got 0"):
        rank(unknown)
    with pytest.raises(ValueError, match=r"at least 2 usable ECGs .*, got 1"):
        rank(made_curves(aucs({"saliency": 1.0, **CONTROLS}, ecgs=1), DEFAULT))
    with pytest.raises(ValueError, match="expected the control random, got saliency, abs_x"):
        rank(made_curves(aucs({"saliency": 1.0, "abs_x": 1.0}), DEFAULT))
