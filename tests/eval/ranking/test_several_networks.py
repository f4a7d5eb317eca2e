from dataclasses import replace

import numpy as np
import pytest
from ecglens.eval import DEFAULT, rank, rank_test
from ecglens.eval.statistics.crossed import Crossed

from ..networks import column, made_curves
from .test_ranking import CONTROLS, aucs

MEANS = {"saliency": 20.0, "smoothgrad": 14.0, **CONTROLS}


def several(*shifts, means=MEANS, ecgs=64):
    """A network for each shift, by which its saliency is better or worse than the mean."""
    found = []
    for seed, shift in enumerate(shifts):
        made = aucs({**means, "saliency": means["saliency"] + shift}, seed, ecgs)
        found.append(made_curves(made, DEFAULT, seed=seed))
    return found


def test_one_network_is_ranked_the_same_alone_and_as_the_only_one_of_several():
    alone, listed = rank(several(0.0)[0]), rank(several(0.0))
    assert alone.table.equals(listed.table)
    assert (alone.networks, alone.sentence) == (1, listed.sentence)


def test_several_networks_are_ranked_by_their_mean():
    each = several(-1.0, 0.5, 2.0)
    ranking = rank(each)
    assert ranking.networks == 3
    alone = [column(rank(one), "value") for one in each]
    for name, auc in column(ranking, "value").items():
        assert auc == pytest.approx(np.mean([one[name] for one in alone]))
    assert ranking.best == "saliency"
    assert "on 64 ECGs in 3 networks (AUC" in ranking.sentence


def test_intervals_are_those_of_patients_and_networks_crossed():
    each = several(-1.0, 0.5, 2.0)
    row = {name: column(rank(each), name)["saliency"] for name in ("difference_low", "low")}
    values = np.stack(
        [one.predictions["saliency"][0, :, 1] - one.predictions["random"][0, :, 1] for one in each]
    )
    low, _ = Crossed.of(each[0].patients).interval(values * (DEFAULT.until - 0.5))
    assert row["difference_low"] == pytest.approx(float(low))


def test_what_holds_in_one_network_alone_is_not_proven():
    # In each network saliency significantly beats random or significantly loses to it.
    each = several(8.0, -8.0, 7.0, means={**MEANS, "saliency": 12.0})
    assert rank(each[0]).best == "saliency"
    ranking = rank(each)
    assert not column(ranking, "beats_controls")["saliency"]
    assert ranking.best == "smoothgrad"


def test_the_variance_is_split_into_its_sources():
    ranking = rank(several(-3.0, 0.0, 3.0, ecgs=200))
    split = ranking.variance.T["saliency"].to_dict()
    # Three networks 3 apart; each ECG's own noise of 0.3 in the method and in random.
    assert split["network"] == pytest.approx(9, rel=0.15)
    assert split["ecg_network"] == pytest.approx(2 * 0.3**2, rel=0.2)
    assert abs(split["ecg"]) < 0.05
    # The curves of all draws are the same here.
    assert (split["draw"], split["rest"]) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert [*ranking.variance.index] == [*several(0.0)[0].predictions]
    one = rank(several(0.0)[0]).variance
    assert one[["network", "rest"]].isna().to_numpy().all()
    assert one[["ecg", "draw"]].notna().to_numpy().all()


def test_equivalent_methods_are_named():
    made = aucs({"one": 20.0, "other": 20.0, "near": 18.0, **CONTROLS})
    ranking = rank(made_curves(made, DEFAULT))
    assert column(ranking, "equivalent") == {
        "one": True, "other": True, "near": False, "abs_x": False, "abs_dx": False, "random": False,
    }  # fmt: skip
    wide = rank(made_curves(made, DEFAULT), margin=0.3)
    assert column(wide, "equivalent")["near"]
    assert column(ranking, "superiority")["one"] == 1
    with pytest.raises(ValueError, match=r"margin above 0 and below 1, got 1\.0"):
        rank(made_curves(made, DEFAULT), margin=1.0)


def test_a_method_that_one_network_has_not_is_left_out():
    whole, less = several(0.0, 0.0)
    fewer = {name: curve for name, curve in less.predictions.items() if name != "smoothgrad"}
    less = replace(less, predictions=fewer, left_out={"smoothgrad": "functional ReLU"})
    assert set(rank([whole, less]).names) == {"saliency", *CONTROLS}


def test_networks_under_different_evaluations_are_refused():
    one, other = several(0.0, 0.0)
    for words, wrong in {
        "protocols": replace(other, protocol=replace(DEFAULT, noise=0.1)),
        "true values": replace(other, y=other.y + 1),
        "records and patients": replace(
            other, records=(*other.records[1:], "new"), patients=(*other.records[1:], "new")
        ),
    }.items():
        with pytest.raises(ValueError, match=f"got different {words}$"):
            rank([one, wrong])
    with pytest.raises(ValueError, match="at least one network to rank, got none"):
        rank([])


def test_methods_are_ranked_in_each_patient():
    made = {
        "up": np.array([3.0, 3.0, 1.0, 9.0]), "down": np.array([1.0, 4.0, 2.0, 1.0]),
        "random": np.zeros(4),
    }  # fmt: skip
    found = rank_test(made_curves(made, DEFAULT, patients=("a", "a", "b", "c")))
    # Patient a: 3 against 2.5; b: 1 against 2; c: 9 against 1. Random is no method.
    assert (found.methods, found.blocks) == (("up", "down"), 3)
    assert found.mean_ranks.tolist() == pytest.approx([4 / 3, 5 / 3])
