"""The resolution of a method's maps is read off the maps."""

from dataclasses import replace

import pytest
import torch
from ecglens.ecg import BIT
from ecglens.engine import sample_ids
from ecglens.eval import POINTS, Subject, score
from ecglens.eval.evaluations.perturbation.rung_curves import prior_region
from ecglens.explain import Facts, GivenMaps, find
from ecglens.models import InUnits, SmallResNet

from ...networks import exact_ecgs
from .test_prior import PR


def given_maps(maps):
    """Maps of the exact ECGs as a method."""
    return GivenMaps(dict(zip(sample_ids(exact_ecgs(len(maps)).x), maps, strict=True)))


def grains_of(methods, ecgs=4):
    torch.manual_seed(0)
    net = InUnits(SmallResNet(), 160.0, 30.0).eval()
    subject = Subject(exact_ecgs(ecgs), methods, PR, progress=False)
    found = score(net, subject, replace(POINTS, draws=1, ladder=1))
    return {name: found.grains[name] for name in methods}, found


@pytest.mark.heavy
def test_maps_of_the_methods_have_their_resolution():
    known = {
        "saliency": "point",
        "gradcam": "moment",
        "feature_ablation": "wave",
        "occlusion": "50 ms",
    }
    found, curves = grains_of({name: find(name) for name in known})
    assert found == known
    assert {f"target_prior {grain}" for grain in known.values()} <= {*curves.references}


@pytest.mark.heavy
@pytest.mark.parametrize(("cells", "expected"), [(1, "point"), (5, "10 ms"), (20, "40 ms")])
def test_random_numbers_around_the_onsets_are_as_coarse_as_their_ties(cells, expected):
    ecgs = exact_ecgs(4)
    region = prior_region(PR)
    assert region is not None
    near = torch.from_numpy(region.points(ecgs.segments.numpy()))
    near = near.unflatten(2, (-1, cells)).any(3)
    drawn = torch.randn(near.shape, generator=torch.Generator().manual_seed(0)).abs()
    given = (drawn * near).repeat_interleave(cells, 2)
    found, _ = grains_of({"mine": given_maps(given)})
    assert found == {"mine": expected}


def test_a_map_of_whole_waves_and_one_wave_split_in_two_differ():
    ecgs = exact_ecgs(4)
    p = ((ecgs.segments & BIT["P"]) != 0).float()[:, None].expand(-1, 12, -1)
    whole = 2.0 * p
    split = whole.clone()
    split[:, 0] *= 1 + (p[:, 0].cumsum(1) > 7)
    found, _ = grains_of({"whole": given_maps(whole), "split": given_maps(split)})
    assert found["whole"] == "wave"
    assert found["split"] != "wave"


def test_a_declared_resolution_is_taken_with_a_warning_and_not_used():
    with pytest.warns(DeprecationWarning, match="read off it; leave it out"):
        facts = Facts(unit="target", grain="wave")
    assert facts == Facts(unit="target")
