"""What a page may say of ECGs that may not leave this machine: pseudonyms in place of names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..datamodules import MAY_LEAVE, Excluded, Flow, Target, all_may_leave, grouped, may_leave
from ..eval import Result, Scores
from .pseudonyms import Pseudonyms
from .withheld import plain_reason, plain_settings, withheld

# Facts without a name in them; a fact that is not listed here stays with the saved result.
COUNTS = (
    "source", "generated", MAY_LEAVE, "input", "ecgs", "usable", "patients", "train", "val", "test",
)  # fmt: skip
ABOUT = ("patients_of_part", "labels_given", "label_source", "labels_by", "y_mean", "y_sd")
NAMELESS = (*COUNTS, *ABOUT, "classes", "fit", "neighbours", "ease", "cautions", "versions")
NAMED = ("excluded", "without_label")


def shareable(result: Result, names: Pseudonyms) -> Result:
    """The result under pseudonyms; as it is when all its ECGs may leave this machine.

    Numbers, and so the ranking, stay what they were. Of a second data set the same holds by itself.
    """
    if all_may_leave(result.facts):
        return result
    facts = shareable_facts(result.facts, result.target, names)
    if may_leave(result.facts):
        return replace(result, facts=facts)
    scores = _scores(result.scores, _source(result.facts), names)
    target = result.target
    if target.table is not None:
        target = replace(target, table=withheld(target.table, names))
    return replace(result, facts=facts, scores=scores, target=target)


def shareable_facts(facts: Mapping[str, Any], target: Target, names: Pseudonyms) -> dict[str, Any]:
    """Facts under pseudonyms; of one set of their ECGs at least may not leave this machine."""
    own = may_leave(facts)
    shown = dict(facts) if own else _facts(facts, names)
    shown["pseudonyms"] = True
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


def _scores(scores: Scores, source: str, names: Pseudonyms) -> Scores:
    # The order of their names decides the draws of the bootstrap: kept, it changes no interval.
    number = {patient: f"{place:09d}" for place, patient in enumerate(sorted({*scores.patients}))}
    shown = names.all_of(source, scores.gallery.records)
    return replace(
        scores,
        records=names.all_of(source, scores.records),
        patients=tuple(number[patient] for patient in scores.patients),
        gallery=replace(scores.gallery, records=shown),
    )


def _plain(pairs: Iterable[Sequence[str]], source: str, names: Pseudonyms) -> list[tuple[str, str]]:
    return [(names.of(source, name, reason), plain_reason(reason, name)) for name, reason in pairs]


def _source(facts: Mapping[str, Any]) -> str:
    return str(facts.get("source", "unnamed"))
