"""Attacks change maps as they say, and a metric that likes what they do is marked."""

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.explain import find_all
from ecglens.store import Store
from ecglens_benchmark import attacks
from ecglens_benchmark.card_command import main

ECGS = np.abs(np.random.default_rng(1).normal(size=(2, 3, 400)))
MAPS = np.random.default_rng(0).normal(size=(2, 3, 400))


class Smooth:
    """Prefers maps whose neighbours are alike, whatever the network."""

    higher_is_better = False

    def __call__(self, net, x, heatmap, seed):
        sizes = heatmap.abs().sum((1, 2))
        return heatmap.diff(dim=2).abs().sum((1, 2)) / torch.where(sizes > 0, sizes, 1.0)


class Correlation:
    """Correlation with the true map, which no attack knows."""

    higher_is_better = True

    def __call__(self, net, x, heatmap, seed):
        true = attacks.truth_of(net, x).flatten(1)
        pairs = zip(heatmap.flatten(1), true, strict=True)
        return torch.stack([torch.corrcoef(torch.stack(pair))[0, 1] for pair in pairs])


@pytest.fixture
def small(monkeypatch):
    """Two metrics on one network."""
    scored = {"smooth": Smooth(), "correlation": Correlation()}
    monkeypatch.setattr(attacks, "SCORED", scored)
    monkeypatch.setattr(attacks, "NETS", ("window",))


def attacked(name: str) -> np.ndarray:
    return attacks.ATTACKS[name](MAPS, ECGS)


def test_a_blur_keeps_the_sum_of_a_lead_and_what_it_takes_away_is_added_by_sharpening():
    blurred = attacked("blur")
    np.testing.assert_allclose(blurred.sum(2), MAPS.sum(2), rtol=1e-6)
    assert blurred.std() < 0.5 * MAPS.std()
    np.testing.assert_allclose(attacked("sharpen") + blurred, 2 * MAPS, atol=1e-12)


def test_sizes_are_squared_kept_cut_and_moved():
    np.testing.assert_allclose(attacked("square"), np.abs(MAPS) * MAPS)
    kept = attacked("sparsify")
    assert (kept != 0).sum((1, 2)).tolist() == [12, 12]  # 1 % of 1200 points
    largest = np.sort(np.abs(MAPS[0]), axis=None)[-12]
    assert np.abs(kept[0][kept[0] != 0]).min() == largest
    np.testing.assert_array_equal(attacked("shift")[:, :, 5:], MAPS[:, :, :-5])


def test_levels_keep_signs_and_ties_are_broken_by_the_mean_ecg():
    levels = attacked("quantise")
    assert len(np.unique(np.abs(levels[0]).round(9))) <= 8
    np.testing.assert_array_equal(np.sign(levels), np.sign(MAPS))
    tied, half = np.abs(attacked("ties by region")), np.abs(MAPS[0]) > np.abs(MAPS[0]).max() / 2
    assert tied[0][half].min() > tied[0][~half].max()
    order = np.argsort(tied[0][half])
    np.testing.assert_array_equal(order, np.argsort(ECGS.mean(0)[half]))


def test_the_prior_is_half_of_a_map():
    rest = attacked("prior") - MAPS / np.abs(MAPS).sum((1, 2), keepdims=True)
    np.testing.assert_allclose(rest[0], ECGS.mean(0) / ECGS.mean(0).sum(), atol=1e-15)
    empty = attacks.ATTACKS["prior"](0 * MAPS, ECGS)
    assert np.isfinite(empty).all()


def test_a_metric_of_smoothness_is_marked_with_a_blur_and_one_of_truth_is_not(small, tmp_path):
    store, said = Store.at(tmp_path / "store"), []
    found = attacks.attacked(find_all(["saliency", "random"]), store, said.append)
    assert [*found["map"].unique()] == ["saliency", "random", "abs_x", "abs_dx", "truth"]
    marked = attacks.marks(found)
    assert "blur" in marked["smooth"]
    assert "sharpen" not in marked["smooth"]
    assert "blur" not in marked["correlation"]
    again = attacks.attacked(find_all(["saliency", "random"]), store, said.append)
    pd.testing.assert_frame_equal(found, again)


def test_a_gain_within_the_draws_or_too_small_is_none():
    rows = {
        "map": ["a", "b", "c", "d"], "metric": "m", "attack": "blur", "score": [0.0, 0, 0, np.nan],
        "raised": [True, False, False, True],
    }  # fmt: skip
    assert attacks.marks(pd.DataFrame(rows))["m"] == ["blur"]
    rows["raised"] = [False, False, False, True]
    assert attacks.marks(pd.DataFrame(rows))["m"] == []


def test_a_gain_is_of_the_ecgs_that_have_a_score():
    gains = np.random.default_rng(0).normal(1.0, 0.1, 16)
    half = np.concatenate([gains, np.full(16, np.nan)])
    assert attacks.gain(half) == attacks.gain(gains)
    assert attacks.gain(gains)["gain"] == pytest.approx(gains.mean())
    assert attacks.gain(gains)["low"] < gains.mean() < attacks.gain(gains)["high"]
    alone = attacks.gain(np.array([np.nan, 1.0]))
    assert alone["gain"] == 1.0
    assert np.isnan([alone["low"], alone["high"]]).all()


def test_the_command_writes_gains_and_marks(small, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["ecglens benchmark", "saliency", "--attack"])
    main()
    assert capsys.readouterr().out.strip().endswith("marks.csv")
    gains = pd.read_csv(tmp_path / "attacks" / "gains.csv")
    assert {*gains["attack"]} == {*attacks.ATTACKS}
    marked = (tmp_path / "attacks" / "marks.csv").read_text("utf-8").splitlines()
    assert marked[0] == "metric,raised by"
    assert any(line.startswith("smooth,blur") for line in marked)
    for more in (["--season", "2026a"], ["--tier", "full"], ["--trust"]):
        monkeypatch.setattr("sys.argv", ["ecglens benchmark", "--attack", *more])
        with pytest.raises(SystemExit):
            main()
        assert "expected --attack alone with method, to, store" in capsys.readouterr().err
