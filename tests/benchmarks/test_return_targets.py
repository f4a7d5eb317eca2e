"""What docs/ladder.md says of the return test on six targets is what the kept rows say."""

from pathlib import Path

import pandas as pd
import pytest
from ecglens.eval.evaluations.return_test import NULLS

from benchmarks.return_targets import (
    CANDIDATE,
    CONTROL,
    DATA,
    FIVE,
    NULL,
    SEEDS,
    TARGETS,
    lines,
    wanted,
)  # fmt: skip

ROOT = Path(__file__).parents[2]
ROWS = pd.read_csv(ROOT / "results" / "return_test" / "targets.csv")
TEXT = (ROOT / "docs" / "ladder.md").read_text(encoding="utf-8")


def test_the_page_has_the_rows_of_every_target():
    found = lines(ROWS)
    assert len(found) == len(DATA) * len(TARGETS)
    assert [line for line in found if line not in TEXT] == []


def test_the_page_counts_what_was_wanted_and_what_is_explained_by_a_template():
    found = wanted(ROWS)
    all_of, back, nulls, controls = (
        int(found[name].sum()) for name in ("all", "back", "nulls", "controls")
    )
    said = " ".join(TEXT.split())
    assert f"all of it holds on {all_of} of {len(found)} networks" in said
    assert f"suffice on {back}, every null is below 60 % on {nulls}, the controls" in said
    assert f"are below 10 % on {controls}." in said
    shown = ROWS[ROWS["shown"]].groupby(["method", "data", "target"])["seed"].nunique()
    assert shown.to_dict() == {
        ("expected_gradients", "deepfake", "qrs"): 3,
        ("expected_gradients", "ptbxl", "qrs"): 3,
        ("expected_gradients", "ptbxl", "qt"): 2,
        ("expected_gradients", "ptbxl", "t"): 1,
        ("integrated_gradients", "ptbxl", "pr"): 1,
        ("integrated_gradients", "ptbxl", "qrs"): 2,
        ("integrated_gradients", "ptbxl", "qt"): 3,
        ("integrated_gradients", "ptbxl", "t"): 1,
    }
    names = [null.name for null in NULLS]
    explained = ROWS[ROWS["template"].isin(names)].groupby(["method", "data", "target"])
    assert explained["seed"].nunique().to_dict() == {
        ("expected_gradients", "exact", "r"): 2,
        ("integrated_gradients", "exact", "r"): 3,
        ("integrated_gradients", "exact", "t"): 1,
        ("integrated_gradients", "deepfake", "t"): 1,
    }


def test_a_network_has_what_was_wanted_by_its_worse_typical_ecg():
    found = wanted(ROWS).set_index(["data", "target", "seed"])
    for place, row in found.iterrows():
        one = ROWS.set_index(["data", "target", "seed"]).sort_index().loc[place]
        own = one[one["method"] == CANDIDATE]
        others = one[one["method"].isin(["redrawn", "|x − mean beat|"])]
        assert row["five"] == pytest.approx(min(own["share_5"]))
        assert row["back"] == (min(own["share_5"]) >= FIVE)
        ends = own[[name for name in own if name.endswith("_high")]]
        assert row["nulls"] == bool((ends <= NULL).all(axis=None))
        assert row["controls"] == (max(others["of_candidate"]) <= CONTROL)
        assert row["shown"] == own["shown"].all()
    assert {*ROWS["seed"]} <= {*SEEDS}
