"""A panel on the page: its words, tables and figures."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import Answer, Measure, Panel, Unanswered
from ecglens.report import write_report
from ecglens.report.views.relevance import figures

MEASURES = (
    Measure("mass", "Relevance mass", "", True, "plausibility", "Arras 2022", "How much.", 0.1),
    Measure("gap", "Completeness gap", "ms", False, "faithfulness", "ours", "What is left."),
    Measure("tp", "In TP", "", None, "description", "ours", "Where it lies."),
)
METHODS = ("saliency", "input_x_gradient", "random", "abs_x", "abs_dx")


@pytest.fixture
def answer() -> Answer:
    draw = np.random.default_rng(0)
    scores = {
        each.name: {
            name: (len(METHODS) - place + draw.normal(size=(1, 40))) / 10
            for place, name in enumerate(METHODS)
        }
        for each in MEASURES
    }
    panel = Panel(
        "localisation", "Do the maps lie there?", "ours", MEASURES, scores,
        [f"secret{n}" for n in range(40)], [f"p{n % 20}" for n in range(40)], 0,
        "input_x_gradient is best.", ("Read <this> first.",),
        {"waves": pd.DataFrame({"wave": ["P"], "share": [0.5]})},
    )  # fmt: skip
    return Answer(Target("pr", "ms", "pr"), "median", ("ab" * 32,), 40, 20, panel)


def test_every_number_of_the_table_stands_on_the_page_and_no_ecg_is_named(answer, tmp_path):
    page = write_report([], tmp_path, answers=[answer]).read_text("utf-8")
    for value in answer.finding.table["value"]:
        assert f">{value:.3f}<" in page or f">{value:.2f}<" in page
    assert "Input × gradient is best." in page
    assert "Read &lt;this&gt; first." in page
    assert "40 ECGs of 20 patients, 1 network" in page
    assert page.count('<th scope="col">Beats every control</th>') == 2  # not of a description
    assert "A random map gets 0.1" in page
    assert "<caption>Relevance mass (more is better) (" in page
    assert "<caption>Completeness gap, ms (less is better) (" in page
    assert "secret" not in page


def test_its_files_lie_beside_it(answer, tmp_path):
    write_report([], tmp_path, answers=[answer])
    key = "pr-median-localisation"
    assert (tmp_path / f"{key}-forest.png").stat().st_size > 10_000
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / f"{key}-waves.csv"), answer.finding.details["waves"]
    )
    table = pd.read_csv(tmp_path / f"{key}-methods.csv")
    np.testing.assert_allclose(table["value"], answer.finding.table["value"])
    assert len(re.findall("secret", (tmp_path / f"{key}-methods.csv").read_text())) == 0


def test_the_figure_of_relevance_names_the_target_as_other_pages_do(answer):
    rows = pd.DataFrame(
        {
            "explained": "pr", "method": "deeplift", "kind": "method", "outcome": "",
            "output": [150.0, 180.0], "change": [1.0, 2.0], "excess": 0.1,
            "relevance": [1.1, 2.1], "relevance_low": [1.0, 2.0], "relevance_high": [1.2, 2.2],
        }
    )  # fmt: skip
    details = {"findings": rows.loc[:, ["explained"]], "by_output": rows}
    (figure,) = figures(replace(answer.finding, details=details)).values()
    assert figure.get_suptitle() == "PR"
    assert figure.axes[0].get_ylabel() == "ms"
    assert figure.get_supxlabel() == "prediction, ms"


def test_a_question_that_could_not_be_asked_is_a_section_with_its_reason(answer, tmp_path):
    reason = Unanswered("counterfactuals", "Cannot be asked here: expected exact ECGs.")
    answers = [answer, replace(answer, finding=reason)]
    page = write_report([], tmp_path, answers=answers).read_text("utf-8")
    assert page.count("Cannot be asked here: expected exact ECGs.") == 2  # in the list and below
    assert not [*tmp_path.glob("*counterfactuals*")]
