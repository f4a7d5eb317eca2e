"""The views of a run are made once for its page, the terminal and W&B."""

from dataclasses import replace

import pytest
from ecglens.eval import STORAS2025, Finding
from ecglens.explain import left_out_notes
from ecglens.report import Pseudonyms, ranking_lines, run_views, write_page
from ecglens.report.answer.figure import answer_figures
from ecglens.report.answer.top import top_words
from ecglens.report.page import html
from ecglens.report.style import style
from ecglens.report.views import perturbation, view
from ecglens.report.views.views import sections
from ecglens.report.wandb.panels import panels

from ..conftest import changed, of_views
from ..findings import about, of_measures, of_rho


def test_page_terminal_and_wandb_rank_once_and_draw_each_picture_once(
    make_finding, tmp_path, monkeypatch
):
    calls = []
    for module, name in ((perturbation, "rank"), (view, "png")):
        own = getattr(module, name)

        def counting(given, own=own, name=name):
            calls.append(name)
            return own(given)

        monkeypatch.setattr(module, name, counting)
    run = run_views([make_finding(), of_rho()], Pseudonyms())
    write_page(run, tmp_path, Pseudonyms())
    ranking_lines(run)
    panels(run)
    assert calls.count("rank") == 1
    assert calls.count("png") == sum(len(each.figures) for each in (*run.ranked, *run.others))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([{"ecgs": 20}, {"ecgs": 40}], ["ecgs 20", "ecgs 40"]),
        ([{"evaluation": {"mass": {"width": n}}} for n in (1, 2)], ["width 1", "width 2"]),
        ([{"workers": 1}, {"workers": 2}], ["no. 1", "no. 2"]),
    ],
)
def test_findings_without_curves_on_one_network_are_told_apart(settings, words):
    findings = [of_measures(about("mass", facts={"settings": each})) for each in settings]
    assert [each.differing for each in run_views(findings, Pseudonyms()).others] == words


def test_findings_of_no_network_are_told_apart_from_those_of_one():
    findings = [of_measures(about("mass", networks=each)) for each in ((), (), ("abcdef1",))]
    assert [each.differing for each in run_views(findings, Pseudonyms()).others] == [
        "no network, no. 1",
        "no network, no. 2",
        "network abcdef, no. 3",
    ]


def test_no_two_views_of_a_page_have_one_key(make_finding):
    inapplicable = Finding(about("default"), reason="no ECG has a P wave")
    run = run_views([inapplicable, make_finding()], Pseudonyms())
    assert [each.key for each in (*run.ranked, *run.others)] == [
        "pr-median-default",
        "pr-median-default-2",
    ]


def test_notes_and_answers_name_methods_as_they_are_printed(make_finding):
    left_out = {"input_x_gradient": "it reuses a ReLU"}
    alone = changed(make_finding(methods=()), left_out=left_out)
    noted = replace(of_measures(), notes=left_out_notes(left_out))
    run = run_views([alone, noted], Pseudonyms())
    (ranked,), (other,) = run.ranked, run.others
    said = f"{style('input_x_gradient').label} was left out: it reuses a ReLU"
    assert said in ranked.sentence
    assert other.notes == [said]


@pytest.mark.heavy
def test_words_and_pictures_on_top_are_of_the_protocol_that_decides(make_finding):
    """The protocol that comes first in the run does not decide, and has another strongest map."""
    other = make_finding(methods=("deeplift", "saliency"), protocol=STORAS2025, shown=2)
    own = make_finding(methods=("saliency", "deeplift"), shown=2)
    run = run_views([other, own], Pseudonyms())
    (figure,) = answer_figures(run.groups)
    first, second = sections(run.ranked)
    assert top_words(figure.answer, {}).why.startswith("Saliency beats the controls.")
    assert figure.rows[0].name == "saliency"
    assert (figure.key, first["key"]) == ("pr-median-default", "pr-median-default")
    assert first["gallery"]["shown_method"] == "saliency"
    assert second["gallery"] is None
    page = html(of_views(*run.ranked))
    assert page.count("<h2>Before you rely on this") == 1
    assert page.index("<h2>Before you rely on this") < page.index(f'<section id="{second["key"]}"')
