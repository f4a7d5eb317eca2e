"""A label is named for what it is: measured by a program, by hand, or exact."""

from collections.abc import Callable

import pytest
from ecglens.datamodules import Target
from ecglens.eval import Finding
from ecglens.report.text.facts import warnings_of_facts
from ecglens.report.text.words import reading

PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"))


@pytest.mark.parametrize(
    ("makers", "named", "cautioned"),
    [
        (
            {"ecglens": 24},
            "ECGLens measured 160 ms",
            "measured by ECGLens: the network learns",
        ),
        ({"12sl": 24}, "12SL measured 160 ms", "the network learns that program"),
        ({"hand": 24}, "160 ms by hand", ""),
        ({"exact": 24}, "true 160 ms", ""),
        ({"hand": 20, "ecglens": 4}, "label 160 ms", "measured by ECGLens (n = 4)"),
        ({}, "label 160 ms", ""),
    ],
)
def test_the_maker_of_a_label_is_named(
    make_finding: Callable[..., Finding], makers: dict[str, int], named: str, cautioned: str
) -> None:
    finding = make_finding(target=PR, labels_by={"pr": makers})
    finding.curves[0].y[0] = 160.0
    assert reading(finding, "ecg-0").endswith(f", {named}")
    told = [text for text in warnings_of_facts(finding) if text.startswith("The labels are")]
    assert len(told) == bool(cautioned)
    assert cautioned in "".join(told)
    assert ("where the target lies" in "".join(told)) == ("ecglens" in makers)
