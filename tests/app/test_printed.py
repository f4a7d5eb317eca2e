"""Lines at the end of a job."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.app.printed import print_findings
from ecglens.datamodules import Target
from ecglens.eval import About, Finding, Measure
from ecglens.report import Pseudonyms, run_views

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
