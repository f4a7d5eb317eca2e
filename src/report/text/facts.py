"""Facts of the network and its data on the page, from those that a finding carries.

The words below name the facts that EcgData gives and `fit` (the metrics of the test part, with or
without "test/"), `external` (the same of a second data set), `settings` and `versions`; any other
fact is shown under its own name.
"""

import platform
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ...datamodules import Excluded, Group, grouped
from ...eval import Finding
from ...store import flat
from .numerals import counted, generated, number
from .quality import external_name, external_of, external_sentence, warnings_of_quality
from .words import labels_cautions

WORDS = {
    "source": "Source",
    "ecgs": "ECGs read",
    "usable": "Usable ECGs",
    "patients": "Patients",
    "train": "Training part, with a label",
    "val": "Validation part, with a label",
    "test": "Test part, with a label",
    "label_source": "Labels",
    "labels_given": "Labels that came with the ECG",
    "y_mean": "Mean of the labels of the training part",
    "y_sd": "SD of the labels of the training part",
}
# Said in words of their own, or folded away.
ELSEWHERE = {"fit", "excluded", "without_label", "ease", "neighbours", "settings", "versions"}
ELSEWHERE |= {"input", "cautions", "external", "classes", "may_leave_machine", "pseudonyms"}
ELSEWHERE |= {"patients_of_part", "labels_by", "generated", "command", "learned_from"}
LEFT_OUT = ("excluded", "without_label")
PACKAGES = ("ecglens", "torch", "captum", "pytorch-lightning", "numpy", "scipy", "matplotlib")
NAMED = 40  # ECGs named per reason on the page; the CSV beside it names all


class Exclusion(Group):
    """ECGs that were not used for one reason, in which "…" stands for values that differ."""

    @property
    def shown(self) -> str:
        """The names, as many as a page has room for."""
        more = len(self.names) - NAMED
        return ", ".join(self.names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def exclusions(finding: Finding) -> list[Exclusion]:
    """ECGs of both sets that were not used by reason, the most frequent first."""
    groups = ((of, group) for of, left_out in _left_out(finding) for group in grouped(left_out))
    found = [Exclusion(f"{of}{group.reason}", group.names) for of, group in groups]
    return sorted(found, key=lambda each: -len(each.names))


def excluded_ecgs(finding: Finding) -> list[Excluded]:
    """Each ECG of both sets that was not used, with its reason and the values in it."""
    every = ((of, each) for of, left_out in _left_out(finding) for each in left_out)
    return [Excluded(each.name, f"{of}{each.reason}") for of, each in every]


def _left_out(finding: Finding) -> list[tuple[str, list[Excluded]]]:
    """Words before the reasons of a set, and its ECGs that were unusable or without a label."""
    beside = f"{external_name(finding)}: "
    return [
        (of, [Excluded(*map(str, pair)) for kind in LEFT_OUT for pair in facts.get(kind, [])])
        for of, facts in (("", finding.facts), (beside, external_of(finding)))
    ]


def shown_facts(*findings: Finding) -> list[tuple[str, str]]:
    """Facts a reader should see at once; those of the first of several networks."""
    finding, *others = findings
    facts, target = finding.facts, finding.about.target
    unsaid = ELSEWHERE | ({"patients"} if generated(facts) else set())
    counts = facts.get("learned_from")
    names = ", ".join(each.about.networks[0] for each in findings)
    return [
        ("Target", " in ".join(filter(None, [target.explained, target.unit]))),
        ("Networks" if others else "Network", names),
        ("ECGs explained", f"{len(finding.curves[0].records)}, seed {finding.curves[0].seed}"),
        *([("External test set", external_sentence(finding))] if external_of(finding) else []),
        *_rows({WORDS[key]: facts[key] for key in WORDS if key in facts and key not in unsaid}),
        *(
            (f"Training ECGs with {name}", "{yes}, without {no}, unknown {unknown}".format(**each))
            for name, each in facts.get("classes", {}).items()
            if each["yes"] + each["no"]
        ),
        *([("Training ECGs by data set", _shares(counts))] if counts else []),
        *_rows({key: facts[key] for key in facts if key not in unsaid | WORDS.keys()}),
    ]


def _shares(counts: Mapping[str, int]) -> str:
    """Numbers of ECGs by data set, with their shares of all."""
    whole = max(1, sum(counts.values()))
    return ", ".join(f"{n} of {name} ({100 * n / whole:.0f} %)" for name, n in counts.items())


def details(finding: Finding) -> list[tuple[str, str]]:
    """Settings, and the versions the numbers were made with (else those of this machine)."""
    facts = finding.facts
    versions = facts.get("versions") or installed_versions()
    return [*_rows(facts.get("settings", {})), *_rows(versions)]


def warnings_of_facts(*findings: Finding) -> list[str]:
    """Cautions about the networks and the data, each once."""
    of_data = [text for finding in findings for text in _of_data(finding)]
    return list(dict.fromkeys([*warnings_of_quality(*findings), *of_data]))


def limitations(*findings: Finding) -> list[str]:
    """Limits of the networks and the data, each once, without the ECGs that were left out."""
    of_data = [text for finding in findings for text in _limits_of_data(finding)]
    return list(dict.fromkeys([*warnings_of_quality(*findings), *of_data]))


def _of_data(finding: Finding) -> list[str]:
    warnings = _limits_of_data(finding)
    for kind, words in (("excluded", "could not be used"), ("without_label", "had no label")):
        if finding.facts.get(kind):
            count = counted(len(finding.facts[kind]), "ECG")
            warnings.append(f"{count} {words}; the report names them.")
    return warnings


def _limits_of_data(finding: Finding) -> list[str]:
    facts, warnings = finding.facts, labels_cautions(finding)
    if "ease" in facts:
        warnings.append(str(facts["ease"]))
    warnings += [str(caution) for caution in facts.get("cautions", [])]
    if generated(facts):
        warnings.append(
            "These ECGs are generated: each counts as a patient of its own here, and no finding "
            "was shown to hold for patients."
        )
    return warnings


def installed_versions() -> dict[str, str]:
    """Python and the packages whose numbers these are; absent ones are left out."""
    return dict(_versions())


@cache  # read from the disk, five times a page
def _versions() -> tuple[tuple[str, str], ...]:
    found = [("python", platform.python_version())]
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            found.append((package, version(package)))
    return tuple(found)


def _rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for place, value in flat(facts):
        name = ": ".join(place).replace("_", " ")
        if isinstance(value, float):
            yield name, number(value)
        elif isinstance(value, list | tuple):
            yield name, ", ".join(map(str, value))
        else:
            yield name, str(value)
