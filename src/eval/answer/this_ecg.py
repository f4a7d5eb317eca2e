"""Whether the maps of a method are specific to their ECG: decided by the return test alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..evaluations.return_test import NO_TEMPLATE, NULLS, ReturnTest
from ..finding import Finding

About = Literal["shown", "not shown", "not tested"]


@dataclass(frozen=True)
class ThisEcg:
    """Result of the return test for a method, over all networks and both typical ECGs.

    `null` (a name of NULLS) is the strongest map of other patients, `share` its return as a share
    of the own map's, with its 95 % interval; "" and NaN where the own map returns nothing. `ecgs`
    were tested. `template` is the null that was shown to do as well on every network, "" for none.
    `why_not` says why there is no test, "" for a test that nobody ran.
    """

    verdict: About = "not tested"
    null: str = ""
    share: float = np.nan
    low: float = np.nan
    high: float = np.nan
    ecgs: int = 0
    template: str = ""
    why_not: str = ""


UNTESTED = ThisEcg()


def this_ecg(method: str, networks: Sequence[str], findings: Sequence[Finding]) -> ThisEcg:
    """Result of the return test for a method: shown where it is so on each of these networks."""
    tests = [each for each in findings if each.about.evaluation == ReturnTest.name]
    rows = [
        {"ecgs": len(each.about.records)} | row  # findings of 0.2 have no number of their own
        for each in tests
        if "network" in each.details.get("shown", ())
        for row in each.details["shown"].to_dict("records")
        if row["method"] == method and row["network"] in networks
    ]
    if {row["network"] for row in rows} != {*networks}:
        return ThisEcg(why_not=next((each.reason for each in tests if each.reason), ""))
    ecgs = min(int(row["ecgs"]) for row in rows)
    verdict: About = "shown" if all(row["shown"] for row in rows) else "not shown"
    (alike, *others) = {row.get("template", NO_TEMPLATE) for row in rows}  # older runs have none
    template = "" if others or alike == NO_TEMPLATE else str(alike)
    nulls = [(row, null.name) for row in rows for null in NULLS]
    if not all(np.isfinite(row[name]) for row, name in nulls):
        return ThisEcg(verdict, ecgs=ecgs, template=template)
    row, name = max(nulls, key=lambda pair: pair[0][pair[1]])
    share, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return ThisEcg(verdict, name, share, low, high, ecgs, template)
