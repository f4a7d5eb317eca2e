"""Every number of every evaluation lies beside the page as one table."""

from pathlib import Path

import pandas as pd
import pytest
from ecglens.eval import Finding
from ecglens.report import style, write_report
from ecglens.report.answer.tables import measures_table
from ecglens.report.views.perturbation import perturbation_views
from ecglens.report.views.views import evaluation_views

from ..conftest import build
from ..findings import of_measures, of_rho


@pytest.fixture
def finding() -> Finding:
    return of_measures()


def test_its_numbers_lie_beside_the_page_with_every_digit(finding, tmp_path: Path):
    page = write_report([finding, of_rho()], tmp_path).read_text("utf-8")
    assert '<a href="measures.csv">' in page
    for name in dict.fromkeys(finding.methods):
        assert f'<th scope="row">{style(name).label}</th>' in page
    read = pd.read_csv(tmp_path / "measures.csv", dtype=str)
    values = [*finding.table["value"], *of_rho().table["value"]]
    assert [float(text) for text in read["value"]] == values
    assert [*read.columns] == [*measures_table(evaluation_views([finding])).columns]
    assert {*read["evaluation"]} == {"localisation", "consistency"}


def test_measures_of_all_evaluations_share_a_table(finding):
    found = measures_table([*perturbation_views([build()]), *evaluation_views([finding, of_rho()])])
    assert [*dict.fromkeys(found["evaluation"])] == ["default", "localisation", "consistency"]
    areas = found[found["evaluation"] == "default"]
    assert {*areas["unit"]} == {"ms × steps"}
    assert {*areas["method"]} > {"random", "abs_x", "abs_dx"}
