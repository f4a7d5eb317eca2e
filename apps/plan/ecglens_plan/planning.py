"""Power of a run of another size, and the number of ECGs for the power that is asked for."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from ecglens.eval import GATES, Finding, comparisons_of, kept_of
from ecglens.eval.statistics import FEWEST, Comparisons, Pilot

from . import NETWORK

__all__ = ["Comparisons", "Pilot", "comparisons_of", "plan", "plan_sections"]

MULTIPLES = (1, 2, 4)  # of the run's draws


def plan(
    findings: Sequence[Finding], detect: str, gain: float = 0.2, power: float = 0.9
) -> pd.DataFrame:
    """A row per method and test of a run: its power now, and what would have the power asked for.

    Columns: method, by (ladder, return test, or the gate), gain, power_now, ecgs_now, draws (a
    multiple of the run's), networks (those of the run), redraws (of a gate, a multiple too), ecgs
    (NaN above MOST_ECGS). Raises ValueError for a gain or power outside 0–1, and for a run that
    lacks the tests.
    """
    for name, value in (("gain", gain), ("power", power)):
        if not 0 < value < 1:
            raise ValueError(f"expected a {name} between 0 and 1, got {value}")
    if detect == NETWORK:
        return _gates(findings, gain, power)
    networks = len({key for each in findings for key in each.about.networks})
    rows = []
    for each in comparisons_of(findings, detect):
        pilot = Pilot(each, gain)
        if pilot.patients < FEWEST:
            raise ValueError(f"expected a run of {FEWEST} patients or more, got {pilot.patients}")
        by = "return test" if each.names[0].endswith("return test") else "ladder"
        now = {"method": each.method, "by": by, "gain": gain,
               "power_now": pilot.power(pilot.patients), "ecgs_now": pilot.patients}  # fmt: skip
        for draws in MULTIPLES if each.within.any() else (1,):
            found = pilot.ecgs(power, draws)
            rows.append(
                now
                | {"draws": draws, "networks": networks, "redraws": np.nan,
                   "ecgs": np.nan if found is None else found}
            )  # fmt: skip
    return pd.DataFrame(rows)


def _gates(findings: Sequence[Finding], gain: float, power: float) -> pd.DataFrame:
    """Plan of the gates: redraws are multiplied by the same factor as ECGs."""
    rows = []
    for each in kept_of(findings):
        pilot = each.pilot(gain)
        found = pilot.ecgs(power)
        ecgs = np.nan if found is None else found
        rows.append(
            {"method": each.method, "by": f"gate: {GATES[each.gate]}", "gain": gain,
             "power_now": pilot.power(pilot.patients), "ecgs_now": pilot.patients, "draws": 1,
             "networks": 1, "redraws": ecgs / pilot.patients, "ecgs": ecgs}
        )  # fmt: skip
    if not rows:
        raise ValueError(
            "expected a run with redrawn weights to plan 'network' from, found none; "
            "run evaluation=weights first"
        )
    return pd.DataFrame(rows)


def plan_sections(findings: Sequence[Finding]) -> list[object]:
    """No section: every page has these numbers (`Answer.claims`).

    Until 0.3 for environments in which an older version of this package was installed.
    """
    return []
