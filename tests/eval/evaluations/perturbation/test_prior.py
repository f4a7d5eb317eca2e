"""The target prior: random numbers where the target is defined, at the resolution of a method."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from ecglens.datamodules import Target
from ecglens.ecg import BIT, LEADS
from ecglens.engine import generator
from ecglens.eval import POINTS, Noise, Subject, perturbation_curve, score
from ecglens.eval.curves import TARGET_PRIOR, prior_key
from ecglens.eval.evaluations.perturbation.rung_curves import FILLER, prior_map, prior_region
from ecglens.explain import find

from ...networks import Smooth, exact_ecgs

PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"), waves=("P", "PQ"))
T = Target("t", "µV", "t", edges=("QRS_on",), waves=("T",), lead="V5")


def drawn(target: Target, grain: str, draw: int = 0) -> tuple[torch.Tensor, np.ndarray]:
    """The prior of one exact ECG and the points of its region."""
    segments = exact_ecgs(1).segments
    region = prior_region(target, grain)
    assert region is not None
    points = region.points(segments.numpy())[0]
    return prior_map(points, segments[0], grain, generator(0, draw)), points


def test_an_interval_has_its_edges_and_an_amplitude_its_waves_in_its_lead():
    _, points = drawn(PR, "point")
    assert points.any(1).all()
    assert points[0].sum() == 2 * 21  # 20 ms on both sides of each edge, at 500 Hz
    _, points = drawn(T, "point")
    assert np.flatnonzero(points.any(1)).tolist() == [LEADS.index("V5")]
    wave = (exact_ecgs(1).segments[0].numpy() & BIT["T"]) != 0
    assert points[LEADS.index("V5")][wave].all()
    assert prior_region(Target("age", "years", "age")) is None


@pytest.mark.parametrize("grain", ["point", "moment"])
def test_what_lies_outside_the_region_comes_after_it_and_is_new_in_each_draw(grain):
    heatmap, points = drawn(PR, grain)
    inside = torch.from_numpy(points)
    assert float(heatmap[~inside].max()) <= FILLER
    assert float((heatmap[inside] > FILLER).float().mean()) > 0.99
    other, _ = drawn(PR, grain, draw=1)
    assert not torch.equal(heatmap[~inside].argsort(), other[~inside].argsort())


def test_coarse_priors_are_constant_over_their_cells():
    moments, _ = drawn(PR, "moment")
    assert torch.allclose(moments, moments[:1].expand_as(moments), atol=FILLER)
    windows, _ = drawn(PR, "50 ms")
    cells = windows.reshape(12, -1, 25)
    assert float((cells.amax(2) - cells.amin(2)).max()) <= FILLER
    waves, _ = drawn(PR, "wave")
    inside = (exact_ecgs(1).segments[0] & BIT["P"]) != 0
    middle = waves[:, inside][:, 2:-2]
    assert float((middle.amax(1) - middle.amin(1)).max()) <= FILLER


def test_the_curves_are_those_of_a_slow_walk_with_a_new_map_in_each_draw():
    net, ecgs = Smooth().eval(), exact_ecgs(3)
    protocol = replace(POINTS, draws=2, ladder=1)
    methods = {"saliency": find("saliency")}
    scores = score(net, Subject(ecgs, methods, target=PR, progress=False), protocol)
    region = prior_region(PR)
    assert region is not None
    points = region.points(ecgs.segments.numpy())
    for draw, found in enumerate(scores.references[prior_key("point")]):
        own = [generator(0, TARGET_PRIOR, "point", draw, record) for record in ecgs.record]
        each = zip(points, ecgs.segments, own, strict=True)
        maps = torch.stack([prior_map(at, marks, "point", one) for at, marks, one in each])
        slow = perturbation_curve(
            net, ecgs.x, maps, steps=protocol.until, noise=Noise(records=ecgs.record, draw=draw)
        )
        assert np.allclose(found, slow.detach(), rtol=1e-4, atol=1e-3)
