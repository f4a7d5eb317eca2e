"""A report ends with the ECGs that would show what its run did not."""

import numpy as np
from ecglens.eval import Finding
from ecglens.eval.evaluations.sanity import Weights
from ecglens.report import write_report
from ecglens_plan import Pilot, comparisons_of, plan_sections

from tests.report.conftest import PR, build, with_rungs
from tests.report.findings import about, of_weights


def not_shown(method: str) -> Finding:
    """A map above random numbers where the target is, with maps of other patients as good."""
    made = build(methods=(method,))
    own = made.curves[0].predictions[method]
    random = np.random.default_rng(1)
    other = own + (own - own[..., :1]) * random.normal(0, 0.3, (*own.shape[:2], 1))
    return with_rungs(made, own[..., :1] + 0.1 * (own - own[..., :1]), **{method: other})


def test_each_question_that_is_not_shown_has_its_ecgs(tmp_path):
    finding = not_shown("saliency")
    (section,) = plan_sections([finding])
    assert [*section.rows["detect"]] == ["other patients"]
    (comparisons,) = comparisons_of([finding], "other patients")
    for gain in (0.2, 0.1):
        expected = Pilot(comparisons, gain).ecgs(0.9)
        assert [*section.rows[f"ecgs_{gain:g}"]] == [expected]
        assert f'<td class="number">{expected}</td>' in section.html(beside=False)
    page = write_report([finding], tmp_path).read_text("utf-8")
    assert "How many ECGs would show it" in page
    assert (tmp_path / f"{section.key}-plan.csv").is_file()


def test_a_method_that_failed_a_test_is_not_planned():
    finding = not_shown("deeplift")
    network = finding.about.networks[0]
    failed = of_weights(about(Weights(), target=PR, network=network))
    assert len(plan_sections([finding])) == 1
    assert plan_sections([finding, failed]) == []
    assert plan_sections([failed]) == []
