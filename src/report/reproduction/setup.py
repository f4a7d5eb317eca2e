"""What Arends 2026 compared: methods, ECGs, classes and networks, here and as printed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...eval import Finding
from ...explain import controls
from ..text.quality import fit_of
from .experiments import learned
from .part import Part, Table
from .printed import printed_arends


def setup_part(findings: Sequence[Finding]) -> Part:
    """Numbers of each data set beside the printed ones."""
    by_data: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        if not finding.reason:
            by_data.setdefault(tuple(learned(finding).values()), finding)
    rows = [row for finding in by_data.values() for row in _compared(finding)]
    caption = (
        "What was compared. Here: methods, ECGs of the data set, classes that some of its training "
        "ECGs have, and the smallest AUROC of a class and network on the test part. Which twelve "
        "methods and nine diagnoses the study has is not in its abstract."
    )
    return Part("Set-up", (Table("setup", caption, pd.DataFrame(rows)),))


def _compared(finding: Finding) -> list[dict[str, object]]:
    about = finding.about
    methods = [name for name in finding.methods if name not in controls()]
    fits = [fit_of(about.facts(number)) for number in range(len(about.networks))]
    aurocs = [value for fit in fits for key, value in fit.items() if key.startswith("auroc")]
    counts = about.facts().get("classes", {})
    have = [name for name in about.target.outputs if counts.get(name, {"yes": 1})["yes"]]
    ours = {
        "methods": len(methods),
        "ecgs": about.facts().get("ecgs", len(about.records)),
        "classes": len(have),
        "auroc": min(filter(np.isfinite, aurocs), default=np.nan),  # NaN: a class that none has
    }
    return [
        {"quantity": name}
        | learned(finding)
        | {"here": value, "printed": printed_arends()[name]["words"]}
        for name, value in ours.items()
    ]
