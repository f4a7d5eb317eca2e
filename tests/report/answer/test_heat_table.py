"""The heat table has every number of every measure, shaded by place."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import Finding
from ecglens.report import style, write_report
from ecglens.report.answer.heat_table import heat_tables, measures_table
from ecglens.report.page import html
from ecglens.report.text.numerals import fixed
from ecglens.report.views.perturbation import perturbation_views
from ecglens.report.views.view import View
from ecglens.report.views.views import views

from ..conftest import build, of_views
from ..findings import of_measures, of_rho


def column(found: list[View], label: str) -> dict[str, dict]:
    """The cells of a measure by method."""
    (table,) = heat_tables(found)
    place = [each["label"] for each in table["columns"]].index(label)
    return {row["method"]: row["cells"][place] for row in table["rows"]}


@pytest.fixture
def finding() -> Finding:
    return of_measures()


def test_the_better_the_place_the_stronger_the_shade(finding):
    of = finding.table.set_index(["measure", "method"])["value"]
    for measure, sign in (("mass", 1), ("gap", -1)):
        label = next(each.label for each in finding.measures if each.name == measure)
        cells = column(views([finding]), label)
        order = sorted(cells, key=lambda name: sign * of[measure, name])
        depths = [float(cells[name]["depth"]) for name in order]
        assert depths == [0.0, 0.25, 0.5, 0.75, 1.0]
        assert {n: each["text"] for n, each in cells.items()} == {
            name: fixed(of[measure, name], 2) for name in cells
        }
    undirected = column(views([finding]), "In TP")
    assert {each["depth"] for each in undirected.values()} == {None}


def test_only_what_is_better_than_every_control_is_bold(finding):
    rows = finding.table.query("measure == 'mass'").set_index("method")["beats_controls"]
    cells = column(views([finding]), "Relevance mass")
    assert {name for name in cells if cells[name]["beats"]} == {*rows.index[rows.eq(True)]}
    assert any(each["beats"] for each in cells.values())
    one = cells["saliency"]
    assert f'<td style="--depth:{one["depth"]}"><strong>{one["text"]}</strong></td>' in (
        html(of_views(others=views([finding])))
    )


def test_measures_of_all_evaluations_share_a_table_and_what_is_missing_is_a_dash(finding):
    found = [*perturbation_views([build()]), *views([finding, of_rho()])]
    (table,) = heat_tables(found)
    assert [(each["key"], each["span"]) for each in table["groups"]] == [
        ("pr-median-default", 1),
        ("pr-median-localisation", 2),
        ("pr-median-localisation", 1),  # without a direction, and so without a shade
        ("pr-median-consistency", 1),
    ]
    assert table["columns"][0]["label"] == "Area under the curve"
    assert table["columns"][0]["unit"] == "ms × steps"
    cells = column(found, "Spearman’s ρ")
    assert cells["saliency"]["text"] == "0.13"
    assert cells["input_x_gradient"]["text"] == cells["abs_x"]["text"] == "–"
    names = [row["method"] for row in table["rows"]]
    assert {*names[-3:]} == {"random", "abs_x", "abs_dx"}
    empty = {"mass": {name: np.full((1, 1, 40), np.nan) for name in finding.scores["mass"]}}
    nothing = replace(finding, scores={**finding.scores, **empty}, table=pd.DataFrame())
    cells = column(views([nothing]), "Relevance mass")
    assert {(each["text"], each["depth"]) for each in cells.values()} == {("–", None)}


def test_its_numbers_lie_beside_the_page_with_every_digit(finding, tmp_path: Path):
    page = write_report([finding, of_rho()], tmp_path).read_text("utf-8")
    assert '<a href="measures.csv">' in page
    for name in dict.fromkeys(finding.methods):
        assert f'<th scope="row">{style(name).label}</th>' in page
    read = pd.read_csv(tmp_path / "measures.csv", dtype=str)
    values = [*finding.table["value"], *of_rho().table["value"]]
    assert [float(text) for text in read["value"]] == values
    assert [*read.columns] == [*measures_table(views([finding])).columns]
    assert {*read["evaluation"]} == {"localisation", "consistency"}


def test_measures_are_counted_in_the_caption(finding):
    assert "<caption>Every method by the 1 measure that orders methods · PR" in html(
        of_views(*perturbation_views([build()]))
    )
    assert "<caption>Every method by the 2 measures that order methods · PR" in html(
        of_views(others=views([finding]))
    )
