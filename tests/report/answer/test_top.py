"""The words around the figure: which map, for what, whether it is one ECG's, what to run next."""

from dataclasses import replace
from math import nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import DECIDING, Finding, NotApplicable, Protocol, not_applicable
from ecglens.eval.evaluations.return_test import NULLS, ReturnTest
from ecglens.eval.evaluations.sanity import Weights
from ecglens.report import Pseudonyms, run_views
from ecglens.report.answer.top import TopWords, headline, not_said, short_reason, top_words
from ecglens.report.answer.words import in_a_line, words_of
from ecglens.report.next_run import Made, program

from ..conftest import PR, changed, with_rungs
from ..findings import about, of_return, of_weights

KEY = "0123456789abcdef"  # network of make_finding
SETTINGS = {"settings": {"target": {"name": "pr"}}, "command": ["ecglens", "train"]}
NO_RETURN_TEST = "Not tested: whether a map explains one ECG."


def answer_of(*findings: Finding):
    (answer,) = run_views(findings, Pseudonyms()).answers
    return answer


def top(*findings: Finding, made: Made | None = None) -> TopWords:
    return top_words(answer_of(*findings), findings[0].facts, made)


def test_a_map_that_passed_every_test_is_named_with_what_it_may_be_used_for(make_finding):
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    found = top(make_finding(methods=("saliency", "deeplift"), **SETTINGS), weights)
    assert found.answer == "Use Saliency: it shows what this network reacts to."
    assert found.why == ("Saliency beats the controls and maps of networks that learned nothing.")
    assert "one network" in found.limits  # the caveat
    assert found.ecg == NO_RETURN_TEST
    assert found.next.startswith("Do four more networks agree")
    assert found.command == "ecglens train 'seed=[0,1,2,3,4]'"


def test_the_next_command_keeps_the_evaluations_of_an_experiment(make_finding):
    settings = {"evaluation": {"storas2025": {}}, **SETTINGS["settings"]}
    command = ["ecglens", "train", "experiment=storas2025"]
    found = top(make_finding(methods=("saliency",), settings=settings, command=command))
    said = "experiment=storas2025 'evaluation=[storas2025,perturbation,weights]'"
    assert found.command == f"ecglens train {said}"


def test_maps_that_cannot_be_told_from_the_strongest_are_named_with_it(make_finding):
    found = make_finding(methods=("saliency", "smoothgrad"), **SETTINGS)
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    rows = weights.table[weights.table["method"] == "saliency"]
    both = replace(weights, table=rows.assign(method="smoothgrad"))
    (curves,) = found.curves
    alike = {**curves.predictions, "smoothgrad": curves.predictions["saliency"]}
    found = replace(found, curves=(replace(curves, predictions=alike),))
    answer = answer_of(found, weights, both)
    assert headline(answer) == "Use Saliency or SmoothGrad: they show what this network reacts to."
    apart = replace(answer, tied=())
    assert headline(apart) == "Use Saliency: it shows best what this network reacts to."


def test_without_tests_of_the_weights_a_candidate_is_named_with_what_it_lacks(make_finding):
    found = top(make_finding(**SETTINGS))
    assert found.answer == "No map yet: a test is missing or undecided."
    untested = "Untested: redrawn weights, permuted labels."
    assert found.why == f"Saliency beats the controls. {untested}"
    assert found.command == "ecglens train 'evaluation=[answer,weights]'"


def test_where_every_method_fails_none_is_a_candidate(make_finding):
    found = top(make_finding(gain=0.0, **SETTINGS))
    assert (found.answer, found.why) == ("No map: every method failed a test.", "")
    assert found.next == "No missing test can change this answer."
    assert found.command == ""


def test_a_run_of_controls_alone_has_an_answer(make_finding):
    made = of_return({"saliency": True}, [KEY])
    empty = {"shown": made.details["shown"].head(0), "returns": pd.DataFrame()}
    tested = replace(made, scores={"returned": {}}, details=empty)
    controls = make_finding(methods=(), **SETTINGS)
    (curves,) = controls.curves
    ranked = replace(controls, curves=(replace(curves, left_out={}),))
    assert answer_of(ranked, tested).claims == {}
    found = top(ranked, tested)
    assert (found.answer, found.ecg) == (
        "No map was scored.",
        "Not tested: whether a map explains one ECG.",
    )


def test_of_an_own_network_nothing_is_trained_again(make_finding):
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    own = {"settings": {"network": {"_target_": "my.load"}, "target": {"name": "pr"}}}
    found = top(make_finding(methods=("saliency",), **own), weights)
    assert found.answer.startswith("Use Saliency")
    assert (found.next, found.command) == ("This run lacks no test that a command runs.", "")
    before = top(make_finding(methods=("saliency",), **own))
    assert before.command == "'evaluation=[perturbation,weights]'"


def test_weights_that_cannot_be_redrawn_are_not_redrawn_again(make_finding):
    own = {"settings": {"network": {"_target_": "my.load"}, "target": {"name": "pr"}}}
    none = not_applicable(NotApplicable("none"), about(Weights(), target=PR, network=KEY))
    found = top(make_finding(methods=("saliency",), **own), none)
    assert found.why.endswith("Untested: a moved input, permuted labels.")
    assert (found.next, found.command) == ("This run lacks no test that a command runs.", "")


@pytest.mark.parametrize("rest", [True, False])
@pytest.mark.parametrize("ecgs", [24, 8])
def test_more_ecgs_are_advised_where_there_are_more_and_the_test_took_all_of_the_run(
    make_finding, ecgs, rest
):
    weights = of_weights(about(Weights(), ecgs, target=PR, network=KEY))
    table = weights.table.assign(redrawn_verdict="cannot be said")
    finding = make_finding(methods=("saliency",), test=80 if rest else 24, **SETTINGS)
    found = top(finding, replace(weights, table=table))
    advised = "ecgs=60" if rest else "'seed=[0,1,2,3,4]'"
    if ecgs < 24:
        advised = "'evaluation=[answer,weights]'"
    assert found.command == f"ecglens train {advised}"
    said = found.why.replace("\u00a0", " ").partition("Undecided: ")[2]
    # The interval of this table is 2 % wide: every gain is shown by the fewest ECGs.
    takes = "A gain of 20 % takes 6 ECGs: ecglens plan --from RUN --detect network."
    assert said == f"redrawn weights. {takes}"


def test_the_command_writes_to_the_folder_of_the_run_and_says_how_long_it_takes(
    make_finding, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    finding = make_finding(methods=("saliency", "deeplift"), **SETTINGS)
    found = top(finding, weights, made=Made(tmp_path / "demo", 6.0))
    assert found.command == f"{program()} train 'seed=[0,1,2,3,4]' hydra.run.dir=demo"
    assert found.minutes == "≈ 24 min"  # four more networks
    # A run that found everything in the store says nothing about the next.
    for minutes in (0.1, nan):
        assert top(finding, weights, made=Made(Path("demo"), minutes)).minutes == ""
    # A command that is withheld has no folder.
    withheld = make_finding(methods=("saliency", "deeplift"), settings=SETTINGS["settings"])
    found = top(withheld, weights, made=Made(Path("demo"), 6.0))
    assert found.command == "'seed=[0,1,2,3,4]'"


def test_evaluations_of_the_command_stay_beside_the_added_one(make_finding):
    words = ["ecglens", "train", "evaluation=[perturbation,axioms]", "evaluation.axioms.x=1"]
    found = top(make_finding(**{**SETTINGS, "command": words}))
    kept = "evaluation.axioms.x=1 'evaluation=[axioms,perturbation,weights]'"
    assert found.command == f"ecglens train {kept}"


def about_its_ecg(finding: Finding, near: float) -> Finding:
    """Saliency above maps of other patients; target prior at this share of it, by other ECGs."""
    curves = finding.curves[0].predictions
    own, random = curves["saliency"], curves["random"]
    prior = own[..., :1] + near * np.roll(own - own[..., :1], 12, axis=1)
    return with_rungs(finding, prior, saliency=random)


@pytest.mark.parametrize(
    ("near", "expected"),
    [(0.1, "a test is missing"), (0.99, "a test is missing"), (1.1, "failed a test")],
)
def test_a_map_about_its_ecg_is_named_with_what_it_lacks(make_finding, near, expected):
    finding = about_its_ecg(make_finding(methods=("saliency",)), near)
    found = top(finding, of_return({"saliency": True}, [KEY])).ecg
    assert found == f"Specific to its ECG: Saliency, but {expected}."
    run = run_views([finding], Pseudonyms())
    assert in_a_line(run.answers[0]).startswith("None")
    beat = "was shown to beat the PR region itself" in run.ranked[0].sentence
    assert beat == (near > 0.1)


def test_a_map_above_those_of_other_patients_is_about_its_ecg_by_the_return_test_alone(
    make_finding,
):
    finding = about_its_ecg(make_finding(methods=("saliency",)), 0.1)
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    assert top(finding, weights).ecg == NO_RETURN_TEST
    said = not_said(answer_of(finding, weights))
    assert said[0] == "Whether a map is specific to its ECG: it takes evaluation=return_test."
    missed = (finding, weights, of_return({"saliency": False}, [KEY]))
    assert top(*missed).ecg == "None was shown to be specific to one ECG."
    found = top(make_finding(methods=("saliency", "deeplift")), missed[-1])
    assert found.ecg == "None tested was shown to be specific to one ECG."
    rows = missed[-1].details["shown"].assign(**{NULLS[-1].name: 0.8})
    alike = (finding, weights, replace(missed[-1], details={"shown": rows}))
    assert top(*alike).ecg == "None is specific to one ECG: others’ maps do nearly as well."
    assert not_said(answer_of(*missed))[0].replace("\u00a0", " ") == (
        "Tested on Saliency: specific to its ECG is none (24 ECGs). For Saliency the mean map of "
        "the patients on its side of the typical reading returns 50 % (45 % to 55 %) of what its "
        "own map does; below 70 % has to be shown."
    )


@pytest.mark.parametrize("torn", [True, False])
def test_protocols_that_contradict_each_other_on_other_patients_maps_are_told(make_finding, torn):
    def found(protocol: Protocol, share: float) -> Finding:
        made = make_finding(methods=("saliency",), protocol=protocol)
        own = made.curves[0].predictions["saliency"]
        return with_rungs(made, saliency=own[..., :1] + share * (own - own[..., :1]))

    segments, noise = DECIDING
    answer = answer_of(found(segments, 0.2), found(noise, 3.0 if torn else 0.2))
    said = [each for each in not_said(answer) if "contradict each other" in each]
    assert said == torn * [
        "Whether the points of Saliency move the prediction more than those of other patients’ "
        "maps: the two protocols contradict each other."
    ]
    assert (answer.of["saliency"].level < 3) == torn


def test_a_usable_map_that_is_shown_explains_an_ecg_where_every_network_was_tested(make_finding):
    finding = make_finding(methods=("saliency",), **SETTINGS)
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    tested = (finding, weights, of_return({"saliency": True}, [KEY]))
    assert top(*tested).ecg == "Specific to its ECG: Saliency."
    answer = answer_of(*tested)
    assert short_reason(answer, answer.of["saliency"]) == "specific to its ECG"
    elsewhere = top(finding, weights, of_return({"saliency": True}, ["another"]))
    assert elsewhere.ecg == NO_RETURN_TEST


def test_of_strips_the_page_says_that_there_is_no_method(make_finding):
    none = not_applicable(NotApplicable("no mean of strips"), about(ReturnTest(), network=KEY))
    said = not_said(answer_of(make_finding(methods=("saliency",)), none))
    assert said[0] == "Whether a map is specific to its ECG: not applicable, no mean of strips."


def failing_at_the_prior(finding: Finding, near: float) -> Finding:
    """Saliency, above every control, with a target prior of this share of it on the same ECGs."""
    own = finding.curves[0].predictions["saliency"]
    return with_rungs(finding, own[..., :1] + near * (own - own[..., :1]))


def reasons(*findings: Finding, method: str = "saliency") -> tuple[str, str]:
    """Reason in a few words, and in a sentence."""
    answer = answer_of(*findings)
    return short_reason(answer, answer.of[method]), words_of(answer)[method].reason


def test_the_rung_that_a_map_fails_at_is_named_and_no_other(make_finding):
    finding = make_finding(methods=("saliency",), **SETTINGS)
    assert reasons(failing_at_the_prior(finding, 1.5)) == (
        "no better than the PR region",
        "It failed a test: its points move the prediction no more than the PR region.",
    )
    short, said = reasons(make_finding(gain=0.0, methods=("saliency",), **SETTINGS))
    assert short == "no better than random numbers"
    assert "no more than random numbers, |x| or |dx/dt|." in said


def test_a_reason_says_whether_the_score_that_is_shown_decides_where_protocols_differ(make_finding):
    segments, noise = DECIDING
    good = failing_at_the_prior(make_finding(methods=("saliency",), protocol=segments), 0.2)
    bad = failing_at_the_prior(make_finding(methods=("saliency",), protocol=noise), 1.5)
    answer = answer_of(good, bad)
    assert answer.of["saliency"].failed_by == ("noise_10",)
    assert reasons(good, bad)[0] == "no better than the PR region by another score"
    other = failing_at_the_prior(make_finding(methods=("saliency",), protocol=noise), 0.2)
    worse = failing_at_the_prior(make_finding(methods=("saliency",), protocol=segments), 1.5)
    assert reasons(worse, other)[0] == "no better than the PR region"
    assert answer_of(worse, bad).of["saliency"].failed_by == ("default", "noise_10")
    assert reasons(worse, bad)[0] == "no better than the PR region"


@pytest.mark.parametrize(("test", "more"), [(80, True), (24, False)])
def test_a_mean_below_a_rung_by_chance_may_change_with_more_ecgs(make_finding, test, more):
    finding = about_its_ecg(make_finding(methods=("saliency",), test=test, **SETTINGS), 1.005)
    (section,) = run_views([finding], Pseudonyms()).ranked
    (row,) = section.ranking.ladder.not_above("saliency").to_dict("records")
    assert row["difference"] <= 0 < row["difference_high"]  # the case that is tested
    assert reasons(finding) == (
        "perhaps no better than the PR region",
        "It failed a test, perhaps by chance: its map was not above the PR region. "
        "Run on more ECGs.",
    )
    found = top(finding)
    assert found.answer == "No map: every method failed a test."
    assert found.command == ("ecglens train ecgs=60" if more else "")
    assert ("Saliency may have failed by chance" in found.next) == more


# Without a share, as where the own map is not above random numbers, the finding itself says so.
@pytest.mark.parametrize(
    ("low", "chance", "said"),
    [
        (0.65, None, True),
        (0.75, False, False),
        (nan, None, False),
        (nan, False, False),
        (nan, True, True),
    ],
)
@pytest.mark.parametrize("ecgs", [24, 8])
def test_a_gate_that_failed_with_the_limit_in_its_interval_failed_perhaps_by_chance(
    make_finding, low, chance, said, ecgs
):
    weights = of_weights(about(Weights(), ecgs, target=PR, network=KEY))
    fails = {"redrawn_verdict": "fails", "redrawn_kept_low": low}
    fails |= {} if chance is None else {"redrawn_by_chance": chance}  # findings of 0.2 lack it
    weights = replace(weights, table=weights.table.assign(**fails))
    finding = make_finding(methods=("saliency",), test=80, **SETTINGS)
    answer = answer_of(finding, weights)
    assert answer.do_not_use[0] == "saliency"
    short, reason = reasons(finding, weights)
    assert short == f"{'perhaps ' * said}no better than with redrawn weights"
    assert reason.startswith(f"It failed a test{', perhaps by chance' * said}: ")
    assert reason.endswith(" Run on more ECGs.") == said
    more = "all weights" if ecgs < 24 else "ecgs"
    assert (answer.of["saliency"].next, answer.next) == (more * said, more * said)


def test_more_ecgs_are_not_advised_where_a_map_is_surely_below_a_rung(make_finding):
    found = top(failing_at_the_prior(make_finding(methods=("saliency",), **SETTINGS), 1.5))
    assert found.command == ""
    assert found.next == "No missing test can change this answer."


def test_what_a_map_is_that_fails_is_said_where_it_is_known(make_finding):
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    weights = replace(weights, table=weights.table.assign(redrawn_kept=0.87))
    finding = make_finding(methods=("saliency", "deeplift"), **SETTINGS)
    short, said = reasons(finding, weights, method="deeplift")
    assert short.startswith("no better than with redrawn weights")
    assert "the map of one with redrawn weights" in said
    words = words_of(answer_of(finding, weights))
    assert words["deeplift"].level == "beats the controls"  # above every control all the same
    assert words["guided_backprop"].level == ""  # it was not scored
    assert reasons(finding, weights, method="guided_backprop")[0] == "invalid on this network"


@pytest.mark.parametrize(("by", "score"), [("default", ""), ("noise_10", " by another score")])
def test_a_map_no_better_than_random_numbers_is_not_said_to_lose_to_a_twin(make_finding, by, score):
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    failed = {"redrawn_verdict": "fails", "redrawn_why": by}
    failed |= {"redrawn_kept": nan, "redrawn_kept_low": nan}
    weights = replace(weights, table=weights.table.assign(**failed))
    short, said = reasons(make_finding(methods=("saliency",), **SETTINGS), weights)
    assert short == f"no better than random numbers{score}"
    assert said.startswith("It failed a test: its map scores no more than random numbers (")


def test_networks_whose_weights_were_not_redrawn_are_counted(make_finding):
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    one = make_finding(methods=("saliency",), **SETTINGS)
    (curves,) = one.curves
    three = changed(replace(one, curves=(curves,) * 3), {"networks": (KEY, "b" * 16, "c" * 16)})
    said = "Whether maps depend on what was learned was tested on 1 of 3 networks."
    assert said in not_said(answer_of(three, weights))
    assert not any("was learned" in each for each in not_said(answer_of(one, weights)))
    assert not any("was learned" in each for each in not_said(answer_of(three)))
