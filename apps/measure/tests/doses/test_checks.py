"""An edit that is not what it says is refused."""

import numpy as np
import pytest
from ecglens.ecg import draw_exact
from ecglens_measure import Marked, Unchangeable
from ecglens_measure.doses import doses
from ecglens_measure.doses.applied import edited
from ecglens_measure.doses.checks import check, check_turns
from ecglens_measure.doses.dose import Edit
from ecglens_measure.doses.exact import with_dose

STILL = dict.fromkeys(("pr", "qrs", "qt", "r", "j", "t", "p_duration"), 0.0)


def test_a_t_wave_that_is_added_on_top_leaves_a_notch_and_is_refused(recorded: Marked):
    """No label sees it: the old T is taken out of its window and put down 40 ms later."""
    for row in range(len(recorded)):
        ecg = recorded.one(row)
        first, last = round(ecg.marks.t_on) + 10, round(ecg.marks.t_off)
        eight = ecg.eight.copy()
        piece = eight[:, first : last + 1] - eight[:, [last]]
        eight[:, first : last + 1] -= piece
        eight[:, first + 20 : last + 21] += piece
        with pytest.raises(Unchangeable, match="new turn"):
            check_turns(ecg.eight, Edit(eight))


def test_no_map_of_time_and_no_noise_below_the_limit_counts_as_a_notch(recorded: Marked):
    random = np.random.default_rng(0)
    for row in range(len(recorded)):
        ecg = recorded.one(row)
        noisy = ecg.eight + random.normal(0, 3, ecg.eight.shape)
        check_turns(ecg.eight, Edit(noisy))
        _, edit, _ = edited(recorded, row, doses()["t_shift"], 20.0)
        check_turns(ecg.eight, edit)


@pytest.mark.parametrize(
    ("name", "by", "found", "message"),
    [
        ("pr", 20.0, {"pr": 25.0}, "PR missed"),
        ("pr", 20.0, {"pr": 16.0}, ""),
        ("pr", 40.0, {"pr": 46.0}, ""),  # 15 % of the dose
        ("pr", 40.0, {"pr": 46.5}, "PR missed"),
        ("pr", 20.0, {"pr": float("nan")}, "PR cannot be measured"),
        ("pr", 20.0, {"pr": 20.0, "qrs": 5.0}, "QRS moved too"),
        ("pr", 20.0, {"pr": 20.0, "t": 26.0}, "T moved too"),
        ("pr", 20.0, {"pr": 20.0, "t": float("nan")}, ""),  # was not there before either
        ("r", 200.0, {"r": 171.0}, ""),
        ("r", 200.0, {"r": 169.0}, "R missed"),
        ("p_duration", 10.0, {"p_duration": 3.0}, "duration of P missed"),
    ],
)
def test_limits_are_those_that_were_written_down(name, by, found, message):
    if not message:
        check(doses()[name], by, STILL | found)
        return
    with pytest.raises(Unchangeable, match=message):
        check(doses()[name], by, STILL | found)


def test_a_wave_that_is_nowhere_gets_no_wider():
    parameters = draw_exact(0, 0, "lbbb")  # has no Q wave
    with pytest.raises(Unchangeable, match="Q is 0 µV in every lead"):
        with_dose(parameters, doses()["q_width"], 10.0)
    assert with_dose(draw_exact(0, 0), doses()["q_width"], 4.0) is not None
