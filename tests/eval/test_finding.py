"""What a finding holds, and what its constructor refuses."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import Finding, NotApplicable, not_applicable

from .test_finding_files import MASS, made_finding, of_maps


def test_the_reason_of_an_evaluation_that_does_not_apply_is_its_sentence():
    reason = NotApplicable("expected exact ECGs, got others")
    finding = not_applicable(reason, made_finding().about)
    assert finding.reason == "expected exact ECGs, got others"
    assert finding.sentence == "Not applicable: expected exact ECGs, got others."
    assert finding.table.empty
    assert finding.tidy().empty
    assert finding.methods == ()


def test_tidy_names_no_network_where_a_number_is_of_all_or_of_none():
    together = {name: values[:1] for name, values in of_maps().scores["mass"].items()}
    made = of_maps(scores={"mass": together})
    of_none = replace(made, about=replace(made.about, networks=(), fits=()))
    for finding in (made, of_none):
        assert len(finding.tidy()) == 2 * 1 * 1 * 2
        assert {*finding.tidy()["network"]} == {""}


def test_tidy_has_a_row_per_measure_method_network_draw_and_ecg():
    tidy = of_maps().tidy()
    assert len(tidy) == 2 * 2 * 1 * 2
    there = tidy.query("method == 'saliency' and network == 'def' and record == '1'")
    assert there["value"].tolist() == [3.0]
    draws = made_finding().tidy()
    assert sorted({*draws["draw"]}) == [0, 1, 2, 3, 4]
    scores = made_finding().scores["auc"]["abs_x"]
    own = draws.query("method == 'abs_x' and draw == 2 and record == '3'")["value"]
    assert own.tolist() == [scores[0, 2, 3]]


def test_a_number_of_all_networks_together_has_no_network():
    together = {"mass": {name: each[:1] for name, each in NUMBERS.items()}}
    tidy = of_maps(scores=together).tidy()
    assert len(tidy) == 2 * 1 * 1 * 2
    assert {*tidy["network"]} == {""}


def test_patients_are_counted_once():
    assert made_finding(patients=("a", "a", "b", "c")).patients == 3


def test_facts_are_those_of_the_data_and_of_one_network():
    finding = of_maps()
    assert finding.facts == {"excluded": [["a", "flat"]]}
    assert finding.about.facts(1) == {"excluded": [["a", "flat"]], "fit": {"mae": 6.0}}


NUMBERS = {"saliency": np.ones((2, 1, 2)), "random": np.zeros((2, 1, 2))}
COST = replace(MASS, name="cost")
ONE_RECORD = replace(of_maps().about, records=("r",))
ONE_PATIENT = replace(of_maps().about, patients=("p",))


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"measures": (MASS, COST)}, "of the measures 'mass', 'cost' in this order"),
        ({"measures": (), "scores": {}}, "or a reason without any, got none"),
        ({"reason": "expected exact ECGs"}, "or a reason without any, got 'mass'"),
        ({"about": ONE_RECORD}, r"of shape \(2, draw, 1\)"),
        ({"about": replace(of_maps().about, networks=("abc",))}, r"of shape \(1, draw, 2\)"),
        ({"scores": {"mass": {**NUMBERS, "random": np.zeros((2, 5, 2))}}}, "of shape"),
        (
            {
                "measures": (MASS, COST),
                "scores": {"mass": NUMBERS, "cost": {"random": np.zeros((2, 1, 2))}},
            },
            "the same methods for each measure",
        ),
        ({"about": ONE_PATIENT}, "a patient for each of 2 ECGs, got 1"),
        ({"table": pd.DataFrame({"method": ["saliency"]})}, "expected a table with measure, kind"),
    ],
)
def test_what_does_not_fit_together_is_refused(changed, complaint):
    with pytest.raises(ValueError, match=complaint):
        of_maps(**changed)


def test_a_table_and_a_sentence_of_ones_own_are_kept():
    table = of_maps().table.assign(verdict="not judged")
    finding = of_maps(table=table, sentence="So.")
    assert isinstance(finding, Finding)
    assert finding.table is table
    assert finding.sentence == "So."
