"""Validation of the measures at small size, and what each cannot see."""

import pytest
from ecglens_benchmark.meta_evaluation import (
    LOCALISATION,
    NETWORKS,
    Thresholds,
    exact_ecgs,
    truth_of,
    validate,
)
from torch import nn

SMALL = Thresholds(ecgs=12, sample=10, repeats=60, randoms=2, doses=(0.0, 0.5, 1.0))


def test_the_rank_against_the_truth_is_fit():
    found = validate(LOCALISATION["relevance_rank"], NETWORKS["window"], SMALL)
    assert found.fit, found.reasons
    assert found.caught["shifted by 100 ms"] == 1


def test_published_signs_lose_a_truth_that_is_negative():
    x = exact_ecgs(64)  # T in III is negative in some
    truth = truth_of(NETWORKS["signed"], x)
    signed = LOCALISATION["relevance_rank"](NETWORKS["signed"], x, truth, 0)
    absolute = LOCALISATION["relevance_rank, of |map|"](NETWORKS["signed"], x, truth, 0)
    assert (absolute == 1).all()
    assert (signed < 0.5).any()


def test_spatial_specificity_sees_leads_and_temporal_specificity_times():
    network, moved = NETWORKS["window"], "leads moved"
    spatial = validate(LOCALISATION["spatial_specificity"], network, SMALL).caught
    temporal = validate(LOCALISATION["temporal_specificity"], network, SMALL).caught
    assert (spatial[moved], spatial["shifted by 100 ms"]) == (1, 0)
    assert (temporal[moved], temporal["shifted by 100 ms"]) == (0, 1)


def test_a_network_without_a_truth_is_refused():
    x = exact_ecgs(2)
    with pytest.raises(ValueError, match="truth is known, got Flatten"):
        LOCALISATION["aup"](nn.Flatten(), x, x, 0)
