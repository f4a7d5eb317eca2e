"""What became of the ECGs of a source: left out and why, what each lacks, how labels spread."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from pandas.util import hash_array

from .blocks import MARKS, SEPARATOR, TEXT, read_table
from .prepared import Prepared, why_missing
from .records import Excluded

# The share of the ECGs that lies below, by the name of its column.
QUANTILES = {"min": 0.0, "5 %": 0.05, "25 %": 0.25, "50 %": 0.5, "75 %": 0.75, "95 %": 0.95}
QUANTILES |= {"max": 1.0}
# What differs between two reasons of one kind: a file in quotes, a number, the name of the ECG.
PARTICULAR = re.compile(r"'[^']*'|\S*[\d\0]\S*")


@dataclass(frozen=True)
class Group:
    """ECGs with one reason, in which "…" stands for what is not the same for all of them."""

    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """A label of the usable ECGs: what is known, how much of it came with them, who lacks it."""

    name: str
    values: Float[np.ndarray, " ecg"]
    given: int
    missing: tuple[Group, ...]

    @property
    def binary(self) -> bool:
        """True for a yes or no, such as a diagnosis."""
        return bool(np.isin(self.values, (0.0, 1.0)).all())

    @property
    def row(self) -> dict[str, Any]:
        """A line of a table: counts, mean, standard deviation (n − 1) and quantiles."""
        n = len(self.values)
        known = self.values if n else np.array([np.nan])
        at = np.quantile(known, list(QUANTILES.values()))
        return {
            "label": self.name,
            "n": n,
            "given": self.given,
            "missing": sum(len(group.names) for group in self.missing),
            "mean": known.mean(),
            "sd": self.values.std(ddof=1) if n > 1 else np.nan,
            **dict(zip(QUANTILES, at, strict=True)),
        }


@dataclass(frozen=True)
class Flow:
    """All ECGs of a source, from those that were there to those that have each label."""

    source: str
    input: str
    usable: int
    patients: int
    excluded: tuple[Excluded, ...]
    labels: tuple[Label, ...]

    @property
    def ecgs(self) -> int:
        """How many were there."""
        return self.usable + len(self.excluded)

    @property
    def table(self) -> pd.DataFrame:
        """A label a row."""
        return pd.DataFrame([label.row for label in self.labels])


def flow_of(source: str, input: str, prepared: Prepared) -> Flow:
    """The flow of a prepared source, a block at a time.

    What grows with the ECGs is 8 bytes for each number and patient and the names of those that
    lack something, not tables or signals.
    """
    values: dict[str, list[np.ndarray]] = {}
    given: dict[str, int] = {}
    lacking: dict[str, list[Excluded]] = {}
    patients, ids = [], []
    for block in prepared.blocks:
        table = read_table(block)
        ids.append(table["id"].to_numpy())
        patients.append(hash_array(table["patient"].to_numpy()))
        came = [set(names.split(SEPARATOR)) for names in table["given"]]
        for name in (name for name in table if name not in (*TEXT, *MARKS)):
            column = table[name].to_numpy()
            known = ~np.isnan(column)
            if name not in values:  # no ECG of an earlier block has it
                lacking[name] = [
                    Excluded(id, why_missing("{}", name)) for earlier in ids[:-1] for id in earlier
                ]
            values.setdefault(name, []).append(column[known])
            given[name] = given.get(name, 0) + sum(
                name in labels for labels, there in zip(came, known, strict=True) if there
            )
            for id, reasons in zip(table["id"][~known], table["reasons"][~known], strict=True):
                lacking[name].append(Excluded(id, why_missing(reasons, name)))
        for name in values.keys() - set(table):
            lacking[name] += [Excluded(id, why_missing("{}", name)) for id in table["id"]]
    return Flow(
        source,
        input,
        usable=len(prepared),
        patients=len(np.unique(np.concatenate([np.empty(0, np.uint64), *patients]))),
        excluded=tuple(prepared.excluded),
        labels=tuple(
            Label(name, np.concatenate(parts), given[name], grouped(lacking[name]))
            for name, parts in values.items()
        ),
    )


def grouped(excluded: Iterable[Excluded]) -> tuple[Group, ...]:
    """ECGs by reason, the most frequent first; reasons that differ in particulars are one."""
    kinds: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    for name, reason in excluded:
        kind, particulars = _parted(name, reason)
        if kind in kinds:
            pairs = zip(kinds[kind], particulars, strict=True)
            kinds[kind] = [one if one == other else "…" for one, other in pairs]
        else:
            kinds[kind] = particulars
        names.setdefault(kind, []).append(name)
    groups = []
    for kind, found in names.items():
        own = Path(found[0]).name if len(found) == 1 else "…"
        words = iter(word.replace("\0", own) for word in kinds[kind])
        reason = re.sub("\0", lambda _: next(words), kind)  # noqa: B023 - used at once
        groups.append(Group(reason, tuple(found)))
    return tuple(sorted(groups, key=lambda group: -len(group.names)))


def _parted(name: str, reason: str) -> tuple[str, list[str]]:
    """What is common to the reasons of a kind, and the particulars of this one."""
    own = Path(name).name
    if own in reason:
        reason = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", "\0", reason)
    return PARTICULAR.sub("\0", reason), PARTICULAR.findall(reason)
