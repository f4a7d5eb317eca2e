"""Study of patients: errors, answers, and whether one order of the methods predicts another."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ecglens.eval import Finding, answers_of, joined
from ecglens_reproductions.agreement import order_between, within
from ecglens_reproductions.patients import (
    answer_rows,
    class_rows,
    error_rows,
    learned_from,
    order_rows,
    patients,
)
from ecglens_reproductions.sweeps import FOLDERS, jobs_of, suites, with_folders
from scipy.stats import kendalltau

from tests.report.conftest import build, of_network

from .conftest import CLASSES

NAMES = ("saliency", "smoothgrad", "deeplift", "gradient_shap")
SECOND = {"source": "ludb", "test": 32, "fit": {"test/mae": 11.0, "test/r2": 0.4}}
MADE = build(methods=NAMES, fit={"test/mae": 5.0, "test/r2": 0.9}, external=SECOND)
REAL = build(methods=NAMES[::-1], source="ptbxl", fit={"test/mae": 8.0, "test/r2": 0.8})


def begun_with(start: str | None) -> Finding:
    """A finding on networks whose fit began with this run or file."""
    return build(methods=NAMES, source="ptbxl", shown=2, settings={"fit": {"start": start}})


def of_fold(fold: int, af: float, lbbb: float) -> Finding:
    """A finding on a network that was tested on this fold, with its AUROC of both classes."""
    split = {"by": "folds", "folds": {"column": "fold", "val": [0], "test": [fold]}}
    fit = {"test/auroc/af": af, "test/auroc/lbbb": lbbb}
    settings = {"data": {"split": split}}
    made = build(methods=NAMES, target=CLASSES, source="ptbxl", fit=fit, settings=settings)
    return of_network(made, f"{fold:016x}")


def areas(finding: Finding) -> dict[str, float]:
    """Mean area of each method."""
    return {name: float(np.mean(finding.scores["auc"][name])) for name in NAMES}


def test_the_order_on_one_kind_of_ecgs_is_compared_as_by_scipy() -> None:
    found = order_between(MADE, REAL)
    assert found is not None
    one, other = areas(MADE), areas(REAL)
    expected = kendalltau([one[name] for name in NAMES], [other[name] for name in NAMES])[0]
    assert (found.rho, found.methods) == (pytest.approx(expected), len(NAMES))
    assert -1 <= found.low <= found.rho <= found.high <= 1


def test_an_order_agrees_with_itself_and_two_methods_have_none() -> None:
    same = order_between(MADE, MADE)
    assert same is not None
    assert same.rho == pytest.approx(1)
    assert order_between(build(methods=NAMES[:2]), MADE) is None


def test_what_a_perfect_prediction_would_reach_is_the_tau_of_two_networks() -> None:
    assert np.isnan(within(MADE))
    other = of_network(build(methods=NAMES[::-1]), "fedcba9876543210")
    one, two = areas(MADE), areas(other)
    expected = kendalltau([one[name] for name in NAMES], [two[name] for name in NAMES])[0]
    assert within(joined([MADE, other])) == pytest.approx(expected)


def test_each_network_has_an_error_on_both_sets_of_ecgs() -> None:
    own, second = error_rows(MADE, 0)
    assert (own["tested_on"], own["mae"], own["r2"]) == ("test part", 5.0, 0.9)
    assert (second["tested_on"], second["mae"], second["ecgs"]) == ("ludb", 11.0, 32)
    assert np.isnan(own["auroc"])  # type: ignore[call-overload]


def test_a_network_of_several_findings_has_one_row() -> None:
    _, _, errors, _ = patients([MADE, replace(MADE, about=replace(MADE.about, question="again"))])
    assert len(errors.tables[0].numbers) == 2  # its own test part and the second data set


def test_a_method_has_the_answer_of_its_run() -> None:
    (answer,) = answers_of([REAL])
    rows = {row["method"]: row for row in answer_rows(answer)}
    assert {*NAMES} <= {*rows}
    for name in NAMES:
        assert (rows[name]["use"], rows[name]["level"]) == (
            answer.of[name].use,
            answer.of[name].level,
        )


def test_only_one_question_on_two_kinds_of_ecgs_is_compared() -> None:
    parts = patients([MADE, REAL])
    assert [len(part.tables) for part in parts] == [1, 1, 1, 0]
    assert parts[0].title == "Which maps may be used?"  # the page shows the first, folds the others
    (row,) = order_rows(MADE, REAL)
    assert (row["one"], row["other"]) == ("deepfake", "ptbxl")
    strip = replace(REAL, about=replace(REAL.about, input="rhythm"))
    assert patients([MADE, strip])[1].tables == ()
    with pytest.raises(ValueError, match="at least one finding"):
        patients([])


def test_where_nothing_was_ranked_the_errors_alone_are_shown() -> None:
    (errors,) = patients([replace(of_fold(1, 0.9, 0.8), curves=())])
    assert [each.name for each in errors.tables] == ["errors", "classes"]


def test_what_a_fit_began_with_is_said_beside_what_it_learned_from() -> None:
    assert learned_from(begun_with(None)) == "ptbxl"
    assert learned_from(begun_with("/x/runs/pretrained/../generated/4")) == "ptbxl after generated"
    assert learned_from(begun_with("mine/weights.pt")) == "ptbxl after weights"
    fresh, begun = (
        of_network(begun_with(start), key)
        for start, key in ((None, "0" * 16), ("/x/runs/pretrained/../exact/0", "f" * 16))
    )
    parts = patients([fresh, begun])
    assert [*parts[2].tables[0].numbers["learned_from"]] == ["ptbxl", "ptbxl after exact"]
    assert {*parts[0].tables[0].numbers["learned_from"]} == {"ptbxl", "ptbxl after exact"}
    ((one, other),) = parts[1].tables[0].numbers[["one", "other"]].drop_duplicates().to_numpy()
    assert (one, other) == ("ptbxl", "ptbxl after exact")
    names = [each.name for each in parts[3].drawings]
    assert len(names) == 2 == len({*names})  # a figure of each
    assert any("exact-0" in name for name in names)
    assert not any("runs" in name for name in names)  # no folder of this machine
    of_file = of_network(begun_with("/home/jane/weights.pt"), "f" * 16)
    _, drawn = patients([fresh, of_file])[3].drawings
    assert "start weights.pt" in drawn.caption
    assert "jane" not in drawn.name + drawn.caption


@pytest.mark.parametrize("start", ["weights.pt", "10-15-00", "exact/0"])
def test_starts_of_one_name_in_two_folders_are_two(start: str) -> None:
    one, two = (of_network(begun_with(f"/x/{key}/{start}"), key * 16) for key in ("a", "b"))
    parts = patients([one, two])
    assert len(parts[0].tables[0].rows) == 2
    drawn = [each.caption for each in parts[3].drawings]
    assert [f"start {start}" in drawn[0], f"start 2/{start}" in drawn[1]] == [True, True]
    again = of_network(begun_with(f"/x/y/../a/{start}"), "c" * 16)
    assert len(patients([one, again])[3].drawings) == 1  # one folder, spelled in two ways


def test_networks_that_differ_in_their_seed_have_one_answer() -> None:
    seeds = [of_network(begun_with(None), key * 16) for key in ("a", "b")]
    (answer,) = patients(seeds)[0].tables[0].numbers["networks"].unique()
    assert answer == 2


def test_a_class_has_the_mean_over_folds_with_the_interval_of_t() -> None:
    af, nan = (0.9, 0.96, 0.99), float("nan")
    folds = [of_fold(1, af[0], 0.8), of_fold(2, af[1], nan), of_fold(3, af[2], nan)]
    again = replace(folds[0], about=replace(folds[0].about, question="another"))
    one, two, three = class_rows([*folds, again])
    assert (one["class"], one["networks"], one["test_parts"]) == ("af", 3, 3)
    mean, half = np.mean(af), 4.302652729911275 * np.std(af, ddof=1) / 3**0.5  # t, 2 df
    assert one["auroc"] == pytest.approx(mean)
    assert (one["low"], one["high"]) == (pytest.approx(mean - half), 1.0)  # no AUROC is above 1
    assert mean + half > 1
    assert (two["class"], two["test_parts"], two["auroc"]) == ("lbbb", 1, pytest.approx(0.8))
    assert np.isnan([two["low"], three["auroc"]]).all()  # type: ignore[list-item]
    errors, classes = patients(folds)[2].tables
    assert (errors.name, classes.name) == ("errors", "classes")
    assert classes.rows[1][-1] == "0.80"  # without an interval


def test_networks_of_one_test_part_have_no_interval() -> None:
    other = of_network(of_fold(1, 0.8, 0.7), "fedcba9876543210")
    row = next(iter(class_rows([of_fold(1, 0.9, 0.7), other])))
    assert (row["networks"], row["test_parts"], row["auroc"]) == (2, 1, pytest.approx(0.85))
    assert np.isnan([row["low"], row["high"]]).all()  # type: ignore[list-item]


@pytest.mark.parametrize("scale", ["overnight", "full"])
def test_a_fit_begins_with_the_network_of_the_same_target(scale, tmp_path) -> None:
    sweeps, left_out = with_folders(suites()["patients"][scale], dict.fromkeys(FOLDERS, tmp_path))
    assert not left_out
    jobs = jobs_of(tmp_path, sweeps)
    begun = {
        folder: start for folder, words in jobs.items() for start in words if "fit.start" in start
    }
    assert begun
    for folder, start in begun.items():
        path = start.partition("=")[2].strip("'").replace("${hydra:sweep.dir}", str(folder.parent))
        other = Path(path.replace("${hydra:job.num}", folder.name)).resolve()
        target, before = (
            [word for word in jobs[each] if word.startswith("target=")] for each in (folder, other)
        )
        assert target == before
        assert [*jobs].index(other) < [*jobs].index(folder)
