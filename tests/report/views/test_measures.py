"""Measures on the page: words, tables and figures."""

import re

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import Finding, NotApplicable, not_applicable
from ecglens.report import VIEWS, MeasuresView, write_report
from ecglens.report.views import view
from ecglens.report.views.measures import AgreementView
from ecglens.report.views.views import evaluation_views, view_class
from ecglens_metrics import Counterfactuals
from matplotlib.figure import Figure

from ..findings import MEASURES, about, of_measures


@pytest.fixture
def finding() -> Finding:
    return of_measures(details={"waves": pd.DataFrame({"wave": ["P"], "share": [0.5]})})


def test_every_number_of_the_table_stands_on_the_page_and_no_ecg_is_named(finding, tmp_path):
    page = write_report([finding], tmp_path).read_text("utf-8")
    for value in finding.table["value"]:
        assert f">{value:.3f}<" in page or f">{value:.2f}<" in page
    assert "Input × gradient is best." in page
    assert "Read &lt;this&gt; first." in page
    assert "40 ECGs of 20 patients, 1 network" in page
    assert page.count('<th scope="col">Beats every control</th>') == 2  # not of a description
    assert "A random map gets 0.1" in page
    assert "<caption>Relevance mass (more is better) (" in page
    assert "<caption>Completeness gap, ms (less is better) (" in page
    assert "secret" not in page


def test_only_a_measure_with_a_direction_is_said_to_decide_on_methods(tmp_path):
    words = ("was not shown to", "Holm", "beats the controls of a measure")
    directed = write_report([of_measures()], tmp_path / "a").read_text("utf-8")
    assert all(each in directed for each in words)
    (where,) = undirected = [each for each in MEASURES if each.higher_is_better is None]
    described = write_report([of_measures(measures=undirected)], tmp_path / "b").read_text("utf-8")
    assert not [each for each in words if each in described]
    assert described.count(f">{where.source}. ") == 1  # its evaluation has the same source


def test_its_files_lie_beside_it(finding, tmp_path):
    write_report([finding], tmp_path)
    key = "pr-median-localisation"
    assert (tmp_path / f"{key}-forest.png").stat().st_size > 10_000
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / f"{key}-waves.csv"), finding.details["waves"]
    )
    table = pd.read_csv(tmp_path / f"{key}-methods.csv")
    np.testing.assert_allclose(table["value"], finding.table["value"])
    assert len(re.findall("secret", (tmp_path / f"{key}-methods.csv").read_text())) == 0


def test_a_figure_too_large_as_svg_is_a_picture_on_the_page(finding, tmp_path, monkeypatch):
    page = write_report([finding], tmp_path / "all").read_text(encoding="utf-8")
    (own,) = evaluation_views([finding])
    drawn = [len(svg) for svg, _ in own.shown()["figures"]]
    assert (page.count("<img"), len(drawn) > 0) == (0, True)
    monkeypatch.setattr(view, "LARGE", min(drawn) - 1)
    shown = [figure for figure, _ in own.shown()["figures"]]
    assert all(figure.startswith('<img alt="') and len(figure) < min(drawn) for figure in shown)


def test_an_evaluation_that_does_not_apply_is_a_view_with_its_reason(finding, tmp_path):
    reason = NotApplicable("expected exact ECGs")
    other = not_applicable(reason, about(Counterfactuals()))
    page = write_report([finding, other], tmp_path).read_text("utf-8")
    assert page.count("Not applicable: expected exact ECGs.") == 1
    assert "<summary><h2>Counterfactuals</h2></summary>" in page  # nothing came out
    assert not [*tmp_path.glob("*counterfactuals*")]


def test_a_view_is_found_under_the_name_of_its_evaluation(monkeypatch):
    finding = of_measures(about("of mine"))
    assert view_class(finding) is MeasuresView
    monkeypatch.setitem(VIEWS, "of mine", AgreementView)
    assert view_class(finding) is AgreementView
    monkeypatch.setitem(VIEWS, "of mine", dict)
    with pytest.raises(ValueError, match="view of of mine to be a subclass of"):
        view_class(finding)


class Own(MeasuresView):
    def own_figures(self):
        return {"waves_of_mine": Figure()}

    def own_tables(self):
        every = {
            "method": ["abs_x", "mine"],
            "share": [0.25, np.nan],
            "n": [3, 4],
            "of": ["<a>", None],
        }
        return {"Waves of mine": pd.DataFrame(every), "Nothing": pd.DataFrame({"a": []})}


def test_a_figure_without_a_caption_is_named_with_its_view_and_is_on_the_page(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(VIEWS, "of mine", Own)
    page = write_report([of_measures(about("of mine"))], tmp_path).read_text("utf-8")
    assert "<figcaption>waves_of_mine</figcaption>" in page
    (line,) = capsys.readouterr().err.splitlines()
    assert "in Own.captions one for 'waves_of_mine', got none" in line


@pytest.mark.parametrize(("generated", "over"), [(True, "generated ECGs"), (False, "patients")])
def test_a_caption_says_whether_intervals_are_over_patients(generated, over):
    of = of_measures(about("of mine", facts={"generated": generated}))
    assert f"interval over {over} (and" in MeasuresView("mine", of).caption("forest")


def test_tables_of_a_view_are_on_the_page_with_printed_names(tmp_path, monkeypatch):
    monkeypatch.setitem(VIEWS, "of mine", Own)
    monkeypatch.setattr(Own, "own_figures", lambda self: {})
    page = write_report([of_measures(about("of mine"))], tmp_path).read_text("utf-8")
    (table,) = re.findall(r"<caption>Waves of mine</caption>.*?</table>", page, re.DOTALL)
    assert re.findall(r"<th[^>]*>(.*?)</th>", table) == [
        "method", "share", "n", "of", "|x| (control)", "mine",
    ]  # fmt: skip
    assert re.findall(r"<td[^>]*>(.*?)</td>", table) == ["0.250", "3", "&lt;a&gt;", "–", "4", ""]
    assert "<caption>Nothing" not in page
