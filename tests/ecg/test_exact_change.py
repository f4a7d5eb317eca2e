from itertools import product

import numpy as np
import pytest
from ecglens.ecg import KINDS, draw_exact, exact_beat, with_change
from ecglens.ecg.synthetic.draw import direction

CHANGES = {"pr": 10.0, "qrs": 10.0, "qt": 10.0, "r": 100.0, "j": 100.0, "t": 100.0}


@pytest.mark.parametrize("label", CHANGES)
@pytest.mark.parametrize("sign", [1, -1])
def test_one_label_changes_by_so_much_and_no_other(label, sign):
    by, made = sign * CHANGES[label], 0
    for kind, morphology, index in product(KINDS, ("plain", "varied"), range(4)):
        before = draw_exact(3, index, kind, morphology)
        try:
            after = with_change(before, label, by)
        except ValueError:
            continue
        made += 1
        difference = {name: after.labels[name] - value for name, value in before.labels.items()}
        known = {name: value for name, value in difference.items() if not np.isnan(value)}
        expected = {name: by if name == label else 0.0 for name in known}
        assert known == pytest.approx(expected)
    # All kinds but the two without PR; a QRS that R ends may have no room to be narrower.
    assert made >= {"pr": 72, "qrs": 60}.get(label, 88)


def test_only_samples_of_the_wave_that_changes_move():
    before = draw_exact(0, 0)
    x = exact_beat(before).signal
    for label, part in {"pr": "P", "qt": "T", "r": "R", "t": "T"}.items():
        after = with_change(before, label, CHANGES[label])
        moved = np.flatnonzero((exact_beat(after).signal != x).any(0)) - 250
        rows = [row for row, name in enumerate(before.parts) if name == part]
        both = np.concatenate([before.waves[rows], after.waves[rows]])
        moved = moved[np.abs(moved) < before.rr_samples / 2]  # neighbours move alike
        assert len(moved) > 0
        assert moved.min() > both[:, 0].min()
        assert moved.max() < both[:, 2].max()


def test_an_amplitude_rises_by_100_uv_at_its_peak_in_v5():
    before = draw_exact(0, 0)
    rise = exact_beat(with_change(before, "t", 100.0)).signal - exact_beat(before).signal
    assert rise[10].max() == pytest.approx(100.0, abs=0.01)
    assert rise[10].argmax() == before.waves[5, 1] + 250


def test_r_and_t_keep_their_axis_and_their_shape():
    checked = 0
    for index, (label, row) in product(range(100), (("r", 2), ("t", 5))):
        before = draw_exact(3, index, "sinus", "varied")
        after = with_change(before, label, 300.0)
        assert direction(after.field[row, :2]) == pytest.approx(direction(before.field[row, :2]))
        beat = exact_beat(after).signal[10]
        rows = before.rows("T") if label == "t" else [2]
        rise = beat - exact_beat(before).signal[10]
        assert rise[250 + before.waves[row, 1]] == pytest.approx(300.0, abs=0.01)
        np.testing.assert_allclose(
            after.field[rows] * before.labels[label], before.field[rows] * after.labels[label]
        )
        checked += 1
    assert checked == 200


def test_what_cannot_be_changed_is_refused_in_words():
    sinus = draw_exact(0, 0)
    with pytest.raises(ValueError, match="pr, qrs, qt, r, j, t"):
        with_change(sinus, "rate", 10.0)
    with pytest.raises(ValueError, match="whole samples of 2 ms"):
        with_change(sinus, "pr", 9.0)
    with pytest.raises(ValueError, match="a P wave that leads"):
        with_change(draw_exact(0, 0, "af"), "pr", 10.0)
    with pytest.raises(ValueError, match="room"):
        with_change(sinus, "pr", -100.0)
    with pytest.raises(ValueError, match="room for T"):
        with_change(sinus, "t", -sinus.labels["t"])
