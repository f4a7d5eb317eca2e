"""Peak memory above that of the network, in a process of its own."""

import pytest

from benchmarks.memory import in_a_process


# The three that hold most in a pass, of which LRP takes few ECGs at once whatever the batch, and of
# those that go ECG by ECG the one with most copies; its batch does not matter then, and 64 ECGs
# would take minutes.
@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "batch", "time"),
    [
        pytest.param("deeplift", 64, 600, marks=pytest.mark.long),
        pytest.param("guided_gradcam", 64, 600, marks=pytest.mark.long),
        pytest.param("lrp_composite", 18, 600, marks=pytest.mark.long),
        pytest.param("gradient_shap", 18, 600, marks=pytest.mark.long),
        ("deeplift", 64, 5000),
        ("guided_gradcam", 64, 5000),
        ("lrp_composite", 2, 5000),
        ("gradient_shap", 2, 5000),
    ],
)
def test_a_method_takes_less_than_1_gb_above_the_network(name, batch, time):
    # Below 30 MB nothing was measured.
    assert 30 < in_a_process(name, time, batch) < 1000
