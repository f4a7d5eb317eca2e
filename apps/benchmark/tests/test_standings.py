"""Results are sealed, ordered with ties, and set side by side."""

import json

import pytest
from ecglens_benchmark import LIMITS, SUITE, order, places, read_result
from ecglens_benchmark.standings import alike, compact, same_networks, side_by_side
from ecglens_benchmark.suite import sealed

CONTROLS = {"random": [0.1, 0.2, 0.1, 0.2], "abs_x": [0.3, 0.2, 0.3, 0.2]}


def result(name: str, met: int, row=(0.9, 0.8, 0.9, 0.7), **changed):
    """A result that meets the first `met` limits and has one score."""
    verdicts = ["passes" if place < met else "fails" for place in range(len(LIMITS))]
    score = {
        "name": "pairs/cosine",
        "part": "pairs",
        "label": "Predicted change",
        "better": "higher",
        "over": "ECGs",
        "rows": {name: [*row], **CONTROLS},
    }
    content = {
        "suite": SUITE,
        "tier": "quick",
        "method": {"name": name},
        "networks": {"pr": ["a"]},
        "outcomes": [
            {"part": part, "verdict": verdict, "said": "", "notes": []}
            for part, verdict in zip(LIMITS, verdicts, strict=True)
        ],
        "scores": [score],
        "checks": [],
        "cost": {"passes": 2, "of_passes": 3.0, "of_gradients": 1.0, "memory_mb": None},
        "versions": {},
    }
    return sealed(content | changed)


def test_methods_that_meet_as_many_limits_share_their_places():
    found = {each.method: each.words for each in map_order(("a", 5), ("b", 7), ("c", 5), ("d", 2))}
    assert found == {"b": "1", "a": "2–3", "c": "2–3", "d": "4"}


def map_order(*given):
    return order([result(name, met) for name, met in given])


def test_a_method_that_a_check_excludes_has_no_place():
    cheat = {"name": "label", "said": "It looks at the label.", "excludes": True}
    copied = {"name": "copies", "said": "It is another.", "excludes": False}
    every = [result("cheat", 7, checks=[cheat]), result("copy", 5, checks=[copied]), result("b", 4)]
    assert [(each.method, each.words) for each in order(every)] == [
        ("copy", "1"),
        ("b", "2"),
        ("cheat", "not ranked"),
    ]


def test_places_by_a_score_tie_what_cannot_be_told_apart():
    rows = {
        "best": [0.9, 0.8, 0.9, 0.8, 0.9, 0.85, 0.9, 0.8],
        "same": [0.8, 0.9, 0.8, 0.9, 0.8, 0.9, 0.85, 0.9],
        "worst": [0.1, 0.2, 0.1, 0.15, 0.1, 0.2, 0.1, 0.2],
        "none": [None] * 8,
    }
    assert places(rows, "higher") == {"best": (1, 2), "same": (1, 2), "worst": (3, 3)}
    assert places(rows, "lower") == {"best": (2, 3), "same": (2, 3), "worst": (1, 1)}


def test_a_changed_number_is_found_by_the_hash(tmp_path):
    path = tmp_path / "card.json"
    path.write_text(json.dumps(result("mine", 3)))
    assert read_result(path)["method"]["name"] == "mine"
    path.write_text(path.read_text().replace("0.7", "0.97"))
    with pytest.raises(ValueError, match="does not match its hash"):
        read_result(path)


def test_the_cost_changes_the_hash_and_not_the_numbers():
    dear = {"passes": 2, "of_passes": 9.0, "of_gradients": 4.0, "memory_mb": 1.0}
    one, other = result("mine", 3), result("mine", 3, cost=dear)
    assert one["numbers"] == other["numbers"]
    assert one["hash"] != other["hash"]
    assert result("mine", 4)["numbers"] != one["numbers"]


def test_another_suite_and_another_file_are_refused(tmp_path):
    path = tmp_path / "card.json"
    path.write_text(json.dumps(result("mine", 3, suite=SUITE + 1)))
    with pytest.raises(ValueError, match=f"expected results of suite {SUITE}"):
        read_result(path)
    for text in ("{}", "[1]", "no json"):
        path.write_text(text)
        with pytest.raises(ValueError, match="expected a result of `ecglens benchmark`"):
            read_result(path)


def test_two_results_with_equal_numbers_are_one_method_under_two_names():
    every = [result("a", 3), result("b", 4), result("c", 3, row=(0.1, 0.2, 0.3, 0.4))]
    assert alike(every) == [("a", "b")]


def test_rows_stand_side_by_side_with_the_controls():
    found = side_by_side([result("a", 3), result("b", 3, row=(0.1, 0.2, None, 0.1))])
    score = found["pairs/cosine"]
    assert [*score["rows"]] == ["a", "random", "abs_x", "b"]
    assert score["values"]["random"] == pytest.approx(0.15)
    kept = compact([result("a", 3), result("b", 3)])
    assert [*kept[1]["scores"][0]["rows"]] == ["b"]
    assert side_by_side(kept)["pairs/cosine"]["rows"].keys() == score["rows"].keys()


def test_other_networks_are_told_by_the_rows_of_the_controls():
    one = result("a", 3)
    assert same_networks(one, result("b", 3, networks={"pr": ["other"]}))
    moved = result("b", 3, networks={"pr": ["other"]})
    moved["scores"][0]["rows"]["abs_x"] = [0.5, 0.5, 0.5, 0.5]
    assert not same_networks(one, moved)
