"""Conclusions of Storås 2025, judged for its own Table 4 and for areas made by hand."""

import numpy as np
import pytest
from ecglens_reproductions.conclusions import OF_ALL, OF_ONE, printed_universe
from ecglens_reproductions.printed import printed_auc, printed_votes
from ecglens_reproductions.sources import rules
from ecglens_reproductions.universes import RANDOM, Universes

METHODS = tuple(name for name in printed_auc()["pr"] if name != RANDOM)
RULES = rules()


def test_the_printed_table_has_most_conclusions_of_its_article():
    judged = {
        (name, target): float(judge(printed_universe(target))[0])
        for name, judge in OF_ONE.items()
        for target in RULES["conclusions"][name]["targets"]
    }
    fails = {of for of, holds in judged.items() if holds == 0}
    assert fails == {("guided_gradcam_below_par", "qrs")}
    qrs = {name: area for name, area in printed_auc()["qrs"].items() if name != RANDOM}
    assert qrs["guided_gradcam"] == np.median([*qrs.values()])
    unknown = {name for (name, _), holds in judged.items() if np.isnan(holds)}
    assert unknown == {"one_order_for_every_cutoff"}  # one cut-off was printed
    every = {target: printed_universe(target) for target in printed_auc()}
    assert all(judge(every).all() for judge in OF_ALL.values())


def test_every_rule_is_a_function_and_every_function_a_rule():
    for functions, of_all in ((OF_ONE, False), (OF_ALL, True)):
        rules = {name for name, rule in RULES["conclusions"].items() if ("of" in rule) == of_all}
        assert {*functions} == rules


def test_the_first_choice_of_the_experts_is_that_of_table_2():
    assert {sum(of.values()) for of in printed_votes("full").values()} == {306}
    assert {sum(of.values()) for of in printed_votes("averaged").values()} == {306}


@pytest.mark.parametrize(("gap", "poor"), [(1.0, True), (1.1, False)])
def test_class_3_ends_a_third_of_the_way_from_random_to_the_best(gap, poor):
    areas = np.full((1, 10), 5.0)  # random 2, best 5
    areas[0, [METHODS.index("deconvolution"), -1]] = 2.0 + gap, 2.0
    one = Universes("pr", METHODS, areas, areas[:, None], np.array([True]))
    assert OF_ONE["deconvolution_is_poor"](one).tolist() == [poor]


def test_a_change_in_ms_is_not_compared_with_one_in_microvolts():
    targets = {name: printed_universe(name) for name in ("pr", "r")}
    changed = {
        name: Universes(name, METHODS, each.areas, each.at_cutoffs, np.array([False]))
        for name, each in targets.items()
    }
    assert OF_ALL["intervals_rise_less"](targets).tolist() == [1.0]
    assert np.isnan(OF_ALL["intervals_rise_less"](changed)).all()
