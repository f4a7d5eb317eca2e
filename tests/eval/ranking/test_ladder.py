from dataclasses import replace

import numpy as np
import pytest
from ecglens.eval import DEFAULT, rank
from ecglens.eval.curves import (
    ANOTHER_PATIENT,
    MEAN_OF_OTHERS,
    TARGET_PRIOR,
    prior_key,
    template_key,
)
from ecglens.eval.ranking.ladder import climb, reached

from ..networks import column, made_curves

NULLS = {"random": 1.0, "abs_x": 1.0, "abs_dx": 1.0}


def scores(methods, prior=None, others=None, seed=0):
    """Scores of methods with these mean areas beside a prior and other patients' maps."""
    random = np.random.default_rng(seed)
    made = {n: m + random.normal(0, 1, 64) for n, m in (methods | NULLS).items()}
    found = made_curves(made, DEFAULT)
    references = {}
    if prior is not None:
        references[prior_key("point")] = curves(prior + random.normal(0, 1, 64))
    for name, mean in (others or {}).items():
        for rung in (MEAN_OF_OTHERS, ANOTHER_PATIENT):
            references[template_key(rung, name)] = curves(mean + random.normal(0, 1, 64), 2)
    return replace(found, references=references, grains=dict.fromkeys(methods, "point"))


def curves(auc, draws=5):
    curve = np.zeros((draws, len(auc), DEFAULT.until + 1))
    curve[..., 1:] = (auc / (DEFAULT.until - 0.5))[None, :, None]
    return curve


def test_levels_are_reached_in_their_order():
    means = {"blind": 20.0, "template": 40.0, "specific": 60.0, "lost": 1.0}
    others = {"blind": 10.0, "template": 40.0, "specific": 40.0, "lost": 1.0}
    ladder = climb([scores(means, prior=20.0, others=others)])
    assert ladder.reached == {"blind": 1, "template": 2, "specific": 3, "lost": 0}
    assert (ladder.tested, ladder.needed) == ((1, 2, 3), 2)
    words = reached(ladder)
    assert words == (
        "Level reached – beats other patients’ maps: specific; "
        "beats the target region itself: template; "
        "beats the controls: blind; no level: lost."
    )


def test_what_is_about_this_ecg_but_not_above_the_prior_reaches_the_first_level_alone():
    ladder = climb([scores({"one": 20.0}, prior=20.5, others={"one": 5.0})])
    assert ladder.reached == {"one": 1}
    levels = ladder.levels.set_index("level")
    assert levels["above"].tolist() == [True, False, True]
    assert levels["reached"].tolist() == [True, False, False]


def test_without_a_region_the_second_level_is_not_asked():
    ladder = climb([scores({"one": 20.0}, others={"one": 5.0})])
    assert (ladder.tested, ladder.needed, ladder.reached) == ((1, 3), 1, {"one": 3})
    assert rank(scores({"one": 20.0}, others={"one": 5.0})).best == "one"


def test_a_blind_map_is_not_the_best_whatever_controls_it_is_above():
    """Random numbers within the target region are above every control, and are not relied on."""
    ranking = rank(scores({"blind": 120.0, "ablation": 80.0}, prior=121.0))
    assert ranking.best is None
    assert column(ranking, "beats_controls")["blind"]
    assert "beat the target region itself" in ranking.sentence


def test_the_differences_are_paired_in_the_draws_that_the_rung_has():
    given = scores({"one": 20.0}, others={"one": 5.0})
    noisy = given.predictions["one"].copy()
    noisy[2:] += 100 * np.arange(noisy.shape[-1])  # draws that the rungs do not have
    ladder = climb([replace(given, predictions={**given.predictions, "one": noisy})])
    rows = ladder.rungs.set_index("rung")
    own = given.predictions["one"][:2, :, 1].mean() * (DEFAULT.until - 0.5)
    assert rows["own"][MEAN_OF_OTHERS] == pytest.approx(own)
    assert rows["own"]["random"] > 2 * own


def test_over_networks_the_ladder_speaks_of_other_networks():
    each = [scores({"one": 20.0}, prior=prior, seed=k) for k, prior in enumerate((2, 30, 2, 30, 2))]
    assert climb(each[:1]).reached == {"one": 2}
    assert climb(each).reached == {"one": 1}


def test_each_network_has_the_prior_of_its_own_resolution():
    means = {"changing": 20.0, "fine": 20.0}
    first = scores(means, prior=10.0)
    second = scores(means, prior=10.0, seed=1)
    lower = {prior_key("wave"): second.references[prior_key("point")] * 0.99}
    second = replace(
        second,
        references={**second.references, **lower},
        grains={"changing": "wave", "fine": "point"},
    )
    ladder = climb([first, second])
    assert ladder.reached == {"changing": 2, "fine": 2}
    prior = ladder.rungs.set_index(["rung", "method"])["auc"][TARGET_PRIOR]
    assert prior["changing"] < prior["fine"]


def test_a_method_without_a_rung_is_left_out_of_its_level_alone():
    given = scores({"one": 20.0, "other": 20.0}, prior=10.0, others={"one": 5.0, "other": 5.0})
    ladder = climb([replace(given, grains={"one": "point", "other": "wave"})])  # without this prior
    assert (ladder.tested, ladder.reached) == ((1, 2, 3), {"one": 3, "other": 1})
    assert set(ladder.levels.query("level == 2")["method"]) == {"one"}
