"""An evaluation of another package says what was left out, as those of ECGLens do."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from ecglens.eval import Networks, Subject
from ecglens.explain import Facts, Method, Saliency

from .networks import Smooth, exact_ecgs

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"


@dataclass(frozen=True)
class Refusing(Method):
    @property
    def facts(self):
        return Facts(any_network=True)

    def heatmap(self, net, x, target, context):
        raise ValueError("expected another network")


def test_the_evaluation_of_the_example_names_the_methods_that_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(PLUGIN)
    evaluation = import_module("ecg_plugin.evaluation").Sparsity()
    methods = {"saliency": Saliency(), "refusing": Refusing()}
    subject = Subject(exact_ecgs(3), methods, progress=False)
    finding = evaluation(Networks([Smooth().eval(), Smooth().eval()]), subject)
    assert "refusing was left out: expected another network" in finding.notes
    assert "refusing" not in finding.methods
    assert finding.scores["half"]["saliency"].shape == (2, 1, 3)
    assert np.isfinite(finding.scores["half"]["saliency"]).all()
