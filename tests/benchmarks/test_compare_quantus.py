"""Where our curves and Quantus' can be asked the same, they say the same."""

import pytest

from benchmarks.compare_quantus import SHARED, case, ours, quantus


@pytest.mark.heavy  # quantus is a package of its own for it
@pytest.mark.filterwarnings("ignore")  # of its own imports
@pytest.mark.parametrize("name", ["segments set to zero"])
def test_predictions_are_those_of_pixel_flipping(name):
    net, ecgs = case()
    own, theirs = ours(net, ecgs, SHARED[name]), quantus(net, ecgs, SHARED[name])
    assert own == pytest.approx(theirs, abs=1e-5)
    assert abs(own[:, -1] - own[:, 0]).min() > 1e-2
