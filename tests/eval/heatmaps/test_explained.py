"""What is made of each ECG is independent of the others."""

import numpy as np
from ecglens.eval.heatmaps.explained import outputs
from ecglens.eval.heatmaps.probe import CHUNK
from torch import Tensor, nn

from ..evaluations.sanity.networks import made_subject
from ..networks import exact_ecgs


class SizeOfTheBatch(nn.Module):
    """A network that rounds as no other: it says how many ECGs it is given at once."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, 0, 300:301] + len(x)


def test_an_output_does_not_depend_on_the_number_of_ecgs(tmp_path):
    ecgs = exact_ecgs(CHUNK + 3)
    subject = made_subject(tmp_path, ecgs=ecgs)
    found = outputs(SizeOfTheBatch(), subject)
    assert found.tolist() == (ecgs.x[:, 0, 300] + CHUNK).double().tolist()
    few = outputs(SizeOfTheBatch(), subject.first(2))
    np.testing.assert_array_equal(few, found[:2])
