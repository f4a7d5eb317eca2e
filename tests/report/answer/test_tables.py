"""Tables above the views, and rankings in a terminal."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from ecglens.eval import DECIDING, DEFAULT, POINTS, STORAS2025, Finding, Protocol, rank
from ecglens.eval.ranking.outcome import agree
from ecglens.report import Pseudonyms, ranking_lines, run_views, write_report
from ecglens.report.answer.tables import agreements
from ecglens.report.views.perturbation import perturbation_views

from ..conftest import changed, of_network, of_views, with_facts

Make = Callable[..., Finding]
GENTLE = replace(POINTS, name="noise_5", noise=0.05)


@pytest.mark.heavy
def test_two_scores_of_one_network_are_compared(make_finding: Make, tmp_path: Path) -> None:
    each = [make_finding(), make_finding(protocol=GENTLE), make_finding(protocol=STORAS2025)]
    page = write_report(each, tmp_path).read_text(encoding="utf-8")
    assert page.count("<caption>PR · median beats</caption>") == 1
    assert '<th scope="row">default protocol</th><td>noise of 5 %</td>' in page
    written = pd.read_csv(tmp_path / "agreements.csv")
    assert list(zip(written["one"], written["other"], strict=True)) == [
        ("pr-median-default", "pr-median-noise-5"),
        ("pr-median-default", "pr-median-storas2025"),
        ("pr-median-noise-5", "pr-median-storas2025"),
    ]
    assert written["tau"][1] == agree(each[0], each[2]).tau
    assert {*written["methods"]} == {5}
    tables = [one.ranking.table for one in perturbation_views(each[:2])]
    shown = [{*table.loc[table["beats_controls"], "method"]} for table in tables]
    assert shown[0] & shown[1]
    assert {*str(written["both"][0]).split("; ")} == shown[0] & shown[1]


def test_what_one_score_alone_shows_is_not_shown_by_both(make_finding: Make) -> None:
    one, other = make_finding(), make_finding(protocol=GENTLE)
    still = {**other.curves[0].predictions, "saliency": other.curves[0].predictions["random"]}
    other = changed(other, predictions=still)
    (found,) = agreements(of_views(*perturbation_views([one, other])))
    assert "saliency" in {*rank(one).table.query("beats_controls")["method"]}
    assert "saliency" not in str(found.table["both"][0]).split("; ")


@pytest.mark.heavy
def test_intervals_over_generated_ecgs_and_over_patients_are_both_named(
    make_finding: Make, tmp_path: Path
) -> None:
    made = [make_finding(), make_finding(protocol=GENTLE)]
    made = [with_facts(each, generated=True) for each in made]
    real = [with_facts(of_network(each, "b"), generated=False) for each in made]
    page = write_report([*made, *real], tmp_path).read_text(encoding="utf-8")
    assert "The interval is over\ngenerated ECGs or patients; methods" in page


@pytest.mark.heavy
def test_other_networks_are_not_compared(make_finding: Make, tmp_path: Path) -> None:
    other = of_network(make_finding(protocol=GENTLE), "b")
    assert agreements(of_views(*perturbation_views([make_finding(), other]))) == []
    write_report([make_finding(), other], tmp_path)
    assert not (tmp_path / "agreements.csv").exists()


@pytest.mark.heavy
def test_two_methods_are_too_few(make_finding: Make, tmp_path: Path) -> None:
    two = ("saliency", "deeplift")
    each = [make_finding(methods=two), make_finding(methods=two, protocol=GENTLE)]
    page = write_report(each, tmp_path).read_text(encoding="utf-8")
    assert (
        "PR · median beats: agreement of the scores on the order of methods needs at least 3"
        in page
    )
    assert not (tmp_path / "agreements.csv").exists()


SEGMENTS, NOISE_10 = replace(POINTS, name="segments"), DECIDING[1]


def test_the_protocols_that_decide_the_answer_are_named_once(
    make_finding: Callable[..., Finding],
) -> None:
    def deciding(*others: Protocol, first: Protocol = DEFAULT) -> str:
        made = [make_finding(protocol=each) for each in (first, *others)]
        top, *rest = ranking_lines(run_views(made, Pseudonyms()))
        assert len(rest) == len(others)
        assert not any(each.answer for each in rest)
        return top.answer[0].partition(":")[0]

    assert deciding(POINTS, SEGMENTS) == "By default protocol"
    assert deciding(POINTS, NOISE_10) == "By default protocol and noise of 10 %"
    zeros = replace(DEFAULT, fill="zero", draws=1)
    assert deciding(NOISE_10, first=zeros) == "By noise of 10 %"
    assert deciding(first=zeros) == "By default protocol, other settings"
