"""Words for labels and for what is done to an ECG."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from ecglens.datamodules import Target
from ecglens.eval import DEFAULT, POINTS, Finding, Protocol
from ecglens.report import write_report
from ecglens.report.text.facts import warnings_of_facts
from ecglens.report.text.words import axis, disturbed, reading

from ..conftest import changed

PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"))


@pytest.mark.parametrize(
    ("makers", "named", "cautioned"),
    [
        ({"ecglens": 24}, "ECGLens measured 160 ms", "measured by ECGLens: the network learns"),
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
    finding = deepcopy(make_finding(target=PR, labels_by={"pr": makers}))
    finding.curves[0].y[0] = 160.0
    assert reading(finding, "ecg-0").endswith(f", {named}")
    told = [text for text in warnings_of_facts(finding) if text.startswith("The labels are")]
    assert len(told) == bool(cautioned)
    assert cautioned in "".join(told)
    assert ("where the target lies" in "".join(told)) == ("ecglens" in makers)


Make = Callable[..., Finding]

SEGMENTS = replace(POINTS, name="segments", unit="segment", order="lerf", fill="linear", draws=1)


def test_what_is_done_to_an_ecg_in_words():
    said = {
        DEFAULT: "25 segments of 30 ms, one a step, replaced by those of another patient's ECG",
        POINTS: "25 points, one a step, noise of 20 % of the range of the sample, as SD",
        Protocol(fill="noise", noise_scope="lead"): "25 segments of 30 ms, one a step, "
        "a smooth bump of 20 % of the range of the lead, as SD",
        SEGMENTS: "25 segments of 30 ms, the least relevant first, one a step, "
        "replaced by the line between the samples beside them",
    }
    for protocol, words in said.items():
        assert " ".join(disturbed(protocol).split()) == words  # with plain spaces
    assert axis(SEGMENTS) == "segments perturbed, least relevant first"


@pytest.mark.heavy
def test_the_references_stand_in_the_table_of_the_page(make_finding: Make, tmp_path: Path):
    finding = make_finding()
    curves = finding.curves[0].predictions
    references = {"oracle": curves["saliency"][:, :10] * 1.1}
    with_them = changed(finding, references=references)
    plain, more = (
        write_report([each], tmp_path / name).read_text("utf-8")
        for name, each in {"plain": finding, "more": with_them}.items()
    )
    assert "Random 0, oracle 1" not in plain
    assert "Random 0, oracle 1" in more


def test_lerf_the_page_says_so(make_finding: Make, tmp_path: Path):
    page = write_report([make_finding(protocol=SEGMENTS)], tmp_path).read_text("utf-8")
    assert "the segments that each method ranks" in page
    assert "Flatter is more faithful" in " ".join(page.split())
    assert "counted negative" in page
