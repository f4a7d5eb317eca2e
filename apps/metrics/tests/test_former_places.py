"""Places that evaluations had before they were in this package."""

import warnings
from importlib import import_module

import ecglens_metrics
import pytest
from ecglens.datamodules import exact_parameters
from ecglens.eval import TargetRegion
from ecglens.store import class_at
from ecglens.trust import foreign

OLD = "ecglens.eval.evaluations"


@pytest.mark.parametrize(
    ("old", "name", "now", "there"),
    [
        ("effects", "Effects", "ecglens_metrics.Effects", ecglens_metrics.Effects),
        ("effects", "pairs", "ecglens_metrics.pairs", ecglens_metrics.pairs),
        ("effects", "exact_parameters", "ecglens.datamodules.exact_parameters", exact_parameters),
        ("localisation", "against", "ecglens_metrics.against", ecglens_metrics.against),
        ("sanity", "Similarity", "ecglens_metrics.Similarity", ecglens_metrics.Similarity),
        ("localisation", "TargetRegion", "ecglens.eval.TargetRegion", TargetRegion),
    ],
)
def test_a_former_place_hands_its_name_on_and_says_the_new_one(old, name, now, there):
    with pytest.warns(DeprecationWarning, match=f"is now {now};"):
        assert getattr(import_module(f"{OLD}.{old}"), name) is there


@pytest.mark.parametrize(
    "path", ["effects.Effects", "localisation.Localisation", "sanity.Consistency"]
)
def test_settings_of_finished_runs_are_trusted_and_read(path):
    assert foreign({"_target_": f"{OLD}.{path}"}) == []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = class_at(f"{OLD}.{path}", "evaluation")
    assert found is getattr(ecglens_metrics, path.split(".")[1])
