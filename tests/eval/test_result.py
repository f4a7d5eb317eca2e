import json
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import DEFAULT, Protocol, Result, files

from .networks import CONTROLS, made_scores

PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"), waves=("P", "PQ"))


def made_result(ecgs=4, protocol=DEFAULT, methods=("saliency",), **changed):
    random = np.random.default_rng(0)
    aucs = {name: random.normal(10, 1, ecgs) for name in (*methods, *CONTROLS)}
    facts = {"fit": {"mae": 5.0}, "excluded": [["a", "flat"]]}
    return Result(PR, "median", "abc", made_scores(aucs, protocol, **changed), facts)


def test_a_result_comes_back_as_it_was_saved(tmp_path):
    result = made_result(
        left_out={"deeplift": "functional ReLU"},
        short={"saliency": 2},
        notes=("linear",),
        patients=("a", "a", "b", "c"),
        places={"saliency": np.arange(100).reshape(4, 25)},
    )
    folder = result.save(tmp_path / "run")
    back = Result.load(folder)
    assert (back.target, back.input, back.network) == (PR, "median", "abc")
    assert back.facts == result.facts
    for field in fields(result.scores):
        ours, read = getattr(result.scores, field.name), getattr(back.scores, field.name)
        if field.name in ("curves", "places"):
            assert list(read) == list(ours)
            assert all(np.array_equal(read[name], ours[name]) for name in ours)
        elif field.name == "gallery":
            assert read.records == ours.records
            assert np.array_equal(read.x, ours.x)
            assert np.array_equal(read.segments, ours.segments)
            for name, heatmap in ours.heatmaps.items():
                assert np.array_equal(read.heatmaps[name], heatmap)
        else:
            assert np.array_equal(read, ours) if field.name == "y" else read == ours
    assert back.scores.protocol.cutoffs == (10, 25)


def test_the_tables_hold_every_ecg_and_draw_and_the_ranking(tmp_path):
    result = made_result()
    folder = result.save(tmp_path)
    table = pd.read_csv(folder / "scores.csv", dtype={"record": str})
    assert len(table) == 4 * 5 * 4  # methods and controls, draws, ECGs
    one = table.query("method == 'saliency' and record == '2' and draw == 3").iloc[0]
    curve = result.scores.curves["saliency"][3, 2]
    assert one["auc"] == pytest.approx(np.trapezoid(np.abs(curve - curve[0])[:16]))
    assert (one["prediction"], one["y"]) == (curve[0], 100.0)
    ranking = pd.read_csv(folder / "ranking.csv")
    assert set(ranking["method"]) == {"saliency", *CONTROLS}


def test_one_ecg_is_saved_without_a_ranking(tmp_path):
    folder = made_result(ecgs=1).save(tmp_path)
    assert not (folder / "ranking.csv").exists()
    assert Result.load(folder).scores.records == ("0",)


def test_ecgs_of_one_patient_are_saved_without_a_ranking(tmp_path):
    folder = made_result(patients=("a",) * 4).save(tmp_path)
    assert not (folder / "ranking.csv").exists()
    with pytest.raises(ValueError, match="a patient for each of 4 records, got 2"):
        made_result(patients=("a", "b"))


def test_no_true_value_is_no_obstacle_to_saving_by_the_storas_rules(tmp_path):
    protocol = Protocol("storas2025", draws=1, outcome="relative_error")
    folder = made_result(protocol=protocol, y=np.full(4, np.nan)).save(tmp_path)
    assert not (folder / "ranking.csv").exists()
    assert np.isnan(Result.load(folder).scores.y).all()


def test_a_save_that_is_interrupted_leaves_no_result(tmp_path, monkeypatch):
    made_result().save(tmp_path)

    def interrupted(*arguments, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "per_ecg", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made_result(ecgs=3).save(tmp_path)
    with pytest.raises(ValueError, match=r"a finished result in .*, found no result\.json"):
        Result.load(tmp_path)


def test_result_json_is_plain_and_readable(tmp_path):
    plain = json.loads((made_result().save(tmp_path) / "result.json").read_text())
    assert plain["scores"]["protocol"]["cutoffs"] == [10, 25]
    assert plain["target"]["unit"] == "ms"
