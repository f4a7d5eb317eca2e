"""The linter looks once at a network with the same ECGs, and again at another."""

from dataclasses import replace

import pytest
import torch
from ecglens.eval import Subject
from ecglens.eval.heatmaps import explained as module
from ecglens.eval.heatmaps.explained import linted
from ecglens.explain import Findings, lint
from ecglens.models import WithEach
from ecglens.store import Store
from torch import nn

from ..networks import Smooth, Window, exact_ecgs


@pytest.fixture
def looks(monkeypatch) -> list[Findings]:
    """What the linter found, each time that it looked."""
    found: list[Findings] = []

    def counted(*args):
        found.append(lint(*args))
        return found[-1]

    monkeypatch.setattr(module, "lint", counted)
    return found


def test_a_second_subject_with_the_same_ecgs_reads_what_was_found(looks, tmp_path):
    subject = Subject(exact_ecgs(4), {}, store=Store(tmp_path), progress=False)
    net = Window().eval()
    first, second = linted(net, subject), linted(net, replace(subject, gallery=2))
    assert len(looks) == 1
    assert first == second
    assert first.notes == looks[0].notes
    assert first.notes  # a linear network is remarked on


def test_another_network_other_ecgs_and_another_output_are_looked_at(looks, tmp_path):
    subject = Subject(exact_ecgs(4), {}, store=Store(tmp_path), progress=False)
    linted(Window().eval(), subject)
    linted(Smooth().eval(), subject)
    linted(Smooth().eval(), replace(subject, ecgs=exact_ecgs(4, start=9)))
    linted(Smooth().eval(), replace(subject, background=exact_ecgs(2, start=20).x))
    assert len(looks) == 4


def test_an_error_is_kept_as_well(looks, tmp_path):
    class Constant(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.weight * x.mean((1, 2))[:, None]

    subject = Subject(exact_ecgs(4), {}, store=Store(tmp_path), progress=False)
    net = Constant().eval()
    assert linted(net, subject).errors
    assert linted(net, subject).errors == looks[0].errors
    assert len(looks) == 1


class Aged(nn.Module):
    """Reads an age beside the ECG."""

    def forward(self, x: torch.Tensor, age: torch.Tensor) -> torch.Tensor:
        return torch.relu(x).mean((1, 2))[:, None] * age[:, None]


def test_copies_of_which_no_age_is_known_are_linted_as_the_ecgs_they_are_of(looks, tmp_path):
    ecgs = exact_ecgs(4)
    net = WithEach(Aged(), ecgs.x, {"age": torch.linspace(20, 80, 4)}).eval()
    changed = ecgs._replace(x=1.1 * ecgs.x)
    subject = Subject(changed, {}, store=Store(tmp_path), progress=False, unperturbed=ecgs.x)
    assert not linted(net, subject).errors
    assert linted(net, replace(subject, ecgs=ecgs, unperturbed=None)) == linted(net, subject)
    assert len(looks) == 1
