"""What experiments found, on the page: with its floors, and with what passed the gates."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import STORAS2025, Answer, Result, gates, rank
from ecglens.eval.evaluations.sanity import FLOORS, Finding
from ecglens.report import write_report
from ecglens.report.figures.curves.curves.kept import kept_figure

METHODS = ("saliency", "deeplift", "random")
Make = Callable[..., Result]


def finding(**columns: list) -> Finding:
    """Numbers that no other table of the page has."""
    table = pd.DataFrame(
        {
            "method": METHODS,
            "kind": ["method", "method", "control"],
            "value": [0.13, 0.93, 0.03],
            "low": [0.11, 0.91, -0.01],
            "high": [0.15, 0.95, 0.05],
            **{floor: [0.41, 0.43, 0.47] for floor in FLOORS},
            "verdict": ["passes", "fails", "fails"],
            **columns,
        }
    )
    return Finding("weights", "Is it?", "ours", table, {}, "saliency is lost.", ("one note",))


PR, QT = Target("pr", "ms", "PR interval"), Target("qt", "ms", "QT interval")


def answer(network: str = "a", target: Target = PR, /, **columns: list) -> Answer:
    return Answer(target, "median", (network,), 24, 24, finding(**columns))


GATES = {
    "weights_verdict": ["passes", "fails", "fails"],
    "permuted_verdict": ["passes", "passes", "fails"],
}


def test_every_correlation_has_its_floors_beside_it(tmp_path: Path) -> None:
    page = write_report([], tmp_path, answers=[answer()]).read_text(encoding="utf-8")
    row = page[page.index('<th scope="row">Saliency</th>') :]
    cells = [cell.split("<")[0] for cell in row[: row.index("</tr>")].split('"number">')[1:]]
    assert cells == ["0.13", "0.11 to 0.15", "0.41", "0.41", "0.41", "0.41"]
    assert "Saliency is lost." in page  # in words, by its printed name
    assert "one note" in page
    written = pd.read_csv(tmp_path / "pr-median-weights-methods.csv")
    assert {*FLOORS} <= {*written.columns}
    assert (tmp_path / "pr-median-weights-estimates.png").stat().st_size > 10_000


def test_the_distance_from_the_floor_and_what_is_missing_are_shown(tmp_path: Path) -> None:
    more = {
        "missing": [0.25, 0.0, 0.0],
        "difference": [-0.28, 0.5, -0.44],
        "difference_low": [-0.33, 0.45, -0.49],
        "difference_high": [-0.23, 0.55, -0.39],
    }
    page = write_report([], tmp_path, answers=[answer(**more)]).read_text(encoding="utf-8")
    row = page[page.index('<th scope="row">Saliency</th>') :]
    cells = [cell.split("<")[0] for cell in row[: row.index("</tr>")].split('"number">')[1:]]
    assert cells[2:6] == ["25\u00a0%", "0.41", "−0.28", "−0.33 to −0.23"]


def test_an_answer_comes_back_from_its_folder(tmp_path: Path) -> None:
    kept = replace(answer(), facts={"ecgs": 24})
    again = Answer.load(kept.save(tmp_path / "weights"))
    assert (again.target, again.networks, again.facts) == (kept.target, ("a",), {"ecgs": 24})
    pd.testing.assert_frame_equal(again.finding.table, kept.finding.table)
    (tmp_path / "weights" / "about.json").unlink()
    with pytest.raises(ValueError, match=r"no about\.json"):
        Answer.load(tmp_path / "weights")


def test_a_method_that_fails_a_gate_is_not_to_be_shown_whatever_its_rank(
    make_result: Make, tmp_path: Path
) -> None:
    result = replace(make_result(methods=("deeplift", "saliency", "smoothgrad")), network="a")
    ranking = rank(result)
    assert ranking.best == "deeplift"
    table = gates([result], [ranking], [finding(**GATES)]).set_index("method")
    assert table["light"].to_dict() == {
        "deeplift": "do not show",
        "saliency": "passed these tests on these data",
        "smoothgrad": "not tested enough",  # no finding speaks of it
        "guided_backprop": "do not show",  # left out: wrong on this network
    }
    page = write_report([result], tmp_path, answers=[answer(**GATES)]).read_text(encoding="utf-8")
    assert "✕ do not show" in page
    assert "● passed these tests on these data" in page
    (why,) = result.scores.left_out.values()
    assert f"<td>fails (left out: {escape(why)})</td>" in page
    assert page.count("(left out: ") == 1
    # One map has one light, by the first protocol asked.
    again = replace(make_result(protocol=STORAS2025), network="a")
    both = write_report([result, again], tmp_path, answers=[answer(**GATES)]).read_text("utf-8")
    assert both.count("Which heatmaps passed these tests") == 1
    # It holds for no other network or target.
    for foreign in (answer("b", **GATES), answer("a", QT, **GATES)):
        other = write_report([result], tmp_path, answers=[foreign]).read_text(encoding="utf-8")
        assert "do not show" not in other


def test_two_answers_of_one_experiment_have_files_of_their_own(tmp_path: Path) -> None:
    page = write_report([], tmp_path, answers=[answer("a"), answer("b")])
    for network in "ab":  # and titles
        assert f"learned? · network {network}</h2>" in page.read_text(encoding="utf-8")
    assert (tmp_path / "pr-median-weights-2-methods.csv").is_file()


def judged() -> tuple[dict[str, list], pd.DataFrame]:
    """Columns of the gates, and every part they stand on."""
    columns = {"limit": [0.3] * 3} | GATES
    for gate, kept in (("weights", [0.21, None, 0.87]), ("permuted", [0.23, 0.61, 0.89])):
        shifted = [None if each is None else each + 0.02 for each in kept]
        columns |= {
            f"{gate}_kept": kept,
            f"{gate}_kept_low": kept,
            f"{gate}_kept_high": shifted,
            f"{gate}_redraws": [10, 3, 10],
            f"{gate}_p": [0.0123, None, 0.0001],
            f"{gate}_why": ["by 40 ms", "one map for every ECG", "by sample"],
        }
    stages = pd.DataFrame(
        {
            "mode": "cascade",
            "stage": [0, 1] * 3,
            "method": [name for name in METHODS for _ in range(2)],
            "kind": "method",
            "sign": "absolute",
            "value": 0.9,
            "kept": [1.0, 0.2, 1.0, 0.4, 1.0, 0.6],
            **dict.fromkeys(FLOORS, 0.1),
        }
    )
    return columns, stages


def test_the_quantity_that_decides_stands_beside_the_verdict_and_in_the_figures(
    tmp_path: Path,
) -> None:
    columns, stages = judged()
    kept = pd.DataFrame({"gate": ["weights redrawn"], "method": ["saliency"], "kept": [0.21]})
    found = replace(finding(**columns), details={"stages": stages, "kept": kept})
    page = write_report([], tmp_path, answers=[replace(answer(), finding=found)])
    text = page.read_text(encoding="utf-8")
    table = text[text.index("What the gates judge: ρ kept beyond |x|, limit 0.30") :]
    row = table[table.index('<th scope="row">Saliency</th>') :]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row[: row.index("</tr>")])
    assert cells[:5] == ["0.21", "0.21 to 0.23", "10", "0.012", "by 40 ms"]
    assert cells[-3:] == ["passes", "passes", "passes"]
    for name in ("kept", "cascade"):
        assert (tmp_path / f"pr-median-weights-{name}.png").stat().st_size > 10_000
    # Raw ρ decides nothing, and is not drawn.
    assert not (tmp_path / "pr-median-weights-estimates.png").exists()
    drawn = kept_figure(found.table, "")
    lines = (np.asarray(line.get_xdata(), float) for line in drawn.axes[0].lines)
    ends = {float(at) for line in lines for at in line}
    assert {0.21, 0.23, 0.61, 0.3} <= ends
    assert 0.13 not in ends
