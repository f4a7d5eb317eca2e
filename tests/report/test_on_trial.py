"""A panel says of each measure how it stood trial, or why it did not."""

from dataclasses import replace

import numpy as np
from ecglens.datamodules import Target
from ecglens.eval import POINTS, Answer, Panel
from ecglens.eval.evaluations.axioms.measures import COMPLETENESS, SENSITIVITY
from ecglens.eval.evaluations.localisation.experiment import OF_SIZES
from ecglens.eval.evaluations.localisation.measures import MEASURES
from ecglens.eval.meta_evaluation import STOOD, UNREACHED, Stood
from ecglens.eval.meta_evaluation.standing import TRIED_ON, UNFIT_ON
from ecglens.report import write_report
from ecglens.report.text.validation import measure_on_trial, on_trial, on_trial_in_short

RANK, AUP = MEASURES["relevance_rank"], MEASURES["aup"]


def answered(experiment: str, *measures, **changed) -> Answer:
    scores = {
        each.name: {name: np.ones((1, 8)) for name in ("saliency", "random")} for each in measures
    }
    records = [f"ecg-{number}" for number in range(8)]
    panel = Panel(experiment, "?", "ours", measures, scores, records, records, 0, "So it is.")
    answer = Answer(Target("pr", "ms", "pr"), "median", ("ab" * 32,), 8, 8, panel)
    return replace(answer, **changed)


def test_each_measure_on_the_page_says_how_it_stood(tmp_path):
    answers = [answered("localisation_edge", RANK), answered("axioms", COMPLETENESS, SENSITIVITY)]
    page = " ".join(write_report([], tmp_path, answers=answers).read_text("utf-8").split())
    assert page.count("This measure on trial: ") == 3
    assert "This measure on trial: fit on 7 of 7 networks tried." in page
    assert "This measure on trial: not tried: no value of it is better" in page
    assert f"This measure on trial: {measure_on_trial(answers[1], COMPLETENESS)}." in page


def test_where_a_measure_is_unfit_is_said_in_words():
    assert STOOD["axioms, completeness"].unfit[0] == "window"
    told = measure_on_trial(answered("axioms", COMPLETENESS), COMPLETENESS)
    assert told.startswith("fit on 0 of ")
    assert "unfit where one wave of one lead decides" in told


def test_verdicts_on_median_beats_are_not_those_of_strips():
    strips = answered("localisation_edge", RANK, input="rhythm")
    assert measure_on_trial(strips, RANK) == "not tried: the trial was held on median beats"


def test_a_measure_of_sizes_has_the_verdict_of_sizes(monkeypatch):
    answer = answered("localisation_edge", RANK, AUP)
    answer = replace(answer, finding=replace(answer.finding, notes=(OF_SIZES,)))
    by_sizes = {"relevance_rank, of |map|": Stood(unfit=("edge",)), "aup": Stood(fit=("edge",))}
    monkeypatch.setattr("ecglens.eval.meta_evaluation.panels.STOOD", by_sizes)
    assert measure_on_trial(answer, RANK) == (
        "fit on 0 of 1 networks tried, unfit where steep slopes decide"
    )
    assert measure_on_trial(answer, AUP) == "fit on 1 of 1 networks tried"


def test_a_measure_without_a_trial_says_so():
    own = answered("an evaluation of one's own", RANK)
    assert measure_on_trial(own, RANK) == f"not tried: {UNREACHED}"


def test_a_score_tried_on_some_networks_says_on_how_many(make_result, monkeypatch):
    metric, some = "perturbation AUC, noise of 5 %", ("window", "three votes")
    monkeypatch.setitem(TRIED_ON, metric, some)
    result = make_result(protocol=replace(POINTS, noise=0.05))
    for unfit, told, short in (
        (("three votes",), "unfit where three leads vote (2 of 7)", "unfit on 1 of 2"),
        (some, "unfit on every network tried (2 of 7)", "unfit on 2 of 2"),
        ((), "fit on every network tried (2 of 7)", "fit on 2 of 2"),
    ):
        monkeypatch.setitem(UNFIT_ON, metric, unfit)
        assert (on_trial(result), on_trial_in_short(result)) == (told, short)
