"""A method is called "use" only when every gate and the level allow it."""

import shlex
from itertools import chain, combinations, product
from typing import get_args

import pytest
from ecglens.eval import GATES, LADDER_GATE, LINTER_GATE
from ecglens.eval.gates import Overall
from ecglens.report.answer.missing import FAULTS, MISSING
from ecglens.report.answer.next_run import commands_of
from ecglens.report.answer.words import LEVELS, NEEDED, USES, answer_words

PASSED = next(each for each in get_args(Overall) if each not in ("do not use", "not decided"))
UNTESTED = [*chain.from_iterable(combinations(MISSING, count) for count in range(4))]


def test_only_a_method_that_passed_every_gate_and_reached_the_level_is_to_be_used() -> None:
    for level, gate, untested in product((None, *LEVELS), get_args(Overall), UNTESTED):
        found = answer_words(level, gate, untested)
        needed = 0 if "region" in untested else LEVELS.index(NEEDED)
        high = level is not None and LEVELS.index(level) >= needed
        expected = (
            "do not use" if gate == "do not use" else "use" if high and gate == PASSED else
            "not shown"
        )  # fmt: skip
        assert found.use == expected
        assert found.use in USES
        assert found.reason.endswith(".")


def test_a_failed_gate_needs_no_further_command() -> None:
    assert answer_words(LEVELS[2], "do not use", ["weights", "networks"]).command == ""


def test_the_next_command_runs_the_cheapest_test_that_was_not_run() -> None:
    every = {name: f"run {name}" for name in MISSING}
    missing = ["networks", "labels", "weights"]
    assert answer_words(NEEDED, "not decided", missing, every).command == "run weights"
    assert answer_words(LEVELS[2], PASSED, (), every).command == ""
    assert answer_words(LEVELS[0], PASSED, ["region"], every).command == ""
    assert answer_words(NEEDED, PASSED, ["networks"]).command == ""


def test_a_command_has_the_settings_of_its_run_and_those_of_the_test() -> None:
    words = ["ecglens", "train", "--config-dir=/my dir", "target=qt", "model=mine", "ecgs=64"]
    facts = {"settings": {"seed": 7}, "command": [*words, "evaluation=axioms", "+seed=7"]}
    rest = "ecglens train '--config-dir=/my dir' target=qt model=mine"
    for ecgs, more in ((64, 160), (160, 400), (500, 1250)):
        found = commands_of(facts, ecgs)["ecgs"]
        assert found == f"{rest} evaluation=axioms +seed=7 ecgs={more}"
    found = commands_of(facts, 64)
    assert found["networks"] == f"{rest} ecgs=64 evaluation=axioms 'seed=[7,8,9,10,11]'"
    assert found["weights"] == f"{rest} ecgs=64 +seed=7 'evaluation=[perturbation,weights]'"
    assert commands_of({}, 64) == {}


def test_settings_of_an_evaluation_that_is_left_out_are_left_out_too() -> None:
    words = ["ecglens", "train", "evaluation=storas2025", "evaluation.storas2025.steps=25"]
    found = commands_of({"settings": {"seed": 0}, "command": words}, 64)
    assert found["ladder"] == "ecglens train evaluation=perturbation"
    assert found["ecgs"] == f"{shlex.join(words)} ecgs=160"


def test_without_the_command_of_its_run_the_added_settings_alone_are_given() -> None:
    found = commands_of({"settings": {"seed": 0}}, 64)
    assert found["ecgs"] == "ecgs=160"
    assert {*found} == {name for name, test in MISSING.items() if test.does}


def test_a_map_below_the_highest_level_is_not_said_to_be_about_this_ecg() -> None:
    assert "not shown to be about this ECG" in answer_words(NEEDED, PASSED).reason
    assert "not shown to be about this ECG" not in answer_words(LEVELS[2], PASSED).reason
    assert answer_words(NEEDED, PASSED, ["networks"]).reason.endswith("on one network.")


def test_the_reason_says_whether_the_region_was_compared_or_not() -> None:
    reasons = [
        answer_words(LEVELS[0], PASSED, name).reason for name in ((), ["ladder"], ["region"])
    ]
    assert len({*reasons}) == 3
    assert "was not compared" in reasons[1]
    assert "the target has no region" in reasons[2]


UNDECIDED = "not decided"
WEIGHTS, LABELS = GATES.values()


def test_a_test_that_was_not_run_is_named_with_its_command() -> None:
    both = answer_words(NEEDED, UNDECIDED, ["labels", "weights"])
    assert both.reason == (
        "It reached “more than where the target lives”. Not tested: whether the map changes when "
        "the network’s weights are redrawn at random and when a network is trained on permuted "
        "labels."
    )
    # evaluate has redrawn the weights of a network, and fits none.
    after = answer_words(NEEDED, UNDECIDED, ["labels"], verdicts={WEIGHTS: "passes"})
    assert after.reason.endswith(
        "Not tested: whether the map changes when a network is trained on permuted labels."
    )
    assert after.test == "labels"
    assert "evaluate fits none" in MISSING[after.test].does
    own = answer_words(NEEDED, UNDECIDED, ["own labels"])
    assert "`permuted` of ecglens.evaluate" in own.reason
    assert own.test == ""


def test_a_test_that_is_not_decided_is_named_with_its_command() -> None:
    verdicts = {WEIGHTS: "passes", LABELS: "cannot be said"}
    found = answer_words(NEEDED, UNDECIDED, ["ecgs", "networks"], verdicts=verdicts)
    assert found.reason.endswith(
        "Not decided with these ECGs: whether the map changes when a network is trained on "
        "permuted labels."
    )
    assert found.test == "ecgs"


@pytest.mark.parametrize("gate", [LINTER_GATE, LADDER_GATE, WEIGHTS, LABELS])
def test_a_failed_gate_is_said_in_plain_words(gate: str) -> None:
    found = answer_words(NEEDED, "do not use", verdicts={gate: "fails"})
    assert found.reason == f"It failed a test: {FAULTS[gate]}."
    assert gate not in found.reason


@pytest.mark.parametrize(
    ("level", "gate", "untested"),
    [("highest", PASSED, ()), (None, "green", ()), (None, PASSED, ["sleep"])],
)
def test_other_words_are_refused(level: str | None, gate: str, untested: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        answer_words(level, gate, untested)
