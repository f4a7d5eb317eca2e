"""What docs/benchmarks.md says of a GPU is what was kept; where there is one, maps are compared."""

import json

import pytest
import torch

from benchmarks.gpu import KEPT, agreement, tables
from benchmarks.page import DOCS, markers
from benchmarks.plan import QUICK

TEXT = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
FOUND = json.loads(KEPT.read_text(encoding="utf-8"))
# Their gradients are averaged over copies, of which rounding moves some across a kink.
AVERAGED = {
    "smoothgrad", "smoothgrad_squared", "vargrad", "integrated_gradients", "expected_gradients",
    "gradient_shap",
}  # fmt: skip


def test_the_page_has_the_kept_tables():
    for name, table in tables(FOUND).items():
        begin, end = markers(name)
        assert f"{begin}\n{table}\n{end}" in TEXT


def test_the_page_says_how_near_maps_and_curves_are():
    each = FOUND["agreement"]["methods"]
    near = {name: one["map"] for name, one in each.items() if name not in AVERAGED}
    assert f"the maps of {len(near)} methods" in TEXT
    assert 5e-5 < max(near.values()) < 6e-5
    assert max(one["curve"] for one in each.values()) < 5e-5
    assert 3.5e-3 < max(each[name]["map"] for name in AVERAGED) < 4e-3
    assert sum(one["first"] < 1 for one in each.values()) == 5
    assert FOUND["agreement"]["same order"]


def test_the_page_says_how_often_the_cpu_waits():
    times = {name: sum(at.values()) for name, at in FOUND["waits"].items() if name != "facts"}
    assert times["curves of 200 steps"] == times["curves of 25 steps"] == 8 + 5
    hiding = {"occlusion", "feature_ablation", "shapley_sampling", "kernel_shap", "lime"}
    assert {min(times[name] for name in hiding), max(times[name] for name in hiding)} == {92, 147}
    maps = [times[name] for name in times if name not in hiding and "curves" not in name]
    assert (min(maps), max(maps)) == (3, 23)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_maps_and_curves_are_the_same_on_a_gpu():
    for name, one in agreement(QUICK)["methods"].items():
        assert one["map"] < (1e-2 if name in AVERAGED else 1e-4), name
        assert one["curve"] < 1e-4, name
