"""Numbers from curves to a ranking or a score change only with the version of their step."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.eval import DEFAULT, STORAS2025, Protocol, rank
from ecglens.eval.curves import AREA
from ecglens.eval.ranking import areas
from ecglens.eval.ranking.outcome import read
from ecglens.eval.ranking.ranking import RANKING
from ecglens.store import Step
from ecglens_metrics.degradation import DEGRADATION_SCORES, scored

from .networks import made_curves

FILE = Path(__file__).with_name("golden_area.json")
GOLDEN = json.loads(FILE.read_text("utf-8"))
CURVE = np.array(GOLDEN["curve"])  # draw, ECG, point
Y = np.array(GOLDEN["y"])  # ms
RULES = (DEFAULT, STORAS2025, Protocol("logit", outcome="logit"), Protocol("lerf", order="lerf"))
NUMBERS = (
    *("value", "low", "high", "difference", "p", "p_controls", "level", "held", "superiority"),
    *("p_best", "first", "place_low", "place_high", "equivalent"),
)
RUNGS = ("auc", "low", "high", "own", "difference", "difference_low", "difference_high")


def found_areas() -> list[float]:
    """Areas up to the third step, by outcome and order."""
    found = [areas(read(rules, CURVE, Y), until=3) for rules in RULES]
    return np.concatenate([each.ravel() for each in found]).tolist()


def found_ranking() -> list[float]:
    """Table, answer and null ladder for curves of three methods with the stored areas."""
    curves = made_curves({name: np.array(each) for name, each in GOLDEN["aucs"].items()}, DEFAULT)
    # Curves of the rungs that are no controls have the shape of those of a method.
    rungs = made_curves({name: np.array(each) for name, each in GOLDEN["rungs"].items()}, DEFAULT)
    found = rank(
        replace(curves, references=rungs.predictions, grains=dict.fromkeys(curves.methods, "point"))
    )
    frames = [
        found.table[[*NUMBERS]],
        found.table["method"].isin([found.best]).to_frame(),
        found.table["method"].isin(found.tied).to_frame(),
        found.ladder.rungs[[*RUNGS]],
        found.ladder.levels[["p", "above", "reached"]],
    ]
    numbers = [frame.astype(float).to_numpy().ravel() for frame in frames]
    return np.concatenate(numbers).tolist()


def found_degradation() -> list[float]:
    """Scores of three ECGs, of an output in ms and of a probability."""
    golden = {name: np.array(each) for name, each in GOLDEN["taken"].items()}
    found = [scored(golden, probability) for probability in (False, True)]
    return np.concatenate([each for by in found for each in by.values()]).tolist()


def check(step: Step, constant: str, found: Sequence[float], golden: dict[str, Any]) -> None:
    if step.version == golden["version"]:
        assert found == pytest.approx(golden["values"], rel=1e-6, abs=1e-9, nan_ok=True), (
            f"other numbers of {step.name}: raise the version of {constant}, and write the new "
            f"numbers into {FILE.name}"
        )
    else:
        new = json.dumps({"version": step.version, "values": found})
        pytest.fail(f"write into {FILE.name} as {step.name}: {new}")


def test_areas_change_only_with_their_version() -> None:
    check(AREA, "AREA in eval/curves.py", found_areas(), GOLDEN[AREA.name])


def test_a_ranking_changes_only_with_its_version() -> None:
    check(RANKING, "RANKING in eval/ranking/ranking.py", found_ranking(), GOLDEN[RANKING.name])


def test_degradation_scores_change_only_with_their_version() -> None:
    constant = "DEGRADATION_SCORES in eval/evaluations/degradation.py"
    golden = GOLDEN[DEGRADATION_SCORES.name]
    check(DEGRADATION_SCORES, constant, found_degradation(), golden)


@pytest.mark.parametrize(
    ("step", "find"),
    [(AREA, found_areas), (RANKING, found_ranking), (DEGRADATION_SCORES, found_degradation)],
)
def test_other_numbers_of_the_same_version_are_refused(
    step: Step, find: Callable[[], list[float]]
) -> None:
    found = find()
    with pytest.raises(AssertionError, match="raise the version of"):
        check(step, "it", [value + 1e-3 for value in found], GOLDEN[step.name])
