"""What benchmarks.shortcuts found, as the tables of docs/shortcuts.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from ecglens.eval.statistics.resampling import Patients
from ecglens.explain import controls
from ecglens_benchmark.planted import FOUND, MEANT, auroc, behaves
from ecglens_metrics.shortcuts import MEASURES, Audit, flags

from .shortcuts import METHODS, Study, audit_of

FEWEST = 3
ROWS = (*METHODS, *controls())


@dataclass(frozen=True)
class Network:
    """A network that was audited."""

    study: Study
    folder: Path

    @cached_property
    def audit(self) -> Audit:
        """Its shares."""
        return audit_of(self.folder)

    @cached_property
    def tells(self) -> tuple[float, float]:
        """AUROC of its output for the shortcut and for the label, where a coin decides."""
        with np.load(self.folder / "about.npz") as about:
            logit, y, present = about["logit"], about["y"] == 1, about["present"]
        return auroc(logit[present], logit[~present]), auroc(logit[y], logit[~y])

    @property
    def counts(self) -> bool:
        """Whether it does what it should."""
        return behaves(self.study.cheating, self.tells[0])

    @cached_property
    def flagged(self) -> set[tuple[str, str]]:
        """Measure and method of each flag."""
        names = [str(ecg) for ecg in range(self.study.audited)]
        rows = flags(self.audit, Patients(names, 0))
        rows = rows[rows["flag"] == "suspicious"]
        return {*zip(rows["measure"], rows["method"], strict=True)}

    def share(self, measure: str, method: str) -> float:
        """The mean over the ECGs that have one."""
        return float(np.nanmean(self.ecgs(measure, method)))

    def ecgs(self, measure: str, method: str) -> np.ndarray:
        """By ECG."""
        return self.audit.shares[measure][method]


@dataclass(frozen=True)
class Kind:
    """The networks of one kind that count."""

    name: str
    every: Sequence[Network]

    @cached_property
    def cheating(self) -> list[Network]:
        """Those that cheat."""
        return [each for each in self.every if each.study.cheating and each.counts]

    @cached_property
    def clean(self) -> list[Network]:
        """Those that do not."""
        return [each for each in self.every if not each.study.cheating and each.counts]

    @property
    def judged(self) -> bool:
        """Whether there are enough."""
        return min(len(self.cheating), len(self.clean)) >= FEWEST

    def detection(self, measure: str, method: str) -> tuple[float, float]:
        """AUROC over networks and over ECGs."""
        if not self.judged or measure not in self.cheating[0].audit.shares:
            return np.nan, np.nan
        sides = (self.cheating, self.clean)
        by_network = [np.array([each.share(measure, method) for each in side]) for side in sides]
        by_ecg = [np.concatenate([each.ecgs(measure, method) for each in side]) for side in sides]
        return auroc(*by_network), auroc(*(each[np.isfinite(each)] for each in by_ecg))

    def flag_rate(self, networks: Sequence[Network], method: str) -> float:
        """The share of networks flagged at the measure meant."""
        return float(np.mean([(MEANT[self.name], method) in each.flagged for each in networks]))


def tables(kept: Mapping[Study, Path]) -> str:
    """All tables as Markdown."""
    kinds = [
        Kind(name, [Network(*one) for one in kept.items() if one[0].kind == name]) for name in MEANT
    ]
    parts = [
        ("Which networks there are", networks_table(kinds)),
        ("AUROC by the measure meant, over networks (over ECGs)", detection_table(kinds)),
        ("Flags at the measure meant: cheating / clean networks", flags_table(kinds)),
        ("AUROC over networks by every measure, mean over methods", measures_table(kinds)),
        ("Mean share on clean networks, ± SD over networks", clean_table(kinds)),
    ]
    return "\n\n".join(f"### {title}\n\n{table}" for title, table in parts)


def networks_table(kinds: Sequence[Kind]) -> str:
    """How many cheat, and what their outputs tell."""
    rows = []
    for kind in kinds:
        cells = [kind.name]
        for cheating, used in ((True, kind.cheating), (False, kind.clean)):
            every = [each for each in kind.every if each.study.cheating == cheating]
            told = np.array([each.tells for each in every])
            cells += [
                f"{len(used)} of {len(every)}",
                f"{told[:, 0].mean():.2f} ({told[:, 0].min():.2f}–{told[:, 0].max():.2f})",
                f"{told[:, 1].mean():.2f}",
            ]
        rows.append(cells)
    head = ["Kind"]
    for side in ("Cheating", "Clean"):
        head += [f"{side}: count", "shortcut", "label"]
    return markdown(head, rows)


def detection_table(kinds: Sequence[Kind]) -> str:
    """Methods by kinds; bold where a kind is found."""
    rows = []
    for method in ROWS:
        cells = [f"`{method}`"]
        for kind in kinds:
            network, ecg = kind.detection(MEANT[kind.name], method)
            mark = "**" if network >= FOUND else ""
            cells.append(f"{mark}{network:.2f}{mark} ({ecg:.2f})")
        rows.append(cells)
    return markdown(["Method", *(f"{each.name}: {MEANT[each.name]}" for each in kinds)], rows)


def flags_table(kinds: Sequence[Kind]) -> str:
    """How often the flag is right and wrong, and clean networks flagged anywhere."""
    rows = []
    clean = [each for kind in kinds if kind.judged for each in kind.clean]
    for method in ROWS:
        cells = [f"`{method}`"]
        for kind in kinds:
            sides = (kind.cheating, kind.clean) if kind.judged else ()
            cells.append(" / ".join(f"{kind.flag_rate(side, method):.2f}" for side in sides))
        anywhere = [any(one == method for _, one in each.flagged) for each in clean]
        rows.append([*cells, f"{np.mean(anywhere):.2f}"])
    return markdown(["Method", *(each.name for each in kinds), "clean, anywhere"], rows)


def measures_table(kinds: Sequence[Kind]) -> str:
    """Each measure on each kind, mean over the methods; – where no ECG has such a place."""
    rows = []
    for measure in MEASURES:
        cells = [MEASURES[measure].label]
        for kind in kinds:
            mean = np.mean([kind.detection(measure, method)[0] for method in METHODS])
            mark = "**" if measure == MEANT[kind.name] else ""
            cells.append("–" if np.isnan(mean) else f"{mark}{mean:.2f}{mark}")
        rows.append(cells)
    return markdown(["Measure", *(each.name for each in kinds)], rows)


def clean_table(kinds: Sequence[Kind]) -> str:
    """What a clean network has, in percent, over all kinds whose ECGs have such a place."""
    clean = [each for kind in kinds for each in kind.clean]
    rows = []
    for method in ROWS:
        cells = [f"`{method}`"]
        for measure in MEASURES:
            has = [each for each in clean if measure in each.audit.shares]
            shares = 100 * np.array([each.share(measure, method) for each in has])
            cells.append(f"{shares.mean():.1f} ± {shares.std(ddof=1):.1f}")
        rows.append(cells)
    chance = ["by chance"]
    for measure in MEASURES:
        has = [each.audit.expected[measure] for each in clean if measure in each.audit.expected]
        chance.append(f"{100 * np.nanmean(has):.1f}")
    return markdown(["Method, %", *(MEASURES[name].label for name in MEASURES)], [chance, *rows])


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
