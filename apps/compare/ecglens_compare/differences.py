"""Settings in which two runs differ, and the difference of each number that both have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from ecglens.datamodules import may_leave
from ecglens.eval import Finding, same_data
from ecglens.eval.statistics import Patients
from ecglens.report import SAME_NUMBERS, View
from ecglens.store import flat

ABSENT = "–"
BUILT = "._target_"  # of a setting that names what is built


def differing(first: Sequence[Finding], second: Sequence[Finding]) -> list[dict[str, str]]:
    """Each setting that is not the same in both runs, with its two values, by its dotted name.

    What only one of them built, such as an evaluation, is one row without its own settings, unless
    the other run has settings of the same place.
    """
    one, other = (_facts(each) for each in (first, second))
    alone = [*_alone(one, other), *_alone(other, one)]
    rows = []
    for name in sorted({*one, *other}):
        whole = min((each for each in alone if name.startswith(f"{each}.")), key=len, default="")
        mine, theirs = (each.get(name, ABSENT) for each in (one, other))
        if mine != theirs and whole in ("", name.removesuffix(BUILT)):
            rows.append({"name": whole or name, "first": mine, "second": theirs})
    return rows


def _alone(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Places where one run built something and the other has no setting."""
    built = (name.removesuffix(BUILT) for name in one if name.endswith(BUILT))
    return [each for each in built if not any(f"{name}.".startswith(f"{each}.") for name in other)]


def _facts(findings: Sequence[Finding]) -> dict[str, str]:
    """Settings, versions and counts of a run as text; several values where its jobs differ."""
    found: dict[str, dict[str, None]] = {}
    for finding in findings:
        facts = finding.facts
        counts = {"ECGs": len(finding.about.records), "networks": len(finding.about.networks)}
        of_run = {**facts.get("settings", {}), "versions": facts.get("versions", {}), **counts}
        for place, value in flat(of_run):
            if place[0] not in SAME_NUMBERS:
                found.setdefault(".".join(place), {})[str(value)] = None
    return {name: ", ".join(values) for name, values in found.items()}


KEYS = ["measure", "method"]
OF_RUNS = [f"{run}{end}" for run in ("first", "second") for end in ("", "_low", "_high")]
COLUMNS = [*KEYS, "kind", "unit", *OF_RUNS, "difference", "low", "high", "ecgs"]
TWO_KEYS = (
    "Names are pseudonyms: if the runs have two stores, one ECG has two of them; make both runs "
    "with one store to compare them."
)
FEW = "Fewer than two patients are in both runs: no difference has an interval."
LEAST = 3  # methods that an order is made of; with two ρ is 1 or −1
DOSES = "measure"  # evaluation=measure: changes of an ECG, each in a unit, in place of methods


@dataclass(frozen=True, eq=False)
class Pair:
    """A finding of each run, of one evaluation; `titles` are those of their views."""

    first: Finding
    second: Finding
    titles: tuple[str, str]

    @property
    def title(self) -> str:
        """The title that both have, or one beside the other."""
        return " / ".join(dict.fromkeys(self.titles))

    @property
    def apart(self) -> str:
        """Why no difference can be taken; empty where it can."""
        one, other = self.first.about, self.second.about
        if not self._keys:
            return "Nothing is in common: no measure of a method is in both runs."
        orders = "" if self.units else ", only the orders"
        if (one.target.explained, one.target.unit) != (other.target.explained, other.target.unit):
            return f"The targets differ, so that the numbers are not compared{orders}."
        if one.input != other.input:
            return f"The inputs differ, so that the numbers are not compared{orders}."
        if _rules(self.first) != _rules(self.second):
            return f"The protocols differ, so that the numbers are not compared{orders}."
        few = len({one.patients[place] for place, _ in self._common}) < 2
        both = (self.first, self.second)
        if few and _source(self.first) == _source(self.second) and all(map(_withheld, both)):
            return f"{FEW} {TWO_KEYS}"
        if not _same_ecgs(*both):
            return "The ECGs differ, so that no difference has an interval."
        return FEW * few

    @property
    def units(self) -> dict[str, str]:
        """Unit of each change of an ECG; empty where the rows are methods."""
        gains = self.first.details["gains"] if self.first.about.evaluation == DOSES else None
        return {} if gains is None else dict(zip(gains["change"], gains["unit"], strict=True))

    @cached_property
    def _keys(self) -> list[tuple[str, str]]:
        """Measures and methods that both runs have."""
        one, other = (each.table.set_index(KEYS).index for each in (self.first, self.second))
        return [key for key in one if key in other]

    @cached_property
    def _common(self) -> list[tuple[int, int]]:
        """The places of the ECGs that both runs have, in each of them."""
        there = {name: place for place, name in enumerate(self.second.about.records)}
        own = enumerate(self.first.about.records)
        return [(place, there[name]) for place, name in own if name in there]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per measure and method that both runs have.

        `first` and `second` with their 95 % intervals are those of the runs' own tables; `unit` is
        that of gains alone.
        `difference` is second − first, the mean over the `ecgs` of both with its 95 % interval over
        patients; empty where `apart` says why.
        """
        one, other = (each.table.set_index(KEYS) for each in (self.first, self.second))
        rows = [self._row(key, one, other) for key in self._keys]
        return pd.DataFrame(rows, columns=pd.Index(COLUMNS))

    def _row(self, key: Any, one: pd.DataFrame, other: pd.DataFrame) -> dict[str, Any]:
        measure, method = key
        row = {"measure": measure, "method": method, "kind": one.loc[key, "kind"]}
        own = dict.fromkeys(each.about.target.unit for each in (self.first, self.second))
        of = self.units.get(method)
        row["unit"] = " / ".join(f"{each} per {of}".strip() for each in own) if of else ""
        for name, table in (("first", one), ("second", other)):
            row[name] = float(table.loc[key, "value"])
            row |= {f"{name}_{end}": float(table.loc[key, end]) for end in ("low", "high")}
        nothing = {"difference": np.nan, "low": np.nan, "high": np.nan, "ecgs": 0}
        return row | (nothing if self.apart else self._difference(measure, method))

    def _difference(self, measure: str, method: str) -> dict[str, Any]:
        mine, theirs = (
            # Of each ECG the mean over networks and noise draws.
            each.scores[measure][method].mean((0, 1))[[pair[side] for pair in self._common]]
            for side, each in enumerate((self.first, self.second))
        )
        patients = [self.first.about.patients[place] for place, _ in self._common]
        moved = theirs - mine
        found = Patients(patients, self.first.about.seed).estimate(moved)
        return {
            "difference": found.value,
            "low": found.low,
            "high": found.high,
            "ecgs": int(np.isfinite(moved).sum()),
        }

    def same_order(self, measure: str) -> float:
        """Spearman's ρ of the methods' means in both runs; NaN for fewer than three methods."""
        rows = self.of(measure)
        rows = rows.loc[rows["kind"] == "method", ["first", "second"]].dropna()
        if len(rows) < LEAST or self.units:
            return np.nan
        ranks = rows.rank().to_numpy(float)
        return float(np.corrcoef(ranks, rowvar=False)[0, 1])  # of ranks: Spearman's

    @property
    def in_full(self) -> pd.DataFrame:
        """The table with the pair's title, and with `same_order` of each measure."""
        orders = self.table["measure"].map(self.same_order)
        return self.table.assign(of=self.title, same_order=orders)

    def of(self, measure: str) -> pd.DataFrame:
        """The rows of a measure."""
        return self.table.loc[self.table["measure"] == measure]


def _rules(finding: Finding) -> dict[str, Any]:
    """Rules that an area depends on, without draws, of which more change no mean."""
    rules = finding.curves[0].protocol.rules if finding.curves else {}
    return {name: rule for name, rule in rules.items() if name != "draws"}


def _withheld(finding: Finding) -> bool:
    """True where the ECGs have pseudonyms."""
    facts = finding.facts
    return bool(facts.get("pseudonyms")) and not may_leave(facts)


def pairs_of(first: Sequence[View], second: Sequence[View]) -> list[Pair]:
    """The findings of two runs that answer one question.

    First those of the same target and input, the most alike before the others; then of the same
    evaluation, where each run has one left.
    """
    known = [[(each, _facts([each.finding])) for each in run] for run in (first, second)]
    same = [
        (one, other, _alike(one, other), sum(there.get(name) == here[name] for name in here))
        for one, here in known[0]
        for other, there in known[1]
        if _asked(one) == _asked(other)
    ]
    found: dict[str, View] = {}
    left = {each.key: each for each in second}
    for one, other, *_ in sorted(same, key=lambda pair: pair[2:], reverse=True):
        if one.key not in found and other.key in left:
            found[one.key] = left.pop(other.key)
    alone = [each for each in first if each.key not in found]
    for one in alone:
        mine, theirs = (
            [each for each in run if _asked(each)[0] == _asked(one)[0]]
            for run in (alone, left.values())
        )
        if len(mine) == len(theirs) == 1:
            found[one.key] = theirs[0]
    pairs = [(each, found[each.key]) for each in first if each.key in found]
    return [Pair(a.finding, b.finding, (a.title, b.title)) for a, b in pairs]


def _asked(view: View) -> tuple[str, str, str]:
    about = view.finding.about
    return (about.evaluation, about.target.explained, about.input)


def _same_ecgs(one: Finding, other: Finding) -> bool:
    """False where an ECG of one name may be another one."""
    return _source(one) == _source(other) and same_data(one, other, unknown=True)


def _source(finding: Finding) -> Any:
    return finding.facts.get("source")


def _alike(one: View, other: View) -> tuple[int, bool]:
    """Number of ECGs that both have, and whether they have the same networks."""
    a, b = one.finding, other.finding
    ecgs = len({*a.about.records} & {*b.about.records}) if _same_ecgs(a, b) else 0
    return ecgs, a.about.networks == b.about.networks
