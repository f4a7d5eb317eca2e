"""The table of numbers per ECG and method, and the answer in it."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.datamodules import Target
from ecglens.eval import About, Finding, Measure
from ecglens.eval.measures import who_beats_the_controls

SHARE = Measure("share", "Share", "", True, "plausibility", "ours", "How much lies there.")
COST = replace(SHARE, name="cost", higher_is_better=False, about="faithfulness")
PLACE = replace(SHARE, name="place", higher_is_better=None, about="description")
ECGS = 200


def numbers(means, networks=1, seed=0):
    """Made numbers with SD 1 around these means; the ECGs differ from each other too."""
    draw = np.random.default_rng(seed)
    ecg = draw.normal(size=(1, ECGS))
    made = {name: mean + ecg + draw.normal(size=(networks, ECGS)) for name, mean in means.items()}
    return {name: each[:, None] for name, each in made.items()}


MEANS = {"saliency": 3.0, "deeplift": 0.1, "random": 0.0, "abs_x": 0.5, "abs_dx": 0.2}


def finding(measures=(SHARE, COST, PLACE), scores=None, patients=None, sentence="So."):
    scores = scores or {each.name: numbers(MEANS) for each in measures}
    networks = len(next(iter(scores[measures[0].name].values())))
    about = About(
        evaluation="test",
        question="?",
        source="ours",
        target=Target("pr", "ms", "pr"),
        input="median",
        networks=tuple(f"n{n}" for n in range(networks)),
        records=tuple(f"r{n}" for n in range(ECGS)),
        patients=patients or tuple(f"p{n}" for n in range(ECGS)),
    )
    return Finding(about, measures, scores, sentence=sentence)


def rows_of(measure, table):
    return table.loc[table["measure"] == measure].set_index("method")


def test_a_mean_and_its_interval_are_those_of_the_normal_law():
    table = rows_of("share", finding().table)
    values = finding().scores["share"]["saliency"][0, 0]
    assert table.loc["saliency", "value"] == pytest.approx(values.mean())
    half = 1.972 * values.std(ddof=1) / ECGS**0.5
    assert table.loc["saliency", "low"] == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert table.loc["saliency", "high"] == pytest.approx(values.mean() + half, abs=0.15 * half)


def test_only_what_is_better_than_every_control_beats_them():
    table = rows_of("share", finding().table)
    assert table.loc["saliency", "beats_controls"]
    assert not table.loc["deeplift", "beats_controls"]
    assert table.loc["saliency", "control"] == "abs_x"
    assert table.loc["saliency", "difference"] == pytest.approx(2.5, abs=0.3)


def test_of_one_patient_it_cannot_be_said_who_beats_the_controls():
    table = finding(patients=("p",) * ECGS).table
    assert who_beats_the_controls((SHARE,), table) == (
        "It cannot be said which methods are better than every control."
    )


def test_less_may_be_better_or_neither():
    cost, place = rows_of("cost", finding().table), rows_of("place", finding().table)
    assert cost.loc["saliency", "control"] == "random"
    assert not cost["beats_controls"].fillna(False).any()
    assert place["beats_controls"].isna().all()
    assert place["value"].notna().all()


def test_all_methods_are_compared_on_the_same_ecgs():
    scores = numbers(MEANS)
    scores["saliency"][0, 0, :30] = np.nan
    table = rows_of("share", finding((SHARE,), scores={"share": scores}).table)
    assert set(table["ecgs"]) == {ECGS - 30}
    assert table.loc["abs_x", "value"] == pytest.approx(scores["abs_x"][0, 0, 30:].mean())


def test_a_method_with_few_numbers_does_not_cost_the_others_theirs():
    scores = numbers(MEANS)
    scores["deeplift"][0, 0, 10:] = np.nan
    table = rows_of("share", finding((SHARE,), scores={"share": scores}).table)
    assert set(table["ecgs"]) == {ECGS}
    assert np.isnan(table.loc["deeplift", "value"])
    assert table.loc["saliency", "beats_controls"]


def test_without_numbers_of_a_control_no_method_beats_every_control():
    scores = numbers(MEANS)
    scores["abs_x"][0, 0, 10:] = np.nan
    table = rows_of("share", finding((SHARE,), scores={"share": scores}).table)
    assert table["beats_controls"].isna().all()


def test_several_networks_widen_the_interval():
    one, five = numbers(MEANS), numbers(MEANS, networks=5)
    for shift, scores in enumerate(five["saliency"]):
        scores += shift - 2.0
    width = {}
    for name, scores in {"one": one, "five": five}.items():
        row = rows_of("share", finding((SHARE,), scores={"share": scores}).table).loc["saliency"]
        width[name] = row["high"] - row["low"]
    assert width["five"] > 3 * width["one"]


def test_the_answer_names_who_beats_the_controls():
    assert finding(sentence="").sentence == who_beats_the_controls(
        (SHARE, COST, PLACE), finding().table
    )
    assert (
        finding(sentence="").sentence
        == "No method is better than every control by Share and Share; saliency by at least one."
    )


def test_measures_that_order_nothing_are_said_to_describe():
    only = finding((PLACE,), scores={"place": numbers(MEANS)}, sentence="")
    assert only.sentence == "The measures describe maps: no value is better than another."


def test_a_method_that_wins_by_every_measure_is_told_from_one_that_wins_by_some():
    lower = replace(COST, label="Cost")
    wins = numbers(dict.fromkeys(MEANS, 1.0) | {"deeplift": -3.0, "saliency": -3.0})
    both = {"share": numbers(MEANS), "cost": wins}
    assert finding((SHARE, lower), scores=both, sentence="").sentence == (
        "saliency is better than every control by Share and Cost; "
        "saliency and deeplift by at least one."
    )
    only = replace(SHARE, name="open", label="Open")
    nothing = {name: np.full_like(values, np.nan) for name, values in numbers(MEANS).items()}
    assert (
        finding(
            (SHARE, only), scores={"share": numbers(MEANS), "open": nothing}, sentence=""
        ).sentence
        == "saliency is better than every control by Share; by 1 other it cannot be said."
    )


def test_that_no_method_wins_by_any_measure_is_said():
    none = {"share": numbers(dict.fromkeys(MEANS, 0.0))}
    said = finding((SHARE,), scores=none, sentence="").sentence
    assert said == "No method is better than every control by Share."


def test_of_many_methods_that_win_the_number_is_said():
    means = {"random": 0.0, "abs_x": 0.0} | {f"m{place}": 5.0 + place for place in range(5)}
    many = finding((SHARE,), scores={"share": numbers(means)}, sentence="")
    assert many.sentence == "5 of 5 methods are better than every control by Share."


def test_no_number_at_all_leaves_the_table_empty():
    scores = {name: np.full((1, 1, ECGS), np.nan) for name in MEANS}
    table = finding((SHARE,), scores={"share": scores}).table
    assert np.isnan(table["value"].to_numpy(float)).all()
    assert [*table["ecgs"]] == [0] * len(MEANS)


def test_draws_are_averaged_and_never_resampled():
    one = {name: each.repeat(3, 1) for name, each in numbers(MEANS).items()}
    for each in one.values():
        each += np.array([-1.0, 0.0, 1.0])[:, None]
    table = rows_of("share", finding((SHARE,), {"share": one}).table)
    whole = rows_of("share", finding((SHARE,)).table)
    assert table[["value", "low", "high"]].to_numpy() == pytest.approx(
        whole[["value", "low", "high"]].to_numpy()
    )


def test_a_measure_has_a_name_for_files():
    with pytest.raises(ValueError, match="expected a measure's name"):
        replace(SHARE, name="Top N")
