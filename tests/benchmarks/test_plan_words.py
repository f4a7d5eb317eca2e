"""The sentences of docs/plan.md have the numbers of the kept table."""

from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[2]


def test_realised_power_on_the_page_is_that_of_the_table() -> None:
    table: Any = pd.read_csv(ROOT / "results/plan/power.csv")
    unseen = table[table["planned_from"] != table["tried_on"]]
    page = (ROOT / "docs/plan.md").read_text("utf-8")
    words = {
        "target": "beats the target region itself",
        "other patients": "beats other patients’ maps",
    }
    means = unseen.groupby(["asked", "pilot"])[["ecgs", "realised"]].mean()
    for (asked, pilot), row in means.iterrows():
        power = f"{row['realised']:.2f}".lstrip("0")
        assert f"| {words[asked]} | {pilot} | {row['ecgs']:.0f} | {power} |" in page
    inside = unseen["realised"].between(0.85, 0.95).sum()
    assert f"Of {len(unseen)} cells {inside} lie in" in page
    assert f"the lowest has {unseen['realised'].min():.2f}".replace("0.", ".") in page
