"""Mixing the truth with noise, and breaking it."""

from itertools import pairwise

import pytest
import torch
from ecglens_benchmark.meta_evaluation import BROKEN, mixed

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


def test_a_region_only_map_is_random_where_any_truth_lies_and_0_elsewhere():
    given = torch.zeros(3, 12, 600)
    given[0, 2, 10:20], given[1, 3, 40:50] = 5.0, -7.0
    found = BROKEN["region only"](given, 0, NAMES)
    assert ((found != 0) == (given != 0).any(0)).all()
    assert not torch.equal(found[0], found[1])
    # The values of ECG and network change nothing.
    assert torch.equal(found, BROKEN["region only"](given * 3, 0, NAMES))


def test_a_template_is_the_mean_size_of_the_others_maps_and_not_of_the_own():
    given = torch.randn(4, 12, 600, generator=torch.Generator().manual_seed(0))
    found = BROKEN["template"](given, 0, ["a", "b", "c", "a"])
    torch.testing.assert_close(found[0], given[1:3].abs().mean(0))
    torch.testing.assert_close(found[3], found[0])
    torch.testing.assert_close(found[1], given[[0, 2, 3]].abs().mean(0))
    with pytest.raises(ValueError, match="at least 2 names for a template, got 1"):
        BROKEN["template"](given, 0, ["a"] * 4)
