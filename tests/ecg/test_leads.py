import numpy as np
import pytest
from ecglens.ecg import INDEPENDENT, LEADS, from_eight, in_order


def test_completed_leads_obey_einthoven_and_goldberger():
    eight = np.random.default_rng(0).normal(size=(8, 50))
    i, ii, iii, avr, avl, avf = from_eight(eight)[:6]
    np.testing.assert_allclose(i + iii, ii, atol=1e-12)
    np.testing.assert_allclose(avr + avl + avf, 0.0, atol=1e-12)
    np.testing.assert_allclose(avl, i - ii / 2, atol=1e-12)


def test_leads_are_ordered_by_name_in_any_case_and_completed():
    twelve = from_eight(np.random.default_rng(0).normal(size=(8, 5)))
    order = np.random.default_rng(1).permutation(12)
    names = [LEADS[place].lower() for place in order]
    np.testing.assert_array_equal(in_order(twelve[order], names), twelve)
    eight = [LEADS.index(lead) for lead in INDEPENDENT]
    np.testing.assert_allclose(in_order(twelve[eight], INDEPENDENT), twelve)


def test_leads_of_integers_are_completed_too():
    eight = np.random.default_rng(2).integers(-900, 900, (8, 50))
    for kind in (np.int16, np.int32, np.int64):
        np.testing.assert_allclose(from_eight(eight.astype(kind)), from_eight(eight.astype(float)))


def test_missing_leads_are_named():
    with pytest.raises(ValueError, match="missing: III, aVR, aVL, aVF, V6"):
        in_order(np.zeros((7, 5)), INDEPENDENT[:-1])


def test_a_lead_that_is_there_twice_or_a_row_without_a_name_is_refused():
    with pytest.raises(ValueError, match="expected each lead once, got I again"):
        in_order(np.zeros((13, 5)), [*LEADS, " i "])
    with pytest.raises(ValueError, match="a name for each of 12 leads, got 8"):
        in_order(np.zeros((12, 5)), LEADS[:8])
