"""One number per ECG and method: the table, and that it survives being kept."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import Answer, Panel
from ecglens.eval.measures import Measure, who_beats_the_controls

SHARE = Measure("share", "Share", "", True, "plausibility", "ours", "How much lies there.")
COST = replace(SHARE, name="cost", higher_is_better=False, about="faithfulness")
PLACE = replace(SHARE, name="place", higher_is_better=None, about="description")
ECGS = 200


def numbers(means, networks=1, seed=0):
    """Made numbers with SD 1 around these means; the ECGs differ from each other too."""
    draw = np.random.default_rng(seed)
    ecg = draw.normal(size=(1, ECGS))
    return {name: mean + ecg + draw.normal(size=(networks, ECGS)) for name, mean in means.items()}


MEANS = {"saliency": 3.0, "deeplift": 0.1, "random": 0.0, "abs_x": 0.5, "abs_dx": 0.2}


def panel(measures=(SHARE, COST, PLACE), **settings):
    made = Panel(
        experiment="test",
        question="?",
        source="ours",
        measures=measures,
        scores=settings.pop("scores", {each.name: numbers(MEANS) for each in measures}),
        records=[f"r{n}" for n in range(ECGS)],
        patients=[f"p{n}" for n in range(ECGS)],
        seed=0,
        sentence="So.",
    )
    return replace(made, **settings)


def rows_of(measure, table):
    return table.loc[table["measure"] == measure].set_index("method")


def test_a_mean_and_its_interval_are_those_of_the_normal_law():
    table = rows_of("share", panel().table)
    values = panel().scores["share"]["saliency"][0]
    assert table.loc["saliency", "value"] == pytest.approx(values.mean())
    half = 1.972 * values.std(ddof=1) / ECGS**0.5
    assert table.loc["saliency", "low"] == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert table.loc["saliency", "high"] == pytest.approx(values.mean() + half, abs=0.15 * half)


def test_only_what_is_better_than_every_control_beats_them():
    table = rows_of("share", panel().table)
    assert table.loc["saliency", "beats_controls"]
    assert not table.loc["deeplift", "beats_controls"]
    assert table.loc["saliency", "control"] == "abs_x"
    assert table.loc["saliency", "difference"] == pytest.approx(2.5, abs=0.3)


def test_of_one_patient_it_cannot_be_said_who_beats_the_controls():
    table = panel(patients=["p"] * ECGS).table
    assert who_beats_the_controls((SHARE,), table) == (
        "Better than every control by Share: cannot be said."
    )


def test_less_may_be_better_or_neither():
    cost, place = rows_of("cost", panel().table), rows_of("place", panel().table)
    assert cost.loc["saliency", "control"] == "random"
    assert not cost["beats_controls"].fillna(False).any()
    assert place["beats_controls"].isna().all()
    assert place["value"].notna().all()


def test_all_methods_are_compared_on_the_same_ecgs():
    scores = numbers(MEANS)
    scores["saliency"][0, :30] = np.nan
    table = rows_of("share", panel((SHARE,), scores={"share": scores}).table)
    assert set(table["ecgs"]) == {ECGS - 30}
    assert table.loc["abs_x", "value"] == pytest.approx(scores["abs_x"][0, 30:].mean())


def test_a_method_with_few_numbers_does_not_cost_the_others_theirs():
    scores = numbers(MEANS)
    scores["deeplift"][0, 10:] = np.nan
    table = rows_of("share", panel((SHARE,), scores={"share": scores}).table)
    assert set(table["ecgs"]) == {ECGS}
    assert np.isnan(table.loc["deeplift", "value"])
    assert table.loc["saliency", "beats_controls"]


def test_several_networks_widen_the_interval():
    one, five = numbers(MEANS), numbers(MEANS, networks=5)
    for shift, scores in enumerate(five["saliency"]):
        scores += shift - 2.0
    width = {}
    for name, scores in {"one": one, "five": five}.items():
        row = rows_of("share", panel((SHARE,), scores={"share": scores}).table).loc["saliency"]
        width[name] = row["high"] - row["low"]
    assert width["five"] > 3 * width["one"]


def test_the_answer_names_who_beats_the_controls():
    assert panel(sentence="").sentence == who_beats_the_controls(
        (SHARE, COST, PLACE), panel().table
    )
    assert (
        panel(sentence="").sentence
        == "Better than every control by Share: saliency; Share: no method."
    )


def test_of_many_methods_the_best_three_are_named():
    means = {"random": 0.0, "abs_x": 0.0} | {f"m{place}": 5.0 + place for place in range(5)}
    many = panel((SHARE,), scores={"share": numbers(means)}, sentence="")
    assert many.sentence == "Better than every control by Share: 5 of 5 (best m4, m3, m2)."


def test_no_number_at_all_leaves_the_table_empty():
    scores = {name: np.full((1, ECGS), np.nan) for name in MEANS}
    table = panel((SHARE,), scores={"share": scores}).table
    assert np.isnan(table["value"].to_numpy(float)).all()
    assert [*table["ecgs"]] == [0] * len(MEANS)


def test_an_answer_keeps_a_panel(tmp_path):
    details = {"lists": pd.DataFrame({"name": ["None", "NA"], "value": [0.1, np.nan]})}
    before = panel(details=details, notes=("careful",))
    target = Target("pr", "ms", "pr")
    Answer(target, "median", ("net",), ECGS, ECGS, before).save(tmp_path)
    after = Answer.load(tmp_path).finding
    assert isinstance(after, Panel)
    pd.testing.assert_frame_equal(after.table, before.table)
    pd.testing.assert_frame_equal(after.details["lists"], details["lists"])
    assert after.measures == before.measures
    assert after.notes == ("careful",)
    assert (tmp_path / "table.csv").read_text().count("\n") == 1 + 3 * 5


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"scores": {"share": numbers(MEANS)}}, "of the measures share, cost, place"),
        ({"records": ["r"]}, r"of shape \(network, 1\)"),
        ({"patients": ["p"]}, "a patient for each of 200"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        panel(**settings)


def test_a_measure_has_a_name_for_files():
    with pytest.raises(ValueError, match="expected a measure's name"):
        replace(SHARE, name="Top N")
