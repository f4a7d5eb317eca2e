"""What is made of each ECG, whatever other ECGs are asked beside it."""

import numpy as np
from ecglens.eval.heatmaps.explained import outputs
from ecglens.eval.heatmaps.question import CHUNK
from torch import Tensor, nn

from ..networks import exact_ecgs
from .networks import setup


class SizeOfTheBatch(nn.Module):
    """A network that rounds as no other: it says how many ECGs it is given at once."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, 0, 300:301] + len(x)


def test_an_output_does_not_depend_on_how_many_ecgs_are_asked(tmp_path):
    ecgs = exact_ecgs(CHUNK + 3)
    asked = setup(tmp_path, ecgs=ecgs)
    found = outputs(SizeOfTheBatch(), asked)
    assert found.tolist() == (ecgs.x[:, 0, 300] + CHUNK).double().tolist()
    few = outputs(SizeOfTheBatch(), asked.first(2))
    np.testing.assert_array_equal(few, found[:2])
