"""A finding comes back from its folder as it was."""

import json
from dataclasses import asdict, fields, replace

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import (
    DEFAULT,
    About,
    Curves,
    Finding,
    Measure,
    NotApplicable,
    Protocol,
    finding_files,
    finding_of,
    load_finding,
    not_applicable,
    save_finding,
)
from pandas.testing import assert_frame_equal

from .networks import CONTROLS, made_curves

PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"), waves=("P", "PQ"))
MASS = Measure("mass", "Mass", "", True, "plausibility", "ours", "How much lies there.", 0.5)


def about(curves: Curves, **changed) -> About:
    """What curves are about: one network that reads PR."""
    fields = {
        "evaluation": curves.protocol.name,
        "question": "Which maps?",
        "source": "ours",
        "target": PR,
        "input": "median",
        "networks": ("abc",),
        "records": curves.records,
        "patients": curves.patients,
        "seed": curves.seed,
        "data": {"excluded": [["a", "flat"]]},
        "fits": ({"fit": {"mae": 5.0}},),
    }
    return About(**(fields | changed))


def made_finding(ecgs=4, protocol=DEFAULT, methods=("saliency",), **changed) -> Finding:
    random = np.random.default_rng(0)
    aucs = {name: random.normal(10, 1, ecgs) for name in (*methods, *CONTROLS)}
    curves = made_curves(aucs, protocol, **changed)
    return finding_of((curves,), about(curves))


def of_maps(**changed) -> Finding:
    """A finding without curves, on two networks and ECGs."""
    made = made_finding(ecgs=2).about
    numbers = {"saliency": np.array([[[1.0, np.nan]], [[2.0, 3.0]]]), "random": np.zeros((2, 1, 2))}
    given = {
        "about": replace(made, networks=("abc", "def"), fits=({}, {"fit": {"mae": 6.0}})),
        "measures": (MASS,),
        "scores": {"mass": numbers},
        "details": {"lists": pd.DataFrame({"name": ["None", "NA"], "value": [0.1, np.nan]})},
        "notes": ("careful",),
    }
    return Finding(**(given | changed))


def assert_equal(read: Curves, ours: Curves) -> None:
    for field in fields(ours):
        one, other = getattr(read, field.name), getattr(ours, field.name)
        if field.name in ("predictions", "places", "references", "nonzero", "test_part"):
            assert list(one) == list(other)
            assert all(np.array_equal(one[name], other[name]) for name in other)
        elif field.name == "gallery":
            assert one.records == other.records
            assert np.array_equal(one.x, other.x)
            assert np.array_equal(one.segments, other.segments)
            assert list(one.heatmaps) == list(other.heatmaps)
            for name, heatmap in other.heatmaps.items():
                assert np.array_equal(one.heatmaps[name], heatmap)
        else:
            assert np.array_equal(one, other) if field.name == "y" else one == other


def test_a_finding_of_curves_comes_back_as_it_was_saved(tmp_path):
    finding = made_finding(
        left_out={"deeplift": "functional ReLU"},
        short={"saliency": 2},
        notes=("linear",),
        patients=("a", "a", "b", "c"),
        places={"saliency": np.arange(100).reshape(4, 25)},
        grains={"saliency": "point"},
        nonzero={"saliency": np.array([7200, 7200, 90, 0])},
        test_part={"y": np.ones(9), "read": np.arange(9.0), "patient": np.arange(9)},
    )
    back = load_finding(save_finding(finding, tmp_path / "run"))
    assert asdict(back.about) == asdict(finding.about)
    assert (back.about.target, back.about.networks) == (PR, ("abc",))
    assert back.facts == {"excluded": [["a", "flat"]], "fit": {"mae": 5.0}}
    assert (back.sentence, back.notes) == (finding.sentence, ("linear",))
    assert_equal(back.curves[0], finding.curves[0])
    assert back.curves[0].protocol.cutoffs == (10, 25)
    assert_frame_equal(back.table, finding.table)


def test_a_finding_without_its_test_part_forgets_that_of_an_earlier_one(tmp_path):
    part = {"y": np.ones(9), "read": np.arange(9.0), "patient": np.arange(9)}
    for given in (part, {}):
        back = load_finding(save_finding(made_finding(test_part=given), tmp_path / "run"))
        assert [*back.curves[0].test_part] == [*given]


def test_a_table_without_rows_and_columns_comes_back(tmp_path):
    finding = replace(of_maps(), details={"returns": pd.DataFrame()})
    back = load_finding(save_finding(finding, tmp_path / "run"))
    assert_frame_equal(back.details["returns"], pd.DataFrame())


def test_rho_beyond_x_of_an_older_finding_has_todays_names(tmp_path):
    kept = pd.DataFrame(
        {
            "gate": ["weights redrawn", "weights redrawn", "labels permuted"],
            "part": ["by sample", "by 40 ms", "by sample"],
            "kept": [0.2, 0.5, 0.9],
        }
    )
    kept = kept.assign(method="saliency", kept_low=0.1, kept_high=0.3, redraws=10)
    stages = pd.DataFrame({"method": ["saliency"], "kept": [0.4]})
    before = of_maps()
    table = before.table.assign(limit=0.3, permuted=0.1, weights_kept=0.5)
    details = {"kept": kept, "stages": stages}
    about = replace(before.about, evaluation="weights")
    older = replace(before, about=about, table=table, details=details)
    back = load_finding(save_finding(older, tmp_path / "run"))
    new = ["permuted", "beyond_x", "beyond_x_low", "beyond_x_high", "redraws"]
    assert [*back.table] == [*before.table, *new]
    assert back.table.set_index("method").loc["saliency", "beyond_x"] == 0.2
    assert [*back.details["stages"]] == ["method", "beyond_x"]
    assert [*back.details] == ["stages"]
    of_others = replace(older, about=replace(older.about, evaluation="mine"))
    back = load_finding(save_finding(of_others, tmp_path / "mine"))
    assert [*back.details] == ["kept", "stages"]
    assert "limit" in back.table


def test_a_finding_of_maps_comes_back_as_it_was_saved(tmp_path):
    finding = of_maps()
    folder = save_finding(finding, tmp_path / "run")
    back = load_finding(folder)
    assert asdict(back.about) == asdict(finding.about)
    assert (back.measures, back.methods) == ((MASS,), ("saliency", "random"))
    for name, values in finding.scores["mass"].items():
        np.testing.assert_array_equal(back.scores["mass"][name], values)
    assert_frame_equal(back.table, finding.table)
    assert_frame_equal(back.details["lists"], finding.details["lists"])
    assert (back.sentence, back.notes, back.reason) == (finding.sentence, ("careful",), "")
    assert (folder / "table.csv").read_text().count("\n") == 1 + 2


def test_a_finding_on_several_networks_keeps_the_curves_of_each(tmp_path):
    one, other = (made_finding(seed=seed).curves[0] for seed in (0, 1))
    both = finding_of((one, other), about(one, networks=("abc", "def"), fits=()))
    back = load_finding(save_finding(both, tmp_path))
    assert_equal(back.curves[0], one)
    assert_equal(back.curves[1], other)
    assert back.scores["auc"]["saliency"].shape == (2, 5, 4)


def test_an_evaluation_that_does_not_apply_is_kept_with_its_reason(tmp_path):
    reason = NotApplicable("expected exact ECGs, got others")
    finding = not_applicable(reason, made_finding().about)
    back = load_finding(save_finding(finding, tmp_path))
    assert asdict(back.about) == asdict(finding.about)
    assert back.reason == "expected exact ECGs, got others"
    assert back.sentence == "Not applicable: expected exact ECGs, got others."
    assert (back.measures, back.methods, len(back.table)) == ((), (), 0)


def test_the_last_finding_of_a_folder_is_read_whatever_was_there(tmp_path):
    reason = NotApplicable("expected exact ECGs")
    nothing = not_applicable(reason, made_finding().about)
    for finding in (of_maps(), nothing, made_finding(), of_maps()):
        back = load_finding(save_finding(finding, tmp_path))
        assert (back.reason, back.methods) == (finding.reason, finding.methods)
        assert (len(back.curves), [*back.details]) == (len(finding.curves), [*finding.details])


def test_the_tables_hold_every_ecg_and_draw_and_the_ranking(tmp_path):
    finding = made_finding()
    folder = save_finding(finding, tmp_path)
    table = pd.read_csv(folder / "scores.csv", dtype={"record": str})
    assert len(table) == 4 * 5 * 4  # methods and controls, draws, ECGs
    row = table.query("method == 'saliency' and record == '2' and draw == 3").iloc[0]
    curve = finding.curves[0].predictions["saliency"][3, 2]
    assert row["value"] == pytest.approx(np.trapezoid(np.abs(curve - curve[0])[:16]))
    assert (row["measure"], row["network"]) == ("auc", "abc")
    ranking = pd.read_csv(folder / "table.csv")
    assert set(ranking["method"]) == {"saliency", *CONTROLS}
    assert {"p", "position", "tier", "p_best"} <= set(ranking)


def test_one_ecg_is_saved_without_a_ranking(tmp_path):
    finding = made_finding(ecgs=1)
    assert not finding.ranked
    assert load_finding(save_finding(finding, tmp_path)).about.records == ("0",)


def test_ecgs_of_one_patient_are_saved_without_a_ranking(tmp_path):
    finding = made_finding(patients=("a",) * 4)
    assert not load_finding(save_finding(finding, tmp_path)).ranked
    assert finding.sentence == "Fewer than 2 patients with an outcome: no ranking."
    with pytest.raises(ValueError, match="a patient for each of 4 records, got 2"):
        made_finding(patients=("a", "b"))


def test_no_true_value_is_no_obstacle_to_saving_by_the_storas_rules(tmp_path):
    protocol = Protocol("storas2025", draws=1, outcome="relative_error")
    finding = made_finding(protocol=protocol, y=np.full(4, np.nan))
    assert not finding.ranked
    back = load_finding(save_finding(finding, tmp_path))
    assert np.isnan(back.curves[0].y).all()
    assert np.isnan(back.scores["auc"]["saliency"]).all()


def test_a_finding_of_0_1_that_names_its_view_is_read(tmp_path):
    file = save_finding(of_maps(), tmp_path) / "finding.json"
    plain = json.loads(file.read_text("utf-8"))
    plain["about"]["view"] = "ecglens.report.views.weights.WeightsView"
    file.write_text(json.dumps(plain), encoding="utf-8")
    assert asdict(load_finding(tmp_path).about) == asdict(of_maps().about)


def test_the_key_of_a_study_beside_a_finding_is_none_of_its_tables(tmp_path):
    save_finding(made_finding(), tmp_path)
    study = tmp_path / "study/pseudonyms.csv"  # `ecglens study create RUN/findings/default`
    study.parent.mkdir()
    study.write_text("pseudonym,record\n")
    assert load_finding(tmp_path).methods == made_finding().methods
    for added in ("other.csv", "details/other.csv"):
        file = tmp_path / added
        file.parent.mkdir(exist_ok=True)
        file.write_text("a,b\n")
        with pytest.raises(ValueError, match=f"as it was saved: {added} is not what was written"):
            load_finding(tmp_path)
        file.unlink()


def test_a_folder_without_its_last_file_holds_no_finding(tmp_path):
    (save_finding(of_maps(), tmp_path) / "finding.json").unlink()
    with pytest.raises(ValueError, match="expected a finished finding"):
        load_finding(tmp_path)


@pytest.mark.parametrize("step", ["write_text", "write_frames", "write_arrays"])
def test_a_save_that_is_interrupted_leaves_no_finding(tmp_path, monkeypatch, step):
    save_finding(made_finding(), tmp_path)

    def interrupted(*arguments, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(finding_files, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_finding(made_finding(ecgs=3), tmp_path)
    with pytest.raises(ValueError, match=r"a finished finding in .*, found no finding\.json"):
        load_finding(tmp_path)


def test_a_finding_that_lacks_what_is_saved_now_is_refused_in_one_line(tmp_path):
    save_finding(made_finding(), tmp_path)
    plain = json.loads((tmp_path / "finding.json").read_text())
    del plain["curves"][0]["gallery"]["fs"]
    (tmp_path / "finding.json").write_text(json.dumps(plain))
    with pytest.raises(ValueError, match=r"^expected a finding that this version .*'fs'.* again$"):
        load_finding(tmp_path)


def test_a_target_that_is_no_longer_taken_is_named_with_its_folder(tmp_path):
    file = save_finding(of_maps(), tmp_path) / "finding.json"
    plain = json.loads(file.read_text())
    plain["about"]["target"] |= {"column": "age", "unit": "y"}
    file.write_text(json.dumps(plain))
    said = rf"^expected a finding .* {tmp_path}, got another \(.* or years.*'y'\); run .* again$"
    with pytest.raises(ValueError, match=said):
        load_finding(tmp_path)


def test_finding_json_is_plain_and_readable(tmp_path):
    plain = json.loads((save_finding(made_finding(), tmp_path) / "finding.json").read_text())
    assert plain["curves"][0]["protocol"]["cutoffs"] == [10, 25]
    assert plain["about"]["target"]["unit"] == "ms"


@pytest.mark.parametrize("steps", [{"area": 0, "ranking": 2}, {}])
def test_scores_and_table_of_another_version_are_made_again_from_the_curves(tmp_path, steps):
    finding = made_finding()
    file = save_finding(finding, tmp_path) / "finding.json"
    plain = json.loads(file.read_text())
    assert plain["steps"] == {"area": 1, "ranking": 2}
    (value,) = (each for each in plain["table"] if each["name"] == "value")
    value["values"][0] = -1.0
    file.write_text(json.dumps(plain))
    assert load_finding(tmp_path).table["value"][0] == -1.0  # of this version: as it was saved
    file.write_text(json.dumps({**plain, "steps": steps}))
    back = load_finding(tmp_path)
    assert_frame_equal(back.table, finding.table)
    assert back.sentence == finding.sentence
    assert back.notes[:-1] == finding.notes
    saved = "area 0, ranking 2" if steps else "unknown versions"
    assert back.notes[-1].endswith(f"made again from the saved curves (saved with {saved})")


def test_a_finding_without_curves_has_no_steps_to_be_made_again(tmp_path):
    file = save_finding(of_maps(), tmp_path) / "finding.json"
    assert json.loads(file.read_text())["steps"] == {}
    assert load_finding(tmp_path).notes == of_maps().notes
