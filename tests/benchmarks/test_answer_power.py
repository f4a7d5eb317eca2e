"""What docs/sanity.md says of whole answers is what the kept rows say."""

from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
ROWS = pd.read_csv(ROOT / "results" / "about_network" / "answers.csv")
TRUE = ROWS["map"] == "exact contributions"
LADDER = "is above every control and any target prior"
REDRAWN = "scores higher than with all weights redrawn"
LABELS = "scores higher than with permuted labels"
TEXT = (ROOT / "docs" / "sanity.md").read_text(encoding="utf-8")


def test_a_map_that_never_looks_at_the_network_is_never_to_be_used() -> None:
    assert {*ROWS.loc[~TRUE, "use"]} == {"do not use"}
    blind = ROWS.loc[~TRUE & (ROWS["map"] != "swapped")]
    low, high = blind["redrawn"].min(), blind["redrawn"].max()
    assert f"| {low:.2f} to {high:.2f} | {blind['labels'].min():.2f} to " in TEXT


def test_the_page_has_the_counts_of_the_true_map() -> None:
    own = ROWS.loc[TRUE]
    counts = [int((own["use"] == use).sum()) for use in ("use", "not shown", "do not use")]
    assert "| exact contributions | " + " | ".join(map(str, counts)) in TEXT
    assert f"| on {len(own)} networks |" in TEXT
    chest = own.loc[own["access"] == "chest", "use"]
    assert "use" not in {*chest}
    assert (own[REDRAWN] == "fails").sum() == 3
    assert set(own.loc[own[REDRAWN] == "fails", "access"]) == {"chest"}
    assert "on three chest networks" in TEXT


def test_the_page_has_the_counts_of_maps_against_the_typical_ecg() -> None:
    rows = pd.read_csv(ROOT / "results" / "about_network" / "contrast.csv")
    for name, own in rows.groupby("map"):
        counts = [int((own["use"] == use).sum()) for use in ("use", "not shown", "do not use")]
        assert f"| {name} | " + " | ".join(map(str, counts)) in TEXT
        assert len(own) == len(ROWS.loc[TRUE])
    missed = rows[rows["use"] != "use"]
    assert "What they miss is the gate of permuted labels." in TEXT
    assert {*missed[REDRAWN], *missed[LADDER]} == {"passes"}
    assert "passes" not in {*missed[LABELS]}


MEAN_BEAT = "exact contributions from the mean beat"


def test_the_page_has_the_counts_of_networks_taken_as_functions() -> None:
    rows = pd.read_csv(ROOT / "results" / "about_network" / "functions.csv")
    found = {
        name: own["scores higher than behind a moved input"] for name, own in rows.groupby("map")
    }
    true = {
        "saliency": "which passes on 37 (",
        "expected gradients": "expected gradients on 35 (",
        MEAN_BEAT: "contributions from the mean beat pass on 34 (",
    }
    assert {*map(len, found.values())} == {40}
    for name, verdicts in found.items():
        if name in true:
            assert {*verdicts} == {"passes", "cannot be said"}
        else:
            assert {*verdicts} == {"fails"}
    for name, words in true.items():
        assert f"on {(found[name] == 'passes').sum()} (" in words
        assert words in TEXT
    passed = rows["scores higher than behind a moved input"] == "passes"
    assert (rows["use"] == "use").tolist() == passed.tolist()
    assert {*rows.loc[rows["use"] == "not shown", "access"]} == {"limb"}
