"""Power of a run of another size, and the number of ECGs for the power that is asked for."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from ecglens.eval import GATES, MOST_KEPT, Finding, comparisons_of, kept_of
from ecglens.eval.statistics import FEWEST, Comparisons, Pilot, SharePilot

from . import ECG, NETWORK

__all__ = ["Comparisons", "Pilot", "comparisons_of", "plan", "plan_sections"]

MULTIPLES = (1, 2, 4)  # of the run's draws


def plan(
    findings: Sequence[Finding], detect: str, gain: float = 0.2, power: float = 0.9
) -> pd.DataFrame:
    """A row per method and test of a run: its power now, and what would have the power asked for.

    Columns: method, by (ladder, return test, or the gate), gain, power_now, ecgs_now, patients_now,
    draws (a multiple of the run's), networks (those of the run), redraws (of a gate, a multiple
    too), ecgs (NaN above MOST_ECGS). Where tests are planned apart, as those of jobs with a network
    each, the least power and the most ECGs are told. Raises ValueError for a gain or power outside
    0–1, for a gain that a share below 70 % cannot have, and for a run that lacks the tests.
    """
    for name, value in (("gain", gain), ("power", power)):
        if not 0 < value < 1:
            raise ValueError(f"expected a {name} between 0 and 1, got {value}")
    if detect in (NETWORK, ECG) and gain >= MOST_KEPT:
        raise ValueError(
            f"expected a gain below {MOST_KEPT:.0%} to plan {detect!r}, as its null scores "
            f"{MOST_KEPT:.0%} less the gain, got {100 * gain:g}%"
        )
    rows = [*(_gates if detect == NETWORK else _tests)(findings, detect, gain, power)]
    ends = dict.fromkeys(("redraws", "ecgs"), "max")
    least = dict.fromkeys(("power_now", "ecgs_now", "patients_now"), "min")
    by = ["method", "by", "gain", "draws", "networks"]
    found: Any = pd.DataFrame(rows).groupby(by, sort=False, as_index=False).agg(least | ends)
    columns = [*by[:3], *least, *by[3:], *ends]
    return found[columns].replace(np.inf, np.nan)


def _tests(
    findings: Sequence[Finding], detect: str, gain: float, power: float
) -> Iterator[dict[str, Any]]:
    """Plan of the ladder or of the return test."""
    networks = len({key for each in findings for key in each.about.networks})
    compared = comparisons_of(findings, detect)
    multiples = MULTIPLES if any(each.within.any() for each in compared) else (1,)
    for each in compared:
        pilot = Pilot(each, gain)
        if pilot.patients < FEWEST:
            raise ValueError(
                f"expected {FEWEST} patients or more that all tests of the run have in common, "
                f"got {pilot.patients}"
            )
        by = "return test" if each.names[0].endswith("return test") else "ladder"
        for draws in multiples:
            yield {
                "method": each.method, "by": by, **_now(pilot, each.ecgs_per_patient),
                "draws": draws, "networks": networks, "redraws": np.nan,
                "ecgs": pilot.ecgs(power, draws) or np.inf,
            }  # fmt: skip


def _gates(
    findings: Sequence[Finding], detect: str, gain: float, power: float
) -> Iterator[dict[str, Any]]:
    """Plan of the gates: redraws are multiplied by the same factor as ECGs."""
    judged = [*kept_of(findings)]
    if not judged:
        raise ValueError(
            f"expected a run with redrawn weights to plan {detect!r} from, found none; "
            "run evaluation=weights first"
        )
    for each in judged:
        pilot = each.pilot(gain)
        now, ecgs = _now(pilot, each.ecgs_per_patient), pilot.ecgs(power) or np.inf
        yield {
            "method": each.method, "by": f"gate: {GATES[each.gate]}", **now, "draws": 1,
            "networks": 1, "redraws": ecgs / now["ecgs_now"], "ecgs": ecgs,
        }  # fmt: skip


def _now(pilot: Pilot | SharePilot, ecgs_per_patient: float) -> dict[str, Any]:
    """What the run has: its power, ECGs and patients."""
    return {
        "gain": pilot.gain,
        "power_now": pilot.power(pilot.patients),
        "ecgs_now": round(pilot.patients * ecgs_per_patient),
        "patients_now": pilot.patients,
    }


def plan_sections(findings: Sequence[Finding]) -> list[object]:
    """No section: every page has these numbers (`Answer.claims`).

    Until 0.3 for environments in which an older version of this package was installed.
    """
    return []
