"""Lines at the end of a job."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.app.printed import print_findings
from ecglens.datamodules import Target
from ecglens.eval import About, Finding, Measure

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


def test_a_finding_without_a_direction_says_its_sentence_or_where_its_numbers_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scores = {"size": {"saliency": np.array([[[1.0, 2.0]]])}}
    finding = Finding(ABOUT, (SIZE,), scores)
    print_findings([finding, replace(finding, sentence="Saliency is large.")])
    assert capsys.readouterr().out == (
        "\nlargest: the numbers are in the report.\n\nlargest: Saliency is large.\n"
    )
