"""A method of somebody's own that is edited and run again with the same store."""

import sys
from dataclasses import dataclass
from importlib import invalidate_caches
from typing import Any

import pytest
from ecglens.eval import Networks, Perturbation, Subject
from ecglens.eval.heatmaps import method_key
from ecglens.explain import Method, find
from ecglens.store import Store, class_at

from ..networks import Smooth, exact_ecgs

METHOD = """
from dataclasses import dataclass
from ecglens.explain import Method

@dataclass(frozen=True)
class Mine(Method):
    def heatmap(self, net, x, target, context):
        return x * {sign}
"""


@dataclass(frozen=True)
class Squared(Method):
    inner: Method

    def heatmap(self, net, x, target, context):
        return self.inner(net, x, target, context).square()


def test_another_method_inside_a_method_is_another_map(tmp_path):
    def areas(inner: str, folder: str) -> str:
        mine = {"mine": Squared(find(inner))}
        subject = Subject(exact_ecgs(4), mine, store=Store(tmp_path / folder), progress=False)
        return Perturbation()(Networks([Smooth().eval()]), subject).table.to_csv()

    areas("saliency", "both")
    assert areas("input_x_gradient", "both") == areas("input_x_gradient", "alone")


@dataclass(frozen=True)
class Mean(Method):
    of: Any

    def heatmap(self, net, x, target, context):
        return x


@dataclass(frozen=True)
class Part:
    of: Any


@pytest.mark.parametrize(
    "held", [lambda one: (one,), lambda one: {"a": [one]}, lambda one: Part([Part(one)])]
)
def test_methods_in_tuples_lists_mappings_and_dataclasses_of_a_method_count(held):
    first, same, other = (
        method_key(Mean(held(find(name)))) for name in ("saliency", "saliency", "input_x_gradient")
    )
    assert first == same != other


@dataclass(frozen=True)
class OtherPart:
    of: Any


def test_dataclasses_of_a_method_with_equal_fields_are_told_apart_by_their_class():
    for held in (1, find("saliency")):
        first, same, other = (method_key(Mean([kind(held)])) for kind in (Part, Part, OtherPart))
        assert first == same != other


def test_an_edited_method_is_explained_again(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def areas(text: str) -> str:
        (tmp_path / "mine_edited.py").write_text(text)
        sys.modules.pop("mine_edited", None)
        invalidate_caches()
        mine = class_at("mine_edited.Mine", "method._target_")()
        subject = Subject(exact_ecgs(4), {"mine": mine}, store=Store(tmp_path), progress=False)
        return Perturbation()(Networks([Smooth().eval()]), subject).table.to_csv()

    plain = METHOD.format(sign="1.0")
    first, other, again = (areas(each) for each in (plain, METHOD.format(sign="x ** 3"), plain))
    assert first == again != other
