"""Planted shortcuts: from the AUROC of each kind to a verdict, and networks that are kept."""

import math

import pytest
import torch
from ecglens.store import Store
from ecglens_benchmark.planted import Planted, kept_network, outcome_of

NAN = math.nan


@pytest.mark.parametrize(
    ("values", "verdict", "said"),
    [
        ([1.0, 0.9, 0.95, 1.0, 0.5, 0.0], "passes", "4 of 6 kinds found: offset, edge,"),
        ([1.0, 0.89, 0.5, 0.5, 0.5, 1.0], "fails", "2 of 6 kinds found: offset, lead"),
        ([1.0, 1.0, 1.0, NAN, 0.5, 0.5], "cannot be said", "3 of 5 kinds found: offset, edge,"),
        ([1.0, 1.0, 0.5, NAN, 0.5, 0.5], "fails", "2 of 5 kinds found: offset, edge"),
        ([NAN] * 6, "not tried", "0 of 0 kinds found"),
    ],
)  # fmt: skip
def test_four_kinds_of_six_meet_the_limit(values, verdict, said):
    found = outcome_of("mine", {"mine": values, "random": [0.5] * 6})
    assert found.verdict == verdict
    assert found.said.startswith(said)
    (score,) = found.scores
    assert [each is None for each in score.rows["mine"]] == [math.isnan(each) for each in values]


def test_a_network_is_fitted_once(tmp_path):
    planted = Planted("lead", 0, True, ecgs=40, epochs=1)
    first = kept_network(planted, Store(tmp_path))
    (folder,) = (tmp_path / "planted").glob("*/net.pt")
    made = folder.stat().st_mtime_ns
    again = kept_network(planted, Store(tmp_path))
    assert folder.stat().st_mtime_ns == made
    x = torch.randn(2, 12, 600)
    torch.testing.assert_close(first(x), again(x), rtol=0, atol=0)
    torch.testing.assert_close(first(x), planted.fitted()(x), rtol=0, atol=0)
