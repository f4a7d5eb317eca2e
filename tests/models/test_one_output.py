"""One output of a network with several."""

import pytest
import torch
from ecglens.engine import NEVER, Copies, Walker
from ecglens.models import OneOutput
from torch import nn


def five() -> nn.Module:
    torch.manual_seed(0)
    layers = (nn.Conv1d(12, 4, 5, padding=2), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    return nn.Sequential(*layers, nn.Linear(4, 5)).eval()


def test_it_is_that_column_of_the_outputs():
    x = torch.randn(3, 12, 60)
    for index in range(5):
        assert torch.equal(OneOutput(five(), index)(x), five()(x)[:, [index]])


@pytest.mark.parametrize("index", [5, 7])
def test_an_output_that_is_not_there_is_refused(index):
    with pytest.raises(ValueError, match=rf"the index {index} among the targets, got \(3, 5\)"):
        OneOutput(five(), index)(torch.randn(3, 12, 60))
    with pytest.raises(ValueError, match="from 0 on, got -1"):
        OneOutput(five(), -1)


@pytest.mark.filterwarnings("error")
def test_its_copies_are_predicted_window_by_window():
    net, x = OneOutput(five(), 3).eval(), torch.randn(12, 60)
    hit = torch.full((12, 60), NEVER)
    hit[1, 10:20] = torch.arange(1, 11)
    found = Walker(net, x)(Copies(x, hit, fields=torch.randn(2, 12, 60), steps=10))
    assert found.shape == (21, 1)
    torch.testing.assert_close(found[:1].float(), net(x[None]).detach(), rtol=1e-4, atol=1e-5)
