"""A page gives the validation of each score and measure, or why there is none."""

from dataclasses import replace

import numpy as np
from ecglens.eval import OF_SIZES, POINTS, UNREACHED, Finding, Measure, Validation, validations
from ecglens.eval.meta_evaluation import OWN, READS, steps_of
from ecglens.report import write_report
from ecglens.report.text.cautions import (
    OUTDATED,
    score_validation,
    score_validation_in_short,
    validation_of,
)
from ecglens_metrics.axioms import COMPLETENESS, SENSITIVITY, Axioms
from ecglens_metrics.localisation import MEASURES

from ..findings import about

MEASURED = "ecglens.report.text.cautions.validations"
RANK, AUP = MEASURES["relevance_rank"], MEASURES["aup"]


def made(evaluation: str, *measures: Measure, notes=(), **changed) -> Finding:
    numbers = {name: np.ones((1, 1, 8)) for name in ("saliency", "random")}
    scores = {each.name: numbers for each in measures}
    return Finding(about(evaluation, 8, **changed), measures, scores, notes=notes)


def test_each_measure_on_the_page_says_how_it_stood(tmp_path):
    findings = [made("localisation_edge", RANK), made("axioms", COMPLETENESS, SENSITIVITY)]
    page = " ".join(write_report(findings, tmp_path).read_text("utf-8").split())
    assert page.count("Validation of this measure: ") == 3
    assert "Validation of this measure: fit on 7 of 7 networks tested." in page
    assert "Validation of this measure: not tested: no value of it is better" in page
    assert f"Validation of this measure: {validation_of(findings[1], COMPLETENESS)}." in page


def test_where_a_measure_is_unfit_is_said_in_words():
    assert validations()["axioms, completeness"].unfit[0] == "window"
    told = validation_of(made("axioms", COMPLETENESS), COMPLETENESS)
    assert told.startswith("fit on 0 of ")
    assert "unfit where one wave of one lead decides" in told


def test_verdicts_on_median_beats_are_not_those_of_strips():
    strips = made("localisation_edge", RANK, input="rhythm")
    assert validation_of(strips, RANK) == "not tested: the meta-evaluation was held on median beats"


def test_a_measure_of_sizes_has_the_verdict_of_sizes(monkeypatch):
    finding = made("localisation_edge", RANK, AUP, notes=(OF_SIZES,))
    steps = steps_of("aup")
    by_sizes = {
        "relevance_rank, of |map|": Validation(unfit=("edge",), steps=steps),
        "aup": Validation(fit=("edge",), steps=steps),
    }
    monkeypatch.setattr(MEASURED, lambda: by_sizes)
    assert validation_of(finding, RANK) == (
        "fit on 0 of 1 networks tested, unfit where steep slopes decide"
    )
    assert validation_of(finding, AUP) == "fit on 1 of 1 networks tested"


def test_a_measure_without_a_trial_says_so():
    own = made("an evaluation of one's own", RANK)
    assert validation_of(own, RANK) == f"not tested: {UNREACHED}"


def test_a_score_tried_on_some_networks_says_on_how_many(make_finding, monkeypatch):
    metric, some = "perturbation AUC, noise of 5 %", ("window", "three votes")
    finding = make_finding(protocol=replace(POINTS, noise=0.05))
    for unfit, told, short in (
        (("three votes",), "unfit where three leads vote (2 of 7)", "unfit on 1 of 2"),
        (some, "unfit on every network tested (2 of 7)", "unfit on 2 of 2"),
        ((), "fit on every network tested, templates apart (2 of 7)", "fit on 2 of 2"),
    ):
        fit = tuple(name for name in some if name not in unfit)
        found = Validation(fit, unfit, steps=steps_of(metric))
        monkeypatch.setattr(MEASURED, lambda found=found: {metric: found})
        assert (score_validation(finding), score_validation_in_short(finding)) == (told, short)


def test_attacks_that_raise_a_score_or_measure_are_named(make_finding, monkeypatch):
    score, finding = "perturbation AUC, points", made("localisation_edge", AUP)
    found = {
        name: Validation(fit=("window",), steps=steps_of(name), raised=raised)
        for name, raised in ((score, ("blur", "prior")), ("aup", ("sparsify",)))
    }
    monkeypatch.setattr(MEASURED, lambda: found)
    told = score_validation(make_finding(protocol=POINTS))
    assert told.endswith("(1 of 7); raised without information by blur and prior")
    assert validation_of(finding, AUP).endswith("tested; raised without information by sparsify")


def test_validation_of_code_that_has_changed_since_is_not_shown(make_finding, monkeypatch):
    first, *others = READS["perturbation AUC"]
    monkeypatch.setitem(READS, "perturbation AUC", (replace(first, version=99), *others))
    (removed,) = Axioms.store_steps
    monkeypatch.setattr(Axioms, "store_steps", (replace(removed, version=99),))
    score, measure = make_finding(protocol=POINTS), made("axioms", COMPLETENESS)
    assert score_validation(score) == score_validation_in_short(score) == OUTDATED
    assert validation_of(measure, COMPLETENESS) == OUTDATED
    assert validation_of(made("localisation_edge", RANK), RANK).startswith("fit on 7")
    monkeypatch.setattr("ecglens.eval.meta_evaluation.OWN", replace(OWN, version=OWN.version + 1))
    assert validation_of(made("localisation_edge", RANK), RANK) == OUTDATED
