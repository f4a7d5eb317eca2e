"""Evaluation mode for a moment."""

import pytest
from ecglens.engine import evaluating
from torch import nn


def test_each_module_gets_its_own_mode_back_also_after_an_error() -> None:
    net = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm1d(2), nn.ReLU()))
    net.get_submodule("1.0").eval()
    before = [module.training for module in net.modules()]
    with evaluating(net):
        assert not any(module.training for module in net.modules())
    assert [module.training for module in net.modules()] == before
    with pytest.raises(ZeroDivisionError), evaluating(net):
        raise ZeroDivisionError
    assert [module.training for module in net.modules()] == before
