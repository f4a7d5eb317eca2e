"""The rule for the default protocol decides as docs/meta_evaluation.md says."""

from dataclasses import replace

import torch
from ecglens_benchmark.meta_evaluation import NETWORKS, THRESHOLDS

from benchmarks.default_protocol import candidates, template_halves
from benchmarks.default_rule import Found, decide

GOOD = Found(unfit=(), region_missed=(), template_missed=(), halves_told_apart=())
UNFIT = replace(GOOD, unfit=("three votes",))


def test_candidates_need_no_true_value_and_take_the_most_relevant_first():
    names = [*candidates()]
    assert "points" in names
    assert "default protocol" in names
    assert not {"Storås 2025", "least relevant segments first", "completeness"} & {*names}


def test_the_only_eligible_protocol_is_the_default():
    found = {"old": replace(UNFIT, tau={"pr": 0.95}), "new": replace(GOOD, tau={"pr": 0.9})}
    assert decide(found, "old") == ("new",)


def test_the_more_stable_of_two_eligible_protocols_is_the_default():
    one, other = replace(GOOD, tau={"pr": 1.0, "j": 0.7}), replace(GOOD, tau={"pr": 0.9, "j": 0.8})
    assert decide({"old": UNFIT, "one": one, "other": other}, "old") == ("other",)


def test_a_default_that_loses_stability_needs_the_old_one_to_agree():
    old = replace(UNFIT, tau={"pr": 0.9})
    assert decide({"old": old, "new": replace(GOOD, tau={"pr": 0.7})}, "old") == ("new", "old")
    assert decide({"old": old, "new": replace(GOOD, tau={"pr": 0.85})}, "old") == ("new",)


def test_without_an_eligible_protocol_a_second_one_sees_what_the_first_misses():
    first = replace(GOOD, region_missed=("edge",))
    found = {"first": first, "blind": replace(first, unfit=("edge",)), "seeing": UNFIT}
    assert decide(found, "blind") == ("first", "seeing")
    assert decide({"first": first, "blind": replace(first, unfit=("edge",))}, "blind") == ("first",)


def test_what_is_found_is_read_against_the_limits_of_the_trial():
    fine = {"region": THRESHOLDS.caught, "template": 0.0, "halves": THRESHOLDS.false_alarms}
    maps = dict.fromkeys(NETWORKS, fine)
    maps["moving wave"] = {**fine, "template": 0.96}
    maps["tallest lead"] = {"region": 0.94, "template": 0.94, "halves": 0.06}
    found = Found.of("points", maps, {"moving wave": ["power"], "tallest lead": []}, {})
    assert found.unfit == ("three votes", "moving wave")
    assert found.missed == {("region", "tallest lead"), ("template", "tallest lead")}
    assert found.halves_told_apart == ["tallest lead"]


def test_the_halves_of_a_template_share_no_ecg_and_leave_out_their_own():
    truth = torch.eye(6).reshape(6, 1, 6).repeat(1, 12, 1)
    one, other = template_halves(truth, seed=0)
    assert not ((one != 0) & (other != 0)).any()
    assert (one.diagonal(dim1=0, dim2=2) == 0).all()
    torch.testing.assert_close((one + other).sum(2), torch.full((6, 12), 2.0))
