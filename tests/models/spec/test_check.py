"""Outputs that the user knows tell a wrong spec, and name the usual traps."""

from typing import Any

import numpy as np
import pytest
import torch
from ecglens.ecg import LEADS
from ecglens.models import InputSpec, Normalisation
from torch import Tensor, nn

FOUNDER = ("I", "II", "III", "aVR", "aVF", "aVL", "V1", "V2", "V3", "V4", "V5", "V6")
X = np.random.default_rng(0).normal(size=(5, 12, 60)) * 200 + np.arange(12)[:, None] * 30


class Weighted(nn.Module):
    """Two outputs that depend on the order, the scale and the offset of the leads."""

    def forward(self, z: Tensor) -> Tensor:
        weights = torch.sin(torch.arange(z[0].numel()) + 1.0).reshape(z[0].shape).to(z)
        return torch.stack([(weights * z).mean((1, 2)), z.square().mean((1, 2))], 1)


def known(**settings: Any) -> Tensor:
    return InputSpec(**settings).adapt(Weighted())(torch.from_numpy(X).float())


def test_equal_outputs_agree():
    found = InputSpec(unit="mV").check(Weighted(), X, known(unit="mV"))
    assert found
    assert found.largest < 1e-6
    assert str(found).endswith("they agree")


@pytest.mark.parametrize(
    ("true", "declared", "hint"),
    [
        ({"leads": FOUNDER}, {}, "the leads with aVF before aVL"),
        ({}, {"leads": FOUNDER}, "the leads as in ecg.LEADS"),
        ({"unit": "mV"}, {}, "unit='mV'"),
        ({}, {"unit": "mV"}, "unit='µV'"),
        ({"normalisation": "z-score per lead"}, {}, "z-score over each lead"),
        (
            {"normalisation": "z-score over all"},
            {"normalisation": "z-score per lead"},
            "z-score over all leads together",
        ),
        (
            {"normalisation": Normalisation("z-score", ddof=1)},
            {"normalisation": "z-score per lead"},
            "SD by n − 1",
        ),
        ({}, {"normalisation": "z-score per lead"}, "no normalisation"),
        (
            {"samples": 20, "normalisation": Normalisation("z-score", over="record")},
            {"samples": 20, "normalisation": Normalisation("z-score")},
            "statistics over the record",
        ),
    ],
)
def test_the_usual_traps_are_named(true: dict[str, Any], declared: dict[str, Any], hint: str):
    found = InputSpec(**declared).check(Weighted(), X, known(**true))
    assert not found
    assert found.hint.startswith("they would agree with")
    assert hint in found.hint
    assert "they disagree" in str(found)


def test_what_no_trap_explains_is_said():
    found = InputSpec().check(Weighted(), X, known() + 1)
    assert found.hint == ""
    assert "differ from the known ones by 1 on average, 1 at most" in str(found)
    assert "none of the usual changes" in str(found)


def test_another_number_of_outputs_is_refused():
    with pytest.raises(ValueError, match=r"known outputs of shape \(5, 2\), .* got \(5, 1\)"):
        InputSpec(leads=LEADS).check(Weighted(), X, np.zeros(5))
