"""The three answers on top: a map for a paper, whether it explains one ECG, what to run next."""

from ecglens.eval import Finding
from ecglens.eval.evaluations.sanity import Weights
from ecglens.report import Pseudonyms, run_views
from ecglens.report.answer.cards import answer_cards
from ecglens.report.answer.in_short import InShort

from ..conftest import PR
from ..findings import about, of_weights

KEY = "0123456789abcdef"  # network of make_finding
SETTINGS = {"settings": {"target": {"name": "pr"}}}


def short(*findings: Finding) -> InShort:
    run = run_views(findings, Pseudonyms())
    (answer,) = answer_cards(run.ranked, run.others).values()
    return answer["short"]


def test_a_map_that_passed_every_test_is_named_with_what_it_may_be_used_for(make_finding):
    weights = of_weights(about(Weights(), target=PR, network=KEY))
    found = short(make_finding(methods=("saliency", "deeplift"), **SETTINGS), weights)
    assert found.paper.startswith("Saliency. It passed these tests on these data")
    assert "on one network" in found.paper  # the caveat
    assert found.ecg.startswith("Not known. ")
    assert found.next.startswith("Train four more networks")
    assert found.command == "python train.py 'seed=[0,1,2,3,4]'"


def test_without_tests_of_the_weights_a_candidate_is_named_with_what_it_lacks(make_finding):
    found = short(make_finding(**SETTINGS))
    assert found.paper == (
        "None yet. The strongest candidate is Saliency. It finds points that the network is "
        "sensitive to. Not tested: whether it changes when the network’s weights are redrawn at "
        "random and when the network learns permuted labels."
    )
    assert found.command == "python train.py evaluation=[perturbation,weights]"


def test_where_every_method_fails_none_is_a_candidate(make_finding):
    found = short(make_finding(gain=0.0, **SETTINGS))
    assert found.paper == "None. Every method failed a test."
    assert found.command == ""
