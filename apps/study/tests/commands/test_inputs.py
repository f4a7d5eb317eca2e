"""Study input from several runs."""

from dataclasses import replace

import numpy as np
import pytest

from ..design.inputs import PR, exact

# Hydra still uses the mappings of `typing`.
pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")


def test_methods_of_two_runs_stand_beside_each_other_on_the_same_ecgs_alone():
    from ecglens_study.inputs import joined  # not without the mark above

    first, other = exact(PR, 3, "ab"), exact(PR, 3, "c")
    both = joined(first, other)
    assert {*both.heatmaps} == {*"abc"}
    np.testing.assert_array_equal(both.heatmaps["c"], other.heatmaps["c"])
    with pytest.raises(ValueError, match="the same ECGs in all runs on pr, got different ones"):
        joined(first, replace(other, ecgs=("X", "Y", "Z")))
