"""Mixing the truth with noise, and breaking it."""

from itertools import pairwise

import pytest
import torch
from ecglens.eval.trial import BROKEN, mixed

NAMES = ["a", "b", "c"]


def truth():
    """Smooth in time, all values distinct."""
    own = torch.Generator().manual_seed(3)
    return torch.randn(3, 12, 600, generator=own).cumsum(-1)


def neighbours(heatmap):
    """Correlation of each sample with the next."""
    centred = heatmap - heatmap.mean(-1, keepdim=True)
    return float((centred[..., 1:] * centred[..., :-1]).mean() / centred.square().mean())


@pytest.mark.parametrize("noise", ["white", "rolled"])
def test_the_dose_is_the_share_of_points_that_are_replaced_and_they_stay_replaced(noise):
    replaced = [mixed(truth(), dose, noise, 0, NAMES) != truth() for dose in (0.0, 0.25, 0.5, 1.0)]
    # A rolled map may have come back to its own lead: then only the roll replaces.
    for dose, changed in zip((0.0, 0.25, 0.5, 1.0), replaced, strict=True):
        assert float(changed.float().mean()) == pytest.approx(dose, abs=0.03)
    for less, more in pairwise(replaced):
        assert (less <= more).all()


@pytest.mark.parametrize("noise", ["white", "rolled"])
def test_pure_noise_has_the_values_of_the_truth(noise):
    found = mixed(truth(), 1.0, noise, 0, NAMES)
    assert torch.equal(found.flatten(1).sort().values, truth().flatten(1).sort().values)


def test_rolled_noise_keeps_neighbours_together_and_white_noise_does_not():
    assert neighbours(truth()) > 0.95
    assert neighbours(mixed(truth(), 1.0, "rolled", 0, NAMES)) > 0.95
    assert neighbours(mixed(truth(), 0.5, "rolled", 0, NAMES)) > 0.8
    assert abs(neighbours(mixed(truth(), 1.0, "white", 0, NAMES))) < 0.05


def test_a_mixture_depends_on_its_own_ecg_alone():
    alone = mixed(truth()[1:2], 0.5, "white", 0, NAMES[1:2])
    assert torch.equal(alone, mixed(truth(), 0.5, "white", 0, NAMES)[1:2])
    assert not torch.equal(alone, mixed(truth()[1:2], 0.5, "white", 1, NAMES[1:2]))


def test_broken_maps_are_broken_as_named():
    given = truth()
    broken = {name: spoil(given, 0, NAMES) for name, spoil in BROKEN.items()}
    assert all(not torch.equal(each, given) for each in broken.values())
    assert torch.equal(broken["shifted by 100 ms"][..., 50:], given[..., :-50])
    assert torch.equal(broken["leads moved"][:, 2:], given[:, :-2])
    assert torch.equal(broken["signs scrambled"].abs(), given.abs())
    assert ((broken["one lead only"] != 0).any(-1).sum(1) == 1).all()
