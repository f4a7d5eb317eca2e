"""The findings that one methods text describes: the same networks on the same data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from ecglens.datamodules import Target
from ecglens.eval import Finding, each_network
from ecglens.store import flat

DOSES = "measure"  # evaluation=measure
MIXED = ("ecglens_formats.mixed.Mixed", "ecglens.datamodules.mixed.Mixed")  # now, and in 0.2
WITHHELD = "withheld "  # report.privacy
NETWORK = ("model", "fit", "network", "input", "permute_labels")
# Settings of the data that change no ECG; "external" is of other ECGs.
ELSEWHERE = {"path", "table", "may_leave_machine", "external"}


@dataclass(frozen=True)
class Manuscript:
    """Findings on the same data; `facts` are those of the first ranking or finding."""

    target: Target
    input: str
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]

    @cached_property
    def ranked(self) -> tuple[Finding, ...]:
        """The rankings."""
        return tuple(each for each in self.findings if each.ranked)

    @cached_property
    def others(self) -> tuple[Finding, ...]:
        """The findings without curves."""
        return tuple(each for each in self.findings if not each.curves)

    @property
    def explained(self) -> bool:
        """True if a finding is on heatmaps; doses change ECGs and need none."""
        return any(each.about.evaluation != DOSES for each in self.findings)

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the run; empty where they are not known."""
        return self.facts.get("settings", {})

    @property
    def data_sets(self) -> list[str]:
        """The data set, or those of a mixture (data=mixed)."""
        data = self.settings.get("data", {})
        if data.get("_target_") not in MIXED:
            # A mixture that no settings are known of has the numbers of its data sets.
            return [*self.facts.get("learned_from", [str(self.facts.get("source", ""))])]
        given = {name: str(each.get("name", name)) for name, each in data["parts"].items()}
        # Where its texts are withheld, a data set has its own name in the mixture.
        return [name if of.startswith(WITHHELD) else of for name, of in given.items()]

    @cached_property
    def networks(self) -> int:
        """The number of different networks."""
        return len({key for each in self.findings for key in each.about.networks})

    @property
    def seeds(self) -> list[int]:
        """The seeds of the networks, as far as they are known."""
        found: set[int] = set()
        for finding in self.findings:
            for fit in finding.about.fits:
                settings = fit.get("settings", {})
                found |= {*settings.get("seeds", [settings.get("seed")])}
        return sorted(seed for seed in found if seed is not None)

    @property
    def first_of_each_network(self) -> list[Finding]:
        """One finding for each network."""
        singles = [one for finding in self.ranked for one in each_network(finding)]
        return list({each.about.networks[0]: each for each in reversed(singles)}.values())[::-1]

    @property
    def first_of_each_protocol(self) -> list[Finding]:
        """One finding for each protocol."""
        found = {each.curves[0].protocol: each for each in reversed(self.ranked)}
        return list(found.values())[::-1]


def manuscripts(findings: Sequence[Finding]) -> list[Manuscript]:
    """The findings by target, input, network and data; those of no network are left out."""
    groups: dict[str, tuple[Mapping[str, Any], list[Finding]]] = {}
    # The facts of rankings come first.
    for finding in sorted(findings, key=lambda each: not each.ranked):
        if not finding.about.networks:
            continue
        facts: Mapping[str, Any] = finding.facts
        groups.setdefault(_key(finding, facts), (facts, []))[1].append(finding)
    return [
        Manuscript(own[0].about.target, own[0].about.input, facts, tuple(own))
        for facts, own in groups.values()
    ]


def _key(finding: Finding, facts: Mapping[str, Any]) -> str:
    """Key of all they have in common, without paths and tables, which may be pseudonyms."""
    target = {key: each for key, each in asdict(finding.about.target).items() if key != "table"}
    settings = facts.get("settings", {})
    network = {key: settings.get(key) for key in NETWORK}
    known = sorted(flat(settings.get("data") or {}), key=str)
    data = [each for each in known if ELSEWHERE.isdisjoint(each[0])]
    data += [facts.get(key) for key in ("source", "ecgs", "train", "test")]
    return json.dumps([target, finding.about.input, network, data], sort_keys=True, default=str)


PARTS = ("target", "input", "data", "model", "network", "fit", "method", "evaluation", "ecgs")


def settings(manuscript: Manuscript) -> pd.DataFrame:
    """A row per setting of the run, then the versions; where no settings are known, of protocols.

    `part` is the group, `setting` its name within it, `value` as it was given.
    """
    known = manuscript.settings
    rows = [row for part in PARTS if part in known for row in _rows(part, known[part])]
    rows += [("networks", "seeds", _said(manuscript.seeds))] if manuscript.seeds else []
    if not known:
        protocols = (each.curves[0].protocol for each in manuscript.first_of_each_protocol)
        rows += [row for each in protocols for row in _rows("evaluation", {each.name: vars(each)})]
    rows += [*_rows("versions", manuscript.facts.get("versions", {}))]
    return pd.DataFrame(rows, columns=pd.Index(["part", "setting", "value"]))


def _rows(part: str, value: Any) -> list[tuple[str, str, str]]:
    given = flat(value) if isinstance(value, Mapping) else [((), value)]
    return [(part, ".".join(place), _said(each)) for place, each in given]


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
