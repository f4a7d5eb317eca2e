"""Sentences on an answer are made from the answer alone."""

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ecglens.cli.front_door import composed
from ecglens.datamodules import Target
from ecglens.eval import (
    GATES,
    LADDER_GATE,
    LADDER_LEVELS,
    LINTER_GATE,
    RUNS,
    Answer,
    MethodAnswer,
    Reading,
    ThisEcg,
    Witness,
)
from ecglens.eval.answer.answer import Use
from ecglens.eval.answer.gates import Run
from ecglens.eval.answer.reading import Misread
from ecglens.report.answer.statements import twins_sentence, witness_sentences
from ecglens.report.answer.top import not_said
from ecglens.report.answer.words import (
    FAULTS,
    across,
    banner,
    gates_in_words,
    in_a_line,
    why_untested,
    words_of,
)
from ecglens.report.next_run import DOES, Made, command_of
from hydra.core.override_parser.overrides_parser import OverridesParser

PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"))
WEIGHTS, MOVED, LABELS = GATES.values()
PASSED = dict.fromkeys((LINTER_GATE, LADDER_GATE, WEIGHTS, LABELS), "passes")
BEHIND = dict.fromkeys((LINTER_GATE, LADDER_GATE, MOVED, LABELS), "passes")
RUN = Run(("ecglens", "train"), configured=True, own=False, ecgs=64, epochs=8, longer=16)


def method(use: Use = "use", level: int = 2, name: str = "saliency", **changed) -> MethodAnswer:
    given = {"above": (), "unbeaten": None, "gates": PASSED}
    return MethodAnswer(name, use, level, **(given | changed))


def answer(*methods: MethodAnswer, **changed) -> Answer:
    given = {
        "target": PR, "input": "median", "networks": ("a",), "reads": Reading("reads"),
        "methods": methods, "protocols": ("default",), "ecgs": 64, "needed": 2, "tested": (1, 2),
        "tied": (), "next": "", "run": RUN,
    }  # fmt: skip
    return Answer(**(given | changed))


def reason(one: MethodAnswer, **changed) -> str:
    return words_of(answer(one, **changed))[one.name].reason


def test_a_command_has_the_settings_of_its_run_and_those_of_the_test() -> None:
    words = ("ecglens", "train", "--config-dir=/my dir", "target=qt", "model=mine", "ecgs=64",
             "evaluation=axioms", "+seed=7")  # fmt: skip
    rest = "ecglens train '--config-dir=/my dir' target=qt model=mine"
    for ecgs, more in ((64, 160), (160, 400), (500, 1250)):
        found = answer(run=replace(RUN, command=words, seed=7, ecgs=ecgs))
        said = command_of(found, "ecgs")
        assert said == f"{rest} evaluation=axioms +seed=7 ecgs={more}"
    said = command_of(found, "networks")
    assert said == f"{rest} ecgs=64 evaluation=axioms 'seed=[7,8,9,10,11]'"
    said = command_of(found, "weights")
    assert said == f"{rest} ecgs=64 +seed=7 'evaluation=[axioms,perturbation,weights]'"
    assert command_of(answer(run=Run()), "weights") == ""


@pytest.mark.parametrize(
    ("test", "verb"), [("training", "train"), ("networks", "train"), ("labels", "train"),
                       ("weights", "train"), ("ecgs", "evaluate"), ("ladder", "evaluate")],
)  # fmt: skip
def test_what_needs_a_fit_is_trained_though_the_run_was_evaluated(test: str, verb: str) -> None:
    run = replace(RUN, command=("ecglens", "evaluate", "target=qt"), epochs=8)
    assert command_of(answer(run=run), test).split()[:2] == ["ecglens", verb]
    own = replace(run, command=(*run.command, "network._target_=mine.load"))
    assert command_of(answer(run=own), test).split()[:2] == ["ecglens", "evaluate"]


def test_evaluations_of_the_run_stay_with_their_settings() -> None:
    words = ("ecglens", "train", "evaluation=storas2025", "evaluation.storas2025.steps=25")
    found = answer(run=replace(RUN, command=words))
    assert command_of(found, "ladder") == (
        "ecglens train evaluation.storas2025.steps=25 'evaluation=[storas2025,perturbation]'"
    )
    assert command_of(found, "ecgs") == f"{shlex.join(words)} ecgs=160"


def test_a_small_gate_that_is_not_decided_is_repeated_at_full_size() -> None:
    small = ("evaluation.weights.ecgs=16", "evaluation.default.ladder=0", "evaluation.x.y=1")
    words = ("ecglens", "train", "evaluation=answer", *small, "target=qt")
    said = command_of(answer(run=replace(RUN, command=words)), "all weights")
    assert said == "ecglens train evaluation.x.y=1 target=qt 'evaluation=[answer,weights]'"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("target=qt",), "target=qt 'evaluation=[answer,weights]'"),
        (("evaluation=all",), "'evaluation=[all,weights]'"),
        (("evaluation=[answer,return_test]",), "'evaluation=[answer,return_test,weights]'"),
        (
            ("experiment=storas2025",),
            "experiment=storas2025 'evaluation=[storas2025,perturbation,weights]'",
        ),
        (
            ("experiment=bender2023",),
            "experiment=bender2023 'evaluation=[relevance,perturbation,weights]'",
        ),
        (
            ("experiment=arends2026",),
            "experiment=arends2026 'evaluation=[similarity,consistency,perturbation,weights]'",
        ),
        (
            ("experiment=storas2025", "+evaluation.mine._target_=my.Own"),
            "experiment=storas2025 +evaluation.mine._target_=my.Own "
            "'evaluation=[storas2025,perturbation,weights]'",
        ),
        (
            ("+evaluation.default-mine._target_=my.Own",),
            "+evaluation.default-mine._target_=my.Own 'evaluation=[answer,weights]'",
        ),
    ],
)
def test_the_page_of_a_next_run_keeps_the_evaluations_of_the_run(words, said) -> None:
    before = composed(words)["evaluation"]
    run = replace(RUN, command=("ecglens", "train", *words))
    assert command_of(answer(run=run), "all weights") == f"ecglens train {said}"
    added = composed(shlex.split(said))["evaluation"]
    assert {*before} <= {*added}
    assert added["weights"]["ecgs"] is None
    assert all("_target_" in each for each in added.values())


@pytest.mark.parametrize("experiment", ["my_own", "[storas2025,bender2023]"])
def test_the_evaluations_of_an_experiment_that_is_not_known_here_are_not_lost(experiment) -> None:
    run = replace(RUN, command=("ecglens", "train", f"experiment={experiment}"))
    for made in (None, Made(Path("run"))):
        assert command_of(answer(run=run), "all weights", made) == ""
        assert command_of(answer(run=run), "ecgs", made)


def test_the_rules_that_an_answer_needs_replace_those_of_the_run_and_no_others() -> None:
    own = ("+evaluation.mine._target_=my.Own", "evaluation.default_2.steps=3")
    words = (
        "ecglens",
        "train",
        "evaluation=[default, axioms]",
        "evaluation.default.ladder=0",
        *own,
    )
    said = command_of(answer(run=replace(RUN, command=words)), "ladder")
    assert said == f"ecglens train {' '.join(own)} 'evaluation=[axioms,perturbation]'"


@pytest.mark.parametrize(
    "name", ["run", "run 1", "ü", 'a"b', "a=b", "a,b", "back\\slash", "[x]", "a$b", "p(1)", "~a"]
)
def test_the_command_again_is_read_by_hydra_whatever_the_folder_is_called(name, tmp_path) -> None:
    made = Made(tmp_path / name)
    said = command_of(answer(run=replace(RUN, command=("ecglens", "train"))), "ecgs", made)
    (override,) = OverridesParser.create().parse_overrides([shlex.split(said)[-1]])
    assert (override.key_or_group, override.value()) == ("hydra.run.dir", str(made.folder))


def test_every_test_that_a_run_makes_has_a_command_and_says_what_it_finds_out() -> None:
    alone = answer(run=replace(RUN, command=()))
    assert command_of(alone, "ecgs") == "ecgs=160"
    assert command_of(alone, "training") == "fit.epochs=16"
    assert all(command_of(alone, test) and DOES[test] for test in RUNS)


def test_only_the_return_test_says_whether_a_map_is_about_this_ecg() -> None:
    for level in (2, 3):
        one = method(level=level)
        assert "Whether it is specific to this ECG was not tested." in reason(one)
        missed = replace(one, this_ecg=ThisEcg("not shown"))
        assert "It was not shown to be specific to this ECG." in reason(missed)
        alike = replace(one, this_ecg=ThisEcg("not shown", template="nearest_from_r"))
        assert (
            "specific to this ECG. A template explains it: the map of the patient with the nearest "
            "reading does as well, within 10 %."
        ) in reason(alike).replace("\u00a0", " ")
        shown = replace(one, this_ecg=ThisEcg("shown"))
        assert "what makes this ECG’s reading differ" in reason(shown)
    assert reason(method(missing=("networks",))).endswith("One network was tested.")


def test_the_reason_says_whether_the_region_was_compared_or_not() -> None:
    reasons = [
        reason(method("not shown", 1)),
        reason(method("not shown", 1, missing=("ladder",))),
        reason(method("use", 1, missing=("region",)), needed=1),
    ]
    assert len({*reasons}) == 3
    assert "was not compared" in reasons[1]
    assert "The target has no region" in reasons[2]


def test_a_test_that_was_not_run_is_named_with_its_command() -> None:
    both = PASSED | {WEIGHTS: "not judged", LABELS: "not judged"}
    one = method("not shown", gates=both, missing=("weights", "labels"), next="weights")
    assert reason(one) == (
        "It beats the PR region itself. Not tested: whether it says more "
        "about this network than the map of one with redrawn weights or one trained on "
        "permuted labels."
    )
    command = words_of(answer(one))["saliency"].command
    assert command == "ecglens train 'evaluation=[answer,weights]'"
    # evaluate has redrawn the weights of a network, and fits none.
    after = PASSED | {LABELS: "not judged"}
    assert reason(method("not shown", gates=after, missing=("labels",), next="labels")).endswith(
        "Not tested: whether it says more about this network than the map of one trained on "
        "permuted labels."
    )
    assert "evaluate fits none" in DOES["labels"]


def test_a_gate_that_a_network_cannot_have_is_named() -> None:
    foreign = method(gates=PASSED | {LABELS: "cannot be had"}, missing=("own labels",))
    assert reason(foreign).endswith(
        "Not tested: whether it says more about this network than the map of one trained on "
        "permuted labels. Train such a network yourself; pass it as `permuted=`."
    )
    none = BEHIND | {MOVED: "cannot be had", LABELS: "cannot be had"}
    program = method("not shown", gates=none, missing=("no weights", "no labels"))
    assert reason(program).endswith(
        "Its weights cannot be redrawn, and the network or the map does not follow a moved input."
    )


def test_a_network_behind_a_moved_input_is_named_as_the_twin() -> None:
    failed = method("do not use", gates=BEHIND | {MOVED: "fails"})
    assert reason(failed) == (
        "It failed a test: the map of this network behind a moved input does nearly as well here."
    )
    said = "The weights cannot be redrawn: each map’s twin is that of this network behind a moved"
    assert twins_sentence(answer(failed)).startswith(said)
    assert any(each.startswith(said) for each in gates_in_words(answer(failed)))
    assert twins_sentence(answer(method())) == ""
    without = method("not shown", gates=BEHIND | {MOVED: "cannot be had"})
    assert twins_sentence(answer(without)) == ""
    assert any("behind a moved input" in each for each in gates_in_words(answer(without)))


def test_a_test_that_is_not_decided_is_named() -> None:
    one = method("not shown", gates=PASSED | {LABELS: "cannot be said"}, next="ecgs")
    assert reason(one).endswith(
        "Not decided with these ECGs: whether it says more about this network than the map of one "
        "trained on permuted labels."
    )


@pytest.mark.parametrize("gate", [LINTER_GATE, LADDER_GATE, WEIGHTS, LABELS])
def test_a_failed_gate_is_said_in_plain_words(gate: str) -> None:
    said = reason(method("do not use", gates=PASSED | {gate: "fails"}))
    assert said == f"It failed a test: {FAULTS[gate]}."
    assert gate not in said


def test_a_network_that_has_not_learned_is_said_so_with_its_numbers() -> None:
    reads = Reading("does not read", "r2", -0.07, -0.21, -0.01, ecgs=64, moved=0.01)
    found = answer(method("not shown"), reads=reads, next="training")
    assert banner(found) == (
        "This network has not learned PR: R² is −0.0700 (95 % interval −0.210 to −0.0100) on 64 "
        "explained ECGs, and its interval has to lie above 0.100. Do not use its maps."
    )
    assert in_a_line(found) == "None: the network has not learned PR."
    assert banner(replace(found, networks=("a", "b"))).startswith("The worst of these networks has")
    wide = banner(answer(reads=replace(reads, value=0.3, low=-0.05, high=0.55)))
    assert wide.startswith("This network was not shown to have learned PR: R² is 0.300 (95 % inter")
    assert ", and its interval has to lie above 0.100." in wide
    still = banner(answer(reads=replace(reads, low=0.8, value=0.9, high=0.95)))
    assert (
        "moves the prediction by 1\u00a0% of its mean absolute error, less than 10\u00a0%" in still
    )
    assert banner(answer(method())) == ""
    assert np.isnan(Reading("not tested").value)
    assert why_untested(Reading("not tested")) == "the ECGs have no labels"
    rare = Reading("not tested", "auroc", limit=0.6, ecgs=16)
    said = " ".join(gates_in_words(answer(method(), reads=rare)))
    assert "interval of AUROC has to lie above 0.600" in said
    assert "on the 16 labelled ECGs fewer than 2 patients have the class, or fewer than 2" in said
    assert "labels do not differ" in why_untested(replace(rare, metric="r2"))
    assert banner(answer(method(), reads=Reading("not tested"))) == ""


def test_explained_ecgs_that_would_decide_otherwise_are_told_with_the_worst_of_them() -> None:
    alone = Reading(
        "does not read", "r2", 0.64, -0.11, 0.95, ecgs=64, worst=Misread("11982", -582.0, 168.0)
    )
    reads = Reading("reads", "r2", 0.86, 0.61, 0.93, ecgs=223, moved=0.8, test_part=True)
    t = Target("t", "µV", "t", waves=("T",))
    found = answer(method(), target=t, reads=replace(reads, explained=alone))
    said = (
        "The 64 explained ECGs alone would decide otherwise: R² is 0.640 (95 % interval −0.110 to "
        "0.950). Maps of misread ECGs are explained too; the worst is 11982, which is read as "
        "−582\u00a0µV where its label is 168\u00a0µV."
    )
    assert not_said(found)[0] == said
    assert gates_in_words(found)[1] == (
        "Here R² was 0.860 (95 % interval 0.610 to 0.930) on 223 test ECGs, and the change was "
        f"80\u00a0%. {said}"
    )
    assert banner(found) == ""
    assert said not in not_said(answer(method(), target=t, reads=reads))
    blind = replace(reads, verdict="does not read", low=-0.2, explained=replace(alone, low=0.3))
    told = banner(answer(method("not shown"), target=t, reads=blind))
    assert (
        "on 223 test ECGs, and its interval has to lie above 0.100. Do not use its maps. The 64 "
        "explained" in told
    )
    ill = Target("af", "logit", "af", kind="binary")
    of_class = replace(alone, metric="auroc", worst=Misread("3", float(np.log(1 / 3)), 1.0))
    said = not_said(answer(method(), target=ill, reads=replace(reads, explained=of_class)))[0]
    assert said.endswith("the worst is 3, which is read as 0.250 where its label is 1.00.")


def test_a_bound_of_r2_far_below_zero_is_said_to_be_below_a_hundred() -> None:
    reads = Reading("does not read", "r2", -1.07, -1.2e8, -0.0115, ecgs=6, moved=0.5)
    found = answer(method("not shown"), reads=reads, next="training")
    said = "(95 % interval below −100 to −0.0115) on 6 explained ECGs"
    assert said in banner(found)
    assert said in gates_in_words(found)[1]
    assert "interval −100 to" in banner(answer(reads=replace(reads, low=-100.0)))


def test_several_answers_say_that_they_are_not_corrected_for() -> None:
    one, other = answer(method(), method(name="deeplift")), answer(method())
    assert across([one]) == "Use Saliency and DeepLIFT."
    said = across([one, other])
    assert said.startswith("Use Saliency in all 2 comparisons.")
    assert "not for the 2 comparisons" in said
    failed = answer(method("do not use"))
    assert across([one, failed]).startswith(
        "No method is to be used in all 2 comparisons. In 1 comparison no method is."
    )
    assert across([failed, failed]).startswith("No method is to be used in any of the 2 comparis")
    assert len(LADDER_LEVELS) == 3


def test_several_answers_say_how_many_maps_are_specific_to_their_ecg() -> None:
    shown, missed = (method(this_ecg=ThisEcg(each)) for each in ("shown", "not shown"))
    assert "specific" not in across([answer(method()), answer(method())]).lower()
    said = across([answer(shown), answer(missed), answer(method())])
    assert " Specific to their ECG, of 2 comparisons that tested it: Saliency in 1." in said
    assert "No map was shown to be specific to its ECG in any of 1 comparison that tested it." in (
        across([answer(missed), answer(method())])
    )


def test_measured_effects_are_named_and_disagreement_is_said_first() -> None:
    agrees = method(witness=Witness("agrees"))
    against = method("do not use", gates=PASSED | {WEIGHTS: "fails"}, name="deeplift",
                     witness=Witness("disagrees"))  # fmt: skip
    unsure = method(name="lime", witness=Witness("not shown"))
    assert reason(agrees).endswith(" It agrees with the effects measured by wave and lead.")
    assert reason(against).startswith("It disagrees with the effects measured by wave and lead: ")
    assert "It failed a test" in reason(against)
    assert "was not shown to agree with the effects measured" in reason(unsure)
    assert "measured" not in reason(method())
    found = answer(agrees, unsure, against)
    assert witness_sentences(found) == [
        "Effects measured by wave and lead disagree with DeepLIFT.",
        "Effects measured by wave and lead agree with Saliency.",
        "Agreement with effects measured by wave and lead was not shown for LIME.",
    ]
    assert {*witness_sentences(found)} <= {*gates_in_words(found)}
    assert witness_sentences(answer(method())) == []
    # It decides no use.
    assert [each.use for each in found.methods] == ["use", "use", "do not use"]


def test_the_strongest_methods_of_targets_are_compared_on_one_kind_of_input() -> None:
    def best(name: str, target: Target = PR, shown: str = "median") -> Answer:
        return answer(method(name=name), target=target, input=shown)

    qt, differs = replace(PR, name="qt"), "not the same for every target"
    assert differs in across([best("saliency"), best("deeplift", qt)])
    assert differs not in across([best("saliency"), best("saliency", qt)])
    assert differs not in across([best("saliency"), best("deeplift", qt, "rhythm")])
