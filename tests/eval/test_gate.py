"""Which heatmaps may be shown."""

import pytest
from ecglens.eval.gate import light


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["passes", "passes"], "may be shown"),
        (["passes", "fails"], "do not show"),
        (["fails", "not judged"], "do not show"),
        (["passes", "not judged"], "not tested enough"),
        (["passes", "cannot be said"], "not tested enough"),
    ],
)
def test_one_failed_gate_is_enough(verdicts, expected):
    assert light(verdicts) == expected
