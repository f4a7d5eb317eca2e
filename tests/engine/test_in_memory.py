"""Passes that run out of memory are made again with fewer rows."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from ecglens.engine import black_box, fitting, in_memory, ran_out

# A process that may take little more memory than it has: batches of its usual size do not fit.
LIMITED = """
import os
import resource
import sys
from pathlib import Path

import torch
from ecglens.engine import NEVER, Copies, Walker, fitting
from ecglens.explain import attribute
from ecglens.models import InUnits, ReferenceResNet

torch.set_num_threads(1)
torch.manual_seed(0)
net = InUnits(ReferenceResNet(), y_mean=160.0, y_sd=20.0).eval()
x = 100 * torch.randn(36, 12, 600)
hit = torch.full((12, 600), NEVER)
hit[:, 100:140] = torch.arange(480).reshape(12, 40) % 60 + 1
copies = Copies(x[0], hit, 50 * torch.randn(4, 12, 600), steps=60)
walker = Walker(net, x[0])
walker._network = None  # whole passes, as a network with attention has


def maps(ecgs):
    return attribute("deeplift", net, ecgs), attribute("smoothgrad", net, ecgs[:2])


maps(x[:2]), walker(Copies(x[0], hit, copies.fields, steps=1))  # what is made once
if os.fork() == 0:
    own = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (own + int(sys.argv[1]) * 2**20,) * 2)
    torch.save((maps(x), walker(copies), fitting(64)), sys.argv[2])
    os._exit(0)
os.wait()
*limited, rows = torch.load(sys.argv[2])
print(rows)
free = maps(x), walker(copies)
for one, other in zip([*free[0], free[1]], [*limited[0], limited[1]], strict=True):
    print(float((one - other).abs().max() / one.abs().max()))
"""


@pytest.fixture(autouse=True)
def usual_rows(monkeypatch):
    monkeypatch.setattr(black_box, "_PARTS", [1])


@pytest.mark.parametrize("too_much", [lambda: torch.empty(2**50), lambda: np.empty(2**59)])
def test_rows_are_halved_until_a_pass_fits_and_it_is_said_once(too_much, capsys):
    tried = []

    def rows_that_fit() -> int:
        tried.append(fitting(64))
        if fitting(64) > 16:
            too_much()
        return fitting(64)

    assert in_memory(rows_that_fit) == 16
    assert in_memory(rows_that_fit) == 16
    assert tried == [64, 32, 16, 16]
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "memory ran out: ECGs now pass the network in smaller batches"


def test_memory_that_is_not_enough_for_one_row_is_an_error():
    with pytest.raises(RuntimeError, match="you tried to allocate"):
        in_memory(lambda: torch.empty(2**50))
    assert fitting(1) == 1


def test_other_errors_are_raised_at_once():
    with pytest.raises(RuntimeError, match="shape"):
        in_memory(lambda: torch.zeros(3).reshape(2))
    assert fitting(64) == 64
    assert ran_out(torch.OutOfMemoryError("CUDA out of memory"))


@pytest.mark.heavy
@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS")
def test_maps_and_curves_in_a_process_with_little_memory_are_those_with_enough(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "60", str(tmp_path / "limited.pt")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "memory ran out: ECGs now pass the network in smaller batches\n"
    rows, *differences = done.stdout.split()
    assert int(rows) < 64
    # As a share of the largest value; noise of SmoothGrad takes a network across its kinks.
    assert max(map(float, differences)) < 1e-3
