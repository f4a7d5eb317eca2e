"""Kept answers of claims follow from kept numbers, by the rules as they are now."""

import hashlib
from pathlib import Path

import pandas as pd
from ecglens_benchmark.claims import claims, decided
from ecglens_benchmark.claims.laboratory import table_of
from ecglens_benchmark.claims.rules import CONTROLS

from benchmarks.claims import FIGURES, RESULTS

VALUES = pd.read_csv(RESULTS / "values.csv")


def test_answers_follow_from_the_numbers_of_the_networks_by_the_rules_of_today():
    decisions = [
        decided(each, VALUES.loc[VALUES["claim"] == name, :]) for name, each in claims().items()
    ]
    pd.testing.assert_frame_equal(table_of(decisions), pd.read_csv(RESULTS / "claims.csv"))


def test_controls_were_decided_rightly():
    answers = pd.read_csv(RESULTS / "claims.csv").groupby("claim")["answer"].first()
    assert {name: answers[name] for name in CONTROLS} == {**CONTROLS}
    assert len(answers) == len(claims())


def test_tables_have_the_hashes_that_are_kept_and_each_claim_its_figure():
    for line in (RESULTS / "SHA256SUMS").read_text("utf-8").splitlines():
        expected, name = line.split("  ")
        assert hashlib.sha256((RESULTS / name).read_bytes()).hexdigest() == expected
    assert {Path(each).stem for each in FIGURES.glob("*.svg")} == {*claims()}
