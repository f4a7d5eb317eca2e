"""The three answers on top: a map for a paper, whether it explains one ECG, what to run next."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.eval import DECIDING, Finding, NotApplicable, Protocol, not_applicable
from ecglens.eval.evaluations.return_test import ReturnTest
from ecglens.eval.evaluations.sanity import Weights
from ecglens.report import Pseudonyms, run_views
from ecglens.report.answer.cards import InShort, answer_cards
from ecglens.report.answer.words import in_a_line

from ..conftest import PR, with_rungs
from ..findings import about, of_return, of_weights

KEY = "0123456789abcdef"  # network of make_finding
SETTINGS = {"settings": {"target": {"name": "pr"}}, "command": ["ecglens", "train"]}


def short(*findings: Finding) -> InShort:
    run = run_views(findings, Pseudonyms())
    (answer,) = answer_cards(run).values()
    return answer["short"]


def test_a_map_that_passed_every_test_is_named_with_what_it_may_be_used_for(make_finding):
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    found = short(make_finding(methods=("saliency", "deeplift"), **SETTINGS), weights)
    assert found.paper.startswith("Saliency. It passed these tests on these data")
    assert "One network was tested" in found.paper  # the caveat
    assert found.ecg.startswith("Not tested. ")
    assert found.next.startswith("Train four more networks")
    assert found.command == "ecglens train 'seed=[0,1,2,3,4]'"


def test_without_tests_of_the_weights_a_candidate_is_named_with_what_it_lacks(make_finding):
    found = short(make_finding(**SETTINGS))
    assert found.paper == (
        "None yet. The strongest candidate is Saliency. It finds points that the network is "
        "sensitive to. Not tested: whether it says more about this network than the map of one "
        "with redrawn weights or one trained on permuted labels."
    )
    assert found.command == "ecglens train 'evaluation=[perturbation,weights]'"


def test_where_every_method_fails_none_is_a_candidate(make_finding):
    found = short(make_finding(gain=0.0, **SETTINGS))
    assert found.paper == "None. Every method failed a test."
    assert found.next == (
        "No missing test can change this answer: every method failed one that was run."
    )
    assert found.command == ""


def test_of_an_own_network_nothing_is_trained_again(make_finding):
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    own = {"settings": {"network": {"_target_": "my.load"}, "target": {"name": "pr"}}}
    found = short(make_finding(methods=("saliency",), **own), weights)
    assert found.paper.endswith(" One network was tested.")
    assert (found.next, found.command) == ("This run lacks no test that a command runs.", "")
    before = short(make_finding(methods=("saliency",), **own))
    assert before.command == "'evaluation=[perturbation,weights]'"


def test_weights_that_cannot_be_redrawn_are_not_redrawn_again(make_finding):
    own = {"settings": {"network": {"_target_": "my.load"}, "target": {"name": "pr"}}}
    none = not_applicable(NotApplicable("none"), about(Weights(), target=PR, network=KEY))
    found = short(make_finding(methods=("saliency",), **own), none)
    assert found.paper.endswith(
        "one trained on permuted labels. Its weights cannot be redrawn, and the network or the map "
        "does not follow a moved input."
    )
    assert (found.next, found.command) == ("This run lacks no test that a command runs.", "")


@pytest.mark.parametrize("rest", [True, False])
@pytest.mark.parametrize("ecgs", [24, 8])
def test_more_ecgs_are_advised_where_there_are_more_and_the_test_took_all_of_the_run(
    make_finding, ecgs, rest
):
    weights = of_weights(about(Weights(), ecgs, target=PR, network=KEY))
    table = weights.table.assign(redrawn_verdict="cannot be said")
    finding = make_finding(methods=("saliency",), test=80 if rest else 24, **SETTINGS)
    found = short(finding, replace(weights, table=table))
    advised = "ecgs=60" if rest else "'seed=[0,1,2,3,4]'"
    if ecgs < 24:
        advised = "'evaluation=[perturbation,weights]'"
    assert found.command == f"ecglens train {advised}"


def about_its_ecg(finding: Finding, near: float) -> Finding:
    """Saliency above maps of other patients; target prior at this share of it, by other ECGs."""
    curves = finding.curves[0].predictions
    own, random = curves["saliency"], curves["random"]
    prior = own[..., :1] + near * np.roll(own - own[..., :1], 12, axis=1)
    return with_rungs(finding, prior, saliency=random)


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        (0.1, ", but a test is missing or not decided."),
        (0.99, ", but a test is missing or not decided."),
        (1.1, ", but failed a test."),
    ],
)
def test_a_map_about_its_ecg_is_named_with_what_it_lacks(make_finding, near, expected):
    finding = about_its_ecg(make_finding(methods=("saliency",)), near)
    found = short(finding, of_return({"saliency": True}, [KEY])).ecg
    start = "No" if near > 1 else "Not yet"
    said = "Saliency says what makes an ECG’s reading differ from the typical one"
    assert found == f"{start}. {said}{expected}"
    run = run_views([finding], Pseudonyms())
    assert in_a_line(run.answers[0]).startswith("None")
    assert ("was shown to beat the PR region itself" in run.ranked[0].sentence) == (near > 0.1)


def test_a_map_above_those_of_other_patients_is_about_its_ecg_by_the_return_test_alone(
    make_finding,
):
    finding = about_its_ecg(make_finding(methods=("saliency",)), 0.1)
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    found = short(finding, weights)
    assert found.ecg == (
        "Not tested. It takes evaluation=return_test. Read a map as what the network reacts to in "
        "ECGs like these."
    )
    missed = short(finding, weights, of_return({"saliency": False}, [KEY]))
    assert missed.ecg.replace("\u00a0", " ") == (
        "Not shown for Saliency, the only method tested (24 ECGs). For Saliency the mean map of "
        "the patients on its side of the typical reading returns 50 % (45 % to 55 %) of what its "
        "own map does; below 70 % has to be shown. Read a map as what the network reacts to in "
        "ECGs like these."
    )


@pytest.mark.parametrize("torn", [True, False])
def test_protocols_that_contradict_each_other_on_other_patients_maps_are_told(make_finding, torn):
    def found(protocol: Protocol, share: float) -> Finding:
        made = make_finding(methods=("saliency",), protocol=protocol)
        own = made.curves[0].predictions["saliency"]
        return with_rungs(made, saliency=own[..., :1] + share * (own - own[..., :1]))

    segments, noise = DECIDING
    run = run_views([found(segments, 0.2), found(noise, 3.0 if torn else 0.2)], Pseudonyms())
    (answer,) = answer_cards(run).values()
    said = [each for each in answer["not_said"] if "contradict each other" in each]
    assert said == torn * [
        "Whether the points of Saliency move the prediction more than those of other patients’ "
        "maps: the two protocols contradict each other."
    ]
    assert (run.answers[0].of["saliency"].level < 3) == torn


def test_a_usable_map_that_is_shown_explains_an_ecg_where_every_network_was_tested(make_finding):
    finding = make_finding(methods=("saliency",), **SETTINGS)
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    found = short(finding, weights, of_return({"saliency": True}, [KEY]))
    assert found.ecg.startswith("Yes. Saliency says what makes an ECG’s reading differ")
    elsewhere = short(finding, weights, of_return({"saliency": True}, ["another"]))
    assert elsewhere.ecg.startswith("Not tested. ")


def test_of_strips_the_page_says_that_there_is_no_method(make_finding):
    none = not_applicable(NotApplicable("no mean of strips"), about(ReturnTest(), network=KEY))
    found = short(make_finding(methods=("saliency",)), none)
    assert found.ecg.startswith("Not tested. Not applicable: no mean of strips.")


def failing_at_the_prior(finding: Finding, near: float) -> Finding:
    """Saliency, above every control, with a target prior of this share of it on the same ECGs."""
    own = finding.curves[0].predictions["saliency"]
    return with_rungs(finding, own[..., :1] + near * (own - own[..., :1]))


def reason(*findings: Finding, method: str = "Saliency") -> str:
    run = run_views(findings, Pseudonyms())
    (answer,) = answer_cards(run).values()
    (found,) = [
        row["reason"]
        for card in answer["cards"]
        for row in card["rows"]
        if method in row["methods"]
    ]
    return found


def test_the_rung_that_a_map_fails_at_is_named_and_no_other(make_finding):
    finding = make_finding(methods=("saliency",), **SETTINGS)
    assert reason(failing_at_the_prior(finding, 1.5)) == (
        "It failed a test: its points move the prediction no more than the PR region itself."
    )
    said = reason(make_finding(gain=0.0, methods=("saliency",), **SETTINGS))
    assert "no more than random numbers, |x| or |dx/dt|." in said


@pytest.mark.parametrize(("test", "more"), [(80, True), (24, False)])
def test_a_mean_below_a_rung_by_chance_may_change_with_more_ecgs(make_finding, test, more):
    finding = about_its_ecg(make_finding(methods=("saliency",), test=test, **SETTINGS), 1.005)
    (section,) = run_views([finding], Pseudonyms()).ranked
    (row,) = section.ranking.ladder.not_above("saliency").to_dict("records")
    assert row["difference"] <= 0 < row["difference_high"]  # the case that is tested
    assert reason(finding) == ("It failed a test: its map was not above the PR region itself.")
    found = short(finding)
    assert found.paper == "None. Every method failed a test."
    assert found.command == ("ecglens train ecgs=60" if more else "")
    assert ("Saliency by no more than chance allows" in found.next) == more


def test_more_ecgs_are_not_advised_where_a_map_is_surely_below_a_rung(make_finding):
    finding = failing_at_the_prior(make_finding(methods=("saliency",), **SETTINGS), 1.5)
    assert short(finding).command == ""
    assert short(finding).next.startswith("No missing test can change this answer")


def test_what_a_map_is_that_fails_is_said_where_it_is_known(make_finding):
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    finding = make_finding(methods=("saliency", "deeplift"), **SETTINGS)
    run = run_views([finding, weights], Pseudonyms())
    (answer,) = answer_cards(run).values()
    failed = {row["methods"]: row for row in answer["cards"][-1]["rows"]}
    assert "the map of one with redrawn weights" in failed["DeepLIFT"]["reason"]
    assert failed["DeepLIFT"]["level"] == "beats the controls"  # above every control all the same
    assert failed["Guided backprop"]["level"] == ""  # it was not scored
