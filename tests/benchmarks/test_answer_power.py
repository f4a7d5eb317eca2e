"""What docs/sanity.md says of whole answers is what the kept rows say."""

from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
ROWS = pd.read_csv(ROOT / "results" / "about_network" / "answers.csv")
TRUE = ROWS["map"] == "exact contributions"
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
    assert {*own["scores higher than with all weights redrawn"]} == {"passes"}
    assert {*own["scores higher than with permuted labels"]} == {"passes"}
