"""The suite in its smallest size: two runs give the same numbers, and code decides what is kept."""

import json
from dataclasses import dataclass

import ecglens
import pytest
from ecglens.eval.benchmark import PARTS, Tier
from ecglens.explain import Facts, Method, Saliency, input_gradient
from ecglens.library.benchmark import code_of, versioned

SMALLEST = Tier("quick", ("pr",), 80, 1, 6, 4, 1, 8, 2, 1, 2, workers=1)


@dataclass(frozen=True)
class Mine(Method):
    """Gradient × ECG of somebody's own."""

    @property
    def facts(self) -> Facts:
        return Facts(any_network=True, gradients=1)

    def heatmap(self, net, x, target, context):
        return input_gradient(net, x, target) * x


@pytest.mark.heavy
def test_two_runs_from_nothing_give_the_same_numbers_and_a_third_reads_them(tmp_path):
    told = []
    first, second, third = (
        ecglens.benchmark(Mine(), SMALLEST, store=tmp_path / store, say=told.append)
        for store in ("one", "two", "one")
    )
    for name in ("numbers", "networks", "scores", "outcomes", "checks"):
        assert first[name] == second[name] == third[name]
    assert [each["part"] for each in first["outcomes"]] == [part.name for part in PARTS]
    assert json.loads(json.dumps(first)) == first
    copies = {each["name"]: each["said"] for each in first["checks"]}["copies"]
    assert "those of input_x_gradient but for a factor" in copies
    assert first["cost"]["passes"] == 2
    assert "null ladder" in told


def test_a_method_of_ones_own_is_kept_under_its_code():
    method = Mine()
    assert code_of(method) == code_of(Mine()) != ""
    own = versioned(method, "abc")
    assert own.version != method.version
    assert own == method
    assert Mine.version == 1
    assert versioned(Saliency(), "abc").version == Saliency.version


@pytest.mark.parametrize("name", ["random", "abs_x"])
def test_a_control_has_no_card(name, tmp_path):
    with pytest.raises(ValueError, match=f"expected a method, got {name}, a control"):
        ecglens.benchmark(name, store=tmp_path)


def test_an_unknown_tier_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(ValueError, match="expected a tier of quick, full, got 'middle'"):
        ecglens.benchmark("saliency", "middle", store=tmp_path)
