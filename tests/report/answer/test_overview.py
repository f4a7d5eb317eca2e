"""The answer over several scores: of one network and target, or of several comparisons."""

from collections.abc import Callable
from dataclasses import replace

from ecglens.datamodules import Target
from ecglens.eval import DEFAULT, POINTS, Finding
from ecglens.report.answer.overview import overall
from ecglens.report.style import style
from ecglens.report.text.words import trusted
from ecglens.report.views.perturbation import perturbation_views

from ..conftest import changed, of_network, with_rungs

Make = Callable[..., Finding]
NOISE_10 = replace(POINTS, name="noise_10", noise=0.1)
QT = Target("qt", "ms", "QT interval")


def test_several_comparisons_say_that_they_are_not_corrected_for(make_finding: Make) -> None:
    other = of_network(make_finding(target=QT), "other")
    sections = perturbation_views([make_finding(), other])
    assert "not for the 2 comparisons" in overall(sections)


def test_one_score_is_no_comparison(make_finding: Make) -> None:
    said = overall(perturbation_views([make_finding()]))
    assert said.startswith("For the PR network on median beats, Saliency, ")
    assert "comparison" not in said
    said = overall(perturbation_views([make_finding(gain=0.0)]))
    assert said.startswith("None. For the PR network on median beats, no heatmap was shown")


def test_protocols_of_one_network_have_to_agree_in_one_answer(make_finding: Make) -> None:
    sections = perturbation_views([make_finding(), make_finding(protocol=NOISE_10)])
    both = [set(trusted(each.ranking)) for each in sections]
    assert "by both protocols" in overall(sections)
    assert all(style(name).label in overall(sections) for name in both[0] & both[1])


def test_the_strongest_methods_of_targets_are_compared_by_one_protocol(make_finding: Make) -> None:
    def two(*strongest: str, **of: Target) -> list[Finding]:
        methods = [(name, "deeplift") for name in strongest]
        return [
            of_network(make_finding(methods=each, protocol=protocol, **of), str(of))
            for each, protocol in zip(methods, (DEFAULT, NOISE_10), strict=True)
        ]

    def differs(*findings: Finding) -> bool:
        return "not the same for every target" in overall(perturbation_views(findings))

    pr = two("saliency", "smoothgrad")
    assert not differs(*pr, *two("saliency", "smoothgrad", target=QT))
    assert differs(*pr, *two("smoothgrad", "saliency", target=QT))


def test_in_the_answer_of_all_protocols_a_missed_level_is_named(make_finding: Make) -> None:
    finding = make_finding(methods=("saliency", "deeplift"))
    curves = finding.curves[0].predictions
    # DeepLIFT is below the controls, and above its own maps of other patients.
    still = curves["random"][..., :1] + 0 * curves["random"]
    low = with_rungs(finding, still, saliency=curves["saliency"], deeplift=still)
    low = changed(low, predictions=dict(curves) | {"deeplift": (curves["random"] + still) / 2})
    (section,) = perturbation_views([low])
    missed = "DeepLIFT says more about an ECG than maps of other patients do, but missed a level"
    assert missed in overall([section, section])
    assert missed in section.verdict.answer
