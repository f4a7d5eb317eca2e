"""What is made of each ECG is independent of the others, and leaves the ECGs as they are."""

import numpy as np
import torch
from ecglens.eval.heatmaps.explained import outputs
from ecglens.eval.heatmaps.probe import CHUNK
from ecglens.models import WithEach
from torch import Tensor, nn

from ..evaluations.sanity.networks import made_subject
from ..networks import exact_ecgs


class SizeOfTheBatch(nn.Module):
    """A network that rounds as no other: it says how many ECGs it is given at once."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, 0, 300:301] + len(x)


class Scaling(nn.Module):
    """A network that writes into its input."""

    def forward(self, x: Tensor, age: Tensor) -> Tensor:
        x *= 1e-3
        return x[:, 0, 300:301] + age[:, None]


def test_an_output_does_not_depend_on_the_number_of_ecgs(tmp_path):
    ecgs = exact_ecgs(CHUNK + 3)
    subject = made_subject(tmp_path, ecgs=ecgs)
    found = outputs(SizeOfTheBatch(), subject)
    assert found.tolist() == (ecgs.x[:, 0, 300] + CHUNK).double().tolist()
    few = outputs(SizeOfTheBatch(), subject.first(2))
    np.testing.assert_array_equal(few, found[:2])


def test_a_network_that_writes_into_its_input_leaves_the_ecgs_as_they_are(tmp_path):
    ecgs = exact_ecgs(2)
    before = ecgs.x.clone()
    outputs(WithEach(Scaling(), ecgs.x, {"age": [50.0, 60.0]}), made_subject(tmp_path, ecgs=ecgs))
    torch.testing.assert_close(ecgs.x, before, rtol=0, atol=0)
