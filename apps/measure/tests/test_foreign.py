"""Networks of other leads, rates and windows, and functions without gradients, through a spec."""

import numpy as np
import pytest
import torch
from ecglens.datamodules import target_of
from ecglens.models import InputSpec
from ecglens_measure import measure_network
from ecglens_measure.known import exact_ecgs

X = exact_ecgs("r", 8).ecgs.x


def gain(net, spec, edits) -> float:
    sheet = measure_network(net, X, spec, "r", store=edits, target=target_of("r"))
    return float(sheet.gains["gain"].iloc[0])


def test_a_list_without_a_network_is_refused(edits):
    with pytest.raises(ValueError, match="at least one network, got none"):
        measure_network([], X, changes="r", store=edits, target=target_of("r"))


class At(torch.nn.Module):
    """Reading of one lead at one sample."""

    def __init__(self, lead: int, sample: int) -> None:
        super().__init__()
        self.lead, self.sample = lead, sample

    def forward(self, x):
        return x[:, self.lead, self.sample : self.sample + 1]


def test_a_network_of_other_leads_in_another_order(edits):
    spec = InputSpec(leads=("V6", "V5", "II"), samples=600)
    assert gain(At(1, 250).eval(), spec, edits) == pytest.approx(1.0, rel=0.02)


def test_a_network_of_another_rate(edits):
    spec = InputSpec(fs=250, samples=300)  # half of each wave's samples
    assert gain(At(10, 125).eval(), spec, edits) == pytest.approx(1.0, rel=0.05)


def test_a_network_of_a_shorter_window(edits):
    spec = InputSpec(samples=400)
    found = {at: gain(At(10, at).eval(), spec, edits) for at in (150, 250)}
    assert max(found.values()) == pytest.approx(1.0, rel=0.02)  # the window is a piece of the beat


def test_a_function_without_gradients(edits):
    def height(x: np.ndarray) -> np.ndarray:
        return np.asarray(x)[:, 10, 250]

    spec = InputSpec(samples=600)
    assert gain(height, spec, edits) == pytest.approx(1.0, rel=0.02)
