import ecglens
import numpy as np
import pytest
from ecglens.ecg import draw_exact, exact_beat
from ecglens_measure import applied, change, marked
from ecglens_measure.doses import doses

PARAMETERS = [draw_exact(7, index) for index in range(8)]
X = np.stack([exact_beat(each).signal for each in PARAMETERS])
EXACT = marked(X, parameters=PARAMETERS)
RECORDED = marked(X, rr_ms=[*EXACT.rr])


@pytest.mark.parametrize("by", [-20.0, 20.0])
def test_pr_of_a_recording_changes_as_that_of_the_exact_ecg(by):
    true, found = applied(EXACT, "pr", by), applied(RECORDED, "pr", by)
    assert len(found.index) == len(X)
    assert set(true.measured) == {by}
    assert np.abs(found.measured - by).max() <= 2.0  # one sample
    np.testing.assert_allclose(found.x, true.x[found.index], atol=0.1)  # µV


def test_qrs_keeps_its_samples_while_p_is_moved():
    found = applied(RECORDED, "pr", 20.0)
    for row in found.index:
        marks = RECORDED.marks[row]
        qrs = slice(round(marks.qrs_on), round(marks.qrs_off) + 1)
        np.testing.assert_array_equal(found.x[row, :2, qrs], X[row, :2, qrs])


def test_an_ecg_that_cannot_be_changed_stays_and_has_a_reason():
    y, left_out = change(np.concatenate([X[:2], np.zeros_like(X[:1])]), "pr", 20.0)
    assert left_out.keys() == {2}
    assert not y[2].any()
    assert ecglens.change is change


def test_unknown_doses_and_no_change_are_refused():
    with pytest.raises(ValueError, match="got 'length'"):
        doses("length")
    with pytest.raises(ValueError, match="other than zero"):
        applied(EXACT, "pr", 0.0)
