import pytest
import torch
from ecglens.ecg import LEADS
from ecglens.eval.evaluations.return_test import level
from ecglens_metrics.wave_swaps import swapped, to_donor, weights

from tests.eval.networks import exact_ecgs

ECGS = exact_ecgs(2)
X, DONOR = ECGS.x
SEGMENTS, OF_DONOR = ECGS.segments
PARTS = torch.from_numpy(weights(SEGMENTS.numpy()))
CHANGE = to_donor(X, SEGMENTS, DONOR, OF_DONOR)
COPIES = swapped(X, PARTS, CHANGE)
T = 4


def test_the_donors_wave_stands_in_one_lead_alone_then_in_all():
    assert torch.equal(COPIES[0], X)
    copies = COPIES[1:].unflatten(0, (5, 13))
    within = PARTS[T] == 1
    for lead in (0, 10):
        other = [row for row in range(12) if row != lead]
        assert torch.equal(copies[T, lead, other], X[other])
        assert copies[T, lead, lead, within] == pytest.approx(DONOR[lead, within], abs=1e-3)
    assert copies[T, 12][:, within].numpy() == pytest.approx(DONOR[:, within].numpy(), abs=1e-3)
    assert torch.equal(copies[T, 12][:, PARTS[T] == 0], X[:, PARTS[T] == 0])


def test_all_leads_together_obey_einthovens_law():
    one, two, three = (COPIES[1:, LEADS.index(name)] for name in ("I", "II", "III"))
    together = torch.arange(12, 65, 13)
    assert (three - two + one)[together].abs().max() < 1e-2
    assert (three - two + one).abs().max() > 10  # which one lead alone does not


def test_a_baseline_that_differs_is_no_wave():
    off = torch.linspace(-300, 300, 12)[:, None]
    raised = to_donor(X, SEGMENTS, DONOR + off, OF_DONOR)
    assert raised.numpy() == pytest.approx(CHANGE.numpy(), abs=1e-3)
    found = level(X + off, SEGMENTS)
    assert found is not None
    assert found.numpy() == pytest.approx(off[:, 0].numpy(), abs=1e-3)


def test_no_jump_is_planted():
    # Levels apart by 1 mV: a hard joint would jump by as much in one sample.
    flat = torch.zeros_like(X)
    copies = swapped(flat, PARTS, torch.full_like(X, 1000.0))
    assert copies.diff(dim=2).abs().max() < 160  # of a raised cosine over 10 samples


def test_without_a_marked_qrs_the_donor_stays_where_it_is():
    nothing = torch.zeros_like(SEGMENTS)
    assert level(X, nothing) is None
    assert torch.equal(to_donor(X, nothing, DONOR, OF_DONOR), DONOR - X)
