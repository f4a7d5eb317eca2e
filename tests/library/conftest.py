"""A fitted network and its ECGs."""

import ecglens
import pytest
import torch
from torch import nn


@pytest.fixture(scope="session")
def ecgs(tmp_path_factory):
    """Few exact median beats with their PR interval."""
    return ecglens.load_ecgs("exact", "pr", store=tmp_path_factory.mktemp("store"), n=80)


@pytest.fixture(scope="session")
def net(ecgs):
    """A small network that read them once."""
    torch.manual_seed(0)
    layers = (nn.Conv1d(12, 4, 9), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    return ecglens.fit(ecgs, nn.Sequential(*layers, nn.Linear(4, 1)), epochs=1)
