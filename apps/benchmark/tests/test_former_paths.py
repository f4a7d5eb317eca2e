"""Paths that pages named before the benchmark was a package of its own."""

import sys
from importlib import import_module

import ecglens_benchmark
import pytest
from ecglens_benchmark import meta_evaluation


@pytest.mark.parametrize(
    ("old", "name", "new"),
    [
        ("ecglens.eval.benchmark", "places", ecglens_benchmark),
        ("ecglens.eval.meta_evaluation", "NETWORKS", meta_evaluation),
    ],
)
def test_a_former_path_hands_its_name_on_and_says_the_new_one(old, name, new):
    with pytest.warns(DeprecationWarning, match=f"is now {new.__name__}.{name}"):
        assert getattr(import_module(old), name) is getattr(new, name)
    with pytest.raises(AttributeError, match="nothing"):
        _ = import_module(old).nothing


def test_without_the_package_the_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ecglens_benchmark", None)
    with pytest.raises(ImportError, match=r"pip install .* \./apps/benchmark in a copy"):
        _ = import_module("ecglens.eval.benchmark").places
