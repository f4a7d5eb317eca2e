"""The rows of the built-in methods that come with the suite."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from ecglens.explain import controls, find, methods
from ecglens.store import class_path
from ecglens_benchmark import SUITE, reference
from ecglens_benchmark.standings import same_networks, side_by_side

from apps.benchmark.tests.test_card import full
from benchmarks.benchmark_rows import write_reference


def card(folder: Path, name: str, met: int = 3, **changed: Any) -> None:
    """A card of a built-in method as it is, but for what is changed of the method."""
    method = find(name) if name in methods() else find("saliency")
    about = {
        "name": name,
        "class": class_path(type(method)),
        "version": method.version,
        "settings": asdict(method),  # pyright: ignore[reportArgumentType]
    }
    networks = changed.pop("networks", {"pr": ["a"]})
    folder.mkdir()
    content = full(name, met, method=about | changed, networks=networks)
    (folder / "card.json").write_text(json.dumps(content))


def test_cards_of_built_in_methods_become_the_reference(tmp_path, capsys):
    for name, met in (("smoothgrad", 5), ("saliency", 4)):
        card(tmp_path / name, name, met)
    found = json.loads(write_reference(tmp_path, tmp_path).read_text())["results"]
    assert [each["method"]["name"] for each in found] == ["saliency", "smoothgrad"]
    rows = side_by_side(found)["pairs/cosine"]["rows"]
    assert {*rows} == {"saliency", "random", "abs_x", "smoothgrad"}
    assert "2 methods; without smoothgrad_squared" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("mine", {}),
        ("saliency", {"class": "mine.Saliency"}),
        ("smoothgrad", {"settings": {"copies": 7}}),
        ("saliency", {"version": 99}),
    ],
)
def test_a_card_of_somebody_else_is_no_reference(name, changed, tmp_path):
    card(tmp_path / "one", name, **changed)
    with pytest.raises(ValueError, match=f"expected cards of built-in methods .*, got {name}"):
        write_reference(tmp_path, tmp_path)


def test_two_cards_of_a_method_are_no_reference(tmp_path):
    for folder in ("one", "two"):
        card(tmp_path / folder, "saliency")
    with pytest.raises(ValueError, match="got two of saliency"):
        write_reference(tmp_path, tmp_path)


def test_cards_on_other_networks_are_no_reference(tmp_path):
    card(tmp_path / "one", "saliency")
    card(tmp_path / "two", "smoothgrad", networks={"pr": ["b"]})
    with pytest.raises(ValueError, match=r"on the networks of saliency .* others of smoothgrad"):
        write_reference(tmp_path, tmp_path)


def test_every_built_in_row_has_the_controls():
    whole = reference("quick")
    assert len(whole) > 2
    assert same_networks(whole[0], {**whole[-1], "networks": {}})
    moved = json.loads(json.dumps({**whole[0], "networks": {}}))
    for score in moved["scores"]:
        for name in controls():
            score["rows"][name] = [None if one is None else 2 * one for one in score["rows"][name]]
    assert not any(same_networks(moved, each) for each in whole)


def test_the_reference_that_comes_with_the_suite_is_of_it():
    found = reference("quick")
    assert {(each["suite"], each["tier"]) for each in found} == {(SUITE, "quick")}
    assert {each["method"]["name"] for each in found} <= {*methods()}
    for score in side_by_side(found).values():
        assert {*controls()} < {*score["rows"]}
        assert len({len(row) for row in score["rows"].values()}) == 1
