"""The page of measured networks has the numbers of the kept data sheets."""

import pandas as pd
import pytest
from ecglens.eval.statistics import LEVEL
from ecglens.report.text import fixed
from ecglens_measure.responses import NO_RESPONSE

from benchmarks.measured_networks import KEPT
from benchmarks.measured_tables import (
    FAINT,
    OWN,
    PAGE,
    carried,
    cell,
    errors,
    folds,
    gains,
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


def test_what_is_said_of_pr(gain, error):
    exact = error("pr", "exact", "exact")
    assert told(f"errs by {exact['mae']:.1f} ms with r = {exact['r']:.3f}")
    own, low = (two(gain("pr", "exact", name, "pr")) for name in ("exact", "ptbxl"))
    assert told(f"takes up {own} of a longer PR there, {low} on patients")
    longer, p_ends, qrs = (
        gain("pr", "ptbxl", "ptbxl", name) for name in ("pr", "p_duration", "qrs")
    )
    ten = {end: 10 * longer[end] for end in ("gain", "low", "high")}
    assert told(f"({ten['gain']:.1f} ms for 10 ms, {ten['low']:.1f} to {ten['high']:.1f})")
    assert told(f"at the same PR, lowers its reading by {-10 * p_ends['gain']:.1f} ms")
    assert told(f"10 ms more QRS raise it by {10 * qrs['gain']:.1f} ms, no more than random")
    assert qrs["p_null"] > LEVEL


def test_what_is_said_of_qrs_and_qt_of_patients(gain, error):
    own, carries = (gain("qrs", "deepfake", name, "qrs") for name in ("deepfake", "ptbxl"))
    assert carried(own, carries) == "alike"
    qrs, qt = (error(target, "deepfake", "ptbxl")["bias"] for target in ("qrs", "qt"))
    assert told(f"QRS is read {qrs:.1f} ms too wide there, QT {qt:.0f} ms too long")
    whole, end = (gain("qrs", "exact", "exact", name) for name in ("qrs", "qrs_end"))
    assert told(f"takes up {two(whole)} if all of QRS is wider, and {two(end)} if only its end")


def test_what_is_said_of_other_ecgs(gain):
    for target in ("pr", "qrs", "qt"):
        own, patients = (gain(target, "exact", name, OWN[target]) for name in ("exact", "ptbxl"))
        assert carried(own, patients) == "less"
        generated, exact = (
            gain(target, "deepfake", name, OWN[target]) for name in ("deepfake", "exact")
        )
        assert carried(generated, exact) == "less"


def test_what_is_said_of_folds():
    heart, chagas = folds("heart_failure"), folds("chagas")
    assert same_way(heart, "shown")[1] == ["pr", "jt", "rate"]
    assert same_way(heart)[0] == ["jt"]
    assert heart["reacts_2"].sum() == 0
    assert same_way(chagas, "shown")[1] == ["qrs", "jt"]
    assert same_way(chagas)[0] == []
    assert max(chagas.loc["qrs", ["effect_1", "effect_2", "effect_3"]]) < 0
    assert min(chagas.loc["jt", ["effect_1", "effect_2", "effect_3"]]) > 0


def test_what_is_said_of_permuted_labels():
    rows = pd.read_csv(KEPT / "permuted_gains.csv")
    rows = rows.loc[rows["gain"].notna()]
    generated = rows.loc[rows["ecgs"] == "64 generated ECGs"]
    assert generated.set_index("change").loc["pr", "form"] == NO_RESPONSE
    random = (generated["form"] != NO_RESPONSE) & (generated["p_null"] < LEVEL)
    most = rows["reach"].abs().max()
    assert told(f"({random.sum()} of {len(generated)}, at most {most:.1f} ms) and none to its own")
