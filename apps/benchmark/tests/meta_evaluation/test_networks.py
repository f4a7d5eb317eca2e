"""The truth of the hand-set networks, against its definition and against slow replicas."""

from itertools import permutations

import pytest
import torch
from ecglens.ecg import LEADS
from ecglens_benchmark.meta_evaluation import BROKEN, ELSEWHERE, exact_ecgs, truth_of
from ecglens_benchmark.meta_evaluation import NETWORKS as SEVEN
from ecglens_benchmark.meta_evaluation.networks import COPIES_OF_II, R_WAVE, T_WAVE

NETWORKS = {**SEVEN, **ELSEWHERE}
each_network = pytest.mark.parametrize("name", NETWORKS)
TIED = {"two leads, max", "three votes"}  # rounding alone decides which copy a gradient follows


@pytest.fixture(scope="module")
def x():
    return exact_ecgs(6)


@each_network
def test_the_truth_adds_up_to_the_output(name, x):
    net = NETWORKS[name]
    assert (net(torch.zeros_like(x)) == 0).all()
    torch.testing.assert_close(truth_of(net, x).sum((1, 2)), net(x)[:, 0], rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("name", [name for name in NETWORKS if name not in TIED])
def test_the_truth_is_the_mean_gradient_on_the_line_times_the_ecg(name, x):
    net, steps, x = NETWORKS[name], 200, x[:2]
    total = torch.zeros_like(x)
    for step in range(steps):
        given = ((step + 0.5) / steps * x).requires_grad_()
        (gradient,) = torch.autograd.grad(net(given).sum(), given)
        total += gradient
    truth = truth_of(net, x)
    torch.testing.assert_close(
        total / steps * x, truth, rtol=0, atol=1e-2 * float(truth.abs().max())
    )


def shapley(net, x, players):
    """What each player (a mask of points) adds, mean over all orders in which they appear."""
    orders = list(permutations(range(len(players))))
    found = torch.zeros(len(x), len(players))
    for order in orders:
        seen = torch.zeros_like(players[0])
        for player in order:
            before = net(x * seen)[:, 0]
            seen = seen | players[player]
            found[:, player] += (net(x * seen)[:, 0] - before) / len(orders)
    return found


def mask(leads, span):
    chosen = torch.zeros(12, 600, dtype=torch.bool)
    for lead in leads:
        chosen[LEADS.index(lead), slice(*span)] = True
    return chosen


@pytest.mark.parametrize(
    ("name", "players"),
    [
        ("product", [mask(["V5"], R_WAVE), mask(["V5"], T_WAVE)]),
        ("two leads, max", [mask(copy, T_WAVE) for copy in COPIES_OF_II[:2]]),
        ("three votes", [mask(copy, T_WAVE) for copy in COPIES_OF_II]),
    ],
)
def test_the_truth_of_waves_and_of_copies_is_their_shapley_value(name, players, x):
    net = NETWORKS[name]
    expected = shapley(net, x, players)
    found = torch.stack([truth_of(net, x)[:, player].sum(1) for player in players], dim=1)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-2)


def test_the_copies_of_lead_ii_are_copies(x):
    weights = NETWORKS["three votes"].get_buffer("weights")
    read = torch.einsum("blt,rlt->br", x, weights)
    torch.testing.assert_close(read, read[:, :1].expand_as(read), rtol=1e-3, atol=1e-2)


def test_each_edge_is_within_qrs(x):
    truth = truth_of(NETWORKS["edge"], x)
    where = (truth != 0).any(0).any(0).nonzero().flatten()
    assert (truth != 0).flatten(1).any(1).all()
    # R peaks at 250; QRS lasts from 31 before to 40 after it at most. R rises and S comes back.
    assert 219 <= where.min() <= where.max() <= 290


def test_the_signed_output_has_both_signs_and_the_others_one():
    many = exact_ecgs(64)
    signs = {name: set(net(many)[:, 0].sign().tolist()) for name, net in NETWORKS.items()}
    assert signs.pop("signed") == {-1.0, 1.0}
    assert all(each == {1.0} for each in signs.values())


def test_the_truth_moves_from_ecg_to_ecg_where_it_should():
    many = exact_ecgs(64)
    for name, net in ELSEWHERE.items():
        truth = truth_of(net, many)
        places = {tuple(one.abs().flatten().topk(1).indices.tolist()) for one in truth}
        assert len(places) >= 6, name
        most_common = BROKEN["template"](truth, 0, [str(one) for one in range(64)])
        alike = torch.cosine_similarity(truth.abs().flatten(1), most_common.flatten(1))
        assert float(alike.mean()) < 0.8, name
