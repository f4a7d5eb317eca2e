"""One ECG beside others: slope, the way back to the typical reading, and what cannot be changed."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.datamodules import Target, target_of
from ecglens.store import Store
from ecglens_measure.doses import doses, marked
from ecglens_measure.known import exact_ecgs
from ecglens_measure.library import on_ecgs
from ecglens_measure.whatif import FOR_ENGINEERS, UNLIKE, what_if

from .networks import Reads, height

CHOSEN = list(doses(["r", "t"]).values())
KNOWN = exact_ecgs("r", 12)
READS = Reads(lambda x: 0.9 * height(x))


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def asked(store, rule=READS, target: Target | None = None, ecg=0):
    others = on_ecgs([rule], KNOWN, CHOSEN, target or target_of("r"), store)
    return what_if([rule], KNOWN.ecgs[[ecg]], others, store)


def test_the_way_back_is_the_dose_that_makes_the_reading_typical(store):
    readings = 0.9 * KNOWN.ecgs.x[:, 10, 250]
    near = int(np.argsort(np.abs(readings - np.median(readings)))[1])
    found = asked(store, ecg=near)
    _, needed, dose, error = found.ways()[0]
    assert dose.name == "r"
    assert needed == pytest.approx((np.median(readings) - readings[near]) / 0.9, rel=0.02)
    assert error == 0  # exact
    assert found.slope("r") == pytest.approx(0.9, rel=0.02)


def test_lines_tell_each_change_and_for_whom_they_are(store):
    lines = [*asked(store).lines({"r": 100.0, "t": 50.0})]
    reading = 0.9 * float(KNOWN.ecgs.x[0, 10, 250])
    assert lines[0] == (
        "R +100 µV (measured +100 µV, error of the edit 0 µV): "
        f"reading {reading:.0f} µV → {reading + 90:.0f} µV"
    )
    typical = float(np.median(0.9 * KNOWN.ecgs.x[:, 10, 250]))
    said = f"of {KNOWN.words}: {typical:.0f} µV is the typical reading, mean absolute error "
    assert said in "\n".join(lines)
    assert lines[2] == f"R +100 µV, then T +50 µV: reading {reading:.0f} µV → {reading + 90:.0f} µV"
    assert lines[-1] == FOR_ENGINEERS
    assert "100 µV more R: 90 µV in this ECG; in all 90 µV" in "\n".join(lines)


def test_slopes_are_those_of_the_changes_that_were_asked_for_or_of_all(store):
    found = asked(store, Reads(lambda x: height(x) + x[:, 10, 390]))
    told = ["\n".join(found.lines({"t": 50.0}, whole)) for whole in (False, True)]
    assert ["more T: " in each for each in told] == [True, True]
    assert ["more R: " in each for each in told] == [False, True]


def test_a_network_of_generated_ecgs_warns_before_a_recording(store):
    others = asked(store).others
    known = replace(KNOWN, ecgs=marked(KNOWN.ecgs.x), generated=True)
    generated = replace(others, known=known)
    recordings = replace(others, known=replace(known, generated=False))
    for one, kind, warns in (
        (generated, "recordings", True),
        (others, "recordings", True),
        (generated, "generated", False),
        (recordings, "recordings", False),
    ):
        found = what_if([READS], KNOWN.ecgs[[0]], one, store, kind)
        assert (UNLIKE in [*found.lines({"r": 100.0})]) == warns


def test_the_reading_of_several_networks_is_their_mean_and_is_called_so(store):
    nets = [READS, Reads(lambda x: 0.5 * height(x))]
    found = what_if(
        nets, KNOWN.ecgs[[0]], on_ecgs(nets, KNOWN, CHOSEN, target_of("r"), store), store
    )
    assert found.reading == pytest.approx(0.7 * KNOWN.ecgs.x[0, 10, 250], rel=1e-5)
    assert any("mean of 2 networks" in line for line in found.lines({"r": 100.0}))
    assert not any("networks" in line for line in asked(store).lines({"r": 100.0}))


def test_a_class_flips_at_the_dose_at_which_its_logit_is_zero(store):
    at = float(KNOWN.ecgs.x[0, 10, 250]) - 120
    found = asked(
        store, Reads(lambda x: 0.01 * (height(x) - at)), Target("high", "", "high", kind="binary")
    )
    _, needed, dose, _ = found.ways()[0]
    assert (dose.name, needed) == ("r", pytest.approx(-120, rel=0.05))


def test_a_typical_reading_needs_no_change(store):
    found = asked(store, Reads(lambda x: 0 * height(x) + 5))
    assert "The reading is the typical one, 5 µV: no change is needed." in [*found.lines({})]
    assert "smallest plausible change" not in " ".join(found.short())


def test_two_ecgs_are_refused(store):
    others = asked(store).others
    with pytest.raises(ValueError, match="expected one ECG, got 2"):
        what_if([READS], KNOWN.ecgs[[0, 1]], others, store)
