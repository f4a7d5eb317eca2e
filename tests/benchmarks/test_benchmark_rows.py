"""The rows of the built-in methods that come with the suite."""

import json

import pytest
from ecglens.eval.benchmark import SUITE, reference, side_by_side
from ecglens.explain import controls, methods

from benchmarks.benchmark_rows import write_reference

from ..report.benchmark.test_card import full


def test_cards_of_built_in_methods_become_the_reference(tmp_path, capsys):
    for name, met in (("smoothgrad", 5), ("saliency", 4)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text(json.dumps(full(name, met)))
    found = json.loads(write_reference(tmp_path, tmp_path).read_text())["results"]
    assert [each["method"]["name"] for each in found] == ["saliency", "smoothgrad"]
    rows = side_by_side(found)["pairs/cosine"]["rows"]
    assert {*rows} == {"saliency", "random", "abs_x", "smoothgrad"}
    assert "2 methods; without smoothgrad_squared" in capsys.readouterr().out


def test_a_card_of_somebody_else_is_no_reference(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "card.json").write_text(json.dumps(full("mine", 3)))
    with pytest.raises(ValueError, match="expected cards of built-in methods of one tier"):
        write_reference(tmp_path, tmp_path)


def test_the_reference_that_comes_with_the_suite_is_of_it():
    found = reference("quick")
    assert {(each["suite"], each["tier"]) for each in found} == {(SUITE, "quick")}
    assert {each["method"]["name"] for each in found} <= {*methods()}
    for score in side_by_side(found).values():
        assert {*controls()} < {*score["rows"]}
        assert len({len(row) for row in score["rows"].values()}) == 1
