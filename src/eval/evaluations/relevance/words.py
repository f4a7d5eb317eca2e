"""The answer in words."""

from collections import Counter

import pandas as pd

from .rules import Verdict

# Words before the number of methods with each verdict.
WORDS: dict[Verdict, str] = {
    "holds": "holds for",
    "holds, as the line does": "holds no more than for the line for",
    "identity": "could not come out otherwise (the map adds up to the output) for",
    "does not hold": "does not hold for",
    "cannot be said": "cannot be said for",
}


def in_words(findings: pd.DataFrame, ecgs: int) -> str:
    """Number of methods that each finding holds for, and the verdicts of the others."""
    counts: dict[tuple[str, str], Counter[Verdict]] = {}
    for row in findings.to_dict("records"):
        if row["kind"] == "method":
            verdicts = counts.setdefault((row["explained"], row["finding"]), Counter())
            verdicts[row["verdict"]] += 1
    if not counts:
        return f"On {ecgs} ECGs there is no method to ask."
    phrases = [
        f"“{finding}” ({explained}) "
        + ", ".join(f"{WORDS[verdict]} {_methods(n)}" for verdict, n in found.items())
        for (explained, finding), found in counts.items()
    ]
    return f"On {ecgs} ECGs {'; '.join(phrases)}."


def _methods(count: int) -> str:
    return "1 method" if count == 1 else f"{count} methods"
