"""What is kept under a version keeps its numbers: where these change, the step's version rises."""

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.eval import Protocol, Subject, score
from ecglens.eval.evaluations.perturbation.orders import CURVES
from ecglens.eval.heatmaps.attributions import ATTRIBUTIONS
from ecglens.explain import find

from ...networks import Smooth


def test_the_numbers_of_attributions_3_and_curves_2():
    time = torch.linspace(0, 6.28, 60)
    x = 100 * torch.stack([torch.sin((lead + 1) * time) for lead in range(12)])[None]
    ecgs = Batch(x, torch.ones(1, 1), torch.zeros(1, 60, dtype=torch.int8), ["golden"])
    protocol = Protocol(
        "golden", unit="point", fill="noise", steps=4, draws=2, until=2, cutoffs=(1, 3)
    )
    scores = score(Smooth().eval(), Subject(ecgs, {"saliency": find("saliency")}), protocol)
    assert (ATTRIBUTIONS.version, CURVES.version) == (3, 2)
    golden = {
        "saliency": [
            [0.8605586, 0.8665118, 0.89444137, 0.9290627, 0.9357072],
            [0.8605586, 0.8627088, 0.8393677, 0.8791124, 0.88890994],
        ],
        "random": [
            [0.8605586, 0.839091, 0.8448246, 0.85144126, 0.8520876],
            [0.8605586, 0.8578451, 0.8479105, 0.8513575, 0.8318924],
        ],
    }
    for name, curves in golden.items():
        assert scores.predictions[name][:, 0] == pytest.approx(np.array(curves), rel=1e-4)
