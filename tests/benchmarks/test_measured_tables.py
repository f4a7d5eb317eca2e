"""The page of measured networks has the numbers of the kept data sheets."""

import pandas as pd
import pytest
from ecglens.eval.statistics import LEVEL
from ecglens.report.text import fixed
from ecglens_measure.responses import NO_RESPONSE

from benchmarks.measured_networks import KEPT, KINDS
from benchmarks.measured_tables import (
    FAINT,
    OWN,
    PAGE,
    agreement,
    carried,
    cell,
    else_moved,
    errors,
    folds,
    gains,
    interval,
    same_way,
    tables,
    verdict,
)
from benchmarks.page import markers

LINEAR = {"gain": 1.0, "low": 0.95, "high": 1.05, "form": "linear"}


def test_every_table_of_the_page_is_that_of_the_kept_sheets():
    text = PAGE.read_text(encoding="utf-8")
    for name, table in tables().items():
        begin, end = markers(name)
        assert f"{begin}\n{table}\n{end}" in text, f"python -m benchmarks.measured_tables ({name})"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({}, "measures"),
        ({"low": 0.89}, "undecided"),
        ({"high": 1.11}, "undecided"),
        ({"gain": 0.8, "low": 0.7, "high": 0.89}, "in part"),
        ({"gain": 1.3, "low": 1.2, "high": 1.4}, "too much"),
        ({"gain": FAINT / 2, "low": 0.04, "high": 0.06}, "no"),
        ({"form": "no response shown"}, "no"),
        ({"gain": float("nan")}, "not measured"),
        ({"gain": float("nan"), "form": "not linear: curved"}, "bent"),
    ],
)
def test_the_words_are_those_of_the_limits(given, word):
    assert verdict(LINEAR | given) == word


def test_gains_carry_unless_their_intervals_are_apart():
    assert carried(LINEAR, LINEAR) == "alike"
    assert carried(LINEAR, LINEAR | {"low": 0.8, "high": 0.94}) == "less"
    assert carried(LINEAR, LINEAR | {"low": 1.06, "high": 1.2}) == "more"


def test_folds_agree_where_all_react_in_one_direction():
    effects = pd.DataFrame(
        {
            "effect_1": [1.0, -1.0, 0.5, 0.1],
            "reacts_1": [True, True, True, False],
            "effect_2": [2.0, 0.3, 0.4, 0.2],
            "reacts_2": [True, True, False, False],
        },
        index=pd.Index(["pr", "qrs", "r", "t"]),
    )
    assert same_way(effects) == (["pr", "qrs", "r"], ["pr"])
    assert agreement(effects) == [pytest.approx(0.8)]


def told(sentence: str) -> bool:
    """Whether the page has these words, whatever the ends of its lines."""
    return sentence in " ".join(PAGE.read_text(encoding="utf-8").replace("*", "").split())


@pytest.fixture(scope="module")
def gain():
    """Gain of a network by target, ECGs trained and measured on, and change."""
    every = gains()
    return lambda *of: cell(every, *of)


@pytest.fixture(scope="module")
def error():
    every = errors().set_index(["target", "trained_on", "measured_on"])
    return lambda *of: every.loc[of].to_dict()


def two(row):
    return fixed(row["gain"], 2)


def ten(row):
    """Effect of 10 ms with its interval, up or down."""
    ends = sorted(abs(10 * row[end]) for end in ("low", "high"))
    return f"{abs(10 * row['gain']):.1f} ms ({ends[0]:.1f} to {ends[1]:.1f})"


def test_what_is_said_of_pr(gain, error):
    exact, there = error("pr", "exact", "exact"), error("pr", "exact", "ptbxl")
    assert told(f"errs by {exact['mae']:.1f} ms with r = {exact['r']:.3f}")
    assert told(f"takes up {two(gain('pr', 'exact', 'exact', 'pr'))} of a longer PR")
    low = two(gain("pr", "exact", "ptbxl", "pr"))
    assert told(f"On patients it takes up {low} and errs by {there['mae']:.0f} ms")
    assert told(f"(SD {there['sd']:.0f} ms)")
    patients = [gain("pr", "ptbxl", "ptbxl", name) for name in ("pr", "p_duration", "qrs")]
    assert told(f"10 ms more PR raise its reading by {ten(patients[0])}")
    assert patients[1]["gain"] < 0
    assert told(f"at the same PR, lowers its reading by {ten(patients[1])}")
    assert told(f"it follows by {two(gain('pr', 'ptbxl', 'ptbxl', 'pr_scaled'))} alone")
    assert told(f"10 ms more QRS, at the same PR, raise its reading by {ten(patients[2])}")
    assert patients[2]["p_null"] > LEVEL
    own, carries = (gain("pr", "deepfake", name, "pr") for name in ("deepfake", "ptbxl"))
    assert carried(own, carries) == "alike"
    assert told(f"takes up {two(own)} on generated ECGs and {two(carries)} on patients")
    theirs, its = (error("pr", name, "ptbxl")["mae"] for name in ("ptbxl", "deepfake"))
    assert told(f"errs there by {its:.1f} ms, the network of patients by {theirs:.1f} ms")


def test_what_is_said_of_qrs(gain, error):
    own, carries = (gain("qrs", "deepfake", name, "qrs") for name in ("deepfake", "ptbxl"))
    assert carried(own, carries) == "alike"
    assert told(f"{two(own)} on generated ECGs, {two(carries)} on patients")
    its, theirs = (error("qrs", name, "ptbxl") for name in ("deepfake", "ptbxl"))
    assert told(f"patients {its['bias']:.1f} ms too wide and errs by {its['mae']:.1f} ms")
    assert told(f"the network of patients by {theirs['mae']:.1f} ms")
    own = gain("qrs", "deepfake", "deepfake", "qrs"), gain("qrs", "ptbxl", "ptbxl", "qrs")
    assert max(row["gain"] for row in own) < 0.76
    whole, end = (gain("qrs", "exact", "exact", name) for name in ("qrs", "qrs_end"))
    assert told(f"takes up {two(whole)} if all of QRS is wider, and {two(end)} if only its end")
    rows = gains()
    of_cell = rows.loc[(rows["target"] == "qrs") & (rows["trained_on"] == "exact")]
    found = else_moved(of_cell.loc[of_cell["measured_on"] == "exact"], "qrs", "ms")
    assert not found


def test_what_is_said_of_qt(gain, error):
    every = {
        (target, name): gain(target, name, name, OWN[target])
        for target in ("pr", "qrs", "qt")
        for name in KINDS
    }
    within = [key for key, row in every.items() if verdict(row) == "measures"]
    assert within == [("qt", "deepfake")]
    own, carries = every["qt", "deepfake"], gain("qt", "deepfake", "ptbxl", "t_shift")
    assert carried(own, carries) == "less"
    assert told(f"measures them, and patients less: {interval(own)}, the only")
    assert told(f"On patients it is {interval(carries)}")
    its, theirs = (error("qt", name, "ptbxl") for name in ("deepfake", "ptbxl"))
    assert told(f"it reads {its['bias']:.0f} ms too long, and errs by {its['mae']:.1f} ms")
    assert told(f"; the network of patients by {theirs['mae']:.1f} ms")
    rows = gains()
    of_cell = rows.loc[(rows["target"] == "qt") & (rows["trained_on"] == "ptbxl")]
    found = else_moved(of_cell.loc[of_cell["measured_on"] == "ptbxl"], "qt", "ms")
    assert found[0][0] == "t_anterior"


def test_what_is_said_of_other_ecgs(gain):
    patients, exact = (
        [gain(target, trained, name, OWN[target]) for target in ("pr", "qrs", "qt")]
        for trained, name in (("exact", "ptbxl"), ("deepfake", "exact"))
    )
    pr, qrs, qt = map(two, patients)
    assert told(f"take up {pr} (PR), {qrs} (QRS) and {qt} (QT) of a change on patients")
    pr, qrs, qt = map(two, exact)
    assert told(f"take up {pr} (PR), {qrs} (QRS) and {qt} (QT) on exact ECGs, less than on")
    for row, target in zip(exact, ("pr", "qrs", "qt"), strict=True):
        assert row["gain"] < gain(target, "deepfake", "ptbxl", OWN[target])["gain"]


def test_what_is_said_of_folds():
    heart, chagas = folds("heart_failure"), folds("chagas")
    assert same_way(heart, "shown")[1] == ["pr", "jt", "rate"]
    assert same_way(heart)[0] == ["jt"]
    assert heart["reacts_2"].sum() == 0
    assert told(f"(ρ of all seven gains {fixed(agreement(heart)[0], 2)})")
    assert same_way(chagas, "shown")[1] == ["qrs", "jt"]
    assert same_way(chagas)[0] == []
    assert max(chagas.loc["qrs", ["effect_1", "effect_2", "effect_3"]]) < 0
    low, high = (fixed(end(agreement(chagas)), 2) for end in (min, max))
    assert told(f"(ρ of two folds' gains {low} to {high})")


def test_what_is_said_of_permuted_labels():
    rows = pd.read_csv(KEPT / "permuted_gains.csv")
    rows = rows.loc[rows["gain"].notna()]
    generated = rows.loc[rows["ecgs"] == "64 generated ECGs"]
    assert generated.set_index("change").loc["pr", "form"] == NO_RESPONSE
    assert told(f"more than {rows['reach'].abs().max():.1f} ms, but")
    random = (generated["form"] != NO_RESPONSE) & (generated["p_null"] < LEVEL)
    assert told(f"but {random.sum()} of {len(generated)} doses on generated ECGs")
    assert "t_anterior" in {*generated.loc[random, "change"]}
