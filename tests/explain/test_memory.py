"""Peak memory above that of the network, in a process of its own that made nothing before."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource, warnings
import torch
from ecglens.explain import attribute
from ecglens.models import ReferenceResNet

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

warnings.filterwarnings("ignore", "Using padding='same' with even kernel")
torch.set_num_threads(1)
torch.manual_seed(0)
net = ReferenceResNet().eval()
attribute("{name}", net, torch.randn(1, 12, 100))  # loads the libraries
before = peak_mb()
attribute("{name}", net, 100 * torch.randn({batch}, 12, {time}))
print(peak_mb() - before)
"""


# The two that hold most in a pass, and of those that go ECG by ECG the one with most copies; its
# batch does not matter then, and 64 strips would take minutes.
@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "batch", "time"),
    [
        ("deeplift", 64, 600),
        ("guided_gradcam", 64, 600),
        ("gradient_shap", 64, 600),
        ("deeplift", 64, 5000),
        ("guided_gradcam", 64, 5000),
        ("gradient_shap", 2, 5000),
    ],
)
def test_a_method_takes_less_than_1_gb_above_the_network(name, batch, time):
    script = SCRIPT.format(name=name, batch=batch, time=time)
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stderr
    assert 30 < float(run.stdout) < 1000  # below 30 MB nothing was measured
