"""Networks set by hand compute their formula, and their truth is the Aumann–Shapley share."""

import numpy as np
import pytest
import torch
from ecglens.ecg import LEADS
from ecglens_benchmark.apart import Steps, disguised, program_of
from ecglens_benchmark.season.hand_set import Readings, Steep, T, copies, drawn_span, window
from ecglens_benchmark.season.hearts import CHEST, Hearts
from ecglens_benchmark.season.seasons import Season

SEASON = Season("test", 1, "5" * 64, False)
X = Hearts(SEASON, "test").beats(4).x
RANDOM = np.random.default_rng(3)
WINDOWS = torch.stack([window(lead, *drawn_span(RANDOM, T)) for lead in CHEST])
KERNEL = torch.zeros(len(LEADS), 10)
KERNEL[10, :5], KERNEL[10, 5:] = -0.2, 0.2
KNOWN = {
    "sum": Readings(WINDOWS[:1], "sum", 100.0),
    "product": Readings(WINDOWS[:2], "product", 1e4),
    "largest of six": Readings(WINDOWS, "largest", 100.0),
    "largest of two": Readings(WINDOWS[:2], "largest", 100.0),
    "steep": Steep(KERNEL, 20.0, 100.0),
}


def integrated(net, x, nodes: int = 400):
    """Aumann–Shapley share from 0 µV, by the midpoint rule."""
    found = torch.zeros_like(x)
    for node in range(nodes):
        point = (x * ((node + 0.5) / nodes)).requires_grad_()
        found += torch.autograd.grad(net(point).sum(), point)[0] / nodes
    return found * x


@pytest.mark.heavy
@pytest.mark.parametrize("name", KNOWN)
def test_the_truth_is_the_integrated_gradient(name):
    known = KNOWN[name]
    slow, truth = integrated(known.network(), X), known.truth(X)
    assert float((slow - truth).norm() / truth.norm()) < 5e-3
    torch.testing.assert_close(truth.sum((1, 2)), known.network()(X)[:, 0], rtol=1e-4, atol=1e-3)


def test_the_largest_and_the_median_are_those_of_the_readings():
    z = torch.einsum("blt,rlt->br", X, WINDOWS) / 100.0
    for count in (2, 3, 4, 5, 6):
        net = Readings(WINDOWS[:count], "largest", 100.0).network()
        torch.testing.assert_close(net(X)[:, 0], z[:, :count].amax(1), rtol=1e-4, atol=1e-4)
    net = Readings(WINDOWS[:3], "median", 100.0).network()
    torch.testing.assert_close(net(X)[:, 0], z[:, :3].median(1).values, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_copies_read_the_same_fact_in_leads_of_their_own(seed):
    readings = copies(np.random.default_rng(seed), 3)
    z = torch.einsum("blt,rlt->br", X, readings)
    torch.testing.assert_close(z, z[:, :1].expand_as(z), rtol=1e-3, atol=0.1)
    used = (readings != 0).any(2).sum(0)
    assert int(used.max()) == 1


@pytest.mark.parametrize("combined", ["median", "copies"])
def test_copies_share_the_contribution_alike(combined):
    known = Readings(copies(np.random.default_rng(1), 3), combined, 100.0)
    truth = known.truth(X)
    torch.testing.assert_close(truth.sum((1, 2)), known.network()(X)[:, 0], rtol=1e-3, atol=1e-3)
    of_each = [truth[:, (each != 0).any(1)].sum((1, 2)) for each in known.weights]
    for each in of_each:
        torch.testing.assert_close(each, truth.sum((1, 2)) / 3, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", KNOWN)
def test_a_disguise_keeps_the_output(name):
    net = KNOWN[name].network()
    torch.testing.assert_close(Steps(disguised(program_of(net, X), 2))(X), net(X))


def test_steep_slopes_are_read_in_ecgs_of_any_length():
    net = KNOWN["steep"].network()
    strip = torch.cat([X, X], 2)
    assert net(strip).shape == (4, 1)
    truth = KNOWN["steep"].truth(strip)
    torch.testing.assert_close(truth.sum((1, 2)), net(strip)[:, 0], rtol=1e-4, atol=1e-4)
