"""Lines at the end of a job."""

import re
from dataclasses import replace

import numpy as np
import pytest
from ecglens.datamodules import Target
from ecglens.eval import DECIDING, About, Explained, Finding, Measure, left_out
from ecglens.jobs.loggers import print_findings
from ecglens.report import Pseudonyms, run_views

from ..report.conftest import build

ABOUT = About(
    "largest",
    "How large?",
    "ours",
    Target("pr", "ms", "pr"),
    "median",
    ("a",),
    ("1", "2"),
    ("p", "q"),
)
SIZE = Measure("size", "Size", "", None, "description", "ours", "How large it is.")


def test_a_finding_says_its_sentence_or_that_its_measures_have_no_direction(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scores = {"size": {"saliency": np.array([[[1.0, 2.0]]])}}
    finding = Finding(ABOUT, (SIZE,), scores)
    both = [finding, replace(finding, sentence="Saliency is large.")]
    print_findings(run_views(both, Pseudonyms()))
    assert capsys.readouterr().out == (
        "\nlargest: The measures describe maps: no value is better than another.\n"
        "\nlargest: Saliency is large.\n"
    )


def test_a_method_that_was_left_out_is_named_on_the_terminal_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = Explained({}, np.zeros(2), {"mine": "expected a map of shape (2, 12, 9)"})
    scores = {"size": {"saliency": np.array([[[1.0, 2.0]]])}}
    finding = Finding(ABOUT, (SIZE,), scores, sentence="It is large.", notes=left_out(made))
    print_findings(run_views([finding], Pseudonyms()))
    *_, last = capsys.readouterr().out.splitlines()
    assert last == "- mine was left out: expected a map of shape (2, 12, 9)"


def test_a_ranking_is_a_table_best_method_first_with_its_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    finding = build(methods=("smoothgrad", "saliency"))  # SmoothGrad moves the prediction most
    print_findings(run_views([finding], Pseudonyms()))
    printed = capsys.readouterr().out.splitlines()
    blank, answer, why, single, following, again, title, head, *rest = printed
    assert (blank, again) == ("", "")
    assert answer == "By default protocol: No map yet: a test is missing or undecided."
    assert why.startswith("SmoothGrad beats the controls. Untested: redrawn weights, permuted")
    assert f"{why} {single}".endswith(
        " permuted labels. Not tested: whether a map explains one ECG."
    )
    assert following.startswith("Next: Redraw the weights and permute the labels")
    assert title == "PR · median beats · default protocol"
    names = ["method", "AUC", "95 %", "beats", "answer", "specific to its ECG"]
    assert re.split(r"\s{2,}", head) == names
    rows = [re.split(r"\s{2,}", line) for line in rest[:5]]
    # Without networks whose weights and labels were permuted no map is one to use.
    assert [[row[0], *row[4:]] for row in rows] == [
        ["SmoothGrad", "◐ not shown", "not tested"],
        ["Saliency", "◐ not shown", "not tested"],
        *([row[0]] for row in rows[2:]),  # controls get no answer
    ]
    controls = {"Random (control)", "|x| (control)", "|dx/dt| (control)"}
    assert {row[0] for row in rows[2:]} == controls
    curves = finding.curves[0]
    for name, row in zip(("smoothgrad", "saliency"), rows, strict=False):
        moved = np.abs(curves.predictions[name] - curves.predictions[name][..., :1]).mean((0, 1))
        area = np.trapezoid(moved[: curves.protocol.until + 1])
        assert float(row[1]) == pytest.approx(area, rel=0.01)
    starts = {line.index("◐") for line in rest[:2]} | {head.index("answer")}
    assert len(starts) == 1
    assert rest[5].startswith("SmoothGrad moves the prediction most")


def test_lines_end_before_column_100_and_a_note_of_both_protocols_is_told_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["ecglens", "train", *(f"name{n}=a_long_value_{n}" for n in range(9))]
    settings = {"settings": {"target": {"name": "pr"}}, "command": command}
    noise = replace(DECIDING[1], steps=25, until=15)
    both = [build(protocol=each, **settings) for each in (DECIDING[0], noise)]
    print_findings(run_views(both, Pseudonyms()))
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    long = [line for line in lines if len(line) > 100]
    assert [line.split()[:2] for line in long] == [["ecglens", "train"]]  # to be copied whole
    whole = re.sub(r"\s+", " ", printed)
    views = run_views(both, Pseudonyms()).ranked
    # Lines may be broken at any space.
    cautions = {re.sub(r"\s+", " ", each) for view in views for each in view.warnings}
    assert len(cautions) > 4
    assert all(whole.count(f"- {caution}") == 1 for caution in cautions)
    # The answer is of both protocols, and stands with the first.
    assert sum(line.startswith("By default protocol and noise of 10 %: ") for line in lines) == 1
    assert sum("specific to its ECG" in line for line in lines) == 1
