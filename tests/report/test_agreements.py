"""Whether two scores order the methods alike, above the sections."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
from ecglens.eval import POINTS, STORAS2025, Result, rank
from ecglens.eval.ranking.agree import agree
from ecglens.report import write_report
from ecglens.report.answer.agreements import agreements
from ecglens.report.views.perturbation import gathered

Make = Callable[..., Result]
GENTLE = replace(POINTS, name="noise_5", noise=0.05)


def test_two_scores_of_one_network_are_compared(make_result: Make, tmp_path: Path) -> None:
    each = [make_result(), make_result(protocol=GENTLE), make_result(protocol=STORAS2025)]
    page = write_report(each, tmp_path).read_text(encoding="utf-8")
    assert page.count("Do the scores order the methods alike? · PR · median beats") == 1
    assert '<th scope="row">default protocol</th><td>noise of 5 %</td>' in page
    written = pd.read_csv(tmp_path / "agreements.csv")
    assert list(zip(written["one"], written["other"], strict=True)) == [
        ("pr-median-default", "pr-median-noise-5"),
        ("pr-median-default", "pr-median-storas2025"),
        ("pr-median-noise-5", "pr-median-storas2025"),
    ]
    assert written["tau"][1] == agree([each[0]], [each[2]]).tau
    assert {*written["methods"]} == {5}
    tables = [one.ranking.table for one in gathered(each[:2])]
    shown = [{*table.loc[table["beats_controls"], "method"]} for table in tables]
    assert shown[0] & shown[1]
    assert {*str(written["both"][0]).split("; ")} == shown[0] & shown[1]


def test_what_one_score_alone_shows_is_not_shown_by_both(make_result: Make) -> None:
    one, other = make_result(), make_result(protocol=GENTLE)
    still = {**other.scores.curves, "saliency": other.scores.curves["random"]}
    other = replace(other, scores=replace(other.scores, curves=still))
    (found,) = agreements(gathered([one, other]))
    assert "saliency" in {*rank(one.scores).table.query("beats_controls")["method"]}
    assert "saliency" not in str(found.table["both"][0]).split("; ")


def test_other_networks_are_not_compared(make_result: Make, tmp_path: Path) -> None:
    other = replace(make_result(protocol=GENTLE), network="b")
    assert agreements(gathered([make_result(), other])) == []
    write_report([make_result(), other], tmp_path)
    assert not (tmp_path / "agreements.csv").exists()


def test_two_methods_are_too_few(make_result: Make, tmp_path: Path) -> None:
    two = ("saliency", "deeplift")
    each = [make_result(methods=two), make_result(methods=two, protocol=GENTLE)]
    page = write_report(each, tmp_path).read_text(encoding="utf-8")
    assert "PR · median beats: whether the scores order the methods alike is said from 3" in page
    assert not (tmp_path / "agreements.csv").exists()
