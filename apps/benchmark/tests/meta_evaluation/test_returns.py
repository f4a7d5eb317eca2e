"""The return test where it is known whether true contributions differ between ECGs."""

import numpy as np
import pytest
import torch
from ecglens.ecg import BIT
from ecglens.eval import Subject
from ecglens.eval.chunks import Keeper
from ecglens.eval.evaluations.return_test import level, return_chunks, shown, typical_of
from ecglens.explain import find_all
from ecglens_benchmark.meta_evaluation import truth_from_mean
from ecglens_benchmark.meta_evaluation.ladder import EVENT, LEAD
from ecglens_benchmark.meta_evaluation.returns import RETURNS

pytestmark = pytest.mark.heavy

ECGS = 40
JUDGED = {
    "one of 24 places": True,
    "amounts at 24 places": True,
    "one amount at 24 places": False,
    "a bump at P onset": False,
}


@pytest.mark.parametrize("name", JUDGED)
def test_true_contributions_are_shown_where_they_differ_and_not_where_they_are_a_template(name):
    known = RETURNS[name]
    ecgs = known.ecgs(ECGS)
    subject = Subject(ecgs, find_all(["saliency"]), progress=False)
    typical = typical_of(known.net, subject)
    keeper = Keeper(subject.store, len(typical.probe.chunks), lambda count: None)
    maps = truth_from_mean(known.net, ecgs.x).numpy().astype(np.float32)
    returns = return_chunks(typical, maps, name, keeper).all("returns")
    table = shown({"saliency": returns}, np.abs(typical.away), subject)
    assert [*table["shown"]] == [JUDGED[name]] * 2
    assert (known.kind == "differs") == JUDGED[name]


def test_bumps_lie_where_nothing_else_does_and_leave_the_level_before_qrs():
    for name in ("a bump that moves", "a bump in half of the ECGs", "a bump at P onset"):
        ecgs = RETURNS[name].ecgs(24)
        for x, marks in zip(ecgs.x, ecgs.segments, strict=True):
            found = level(x, marks)
            assert found is not None
            assert float(found[LEAD]) == 0
            assert int((x[LEAD] != 0).sum()) in (0, EVENT)
    ecgs = RETURNS["a bump at P onset"].ecgs(8)
    for x, marks in zip(ecgs.x, ecgs.segments, strict=True):
        first = int(torch.nonzero(x[LEAD])[0])
        assert first == int(torch.nonzero(marks & BIT["P"])[0])
