from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ecglens.eval import DEFAULT, POINTS, Finding, Protocol
from ecglens.report import write_report
from ecglens.report.text.words import axis, disturbed

from ..conftest import changed

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
