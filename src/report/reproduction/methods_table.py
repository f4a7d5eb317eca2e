"""The methods with what they need (the study's table 1), as run here beside as printed."""

from collections.abc import Sequence

import pandas as pd

from ...eval import Finding
from ...explain import find
from ..style import style
from .part import Table
from .printed import printed_methods

CAPTION = (
    "Table 1: what each method needs. Any network: one that has gradients; other methods are "
    "tried on a network first. In the columns of the article no entry means none."
)


def methods_table(finding: Finding, names: Sequence[str]) -> Table:
    """A row per method; settings are those of the run."""
    settings = finding.facts.get("settings", {}).get("method", {})
    rows = []
    for name in names:
        facts, theirs = find(name).facts, printed_methods().get(name, {})
        rows.append(
            {
                "method": name,
                "any network": facts.any_network,
                "baseline": facts.baseline,
                "noise": "noise" in settings.get(name, {}),
                "passes per ECG": facts.gradients + facts.predictions,
                "printed: requirements": theirs.get("requirements", ""),
                "printed: baseline": theirs.get("baseline", ""),
                "printed: noise": theirs.get("noise", ""),
            }
        )
    numbers = pd.DataFrame(rows)
    shown = numbers.assign(method=[style(name).label for name in numbers["method"]])
    return Table("table-1", CAPTION, numbers, shown)
