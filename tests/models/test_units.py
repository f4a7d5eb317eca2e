"""µV in, the target's unit out."""

import pytest
import torch
from ecglens.models import InUnits
from torch import nn


class Mean(nn.Module):
    """The mean of the first leads: one column per target."""

    def __init__(self, targets: int = 1) -> None:
        super().__init__()
        self.targets = targets

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, : self.targets].mean(-1)


def test_microvolts_go_in_and_the_unit_of_the_target_comes_out() -> None:
    net = InUnits(Mean(), y_mean=160.0, y_sd=20.0)
    x = torch.full((2, 12, 50), 1000.0)  # 1 mV
    torch.testing.assert_close(net(x), torch.full((2, 1), 180.0))


def test_zeros_stay_zero_on_their_way_in() -> None:
    net = InUnits(Mean(), y_mean=160.0, y_sd=20.0)
    torch.testing.assert_close(net(torch.zeros(1, 12, 50)), torch.tensor([[160.0]]))


def test_each_target_has_its_own_mean_and_sd() -> None:
    net = InUnits(Mean(targets=2), y_mean=[160.0, 400.0], y_sd=[20.0, 30.0])
    y = net(torch.full((1, 12, 50), 1000.0))
    torch.testing.assert_close(y, torch.tensor([[180.0, 430.0]]))
    torch.testing.assert_close(net.standardised(y), torch.tensor([[1.0, 1.0]]))


def test_scale_mean_and_sd_travel_with_the_weights() -> None:
    state = InUnits(Mean(), y_mean=160.0, y_sd=20.0, x_scale=1e-2).state_dict()
    net = InUnits(Mean())
    net.load_state_dict(state)
    torch.testing.assert_close(net(torch.full((1, 12, 50), 100.0)), torch.tensor([[180.0]]))


@pytest.mark.parametrize(
    ("y_mean", "y_sd"), [(0.0, 0.0), (0.0, float("nan")), ([0.0, 1.0], [1.0]), (0.0, -1.0)]
)
def test_means_and_sds_that_do_not_fit_are_refused(y_mean: float, y_sd: float) -> None:
    with pytest.raises(ValueError, match="one positive SD per target"):
        InUnits(Mean(), y_mean=y_mean, y_sd=y_sd)


def test_a_body_with_another_number_of_outputs_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"1 columns from Mean, got shape \(3, 2\).*InputSpec"):
        InUnits(Mean(targets=2))(torch.zeros(3, 12, 50))
