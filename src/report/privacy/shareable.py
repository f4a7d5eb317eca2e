"""What a page may say of ECGs that may not leave this machine: pseudonyms in place of names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...datamodules import (
    MAY_LEAVE,
    Excluded,
    Flow,
    Target,
    all_may_leave,
    grouped,
    may_leave,
)
from ...eval import Curves, Finding
from ...store import keep_private
from .pseudonyms import Pseudonyms
from .withheld import plain_reason, plain_settings, withheld

# Facts without a name in them; a fact that is not listed here stays with the saved finding.
COUNTS = (
    "source", "generated", MAY_LEAVE, "input", "ecgs", "usable", "patients", "train", "val", "test",
)  # fmt: skip
ABOUT = ("patients_of_part", "labels_given", "label_source", "labels_by", "y_mean", "y_sd")
NAMELESS = (*COUNTS, *ABOUT, "classes", "fit", "neighbours", "ease", "cautions", "versions")
NAMED = ("excluded", "without_label")


def shareable(finding: Finding, names: Pseudonyms) -> Finding:
    """The finding under pseudonyms; as it is when all its ECGs may leave this machine.

    Numbers, and so the ranking, stay what they were. Of a second data set the same holds by itself.
    Files that are written after such ECGs were seen are private.
    """
    about = finding.about
    if all_may_leave(finding.facts):
        return finding
    keep_private()
    networks = range(len(about.networks))
    fits = tuple(shareable_facts(about.facts(k), about.target, names) for k in networks)
    if may_leave(finding.facts):
        return replace(finding, about=replace(about, data={}, fits=fits))
    source, target = _source(finding.facts), about.target
    if target.table is not None:
        target = replace(target, table=withheld(target.table, names))
    curves = tuple(_curves(one, source, names) for one in finding.curves)
    records, patients = names.all_of(source, about.records), _numbered(about.patients)
    about = replace(about, target=target, data={}, fits=fits, records=records, patients=patients)
    return replace(finding, about=about, curves=curves)


def shareable_facts(facts: Mapping[str, Any], target: Target, names: Pseudonyms) -> dict[str, Any]:
    """Facts under pseudonyms; of one set of their ECGs at least may not leave this machine."""
    own = may_leave(facts)
    shown = dict(facts) if own else _facts(facts, names)
    shown["pseudonyms"] = True
    shown.pop("command", None)  # it has paths
    if external := facts.get("external"):
        shown["external"] = dict(external) if may_leave(external) else _facts(external, names)
    if "settings" in facts:
        shown["settings"] = plain_settings(facts["settings"], names)
    if not own and target.table is not None:
        said, table = str(facts.get("label_source", "")), withheld(target.table, names)
        shown["label_source"] = said.replace(Path(target.table).name, table)
    return shown


def shareable_flow(flow: Flow, names: Pseudonyms) -> Flow:
    """The flow of a preparation under pseudonyms."""

    def plain(pairs: Iterable[Sequence[str]]) -> tuple[Excluded, ...]:
        return tuple(Excluded(*each) for each in _plain(pairs, flow.source, names))

    labels = []
    for label in flow.labels:
        lacking = plain((name, group.reason) for group in label.missing for name in group.names)
        labels.append(replace(label, missing=grouped(lacking)))
    faults = (replace(one, names=names.all_of(flow.source, one.names)) for one in flow.faults)
    return replace(flow, excluded=plain(flow.excluded), labels=tuple(labels), faults=tuple(faults))


def _facts(facts: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    kept = {key: facts[key] for key in NAMELESS if key in facts}
    left_out = {key: _plain(facts[key], _source(facts), names) for key in NAMED if key in facts}
    return kept | left_out


def _curves(curves: Curves, source: str, names: Pseudonyms) -> Curves:
    shown = names.all_of(source, curves.gallery.records)
    return replace(
        curves,
        records=names.all_of(source, curves.records),
        patients=_numbered(curves.patients),
        gallery=replace(curves.gallery, records=shown),
    )


def _numbered(patients: Sequence[str]) -> tuple[str, ...]:
    """Numbers in place of names; their order, which decides the draws of the bootstrap, stays."""
    number = {patient: f"{place:09d}" for place, patient in enumerate(sorted({*patients}))}
    return tuple(number[patient] for patient in patients)


def _plain(pairs: Iterable[Sequence[str]], source: str, names: Pseudonyms) -> list[tuple[str, str]]:
    return [(names.of(source, name, reason), plain_reason(reason, name)) for name, reason in pairs]


def _source(facts: Mapping[str, Any]) -> str:
    return str(facts.get("source", "unnamed"))
