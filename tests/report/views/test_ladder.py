"""The null ladder on the page: every rung with its interval, and the level of each method."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import Finding, rank
from ecglens.eval.curves import ANOTHER_PATIENT, MEAN_OF_OTHERS
from ecglens.report import write_report
from ecglens.report.page import html
from ecglens.report.views.perturbation import perturbation_views
from ecglens.report.views.ranking_uncertainty import ladder_figure, ladder_rows, ladder_table

from ..conftest import of_views, with_facts, with_rungs

Make = Callable[..., Finding]


@pytest.fixture
def finding(make_finding: Make) -> Finding:
    """Saliency is specific to its ECG, SmoothGrad is what it is on another ECG."""
    made = make_finding(methods=("saliency", "smoothgrad"))
    curves = made.curves[0].predictions
    random = curves["random"]
    return with_rungs(made, random, saliency=random, smoothgrad=curves["smoothgrad"])


def test_every_rung_and_level_of_the_ranking_is_in_the_table(finding: Finding) -> None:
    ranking = rank(finding)
    rows = ladder_rows(ranking, finding.curves[0].grains)
    labels = [row["label"] for row in rows["shared"]]
    assert "Target prior, random points" in labels
    assert labels.count("Random (control)") == 1
    levels = {row["label"]: row["level"] for row in rows["rows"]}
    assert levels == {
        "Saliency": "beats other patients’ maps",
        "SmoothGrad": "beats the target region itself",
    }
    for row in rows["rows"]:
        assert len(row["differences"]) == len(rows["heads"]) == 3
        for one in row["differences"]:
            assert one["difference_low"] <= one["difference"] <= one["difference_high"]


def test_the_page_has_table_and_figure_and_the_numbers_beside_it(
    finding: Finding, tmp_path: Path
) -> None:
    page = write_report([finding], tmp_path).read_text("utf-8")
    (ladder,) = re.findall(r"<summary[^>]*>Null ladder.*?</details>", page, re.DOTALL)
    assert "<caption>The null ladder: how far" in ladder
    assert ">beats other patients’ maps</td>" in ladder
    assert "dots: the interval holds 0" in ladder
    assert "own maps of other generated ECGs, laid on" in ladder
    recorded = with_facts(finding, **{**finding.facts, "generated": False})
    page = write_report([recorded], tmp_path / "recorded").read_text("utf-8")
    assert "own maps of other patients, laid on" in page
    (kept,) = tmp_path.glob("*-ladder.csv")
    table = pd.read_csv(kept)
    expected = ladder_table(rank(finding))
    assert np.allclose(table["difference"], expected["difference"])
    assert {*table["rung"]} >= {"random", "target_prior", "mean_of_others", "another_patient"}


@pytest.mark.parametrize(("prior", "others"), [(True, True), (True, False), (False, True)])
def test_the_notes_name_the_rungs_of_the_table_alone(
    make_finding: Make, prior: bool, others: bool
) -> None:
    made = make_finding(methods=("saliency",))
    random = made.curves[0].predictions["random"]
    rungs = {"saliency": random} if others else {}
    page = html(
        of_views(*perturbation_views([with_rungs(made, random if prior else None, **rungs)]))
    )
    (ladder,) = re.findall(r"<summary[^>]*>Null ladder.*?</details>", page, re.DOTALL)
    notes = ladder.partition("</table>")[2]
    for words in ("Target prior</em>", "beats the PR region itself</em>"):
        assert (words in notes) == prior
    for words in (
        "Mean of others</em>",
        "beats other patients’ maps</em>",
        "are taken in the first",
        "panels",
    ):
        assert (words in notes) == others


def test_without_rungs_there_is_no_table_and_no_figure(make_finding: Make, tmp_path: Path) -> None:
    made = make_finding()
    assert ladder_rows(rank(made), made.curves[0].grains) == {}
    assert ladder_figure(rank(made), "ms × steps", "PR") is None
    page = write_report([made], tmp_path).read_text("utf-8")
    assert "The null ladder: how far" not in page
    assert not [*tmp_path.glob("*-ladder.csv")]


def test_the_figure_draws_every_difference(finding: Finding) -> None:
    ranking = rank(finding)
    figure = ladder_figure(ranking, "ms × steps", "PR")
    assert figure is not None
    panels = [axes for axes in figure.axes if axes.get_title(loc="left")]
    for axes, rung in zip(panels, ("target_prior", MEAN_OF_OTHERS, ANOTHER_PATIENT), strict=True):
        rows = ranking.ladder.rungs
        found = [np.asarray(line.get_xdata(), float) for line in axes.lines]
        drawn = sorted(float(x[0]) for x in found if len(x) == 1)
        assert drawn == pytest.approx(sorted(rows.loc[rows["rung"] == rung, "difference"]))
