"""Agreement of maps on the page: with its baselines, and with what passed the gates."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import STORAS2025, Finding, answers_of, rank
from ecglens.eval.evaluations.sanity import BASELINES, Weights
from ecglens.report import write_report
from ecglens.report.figures.intervals import kept_figure
from ecglens.report.views.views import evaluation_views

from ..conftest import of_network
from ..findings import about, of_rho, of_weights

Make = Callable[..., Finding]
QT = Target("qt", "ms", "QT interval")


def test_every_correlation_has_its_baselines_beside_it(tmp_path: Path) -> None:
    page = write_report([of_rho()], tmp_path).read_text(encoding="utf-8")
    row = page[page.rindex('<th scope="row">Saliency</th>') :]
    cells = [cell.split("<")[0] for cell in row[: row.index("</tr>")].split('"number">')[1:]]
    assert cells[:2] == ["0.13", "0.11 to 0.15"]
    assert [cells[place] for place in (3, 6, 7, 8)] == ["0.41"] * 4
    assert len(cells) == 9
    assert "Saliency is lost." in page  # in words, by its printed name
    assert "one note" in page
    written = pd.read_csv(tmp_path / "pr-median-consistency-methods.csv")
    assert {*BASELINES} <= {*written.columns}
    assert (tmp_path / "pr-median-consistency-estimates.png").stat().st_size > 10_000


def test_a_negative_number_in_a_sentence_has_a_true_minus_sign() -> None:
    said = replace(of_rho(), sentence="saliency has r = -0.02 (-0.05 at 0-15 Hz, trans-1, 1e-05).")
    (view,) = evaluation_views([said])
    assert view.sentence == "Saliency has r = −0.02 (−0.05 at 0-15 Hz, trans-1, 1e-05)."


def test_the_distance_from_the_baseline_and_what_is_missing_are_shown(tmp_path: Path) -> None:
    page = write_report([of_rho(missing=[0.25, 0.0, 0.0])], tmp_path).read_text(encoding="utf-8")
    row = page[page.rindex('<th scope="row">Saliency</th>') :]
    cells = [cell.split("<")[0] for cell in row[: row.index("</tr>")].split('"number">')[1:]]
    assert cells[2:6] == ["25\u00a0%", "0.41", "−0.28", "−0.33 to −0.23"]


@pytest.mark.heavy
def test_a_method_that_fails_a_gate_is_not_to_be_shown_whatever_its_rank(
    make_finding: Make, tmp_path: Path
) -> None:
    finding = of_network(make_finding(methods=("deeplift", "saliency", "smoothgrad")), "a")
    ranking = rank(finding)
    assert ranking.best == "deeplift"
    (answer,) = answers_of([finding, of_weights()])
    assert {each.name: each.use for each in answer.methods} == {
        "deeplift": "do not use",
        "saliency": "use",
        "smoothgrad": "not shown",  # no finding speaks of it
        "guided_backprop": "do not use",  # left out: wrong on this network
    }
    page = write_report([finding, of_weights()], tmp_path).read_text(encoding="utf-8")
    for name, use in (("Saliency", "use"), ("DeepLIFT", "do not use"), ("SmoothGrad", "not shown")):
        assert len(re.findall(answered(name, use), page)) == 1
    (why,) = finding.curves[0].left_out.values()
    assert f"<td>fails (left out: {escape(why)})</td>" in page
    assert page.count("(left out: ") == 1
    # One map has one verdict, by the first protocol.
    again = of_network(make_finding(protocol=STORAS2025), "a")
    both = write_report([finding, again, of_weights()], tmp_path).read_text("utf-8")
    assert both.count("Every estimate, null and test") == 1
    # It holds for no other network or target.
    for foreign in (about(Weights(), network="b"), about(Weights(), target=QT)):
        other = write_report([finding, of_weights(foreign)], tmp_path).read_text("utf-8")
        assert re.search(answered("DeepLIFT", "not shown"), other)


def answered(name: str, use: str) -> str:
    """Pattern of a row of the table with every test."""
    return rf'<th scope="row">{name}</th>\s*<td><strong>{use}</strong></td>'


def test_two_findings_of_one_evaluation_have_files_of_their_own(tmp_path: Path) -> None:
    page = write_report([of_weights(about(Weights(), network=key)) for key in "ab"], tmp_path)
    for network in "ab":  # and titles
        assert f"nothing? · network {network}</p>" in page.read_text(encoding="utf-8")
    assert (tmp_path / "pr-median-weights-2-methods.csv").is_file()


def test_the_quantity_that_decides_stands_beside_the_verdict_and_in_the_figures(
    tmp_path: Path,
) -> None:
    found = of_weights()
    page = write_report([found], tmp_path)
    text = page.read_text(encoding="utf-8")
    table = text[text.index("What the gates judge: the score that a twin’s map brings, limit 70") :]
    row = table[table.index('<th scope="row">Saliency</th>') :]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row[: row.index("</tr>")])
    assert cells[:4] == ["21\u00a0%", "21\u00a0% to 23\u00a0%", "0.012", "default protocol"]
    assert cells[-3:] == ["passes", "passes", "passes"]
    for name in ("kept", "cascade"):
        assert (tmp_path / f"pr-median-weights-{name}.png").stat().st_size > 10_000
    # Raw ρ decides nothing, and is not drawn.
    assert not (tmp_path / "pr-median-weights-estimates.png").exists()
    drawn = kept_figure(found.table, "")
    lines = (np.asarray(line.get_xdata(), float) for line in drawn.axes[0].lines)
    ends = {float(at) for line in lines for at in line}
    assert {0.21, 0.23, 0.61, 0.7} <= ends
    assert 0.13 not in ends
