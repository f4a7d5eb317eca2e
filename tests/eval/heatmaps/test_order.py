import pytest
import torch
from ecglens.eval import rank_points
from ecglens.eval.heatmaps.order import NEVER, levels, step_of_points
from hypothesis import given
from hypothesis import strategies as st


def test_points_come_by_size_whatever_their_sign():
    heatmap = torch.tensor([[[1.0, -5.0, 2.0], [0.5, 4.0, -3.0]]])
    assert rank_points(heatmap, 6, 0, ["a"]).tolist() == [[1, 4, 5, 2, 0, 3]]


def test_fewer_steps_are_the_beginning_of_more():
    heatmap = torch.randn(3, 12, 50, generator=torch.Generator().manual_seed(0)).round()
    few, many = (rank_points(heatmap, steps, 5, ["a", "b", "c"]) for steps in (25, 200))
    assert torch.equal(few, many[:, :25])


@given(st.integers(0, 99), st.sampled_from([1, 2, 3]))
def test_ties_are_ranked_by_seed_and_record_alone(seed, place):
    heatmap = torch.zeros(3, 2, 30)
    heatmap[:, 1, 7] = 1.0
    names = ["a", "b", "c"]
    together = rank_points(heatmap, 60, seed, names)
    alone = rank_points(heatmap[:1], 60, seed, names[place - 1 : place])
    assert torch.equal(together[place - 1], alone[0])
    assert (together[:, 0] == 37).all()
    assert (together.sort(dim=1).values == torch.arange(60)).all()


def test_an_empty_map_is_no_order_of_leads_and_samples():
    zeros = torch.zeros(2, 12, 600)
    order = rank_points(zeros, 200, 0, ["a", "b"])
    assert not torch.equal(order[0], order[1])
    # 200 of 7200 points at random: expected mean 3600 with a standard error of 145.
    assert abs(order.double().mean() - 3600) < 600
    assert not torch.equal(order, rank_points(zeros, 200, 1, ["a", "b"]))


@given(st.integers(0, 99))
def test_rounding_noise_does_not_order_a_plateau(seed):
    random = torch.Generator().manual_seed(seed)
    # Ten plateaus of 20 points with heights drawn anywhere: no height is near a line of a grid.
    heights = 1 + torch.arange(10) + 0.5 * torch.rand(10, generator=random)
    heatmap = heights.repeat_interleave(20)[torch.randperm(200, generator=random)].reshape(1, 2, -1)
    orders = []
    for _ in range(2):
        noise = 1e-6 * (torch.rand(heatmap.shape, generator=random) - 0.5)
        orders.append(rank_points(heatmap + heatmap.max() * noise, 200, seed, ["a"]))
    assert torch.equal(*orders)
    assert (heatmap.flatten()[orders[0]].diff() <= 0).all()


def test_a_level_ends_at_a_gap_whatever_the_scale_of_the_map():
    sizes = torch.tensor([[1.0, 0.5, 1.0 - 6e-6, 0.5 - 2e-5, 1.0 - 12e-6, 0.0, 1e-7]])
    expected = [[0, 1, 0, 2, 0, 3, 3]]
    for scale in (1.0, 1e-12, 1e12):
        assert levels(scale * sizes).tolist() == expected


def test_lerf_begins_at_the_other_end():
    heatmap = torch.tensor([[[1.0, -5.0, 2.0], [0.5, 4.0, -3.0]]])
    assert rank_points(heatmap, 4, 0, ["a"], "lerf").tolist() == [[3, 0, 2, 5]]


def test_small_values_that_lie_dense_are_not_tied_by_lerf():
    # As in a map with a peak: 7199 values up to a hundredth of the largest.
    heatmap = torch.linspace(0, 0.01, 7199).sqrt() / 10
    heatmap = torch.cat([torch.ones(1), heatmap]).reshape(1, 12, 600)
    order = rank_points(heatmap, 25, 0, ["a"], "lerf")[0]
    assert order.tolist() == list(range(1, 26))


def test_zeros_are_in_random_order_by_lerf_too():
    heatmap = torch.ones(1, 2, 30)
    heatmap[:, 0] = 0
    order = rank_points(heatmap, 60, 0, ["a"], "lerf")[0]
    assert order[:30].sort().values.tolist() == list(range(30))
    assert order[:30].tolist() != list(range(30))


def test_what_cannot_be_ranked_is_refused():
    with pytest.raises(ValueError, match="at most 6 steps, one a point; got 7"):
        rank_points(torch.ones(1, 2, 3), 7, 0, ["a"])
    with pytest.raises(ValueError, match="finite heatmap, got NaN"):
        rank_points(torch.full((1, 2, 3), torch.nan), 2, 0, ["a"])


def test_each_point_knows_its_step():
    hit = step_of_points(torch.tensor([[4, 0]]), (2, 3))
    assert hit.tolist() == [[[2, NEVER, NEVER], [NEVER, 1, NEVER]]]
