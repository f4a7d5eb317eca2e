"""The finding of perturbation curves, and findings of several jobs merged or joined."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any, TypeVar

import numpy as np

from ..curves import Curves, Gallery
from ..finding import About, Finding
from ..measures import Measure
from .outcome import areas, comparable, outcome, side_by_side, usable, usable_patients
from .ranking import rank

AUC = Measure(
    name="auc",
    label="Area under the curve",
    unit="",
    higher_is_better=True,
    about="faithfulness",
    source="Storås et al. 2025",
    explained="How far the output moves while the points or segments that a map ranks highest are "
    "changed.",
)


def finding_of(curves: tuple[Curves, ...], about: About) -> Finding:
    """The curves of every network with the scores and the ranking of the methods all have.

    ECGs without an outcome have NaN. For fewer than 2 patients there is no ranking: the table has
    the means alone.
    """
    each = side_by_side(curves)
    names = each[0].predictions
    scores = {"auc": {name: np.stack([_areas(one, name) for one in each]) for name in names}}
    notes = tuple(dict.fromkeys(note for one in each for note in one.notes))
    parts = {"measures": (AUC,), "scores": scores, "curves": curves, "notes": notes}
    if len({*usable_patients(each[0])}) < 2:
        return Finding(
            about, sentence="Fewer than 2 patients with an outcome: no ranking.", **parts
        )
    ranking = rank(curves)
    return Finding(about, table=ranking.table, sentence=ranking.sentence, **parts)


def _areas(curves: Curves, name: str) -> np.ndarray:
    """The area of every draw and ECG, NaN where the protocol has no outcome."""
    found = areas(outcome(curves, curves.predictions[name]), curves.protocol.until)
    found[:, ~usable(curves)] = np.nan
    return found


# Settings and parts of an experiment that tell networks of one group apart, or only jobs of one.
VARY_WITH_SEED = ("seed", "seeds", "logger", "method")
BY_SEED = ("networks", "seeds")
# Fields of curves with a value for each method, or each reference.
BY_METHOD = (
    "predictions", "left_out", "zero_share", "short", "nonzero", "references", "grains", "places",
)  # fmt: skip
NOT_ON_ALL = "scored on some of the networks alone, as runs were given other methods"
Value = TypeVar("Value")


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """A finding with curves for each ranking, in the order in which the first ones came.

    Jobs with other methods are merged, networks that differ only in their seed are joined.
    """
    return [joined(group) for group in _same_but_seed(_of_one_experiment(findings))]


def _same_but_seed(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Groups of findings on networks that differ only in their seed.

    A network is in a group once, and a method of one name has the same settings in all of it.
    """
    groups: list[tuple[str | None, list[Finding]]] = []
    for finding in findings:
        common = _but_seed(finding)
        fitting = (
            group
            for shared, group in groups
            if common is not None
            and shared == common
            and all(_comparable(finding, one) for one in group)
        )
        if (group := next(fitting, None)) is None:
            groups.append((common, group := []))
        group.append(finding)
    return [group for _, group in groups]


def _comparable(one: Finding, other: Finding) -> bool:
    """True for findings on different networks with the same labels, by methods set alike."""
    if {*one.about.networks} & {*other.about.networks}:
        return False
    if comparable(one.curves[0]) != comparable(other.curves[0]):
        return False
    a, b = (finding.facts["settings"].get("method", {}) for finding in (one, other))
    return all(a[name] == b[name] for name in a.keys() & b.keys())


def _but_seed(finding: Finding) -> str | None:
    """Settings that networks of one group share; None where they are not known."""
    settings = finding.facts.get("settings")
    if settings is None:
        return None
    same = {key: value for key, value in settings.items() if key not in VARY_WITH_SEED}
    common = {key: value for key, value in experiment(finding).items() if key not in BY_SEED}
    return json.dumps([same, common], sort_keys=True, default=str)


def _of_one_experiment(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of one experiment become one, unless `merge` refuses them."""
    merged: list[Finding] = []
    for finding in findings:
        for place, other in enumerate(merged):
            if experiment(other) != experiment(finding):
                continue
            try:
                merged[place] = merge([other, finding])
            except ValueError:  # a method with other settings, a second test: a view of its own
                continue
            break
        else:
            merged.append(finding)
    return merged


def merge(findings: Sequence[Finding]) -> Finding:
    """The finding with the methods of all; facts that differ are those of the first.

    Raises ValueError for none, when they differ in networks, target, input, protocol, seed,
    records, patients or second data set, or when a method of one name has different curves.
    """
    if not findings:
        raise ValueError("expected at least one finding to merge, got none")
    wanted = experiment(findings[0])
    for finding in findings[1:]:
        found = experiment(finding)
        if differing := [what for what in wanted if found[what] != wanted[what]]:
            raise ValueError(
                f"expected findings of one experiment, got different {' and '.join(differing)}"
            )
    return _as_sure(reduce(_merged, findings), findings)


def joined(findings: Sequence[Finding]) -> Finding:
    """The finding on the networks of all, which differ in their seed.

    Raises ValueError for none and for a network that comes twice.
    """
    if not findings:
        raise ValueError("expected at least one finding to join, got none")
    abouts = [each.about for each in findings]
    networks = tuple(key for about in abouts for key in about.networks)
    if len({*networks}) < len(networks):
        raise ValueError("expected findings on different networks, got one of them twice")
    if len(findings) == 1:
        return findings[0]
    fits = tuple(fit for about in abouts for fit in _fits(about))
    about = replace(abouts[0], networks=networks, fits=fits)
    curves = [curves for each in findings for curves in each.curves]
    every = dict.fromkeys(name for each in curves for name in each.predictions)
    return _as_sure(finding_of(tuple(_without(each, every) for each in curves), about), findings)


def _without(curves: Curves, every: Iterable[str]) -> Curves:
    """The curves with a reason for each method that only other networks have curves of."""
    known = {*curves.predictions, *curves.left_out}
    lacking = {name: NOT_ON_ALL for name in every if name not in known}
    if not lacking:
        return curves
    return replace(
        curves,
        left_out={**curves.left_out, **lacking},
        not_computed=(*curves.not_computed, *lacking),
    )


def _as_sure(found: Finding, of: Sequence[Finding]) -> Finding:
    """The finding, trusted and own where all that it was made of are."""
    trusted, own = (all(getattr(each, it) for each in of) for it in ("trusted", "own"))
    return replace(found, trusted=trusted, own=own)


def each_network(finding: Finding) -> tuple[Finding, ...]:
    """The finding cut into one per network; table and sentence stay those of all."""
    about = finding.about
    return tuple(
        replace(
            finding,
            about=replace(about, networks=(key,), fits=about.fits[k : k + 1]),
            scores={
                # One row belongs to all networks together.
                measure: {
                    name: values[k : k + 1] if len(values) > 1 else values
                    for name, values in by.items()
                }
                for measure, by in finding.scores.items()
            },
            curves=finding.curves[k : k + 1],
        )
        for k, key in enumerate(about.networks)
    )


def experiment(finding: Finding) -> Mapping[str, object]:
    """Facts that must be equal for methods to be ranked against each other."""
    about = finding.about
    return {
        "networks": about.networks,
        "targets": about.target,
        "inputs": about.input,
        "protocols": finding.curves[0].protocol,
        "seeds": about.seed,
        "records": about.records,
        "patients": about.patients,
    }


def _fits(about: About) -> Sequence[Mapping[str, Any]]:
    return about.fits or [{} for _ in about.networks]


def _merged(one: Finding, other: Finding) -> Finding:
    # Errors are no sign of it: they differ in the last digits between machines.
    fitted = (fit for each in (one, other) for fit in _fits(each.about))
    data_of = ((fit.get("settings", {}).get("data") or {}).get("external") for fit in fitted)
    tested = [each for each in data_of if each]  # settings of second data sets, where known
    if any(each != tested[0] for each in tested):
        raise ValueError("expected one second data set (data.external) in both findings, got two")
    curves = tuple(_of_both(*pair) for pair in zip(one.curves, other.curves, strict=True))
    data = _union(one.about.data, other.about.data)
    fits = tuple(_union(*pair) for pair in zip(_fits(one.about), _fits(other.about), strict=True))
    return finding_of(curves, replace(one.about, data=data, fits=fits))


def _of_both(a: Curves, b: Curves) -> Curves:
    """The curves of both; ValueError for other labels, and for other curves of one method."""
    if not np.array_equal(a.y, b.y, equal_nan=True):
        raise ValueError("expected ECGs with the same labels in both findings, got other labels")
    for name in a.predictions.keys() & b.predictions.keys():
        if not np.array_equal(a.predictions[name], b.predictions[name]):
            raise ValueError(
                f"expected the same curves of {name} in both findings, got different ones; "
                "give methods with different settings different names"
            )
    return replace(
        a,
        **{name: _union(getattr(a, name), getattr(b, name)) for name in BY_METHOD},
        controls=tuple(dict.fromkeys([*a.controls, *b.controls])),
        not_computed=tuple(
            name
            for name in dict.fromkeys([*a.not_computed, *b.not_computed])
            if name not in {*a.wrong, *b.wrong}
        ),
        notes=tuple(dict.fromkeys([*a.notes, *b.notes])),
        gallery=_gallery(a, b),
        test_part=a.test_part or b.test_part,
    )


def _gallery(a: Curves, b: Curves) -> Gallery:
    """The ECGs that both show, from the first on, with the maps of both."""
    shown = min(len(a.gallery.records), len(b.gallery.records))
    maps = _union(a.gallery.heatmaps, b.gallery.heatmaps)
    steps, others = a.gallery.steps, b.gallery.steps
    if steps and others:
        steps = replace(steps, orders=_union(steps.orders, others.orders)).first(shown)
    return Gallery(
        a.gallery.records[:shown],
        a.gallery.x[:shown],
        a.gallery.segments[:shown],
        {name: each[:shown] for name, each in maps.items()},
        a.gallery.fs,
        steps if others else None,
    )


def _union(one: Mapping[str, Value], other: Mapping[str, Value]) -> Mapping[str, Value]:
    return {**one, **{name: value for name, value in other.items() if name not in one}}
