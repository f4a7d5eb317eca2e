"""Repeats of the benchmark: what counts as the same, and that the kept ones are of today's rows."""

import copy
import json
from pathlib import Path

from ecglens.eval.finding_files import read_frame

from benchmarks.benchmark_repeats import SHOWN, TO, compared, results_in, scored

REFERENCE = Path(__file__).parents[2] / "apps/benchmark/ecglens_benchmark/reference_2_quick.json"


def result(value: float = 0.5) -> dict:
    return {
        "method": {"name": "mine"},
        "networks": {"pr": ["a1"]},
        "scores": [{"name": "pr/auc", "rows": {"mine": [0.1, value], "random": [0.0, 0.1]}}],
        "outcomes": [{"part": "ladder", "verdict": "passes", "said": "level 3"}],
        "numbers": "f" * 64,
    }


def test_one_ecgs_score_a_verdict_or_a_network_makes_two_runs_differ():
    same = copy.deepcopy(result())
    (row,) = compared({"mine": result()}, {"mine": same, "other": same}).to_dict("records")
    assert row["same_scores"]
    assert row["same_numbers"]
    verdict, network = result(), result()
    verdict["outcomes"][0]["verdict"] = "fails"
    network["networks"]["pr"] = ["b2"]
    for other in (result(0.5 + 1e-12), verdict, network):
        (row,) = compared({"mine": result()}, {"mine": other}).to_dict("records")
        assert not row["same_scores"]
    (row,) = compared({"mine": result()}, {"mine": result() | {"numbers": "0"}}).to_dict("records")
    assert row["same_scores"]
    assert not row["same_numbers"]


def test_cards_are_found_in_their_folders(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "card.json").write_text(json.dumps(result()), "utf-8")
    assert results_in(tmp_path) == {"mine": result()}


def test_rows_that_were_made_twice_are_those_of_the_suite_with_the_same_scores():
    kept, rows = read_frame(TO).set_index("method"), results_in(REFERENCE)
    assert len(kept) >= 5
    assert kept["same_scores"].to_numpy().all()
    for name in kept.index:
        assert kept.loc[name, "scores_1"] == scored(rows[name])[:SHOWN]
        assert kept.loc[name, "numbers_1"] == rows[name]["numbers"][:SHOWN]
