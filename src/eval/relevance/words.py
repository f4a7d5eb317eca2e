"""The answer in words."""

from collections import Counter

import pandas as pd


def in_words(findings: pd.DataFrame, ecgs: int) -> str:
    """For each finding how many methods it holds for, and what the others came to."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in findings.to_dict("records"):
        if row["kind"] == "method":
            asked = counts.setdefault((row["explained"], row["finding"]), Counter())
            asked[row["verdict"]] += 1
    if not counts:
        return f"On {ecgs} ECGs there is no method to ask."
    told = [
        f"{explained}, {finding}: " + ", ".join(f"{verdict} {n}" for verdict, n in found.items())
        for (explained, finding), found in counts.items()
    ]
    return f"On {ecgs} ECGs, verdicts by number of methods: {'; '.join(told)}."
