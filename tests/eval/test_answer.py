"""Where it is decided that a heatmap may be used: the rule, gate by gate."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import (
    DEFAULT,
    GATES,
    LADDER_GATE,
    LINTER_GATE,
    POINTS,
    USES,
    About,
    Answer,
    Curves,
    Finding,
    NotApplicable,
    Protocol,
    answers_of,
    finding_of,
    not_applicable,
    same_data,
)
from ecglens.eval.answer.reading import reading
from ecglens.eval.curves import prior_key
from ecglens.eval.evaluations.sanity import RHO
from ecglens.eval.evaluations.sanity.gates import rho_table

from .networks import made_curves
from .test_finding_files import about

ECGS = 40
PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"))
BARE = Target("output 0", "", "output 0")
WEIGHTS, MOVED, LABELS = GATES.values()
TRAINED = {"settings": {"target": "pr", "fit": {"epochs": 8}}, "test": ECGS}
VERDICTS = ("passes", "fails", "cannot be said", "not judged")
NOISE_10 = replace(POINTS, name="noise_10", noise=0.1)


@cache
def curves(protocol: Protocol = DEFAULT, prior: float | None = 2.0, **sizes: float) -> Curves:
    """A network that reads every label; areas of methods and controls, and of the target prior."""
    random = np.random.default_rng(0)
    controls = {"random": 1.0, "abs_x": 1.0, "abs_dx": 1.0}
    aucs = {name: size + 0.01 * random.random(ECGS) for name, size in (sizes | controls).items()}
    made = made_curves(aucs, protocol)
    y = random.normal(160, 20, ECGS)
    found = {name: curve + y[:, None] for name, curve in made.predictions.items()}
    rung = (
        {}
        if prior is None
        else {prior_key("point"): y[:, None] + prior * (found["random"] - y[:, None])}
    )
    return replace(
        made, y=y, predictions=found, references=rung, grains=dict.fromkeys(sizes, "point")
    )


def ranked(*each: Curves, target: Target = PR, **facts: object) -> Finding:
    """A ranking on one network or several."""
    networks = tuple(f"n{number}" for number in range(len(each)))
    return finding_of(
        each, replace(_about(each[0], target), networks=networks, data=TRAINED | facts, fits=())
    )


def _about(one: Curves, target: Target) -> About:
    return about(one, target=target)


def weights(
    target: Target = PR, labels: str = "passes", ecgs: int = ECGS, **verdicts: str
) -> Finding:
    """A finding of redrawn weights and permuted labels."""
    rho = dict.fromkeys(("value", "low", "high", "other_ecg", "centred", "permuted", "abs_x"), 0.1)
    rows = [
        {"method": name, "kind": "method", **rho, "verdict": each, "redrawn_verdict": each,
         "labels_verdict": labels}
        for name, each in verdicts.items()
    ]  # fmt: skip
    numbers = {name: np.full((1, 1, ecgs), 0.1) for name in verdicts}
    table = rho_table(pd.DataFrame(rows), {})
    on = about(curves(), target=target, networks=("n0",), evaluation="weights")
    on = replace(on, records=on.records[:ecgs], patients=on.patients[:ecgs])
    return Finding(on, measures=(RHO,), scores={RHO.name: numbers}, table=table)


def answer(*findings: Finding) -> Answer:
    (found,) = answers_of(findings)
    return found


def uses(*findings: Finding) -> Mapping[str, str]:
    return {each.name: each.use for each in answer(*findings).methods}


def test_a_method_that_passed_everything_is_to_be_used_and_no_other() -> None:
    finding = ranked(curves(good=9.0, fair=5.0, low=1.5, poor=0.5))
    found = answer(finding, weights(good="passes", fair="fails", low="passes", poor="passes"))
    assert (found.use, found.best) == (("good",), "good")
    # `low` is below the target prior, surely; `poor` below every control.
    assert found.do_not_use == ("fair", "low", "poor")
    assert found.reads.verdict == "reads"
    assert found.of["good"].gates == {
        LINTER_GATE: "passes", LADDER_GATE: "passes", WEIGHTS: "passes", LABELS: "passes",
    }  # fmt: skip
    assert (found.of["good"].level, found.of["good"].unbeaten) == (2, None)
    unbeaten = found.of["low"].unbeaten
    assert unbeaten is not None
    assert unbeaten.rung == "target_prior"
    assert unbeaten.low <= unbeaten.difference <= unbeaten.high < 0


def test_the_null_that_is_named_is_one_that_the_map_is_not_above() -> None:
    # By points one ECG of 40 carries the whole area, so that nothing is shown; by noise the map is
    # surely above the prior, by a smaller number.
    even = curves(low=9.0)
    y = even.y[:, None]
    few = np.where(np.arange(ECGS) < 1, 100.0, 0.0)[:, None]
    uneven = {**even.predictions, "low": y + few * (even.predictions["low"] - y)}
    found = answer(ranked(replace(even, predictions=uneven)), ranked(curves(NOISE_10, low=2.5))).of[
        "low"
    ]
    assert found.unbeaten is not None
    assert found.unbeaten.low < 0 < found.unbeaten.difference


@pytest.mark.parametrize(
    ("redrawn", "labels", "use"),
    [
        (redrawn, labels, "do not use" if "fails" in (redrawn, labels) else "not shown")
        for redrawn, labels in product(VERDICTS, repeat=2)
        if {redrawn, labels} != {"passes"}
    ],
)  # fmt: skip
def test_one_gate_that_is_not_passed_is_enough(redrawn: str, labels: str, use: str) -> None:
    assert uses(ranked(curves(good=9.0)), weights(labels=labels, good=redrawn))["good"] == use


def test_what_fails_in_one_finding_or_one_network_fails() -> None:
    finding = ranked(curves(good=9.0, poor=9.0))
    found = answer(finding, weights(good="passes"), weights(good="fails"))
    assert found.of["good"].gates[WEIGHTS] == "fails"
    assert found.of["poor"].gates[WEIGHTS] == "not judged"
    right = curves(good=9.0, poor=5.0)
    kept = {name: curve for name, curve in right.predictions.items() if name != "good"}
    wrong = replace(right, predictions=kept, left_out={"good": "why"})
    for each in ([right, wrong], [wrong, right]):
        found = answer(ranked(*each))
        assert {*found.of} == {"good", "poor"}
        gates = found.of["good"].gates
        assert (gates[LINTER_GATE], gates[LADDER_GATE]) == ("fails", "not judged")
        assert found.of["good"].use == "do not use"


@pytest.mark.parametrize("small", ["cannot be said", "fails"])
def test_of_two_tests_of_one_gate_that_on_more_ecgs_decides(small: str) -> None:
    tests = [weights(good=small, ecgs=16), weights(good="passes")]
    for each in (tests, tests[::-1]):
        found = answer(ranked(curves(good=9.0)), *each)
        assert found.of["good"].gates[WEIGHTS] == "passes"
        assert found.use == ("good",)


def test_a_larger_test_that_did_not_judge_a_gate_decides_nothing() -> None:
    for labels, use in (("passes", "use"), ("fails", "do not use")):
        small = weights(good="passes", labels=labels, ecgs=16)
        larger = weights(good="passes", labels="not judged")
        assert uses(ranked(curves(good=9.0)), small, larger)["good"] == use


def test_a_test_on_two_networks_counts_for_each_of_them() -> None:
    both = weights(good="passes")
    both = replace(both, about=replace(both.about, networks=("n0", "n1")))
    one = weights(good="cannot be said", ecgs=16)
    assert answer(ranked(curves(good=9.0)), both, one).of["good"].gates[WEIGHTS] == "passes"


@pytest.mark.parametrize("unit", [1.0, 0.1, 1000.0])
def test_whether_rare_grades_are_read_does_not_depend_on_their_unit(unit: float) -> None:
    """A draw without the rare grade has no R²: its labels differ by rounding alone."""
    random = np.random.default_rng(1)
    grades = 3 + np.repeat([1.0, 0.0], [2, ECGS - 2])
    y, read = grades * unit, (grades + random.normal(0, 0.05, ECGS)) * unit
    part = part_and_curves(y.astype(np.float32), read.astype(np.float32), explained=ECGS)
    found = reading([part], "regression")
    assert (found.verdict, found.low > 0.5) == ("reads", True)


def test_a_method_has_to_reach_its_level_on_each_network_and_not_in_their_mean() -> None:
    strong, weak = curves(good=90.0, other=50.0), curves(good=1.5, other=50.0)
    tests = weights(good="passes", other="passes")
    found = answer(ranked(strong, weak), tests)
    assert found.of["good"].use == "do not use"
    assert found.use == ("other",)
    both = answer(ranked(strong, strong), tests)
    assert both.use == ("good", "other")
    assert both.judged is not None
    assert (both.networks, both.judged.tried_on) == (("n0", "n1"), {"n0"})


def test_both_protocols_have_to_agree() -> None:
    tests = weights(good="passes", other="passes")
    one, both = ranked(curves(good=9.0, other=5.0)), ranked(curves(NOISE_10, good=1.5, other=5.0))
    assert answer(one, tests).use == ("good", "other")
    found = answer(one, both, tests)
    assert (found.use, found.protocols) == (("other",), ("default", "noise_10"))


def test_a_protocol_of_another_fill_or_length_decides_nothing_whatever_its_name() -> None:
    tests = weights(good="passes", other="passes")
    noise = ranked(curves(NOISE_10, good=9.0, other=5.0))
    for changed in ({"fill": "zero", "draws": 1}, {"until": 12}, {"unit": "point"}):
        other = ranked(curves(replace(DEFAULT, **changed), good=1.5, other=5.0))
        for order in ([other, noise], [noise, other]):
            found = answer(*order, tests)
            assert (found.use, found.protocols) == (("good", "other"), ("noise_10",))
    # More draws make it surer; more steps, noise without noise, and an oracle change no area.
    for same in ({"draws": 10}, {"steps": 30}, {"noise": 0.1}, {"oracle": 4}, {"ladder": 3}):
        one = ranked(curves(replace(DEFAULT, **same), good=1.5, other=5.0))
        assert answer(one, noise, tests).protocols == ("default", "noise_10")


def test_few_ecgs_cannot_fail_a_method_whose_mean_is_above_every_control() -> None:
    random = np.random.default_rng(0)
    controls = {"random": 10.0, "abs_x": 11.0, "abs_dx": 10.5}
    means = {"sure": 20.0, "above": 11.4, "level": 10.9, "below": 5.0, **controls}
    aucs = {name: mean + random.normal(0, 1, 400) for name, mean in means.items()}

    def verdicts(ecgs: int) -> Mapping[str, str]:
        one = made_curves({name: auc[:ecgs] for name, auc in aucs.items()}, DEFAULT)
        found = answer(finding_of((one,), about(one)))
        return {each.name: each.gates[LADDER_GATE] for each in found.methods}

    few, many = verdicts(12), verdicts(400)
    assert (few["sure"], few["above"], few["below"]) == ("passes", "cannot be said", "fails")
    assert many == {"sure": "passes", "above": "passes", "level": "fails", "below": "fails"}


def test_a_network_that_does_not_read_its_target_has_no_map_to_use() -> None:
    constant = curves(good=9.0)
    constant = replace(constant, y=constant.y[::-1].copy())
    found = answer(ranked(constant), weights(good="passes"))
    assert found.reads.verdict == "does not read"
    assert found.reads.low <= found.reads.value <= found.reads.high
    assert found.reads.low < found.reads.limit
    assert (found.best, found.not_shown, found.next) == (None, ("good",), "training")
    # What failed a gate is still not to be used.
    assert answer(ranked(constant), weights(good="fails")).do_not_use == ("good",)


def test_maps_that_move_the_prediction_by_less_than_a_share_of_the_error_are_not_used() -> None:
    one = curves(good=9.0)
    moved = np.abs(one.predictions["good"] - one.y[:, None])[..., : DEFAULT.until + 1].mean()
    random = np.random.default_rng(0).normal(0, 1, ECGS)
    for share, verdict in ((0.05, "does not read"), (0.5, "reads")):
        # Labels off by this error; they spread enough for a high R² all the same.
        y = 1e4 * one.y + moved / share * np.sign(random)
        made = replace(one, y=y, predictions={
            name: curve + (1e4 - 1) * one.y[:, None] for name, curve in one.predictions.items()
        })  # fmt: skip
        reads = answer(ranked(made)).reads
        assert reads.low > 0.9
        assert reads.verdict == verdict
        assert reads.moved == pytest.approx(share, rel=0.1)


def test_one_of_several_networks_that_does_not_read_is_enough() -> None:
    good = curves(good=9.0)
    shuffled = {n: c - good.y[:, None] + good.y[::-1, None] for n, c in good.predictions.items()}
    blind = replace(good, predictions=shuffled)
    assert answer(ranked(good, good)).reads.verdict == "reads"
    assert answer(ranked(good, blind)).reads.verdict == "does not read"


def test_without_labels_reading_is_not_tested_and_blocks_nothing() -> None:
    blank = curves(good=9.0)
    blank = replace(blank, y=np.full(ECGS, np.nan))
    found = answer(ranked(blank), weights(good="passes"))
    assert found.reads.verdict == "not tested"
    assert found.use == ("good",)


@pytest.mark.parametrize(("shift", "verdict"), [(3.0, "reads"), (0.0, "does not read")])
def test_a_class_is_read_by_its_auroc(shift: float, verdict: str) -> None:
    ill = Target("af", "logit", "af", kind="binary")
    random, one = np.random.default_rng(1), curves(good=9.0, prior=None)
    y = (np.arange(ECGS) % 2).astype(float)
    logit = random.normal(0, 1, ECGS) + shift * y
    read = {
        name: curve - one.y[:, None] + logit[:, None] for name, curve in one.predictions.items()
    }
    reads = answer(ranked(replace(one, y=y, predictions=read), target=ill)).reads
    pairs = logit[y == 1][:, None] - logit[y == 0]
    assert reads.value == pytest.approx((pairs > 0).mean())
    assert (reads.metric, reads.limit, reads.verdict) == ("auroc", 0.6, verdict)
    rare = (np.arange(ECGS) == 0).astype(float)  # one patient has it: no AUROC, and labels
    reads = answer(ranked(replace(one, y=rare, predictions=read), target=ill)).reads
    assert (reads.verdict, reads.limit, reads.ecgs) == ("not tested", 0.6, ECGS)


TEST_PART = 223


def part_and_curves(y: np.ndarray, read: np.ndarray, explained: int = 64) -> Curves:
    """A network that read the whole test part, of which the first ECGs are explained."""
    aucs = {"good": 900.0, "random": 100.0, "abs_x": 100.0, "abs_dx": 100.0}
    jitter = 1 + 0.01 * np.random.default_rng(3).random(explained)
    made = made_curves({name: auc * jitter for name, auc in aucs.items()}, DEFAULT)
    found = {name: each + read[:explained, None] for name, each in made.predictions.items()}
    prior = 2 * found["random"] - read[:explained, None]
    return replace(
        made, y=y[:explained], predictions=found, references={prior_key("point"): prior},
        grains={"good": "point"},
        test_part={"y": y, "read": read, "patient": np.arange(len(y))},
    )  # fmt: skip


def r2(y: np.ndarray, read: np.ndarray) -> float:
    return 1 - ((read - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def t_waves(error: float = 40.0) -> tuple[np.ndarray, np.ndarray]:
    """Amplitudes of T in µV, of an SD of 200, and readings with this SD around them."""
    random = np.random.default_rng(0)
    y = random.normal(170, 200, TEST_PART)
    return y, y + random.normal(0, error, TEST_PART)


def test_one_misread_ecg_of_those_explained_does_not_decide_that_a_network_does_not_read() -> None:
    y, read = t_waves()
    y[5], read[5] = 168.0, -700.0  # a deep, paced S wave, read as T
    whole = part_and_curves(y, read)
    alone = answer(ranked(replace(whole, test_part={})), weights(good="passes")).reads
    assert (alone.verdict, alone.ecgs, alone.test_part) == ("does not read", 64, False)
    found = answer(ranked(whole, test=TEST_PART), weights(good="passes"))
    reads = found.reads
    assert (reads.verdict, reads.ecgs, reads.test_part) == ("reads", TEST_PART, True)
    assert found.use == ("good",)
    assert reads.value == pytest.approx(r2(y, read))
    assert reads.explained is not None
    assert reads.explained.value == pytest.approx(r2(y[:64], read[:64]))
    assert (reads.explained.low, reads.explained.high) == (alone.low, alone.high)
    assert reads.explained.worst == ("5", -700.0, 168.0)
    # The error is that of the ECGs that decide, too; the change is that of the curves.
    moved = alone.moved * np.abs(read - y)[:64].mean()
    assert reads.moved == pytest.approx(moved / np.abs(read - y).mean())
    assert reads.moved > alone.moved
    # One of several networks that the explained ECGs do not show to read is told as well.
    right = np.where(np.arange(TEST_PART) == 5, y, read)
    both = answer(ranked(part_and_curves(y, right), whole)).reads
    assert both.verdict == "reads"
    assert both.explained == reads.explained
    # Where one network does not read anyway, the explained ECGs decide nothing otherwise.
    wrong = np.random.default_rng(1).permutation(y)
    neither = answer(ranked(part_and_curves(y, wrong), whole)).reads
    assert (neither.verdict, neither.explained) == ("does not read", None)


def test_an_error_of_few_ecgs_does_not_hide_what_maps_move() -> None:
    y = 100 * t_waves()[0]
    read = y.copy()
    read[5] += 64e3  # a mean absolute error of 1000 on those explained; maps move 62
    whole = part_and_curves(y, read)
    alone = answer(ranked(replace(whole, test_part={}))).reads
    assert (alone.verdict, alone.low > alone.limit) == ("does not read", True)
    reads = answer(ranked(whole)).reads
    assert (reads.verdict, reads.moved > 0.1 > alone.moved) == ("reads", True)
    assert reads.explained is None  # their R² is high enough


@pytest.mark.parametrize("explained", [True, False])
def test_a_network_that_reads_the_explained_ecgs_alone_does_not_read(explained: bool) -> None:
    y, read = t_waves()
    wrong = slice(64 if explained else 0, None)
    read[wrong] = np.random.default_rng(1).permutation(read[wrong])
    found = answer(ranked(part_and_curves(y, read), test=TEST_PART), weights(good="passes"))
    reads = found.reads
    assert (reads.verdict, reads.ecgs, found.use) == ("does not read", TEST_PART, ())
    assert (reads.explained is not None) == explained
    assert reads.explained is None or reads.explained.verdict == "reads"


def test_a_whole_test_part_that_does_not_decide_needs_training_and_no_more_ecgs() -> None:
    y, _ = t_waves()
    read = (y + y.mean()) / 2 + np.random.default_rng(4).normal(0, 155, TEST_PART)
    whole = part_and_curves(y, read)
    few = answer(ranked(replace(whole, test_part={}), test=TEST_PART))
    assert (few.reads.undecided, few.next) == (True, "ecgs")
    found = answer(ranked(whole, test=TEST_PART))
    assert (found.reads.undecided, found.next) == (True, "training")


@pytest.mark.parametrize(("train", "longer"), [(9600, 16), (320, 30), (33, 150)])
def test_a_longer_fit_has_twice_the_epochs_or_as_many_as_the_fit_named(
    train: int, longer: int
) -> None:
    settings = {"target": "pr", "fit": {"epochs": 8, "batch_size": 32}}
    finding = ranked(curves(good=9.0))
    about = replace(finding.about, data={"settings": settings, "train": train})
    (found,) = answers_of([replace(finding, about=about)])
    assert (found.run.epochs, found.run.longer) == (8, longer)


def test_of_a_class_the_worst_read_ecg_is_the_surest_wrong_one() -> None:
    ill = Target("af", "logit", "af", kind="binary")
    random = np.random.default_rng(1)
    y = (np.arange(TEST_PART) % 2).astype(float)
    logit = random.normal(0, 1, TEST_PART) + 4 * (y - 0.5)
    logit[:8] = np.array([9.0, -9.5, 9.0, -9.0, 9.0, -9.0, 9.0, -9.0])
    y[10] = np.nan
    one = replace(part_and_curves(y, logit, explained=20), references={})
    reads = answer(ranked(one, target=ill)).reads
    assert (reads.metric, reads.verdict, reads.ecgs) == ("auroc", "reads", TEST_PART - 1)
    assert reads.explained is not None
    assert (reads.explained.verdict, reads.explained.ecgs) == ("does not read", 19)
    assert reads.explained.worst == ("1", -9.5, 1.0)
    known = np.isfinite(y)
    clean = one.predictions["good"]
    change = np.abs(clean - clean[..., :1])
    steps = np.trapezoid(change[..., : DEFAULT.until + 1], dx=1).mean() / DEFAULT.until
    assert reads.moved == pytest.approx(steps / logit[known].std())


def test_of_a_class_that_is_read_rightly_nobody_is_called_misread() -> None:
    ill = Target("af", "logit", "af", kind="binary")
    y = (np.arange(TEST_PART) % 2).astype(float)
    logit = np.random.default_rng(1).uniform(0.1, 2.0, TEST_PART) * (2 * y - 1)
    reads = answer(ranked(part_and_curves(y, logit, explained=6), target=ill)).reads
    assert reads.verdict == "reads"
    assert reads.explained is None


def test_separation_of_classes_counts_patients() -> None:
    ill = Target("af", "logit", "af", kind="binary")
    one = curves(good=9.0, prior=None)
    y = (np.arange(ECGS) % 2).astype(float)
    read = {name: c - one.y[:, None] + 9 * y[:, None] for name, c in one.predictions.items()}
    for patients in (10, ECGS):  # half of them in each class
        named = tuple(f"p{number % patients}" for number in range(ECGS))
        apart = replace(one, y=y, predictions=read, patients=named)
        reads = answer(ranked(apart, target=ill)).reads
        assert (reads.value, reads.low) == (1.0, pytest.approx(1 - 3 / (patients / 2)))
        assert reads.high == 1
        wrong = {name: c - one.y[:, None] - 9 * y[:, None] for name, c in one.predictions.items()}
        reads = answer(ranked(replace(apart, predictions=wrong), target=ill)).reads
        assert (reads.value, reads.low) == (0, 0)
        assert reads.high == pytest.approx(3 / (patients / 2))
        still = {name: 0 * c + 1 for name, c in one.predictions.items()}
        reads = answer(ranked(replace(apart, predictions=still), target=ill)).reads
        width = 3 / (patients / 2)
        assert reads.value == 0.5
        assert (reads.low, reads.high) == (max(0.5 - width, 0.0), min(0.5 + width, 1.0))


def test_without_a_twin_no_map_is_to_be_used() -> None:
    own = {"settings": {"network": {"_target_": "my.load"}}}
    finding = ranked(curves(good=9.0), target=PR, **own)
    none = not_applicable(NotApplicable("none"), about(curves(), target=PR, networks=("n0",),
                                                       evaluation="weights"))  # fmt: skip
    alike = answer(finding, none)
    assert alike.not_shown == ("good",)
    assert WEIGHTS not in alike.of["good"].gates
    assert {alike.of["good"].gates[gate] for gate in (MOVED, LABELS)} == {"cannot be had"}
    assert alike.of["good"].missing[:2] == ("no weights", "no labels")
    assert alike.next == ""


@pytest.mark.parametrize(
    ("moved", "use"),
    [("passes", "use"), ("fails", "do not use"), ("cannot be said", "not shown"),
     ("not judged", "not shown")],
)  # fmt: skip
def test_the_same_network_behind_a_moved_input_takes_the_place_of_redrawn_weights(
    moved: str, use: str
) -> None:
    own = {"settings": {"network": {"_target_": "my.load"}}}
    finding = ranked(curves(good=9.0), target=PR, **own)
    twins = weights(labels="not judged", good=moved)
    table = twins.table.rename(columns={"redrawn_verdict": "moved_verdict"})
    found = answer(finding, replace(twins, table=table)).of["good"]
    assert found.use == use
    assert WEIGHTS not in found.gates
    assert found.gates[MOVED] == ("cannot be had" if moved == "not judged" else moved)
    assert found.gates[LABELS] == "cannot be had"


def test_permuted_labels_that_a_network_cannot_have_are_named_and_block_nothing() -> None:
    own = {"settings": {"network": {"_target_": "my.load"}}}
    finding = ranked(curves(good=9.0), target=PR, **own)
    foreign = answer(finding, weights(labels="not judged", good="passes"))
    assert foreign.use == ("good",)
    assert foreign.of["good"].gates[LABELS] == "cannot be had"
    untried = answer(finding)
    assert untried.not_shown == ("good",)
    assert (untried.of["good"].gates[WEIGHTS], untried.next) == ("not judged", "weights")
    # Where a network on permuted labels was given, it counts.
    assert answer(finding, weights(labels="fails", good="passes")).do_not_use == ("good",)


def test_a_target_without_a_region_needs_the_first_level_alone() -> None:
    tests = weights(target=BARE, good="passes")
    bare = answer(ranked(curves(prior=None, good=9.0), target=BARE), tests)
    assert (bare.use, bare.needed) == (("good",), 1)
    # The target has a region, and the run left its prior out.
    left_out = answer(ranked(curves(prior=None, good=9.0)), weights(good="passes"))
    assert (left_out.not_shown, left_out.next) == (("good",), "ladder")


def test_the_next_test_is_the_cheapest_that_is_missing() -> None:
    finding = ranked(curves(good=9.0))
    assert answer(finding).next == "weights"
    assert answer(finding, weights(labels="not judged", good="passes")).next == "labels"
    assert answer(finding, weights(good="passes")).next == "networks"
    assert answer(finding, weights(good="fails")).next == ""
    more = ranked(curves(good=9.0), test=2 * ECGS)
    assert answer(more, weights(good="cannot be said")).next == "ecgs"
    assert answer(finding, weights(good="cannot be said")).next == "networks"


@pytest.mark.parametrize("undecided", ["redrawn", "labels"])
def test_a_gate_on_few_ecgs_that_is_not_decided_is_repeated_on_all_of_them(undecided: str) -> None:
    finding = ranked(curves(good=9.0), test=2 * ECGS)
    verdicts = dict.fromkeys(("redrawn", "labels"), "passes") | {undecided: "cannot be said"}

    def tests(ecgs: int) -> Finding:
        return weights(ecgs=ecgs, labels=verdicts["labels"], good=verdicts["redrawn"])

    small = answer(finding, tests(ECGS // 4))
    assert small.of["good"].missing == ("all weights", "networks")
    assert (small.of["good"].next, small.next) == ("all weights", "all weights")
    # At full size, more ECGs are needed.
    assert answer(finding, tests(ECGS)).next == "ecgs"
    assert answer(finding, tests(ECGS // 4), tests(ECGS)).next == "ecgs"
    # Another method at full size says nothing of this one.
    both = ranked(curves(good=9.0, fair=5.0), test=2 * ECGS)
    found = answer(both, tests(ECGS // 4), weights(fair="cannot be said"))
    assert [found.of[name].next for name in ("good", "fair")] == ["all weights", "ecgs"]
    # Nor do more ECGs change that a method refuses such a network: no share is known.
    refused = tests(ECGS)
    table = refused.table.assign(**{f"{undecided}_kept": np.nan})
    assert answer(finding, replace(refused, table=table)).next == "networks"


def test_each_set_of_networks_and_each_target_has_an_answer_of_its_own() -> None:
    one = ranked(curves(good=9.0))
    other = ranked(curves(good=9.0), target=BARE)
    found = answers_of([one, other, weights(good="passes")])
    assert [each.target for each in found] == [PR, BARE]
    assert [each.use for each in found] == [("good",), ()]
    assert {each.use for answer in found for each in answer.methods} <= {*USES}


def on(finding: Finding, ecgs: str, **data: object) -> Finding:
    """The finding on ECGs of these names, and of a data set with these settings where some are."""
    about = finding.about
    records = tuple(f"{ecgs} {each}" for each in about.records)
    settings = {"target": "pr", "fit": {"epochs": 8}} | ({"data": data} if data else {})
    facts = {**about.data, "settings": settings, "source": data.get("name", "")}
    return replace(finding, about=replace(about, records=records, data=facts))


HOME, WARD = {"name": "home", "path": "/home"}, {"name": "ward", "path": "/ward"}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(("home", "ward"), [(HOME, WARD), ({}, {})])
def test_another_data_set_is_another_answer_whichever_comes_first(
    first: int, home: Mapping[str, str], ward: Mapping[str, str]
) -> None:
    read = curves(good=9.0)
    own = on(ranked(read), "home", **home)
    other = on(ranked(replace(read, y=-read.y)), "ward", **ward)  # read the wrong way round
    both = [own, other] if first == 0 else [other, own]
    gates = on(weights(good="passes"), "home", **home)
    found = answers_of([*both, gates])
    assert len(found) == 2
    assert found[first].use == ("good",)
    assert found[1 - first].reads.verdict == "does not read"
    assert found[1 - first].data == ward.get("name", "")
    assert [each.is_about(own) for each in found] == [first == 0, first == 1]
    if ward:  # a gate that is known to have been tried on other ECGs
        assert found[1 - first].of["good"].gates[WEIGHTS] == "not judged"


def test_other_ecgs_of_one_data_set_and_a_part_of_the_same_ecgs_are_judged_together() -> None:
    one = on(ranked(curves(good=9.0)), "a", **WARD)
    noise = ranked(curves(NOISE_10, good=9.0))
    for other in (
        on(noise, "b", **WARD, external={"path": "/b"}),
        on(noise, "a", **{**WARD, "path": "/copy"}),
        on(noise, "a"),
    ):
        (found,) = answers_of([one, other])
        assert found.data == ""
        assert len(found.protocols) == 2


def test_ecgs_of_the_same_names_in_another_folder_are_a_copy_if_they_have_the_same_labels() -> None:
    read = curves(good=9.0)
    one, moved = on(ranked(read), "a", **WARD), {**WARD, "path": "/other"}
    others = (
        on(ranked(replace(read, y=read.y + 5.0)), "a", **moved),
        on(ranked(replace(read, predictions={k: v + 5 for k, v in read.predictions.items()})),
           "a", **moved),
    )  # fmt: skip
    assert not same_data(one, on(ranked(read), "a", **WARD, kinds="lbbb"))
    near = read.y - read.y.mean() + 1e-9  # some logits are next to 0
    (logits, again) = (replace(read, y=each) for each in (near, near + 1e-6))
    assert same_data(on(ranked(logits), "a", **WARD), on(ranked(again), "a", **moved))
    relative = {**WARD, "path": "ecgs"}  # of two working directories
    assert not same_data(on(ranked(read), "a", **relative), on(ranked(logits), "a", **relative))
    gates = on(weights(good="passes"), "a", **moved)
    for other in others:
        first, second = answers_of([one, other, gates])
        assert first.of["good"].gates[WEIGHTS] == "not judged"
        assert first.is_about(one)
        assert second.is_about(other)
        assert not first.is_about(other)
    assert len(answers_of([one, on(ranked(read), "a", **moved)])) == 1
