"""Which step takes which point, against a slow list."""

import torch
from ecglens.engine import NEVER
from ecglens_metrics.degradation import point_stages, turned, window_stages


def heatmap(leads=3, time=100):
    return torch.randn(leads, time, generator=torch.Generator().manual_seed(4))


def test_windows_of_16_samples_go_in_the_order_of_their_sums():
    one = heatmap()
    hits, steps = window_stages(one, 0, "ecg")
    assert steps == 7  # the last window has 4 samples
    sums = []
    for lead in range(3):
        for first in range(0, 100, 16):
            total = sum(abs(float(value)) for value in one[lead, first : first + 16])
            sums.append((-total, lead, first))
    for rank, (_, lead, first) in enumerate(sorted(sums)):
        assert (hits[lead, first : first + 16] == rank // 3 + 1).all()


def test_points_go_in_equal_parts_and_positive_ones_alone_where_asked():
    one = heatmap()
    hits = point_stages(one, 20, False, 0, "ecg")
    assert torch.bincount(hits.flatten())[1:].tolist() == [15] * 20
    assert one.abs()[hits == 1].min() > one.abs()[hits == 2].max()
    positive = point_stages(one, 20, True, 0, "ecg")
    assert torch.equal(positive == NEVER, one <= 0)
    assert one[positive == 1].min() > one[positive == 20].max()


def test_turned_the_last_go_first_and_what_stays_stays():
    hits = point_stages(heatmap(), 20, True, 0, "ecg")
    other = turned(hits, 20)
    assert torch.equal(turned(other, 20), hits)
    assert torch.equal(other == NEVER, hits == NEVER)
    assert torch.equal(other == 1, hits == 20)


def test_an_empty_map_takes_points_by_lot_and_no_positive_ones():
    empty = torch.zeros(3, 100)
    assert not torch.equal(window_stages(empty, 0, "a")[0], window_stages(empty, 0, "b")[0])
    assert (point_stages(empty, 20, True, 0, "a") == NEVER).all()
