"""The heatmap of a sheet is the one that the answer of the run's report says to use."""

from ecglens.eval.evaluations.sanity import Weights
from ecglens.report import Pseudonyms, run_views
from ecglens.report.answer.words import words_of
from ecglens_sheets.known import supported

from tests.report.conftest import PR
from tests.report.findings import about, of_weights

KEY = "0123456789abcdef"  # network of make_finding


def weights_tested():
    """A finding in which saliency passes the gates and deeplift fails them."""
    return of_weights(about(Weights(), target=PR, network=KEY))


def test_the_strongest_method_that_may_be_used_is_shown_with_its_level(make_finding):
    findings = [make_finding(gain=6.0), weights_tested()]
    run = run_views(findings, Pseudonyms())
    found, (answer,) = supported(run), run.answers
    assert answer.use == ("saliency",)
    assert (found.method, found.level, found.number) == ("saliency", "beats the controls", 1)
    assert found.reason == words_of(answer)["saliency"].reason
    assert found.tested_on == "24 ECGs (default protocol)"


def test_without_tests_of_the_weights_no_heatmap_is_shown_and_the_command_is_named(make_finding):
    found = supported(run_views([make_finding(gain=6.0)], Pseudonyms()))
    assert found.method == ""
    assert "Saliency: not shown. It beats the controls" in found.reason
    assert found.command == ""  # this finding has no settings to run again
    words = ["ecglens", "train", "target=qt"]
    run = make_finding(gain=6.0, settings={"target": {"name": "qt"}}, command=words)
    assert supported(run_views([run], Pseudonyms())).command == (
        "ecglens train target=qt 'evaluation=[answer,weights]'"
    )


def test_a_method_that_fails_a_gate_is_not_shown_however_strong_it_is(make_finding):
    methods = ("deeplift", "guided_gradcam")
    findings = [make_finding(gain=9.0, methods=methods), weights_tested()]
    found = supported(run_views(findings, Pseudonyms()))
    assert found.method == ""


def test_a_run_without_a_ranking_shows_no_heatmap():
    found = supported(run_views([weights_tested()], Pseudonyms()))
    assert found.method == ""
    assert "no perturbation evaluation" in found.reason
