"""The flag "does not follow this ECG", answers that are kept, and what a sheet says of one ECG."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.datamodules import load_ecgs, prepare, target_of
from ecglens.eval import subject_of
from ecglens.store import Store, read_json
from ecglens_measure import following
from ecglens_measure.answers import Answers, Asked, alone
from ecglens_measure.doses import doses, in_turn
from ecglens_measure.evaluation import of_subject
from ecglens_measure.following import Held, Usual, auroc, large, slopes_of
from ecglens_measure.known import exact_ecgs, of_data, of_prepared
from ecglens_measure.library import on_ecgs
from ecglens_measure.measurement import GRADED
from ecglens_measure.on_sheet import HEADING, lines_on_sheet
from ecglens_measure.whatif import FOR_ENGINEERS, what_if
from ecglens_sheets import not_evaluated, open_files, unevaluated, write_sheets

from .conftest import DATA
from .networks import Reads, height

KNOWN = exact_ecgs("r", 24)
R = doses("r")["r"]
# Follows R by 0.9, but for the ECG with the largest R, which it does not follow at all.
CEILING = float(np.sort(height(torch.from_numpy(KNOWN.ecgs.x)))[-1]) - 400.0
STOPS = Reads(lambda x: 0.9 * torch.where(height(x) > CEILING, CEILING, height(x)))
RESULTS = Path(__file__).parents[3] / "results" / "measure" / "label_free_error.csv"
HELD = {("r", "exact", "exact"): Held(400, 0.7, 0.62, 0.78, 41.0, 20.0)}


def test_the_slope_of_an_ecg_is_over_the_sizes_that_it_has():
    measured = np.array([[-10.0, 10.0, 20.0], [np.nan, 10.0, 20.0], [np.nan, np.nan, 20.0]])
    of_three = replace(R, sizes=(-10.0, 10.0, 20.0))
    null = np.zeros((1, 3, 2, 1))
    found = Answers(of_three, (0.5 * measured)[None, ..., None], measured, null, ())
    np.testing.assert_allclose(slopes_of(found, 0), [0.5, 0.5, np.nan])


def test_four_in_five_are_within_the_limit_and_large_errors_are_the_upper_fifth():
    values = np.arange(101.0)
    usual = Usual(values)
    assert usual.typical == 50
    assert (usual.distance(values) > usual.limit).mean() == pytest.approx(0.2, abs=0.02)
    assert large(values).sum() == 20


def test_the_flag_is_told_where_the_experiment_said_so():
    table = pd.read_csv(RESULTS)
    kinds = {"PTB-XL": "recordings"}
    found = table.loc[(table["predictor"] == "slope") & (table["holds"].astype(str) == "True")]
    told = {
        (row.target, kinds.get(row.network, row.network), kinds.get(row.ecgs, row.ecgs))
        for row in found.itertuples()
        if row.ecgs != "LUDB"
    }
    assert {*following.HELD} == told


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    rng = np.random.default_rng(0)
    values, positive = rng.integers(0, 9, 60).astype(float), rng.random(60) < 0.3
    pairs = np.sign(values[positive][:, None] - values[~positive])
    assert auroc(values, positive) == pytest.approx((pairs + 1).mean() / 2)


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    return on_ecgs([STOPS], KNOWN, [R], target_of("r"), Store(tmp_path_factory.mktemp("store")))


@pytest.mark.parametrize("largest", [True, False])
def test_the_flag_is_told_of_the_ecg_that_is_not_followed_alone(
    others, tmp_path, largest, monkeypatch
):
    order = np.argsort(others.before[0, :, 0])
    row = int(order[-1 if largest else len(order) // 2])
    asked = what_if([STOPS], KNOWN.ecgs[[row]], others, Store(tmp_path), "exact")
    assert not asked.flag  # where nothing was found to hold
    monkeypatch.setattr("ecglens_measure.whatif.HELD", HELD)
    assert not asked.flag  # a limit of so few others says nothing
    monkeypatch.setattr("ecglens_measure.whatif.FEWEST_OTHERS", len(KNOWN.ecgs))
    assert asked.flag.startswith("The network does not follow this ECG") == largest
    assert asked.flag in asked.short() or not largest
    recording = what_if([STOPS], KNOWN.ecgs[[row]], others, Store(tmp_path))
    assert not recording.flag


def test_one_ecg_alone_has_the_answers_that_it_has_among_others(tmp_path):
    chosen = list(doses(["pr", "r", "t"]).values())
    among = Asked([STOPS], KNOWN.ecgs, Store(tmp_path), 0).answers(chosen)
    for one, many in zip(alone([STOPS], KNOWN.ecgs[[3]], chosen), among, strict=True):
        np.testing.assert_allclose(one.measured[0], many.measured[3])
        np.testing.assert_allclose(one.change[:, 0], many.change[:, 3], atol=1e-2)


def test_answers_are_kept_for_this_network_alone(tmp_path):
    calls = []

    def counted(x):
        calls.append(len(x))
        return height(x)

    def asked(rule):
        return Asked([Reads(rule)], KNOWN.ecgs, Store(tmp_path), 0)

    assert not asked(counted).has([R])
    first = next(asked(counted).answers([R]))
    made = len(calls)
    again = next(asked(counted).answers([R]))
    assert len(calls) - made <= 2  # the probe and the readings, no edit
    np.testing.assert_array_equal(first.change, again.change)
    assert asked(counted).has([R])
    assert not asked(lambda x: 2 * height(x)).has([R])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A network of exact ECGs as the sheets know it."""
    ecgs = load_ecgs("exact", "r", store=tmp_path_factory.mktemp("store"), n=60)
    net = Reads(lambda x: 0.9 * height(x))
    known = unevaluated(net, not_evaluated(net, ecgs.target, "median", {}), ecgs.store, "")
    return replace(known, training=ecgs)


def test_sheets_say_nothing_before_the_run_was_measured(run):
    assert lines_on_sheet(run) is None


@pytest.mark.heavy
def test_sheets_of_a_measured_run_have_slope_way_back_and_caution(run, tmp_path):
    chosen = [each for each in doses().values() if each.kind in GRADED]
    on_ecgs([run.net], of_data(run.training, 64), chosen, run.finding.about.target, run.store)
    given = open_files([DATA / "ludb" / "data" / "1.hea"], "", {"may_leave_machine": True}, {})
    write_sheets(given, run, tmp_path)
    said = read_json(tmp_path / "1.json")["added"][HEADING]
    assert said[0].startswith("100 µV more R raise the reading by 87 µV; the median of")
    assert said[-1] == FOR_ENGINEERS
    assert HEADING in (tmp_path / "1.html").read_text()


@pytest.mark.parametrize(
    ("name", "why"), [("38", "atrial fibrillation"), ("52", "P wave not locked to QRS")]
)
def test_an_ecg_without_a_p_wave_says_why_pr_cannot_be_changed(name, why, tmp_path):
    (given,) = open_files([DATA / "ludb" / "data" / f"{name}.hea"], "", {}, {})
    prepared = prepare(given.records, Store(tmp_path), "median")
    one = of_prepared(prepared, "", [0]).ecgs
    (reasons,) = one.reasons
    assert why in reasons["pr"]
    assert "" not in reasons or why in reasons[""]
    assert why in in_turn(one, {"gain": 20.0}).ecgs.reasons[0]["pr"]  # the next dose knows it too


def test_an_ecg_has_the_same_reasons_however_it_is_read(tmp_path):
    split = {"train": 0.1, "val": 0.0, "test": 0.9}
    ecgs = load_ecgs("ludb", "qrs", store=tmp_path, path=str(DATA / "ludb"), split=split)
    ways = (
        of_data(ecgs, 64),
        of_subject(subject_of(ecgs, {}, 64, 0, ecgs.store)),
        of_prepared(ecgs.prepared, "", range(len(ecgs.prepared))),
    )
    own, run, files = (dict(zip(way.ecgs.ids, way.ecgs.reasons, strict=True)) for way in ways)
    assert own == run == {name: files[name] for name in own}
    assert any("pr" in why for why in own.values())
