"""Plans beside closed forms, of a run with the null ladder, and refusals."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.datamodules import Batch, Target
from ecglens.ecg import R_PEAK
from ecglens.eval import (
    DEFAULT,
    GAINS,
    MOST_KEPT,
    Finding,
    Networks,
    Perturbation,
    Protocol,
    Subject,
    answers_of,
    save_finding,
)
from ecglens.eval.evaluations.return_test import ReturnTest
from ecglens.explain import find_all
from ecglens.report import write_report
from ecglens_plan import Comparisons, Pilot, comparisons_of, plan
from ecglens_plan.command import lines
from scipy import stats

from tests.eval.evaluations.sanity.networks import made_subject
from tests.eval.networks import Window, exact_ecgs
from tests.report.conftest import build, with_rungs
from tests.report.findings import of_weights

OWN = Protocol(unit="point", fill="noise", draws=3)
NOISE = Protocol(name="noise_10", unit="point", fill="noise", noise=0.1)
PATIENTS, SD, GAIN = 2000, 3.0, 0.2  # so many that the variance is known


def comparisons(difference: np.ndarray, methods: int = 1, within: float = 0.0) -> Comparisons:
    tests = len(difference)
    own = np.full(difference.shape, 5.0)  # the gain is 1
    names = tuple(map(str, range(tests)))
    return Comparisons("m", names, own, difference, np.full(tests, within), (2,) * tests, methods)


def normal(tests: int) -> np.ndarray:
    return SD * np.random.default_rng(0).normal(size=(tests, PATIENTS))


def closed_form(ecgs: int, methods: int) -> float:
    """Power of Student's t of a mean of 1 with SD 3 (noncentral t)."""
    least = stats.t.isf(0.025 / methods, ecgs - 1)
    return float(stats.nct.sf(least, ecgs - 1, np.sqrt(ecgs) / SD))


@pytest.mark.parametrize("methods", [1, 8])
@pytest.mark.parametrize("ecgs", [20, 60, 150])
def test_power_of_one_test_is_that_of_students_t(ecgs, methods):
    pilot = Pilot(comparisons(normal(1), methods), GAIN)
    assert pilot.power(ecgs) == pytest.approx(closed_form(ecgs, methods), abs=0.03)


def test_the_plan_has_the_power_asked_for():
    ecgs = Pilot(comparisons(normal(1)), GAIN).ecgs(0.9)
    assert ecgs is not None
    assert closed_form(ecgs, 1) == pytest.approx(0.9, abs=0.02)


def test_tests_that_vary_alike_are_one_and_others_multiply():
    one, other = normal(2)
    alone, alike = (Pilot(comparisons(np.stack(each)), GAIN) for each in ([one], [one, one]))
    apart = Pilot(comparisons(np.stack([one, other])), GAIN)
    assert alike.power(80) == pytest.approx(alone.power(80), abs=0.01)
    assert apart.power(80) == pytest.approx(alone.power(80) ** 2, abs=0.02)


def test_twice_the_draws_halve_the_ecgs_where_draws_are_all_that_varies():
    values = normal(1)
    pilot = Pilot(comparisons(values, within=2 * float(values.var(ddof=1))), GAIN)
    once, twice = pilot.ecgs(0.9), pilot.ecgs(0.9, draws=2)
    assert once is not None
    assert twice == pytest.approx(once / 2, abs=2)


def test_a_run_of_few_ecgs_is_planned_with_more():
    values = normal(1)
    many = Pilot(comparisons(values), GAIN).ecgs(0.9)
    few = [
        Pilot(comparisons(values[:, place : place + 12]), GAIN).ecgs(0.9)
        for place in range(0, 240, 12)
    ]
    assert many is not None
    assert np.mean([each for each in few if each is not None]) > many


def test_a_map_that_moves_nothing_is_never_shown():
    none = comparisons(normal(1))
    none.own[:] = -1.0
    assert Pilot(none, GAIN).ecgs(0.9) is None


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with one ranking of a network set by hand."""
    folder = tmp_path_factory.mktemp("run")
    save_finding(ranking([str(number) for number in range(10)]), folder / "findings" / "default")
    return folder


def ranking(names: list[str], patients: Sequence[str] = (), protocol: Protocol = OWN) -> Finding:
    """Ranking of two methods on a network set by hand."""
    torch.manual_seed(0)
    layers = (torch.nn.Flatten(), torch.nn.Linear(12 * 60, 1))
    x = 100 * torch.randn(len(names), 12, 60)
    marks = torch.zeros(len(names), 60, dtype=torch.int8)
    marks[:, 30] = R_PEAK
    ecgs = Batch(x, torch.full((len(names), 1), torch.nan), marks, names)
    methods = find_all(["saliency", "input_x_gradient"])
    subject = Subject(ecgs, methods, patients=patients, progress=False)
    nets = Networks([torch.nn.Sequential(*layers).eval()])
    return Perturbation(**vars(protocol))(nets, subject)


def patients_for(tests: Comparisons, gain: float, power: float) -> int:
    found = Pilot(replace(tests, ecgs_per_patient=1.0), gain).ecgs(power)
    assert found is not None
    return found


def test_a_plan_counts_every_ecg_of_its_patients():
    names = [str(number) for number in range(24)]
    finding = ranking(names, [f"patient {number // 2}" for number in range(24)])
    (one, _) = comparisons_of([finding], "other patients")
    row = plan([finding], "other patients", 0.3, 0.8).query("method == @one.method").iloc[0]
    assert (row["ecgs_now"], row["patients_now"]) == (24, 12)
    assert row["ecgs"] == 2 * patients_for(one, 0.3, 0.8)
    (answer,) = answers_of([finding])
    found = {each.about: each for each in answer.claims[one.method]}["other patients"]
    assert found.ecgs[1] == 2 * patients_for(one, GAINS[1], 0.9)
    (said, *_) = lines(plan([finding], "other patients"), 0.9, None)
    assert said.endswith("with the run's 24 ECGs of 12 patients")


def test_protocols_of_other_ecgs_are_planned_from_the_patients_of_both():
    names = [str(number) for number in range(12)]
    both = [ranking(names, protocol=DEFAULT), ranking(names[2:], protocol=NOISE)]
    every = [one.own.shape[1] for one in comparisons_of(both, "other patients")]
    assert every == [10, 10]
    others = [both[0], ranking([f"z{name}" for name in names], protocol=NOISE)]
    with pytest.raises(ValueError, match=r"6 patients or more .* in common, got 0"):
        plan(others, "other patients")


@pytest.mark.heavy
def test_runs_of_a_network_each_are_planned_as_one(tmp_path):
    subject = made_subject(tmp_path, ("input_x_gradient",), ecgs=exact_ecgs(12))
    nets = [Window().eval(), Window().eval()]
    nets[1].weights.data[:, 240:290] = 0.1
    runs = [ReturnTest()(Networks([net]), subject) for net in nets]
    rows = [plan([run], "this ECG").iloc[0] for run in runs]
    (together,) = plan(runs, "this ECG").to_dict("records")
    assert together["networks"] == 2
    assert together["power_now"] == min(row["power_now"] for row in rows)
    assert together["ecgs"] == max(row["ecgs"] for row in rows)


@pytest.mark.parametrize("detect", ["this ECG", "network"])
def test_a_gain_that_no_map_can_have_is_refused(detect):
    with pytest.raises(ValueError, match=f"expected a gain below 70% to plan '{detect}'"):
        plan([of_weights()], detect, 0.7)


def test_a_gate_needs_more_ecgs_for_a_smaller_gain():
    weights = of_weights()
    small, large = (plan([weights], "network", gain) for gain in (0.1, 0.3))
    assert (small["ecgs"] >= large["ecgs"]).all()
    assert (small["power_now"] <= large["power_now"]).all()


def said(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecglens", "plan", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_plan_of_a_run_has_a_row_per_method_and_multiple_of_draws(run):
    from ecglens.jobs import findings_in

    table = plan(findings_in(run, trust=True), "other patients")
    assert set(table["method"]) == {"saliency", "input_x_gradient"}
    assert set(table["draws"]) == {1, 2, 4}
    needed = table.pivot(index="method", columns="draws", values="ecgs")
    assert (needed[1].fillna(np.inf) >= needed[4].fillna(np.inf)).all()
    assert needed.notna().to_numpy().any()
    with pytest.raises(ValueError, match="redrawn weights"):
        plan(findings_in(run, trust=True), "network")
    with pytest.raises(ValueError, match="with the return test to plan 'this ECG'"):
        plan(findings_in(run, trust=True), "this ECG")


@pytest.mark.heavy
def test_a_plan_of_the_return_test_has_the_comparisons_that_it_makes(tmp_path):
    subject = made_subject(tmp_path, ("input_x_gradient",), ecgs=exact_ecgs(12))
    finding = ReturnTest()(Networks([Window().eval()]), subject)
    tested = finding.details["shown"].set_index(["method", "typical"])
    (one,) = comparisons_of([finding], "this ECG")
    assert one.own.shape == (8, 12)  # four nulls of each typical ECG
    own, apart = one.own.mean(1), one.difference.mean(1)
    for name, returned, beyond in zip(one.names, own, apart, strict=True):
        null, typical, _ = name.split(", ")
        row = tested.loc[("input_x_gradient", typical)]
        assert returned == pytest.approx(row["returned"])
        assert beyond == pytest.approx((MOST_KEPT - row[null]) * row["returned"], abs=1e-9)
    save_finding(finding, tmp_path / "findings" / "return_test")
    found = said("--from", tmp_path, "--trust")
    assert found.returncode == 0, found.stderr
    assert "input_x_gradient, return test: a gain of 20% has power" in found.stdout


@pytest.mark.heavy
def test_the_command_prints_the_plan_and_refuses_in_a_line(run):
    found = said("--from", run, "--detect", "other patients", "--no-cost", "--trust")
    assert found.returncode == 0, found.stderr
    assert "saliency, ladder: a gain of 20% has power" in found.stdout
    assert "power 0.9 needs" in found.stdout
    wrong = said("--from", run, "--gain", "2", "--no-cost", "--trust")
    assert wrong.returncode == 2
    assert "expected a gain between 0 and 1, got 2.0" in wrong.stderr


@pytest.mark.heavy
def test_a_run_of_two_targets_and_an_empty_folder_are_one_line(run, tmp_path):
    """Its two networks would be planned as one."""
    empty = said("--from", tmp_path)
    assert (empty.returncode, "of one target, got no finding" in empty.stderr) == (2, True)
    shutil.copytree(run / "findings", tmp_path / "0" / "findings")
    own = ranking([str(number) for number in range(10)])
    other = replace(own, about=replace(own.about, target=Target("qrs", "ms", "qrs")))
    save_finding(other, tmp_path / "1" / "findings" / "default")
    two = said("--from", tmp_path, "--no-cost", "--trust")
    assert (two.returncode, "give the folder of one job" in two.stderr) == (2, True), two.stderr


def test_a_claim_has_the_ecgs_of_the_plan_and_the_page_its_command(tmp_path):
    finding = not_shown("saliency")
    (answer,) = answers_of([finding])
    found = {each.about: each for each in answer.claims["saliency"]}["other patients"]
    assert found.verdict == "not shown"
    page = write_report([finding], tmp_path).read_text("utf-8")
    for gain, ecgs, power in zip(GAINS, found.ecgs, found.powers, strict=True):
        (row,) = plan([finding], "other patients", gain).query("draws == 1").to_dict("records")
        assert (ecgs, power) == (row["ecgs"], row["power_now"])
        assert f'<td class="number">{ecgs:.0f}</td>' in page
    assert "ecglens plan --from RUN --detect &#39;other patients&#39;" in page
    kept = pd.read_csv(tmp_path / "claims.csv").set_index(["method", "about"])
    assert kept.loc[("saliency", "other patients"), "ecgs_0.2"] == found.ecgs[1]


def not_shown(method: str) -> Finding:
    """A map above random numbers where the target is, with maps of other patients as good."""
    made = build(methods=(method,))
    own = made.curves[0].predictions[method]
    random = np.random.default_rng(1)
    other = own + (own - own[..., :1]) * random.normal(0, 0.3, (*own.shape[:2], 1))
    return with_rungs(made, own[..., :1] + 0.1 * (own - own[..., :1]), **{method: other})
