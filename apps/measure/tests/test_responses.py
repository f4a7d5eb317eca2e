"""Numbers of one dose on arrays with known answers."""

from pathlib import Path

import numpy as np
import pytest
from ecglens.eval.statistics import LEVEL, holm
from ecglens_measure.responses import (
    BENT,
    LINEAR,
    NO_RESPONSE,
    SCATTERED,
    STRAIGHT,
    Response,
    explained,
)

SIZES = np.array([-40.0, -20.0, -10.0, 10.0, 20.0, 40.0])
PATIENTS = tuple(f"patient {number}" for number in range(24))


def response(function, ecgs=24, null=0.01, networks=1, seed=0):
    """Response of networks that answer by `function(dose, random number of the ECG)`."""
    random = np.random.default_rng(seed)
    measured = SIZES + random.normal(0.0, 0.5, (ecgs, 6))
    own = random.normal(size=(ecgs, 1))
    change = np.stack([function(measured, own) for _ in range(networks)])
    directions = null * random.normal(size=(networks, ecgs, 2)) * 40
    return Response(measured, change, directions, PATIENTS[:ecgs])


def test_the_gain_of_a_line_is_its_slope_with_an_interval_around_it():
    found = response(lambda dose, own: 0.9 * dose)
    assert found.gain == pytest.approx((0.9, 0.9, 0.9))
    assert found.form(shown=True).kind == STRAIGHT
    assert found.form(shown=True).linear == pytest.approx((-40, 40), abs=0.5)


def test_the_gain_is_the_least_squares_slope_of_each_ecg():
    found = response(lambda dose, own: (1 + 0.2 * own) * dose + 0.001 * dose**2)
    slope = [np.linalg.lstsq(x[:, None], y, rcond=None)[0][0] for x, y in
             zip(found.measured, found.change[0], strict=True)]  # fmt: skip
    assert found.of_ecgs == pytest.approx(slope)
    assert found.gain.value == pytest.approx(np.mean(slope))
    assert found.gain.low < found.gain.value < found.gain.high
    assert found.scatter == pytest.approx(np.std(slope, ddof=1))


def test_a_product_is_named_as_differing_between_ecgs():
    found = response(lambda dose, own: (1 + 0.15 * own) * dose)
    assert found.form(shown=True).kind == SCATTERED


def test_a_maximum_is_named_as_curved():
    found = response(lambda dose, own: np.maximum(dose, 0.0))
    form = found.form(shown=True)
    assert form.kind == BENT
    assert form.linear == pytest.approx((0, 40), abs=0.5)
    assert form.dead == pytest.approx((-40, 0), abs=0.5)
    assert np.isnan(form.below)  # the flat part is the dead zone, named once


def test_a_form_is_named_by_what_one_line_for_all_ecgs_leaves():
    """Neither a bend nor a scatter of slopes leaves 1 %; one line for all leaves their sum."""
    found = response(lambda dose, own: (1 + 0.08 * own) * dose + 0.0022 * dose**2)
    form = found.form(shown=True)
    assert max(form.bent, form.scattered) < LINEAR < form.bent + form.scattered
    left = found.change.mean(0) - found.gain.value * found.measured
    share = (left**2).sum() / (found.change.mean(0) ** 2).sum()
    assert share == pytest.approx(form.bent + form.scattered)
    assert form.kind == (BENT if form.bent >= form.scattered else SCATTERED)
    page = (Path(__file__).parents[3] / "docs" / "measure.md").read_text("utf-8")
    for kind in (BENT, SCATTERED):
        (row,) = (line for line in page.splitlines() if line.startswith(f"| {kind} |"))
        assert "one line" in row
        assert "leaves more than 1 %" in row


def test_saturation_begins_where_the_curve_flattens():
    form = response(lambda dose, own: np.clip(dose, -20, 20)).form(shown=True)
    assert (form.below, form.above) == pytest.approx((-20, 20), abs=0.5)
    assert np.isnan(form.dead).all()


def test_small_changes_are_taken_up_where_large_ones_are_not():
    found = response(lambda dose, own: np.clip(dose, -3.5, 3.5))
    assert found.form(shown=True).bent > 0.1
    assert found.most_taken_up == pytest.approx(0.35, abs=0.01)


def test_a_dead_zone_lies_around_no_dose():
    form = response(lambda dose, own: np.sign(dose) * np.maximum(np.abs(dose) - 10, 0)).form(True)
    assert form.dead == pytest.approx((-10, 10), abs=0.5)


@pytest.mark.parametrize("turned", [np.abs, lambda dose: np.minimum(dose, 50 - 1.5 * dose)])
def test_a_curve_that_turns_back_is_neither_dead_nor_saturated_there(turned):
    form = response(lambda dose, own: turned(dose)).form(shown=True)
    assert np.isnan([*form.dead, form.below, form.above]).all()


def test_no_response_has_no_form():
    random = np.random.default_rng(3)
    found = response(lambda dose, own: random.normal(size=dose.shape))
    assert holm([found.p, 0.9, 0.8])[0] >= LEVEL
    assert found.form(shown=False).kind == NO_RESPONSE


def test_a_response_no_larger_than_to_random_directions_is_told_from_one_that_is():
    assert response(lambda dose, own: 0.9 * dose, null=0.1).p_null < 0.01
    assert response(lambda dose, own: 0.05 * dose, null=0.9).p_null > 0.5


def test_several_networks_widen_the_interval_by_their_differences():
    gains = iter([0.7, 0.9, 1.1])
    found = response(lambda dose, own: next(gains) * dose, networks=3)
    assert found.gain.value == pytest.approx(0.9)
    assert found.gain.high - found.gain.low > 0.8  # Student's t of 2 degrees of freedom


def test_logits_that_change_sign_flip_the_class_at_the_dose_between_the_sizes():
    found = response(lambda dose, own: 0.1 * dose)
    share, dose = found.flips(np.where(np.arange(24) < 12, -1.5, 9.0)[None])
    assert share == pytest.approx([0, 0, 0, 0, 0.5, 0.5])
    assert dose[:12] == pytest.approx(15, abs=0.5)
    assert np.isnan(dose[12:]).all()


def test_what_is_known_of_ecgs_explains_the_part_of_the_slopes_that_it_decides():
    random = np.random.default_rng(1)
    label, age, rest = random.normal(size=(3, 4000))
    one = np.ones(4000)
    part = explained(label + rest, {"label": label, "age": age, "one": one})
    assert part == pytest.approx(0.5, abs=0.05)
    assert explained(label + rest, {"label": label}) == pytest.approx(part, abs=0.001)
    assert explained(label + rest, {"age": age}) < 0.001
    assert np.isnan(explained(label + rest, {"one": one}))


def test_too_few_ecgs_are_refused_in_one_line():
    with pytest.raises(ValueError, match=r"at least 6 patients .* got 5"):
        response(lambda dose, own: dose, ecgs=5)
