"""Page of Arends 2026: what it compared, here and as printed, and its four experiments."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from ecglens.eval import Finding
from ecglens.explain import controls
from ecglens.report.text import percent

from .arends_changes import perturbation, weights
from .arends_maps import consistency, similarity
from .experiments import FIBRILLATION, Section, Table, explained, learned, metric, of_data
from .printed import printed_arends


def arends(findings: Sequence[Finding]) -> list[Section]:
    """Parts of the page. Raises ValueError for none of the four experiments."""
    made = [experiment(findings) for experiment in (similarity, consistency, weights, perturbation)]
    parts = [part for part in made if part is not None]
    if not parts:
        raise ValueError("expected an experiment of Arends 2026, got none: no job has finished")
    return [*parts, setup_part(findings)]


EXPERIMENTS = ("similarity", "consistency", "weights", "perturbation")  # in the study's order
TIED = 0.01  # share of samples at exactly 0 µV from which ties are worth a sentence


def setup_part(findings: Sequence[Finding]) -> Section:
    """Numbers of each data set beside the printed ones, what was asked, and of which ECGs."""
    by_data: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        if not finding.reason:
            by_data.setdefault(tuple(learned(finding).values()), []).append(finding)
    sets = [*by_data.values()]
    caption = (
        "What was compared. Here: methods, ECGs of the data set, classes that some of its training "
        "ECGs have, the smallest AUROC of a class and network on the test part, and classes whose "
        "logit is explained. Which twelve methods and nine diagnoses the study has is not in its "
        "abstract."
    )
    # Counts and an AUROC share a column.
    compared = pd.DataFrame([row for own in sets for row in _compared(own)], dtype=object)
    words = [
        "The abstract names neither the correlation nor the sign of the maps: Spearman ρ is given "
        "of absolute and of signed maps.",
        *filter(None, map(_zeros, sets)),
    ]
    if any(each.about.input == "median" and explained(each) == "af" for each in findings):
        words.append(FIBRILLATION)
    tables = (Table("setup", caption, compared), _asked(sets), _classes(sets))
    return Section("Set-up", tables, (), tuple(words))


def _compared(own: Sequence[Finding]) -> list[dict[str, object]]:
    finding = max(own, key=lambda each: len(each.about.networks))
    about = finding.about
    counts = about.facts().get("classes", {})
    have = [name for name in about.target.outputs if counts.get(name, {"yes": 1})["yes"]]
    ours = {
        "methods": len([name for name in finding.methods if name not in controls()]),
        "ecgs": about.facts().get("ecgs", len(about.records)),
        "classes": len(have),
        "auroc": _lowest(finding, [*about.target.outputs]),
        "classes explained": len({*map(explained, own)}),
    }
    printed = printed_arends()
    return [
        {"quantity": name}
        | learned(finding)
        | {"here": value, "printed": printed[name]["words"] if name in printed else ""}
        for name, value in ours.items()
    ]


def _asked(sets: Sequence[Sequence[Finding]]) -> Table:
    """Classes, ECGs and networks of each experiment."""
    rows = []
    for own in sets:
        for number, name in enumerate(EXPERIMENTS, 1):
            found = [each for each in own if _experiment(each) == name]
            if found:
                rows.append(
                    {"experiment": f"{number}. {name}"}
                    | learned(found[0])
                    | {"classes": len({*map(explained, found)})}
                    | {"ecgs": max(len(each.about.records) for each in found)}
                    | {"networks": max(len(each.about.networks) for each in found)}
                )
    caption = (
        "Classes, ECGs and networks of each experiment. Experiments 1 and 3 take the first "
        "network, the others every one."
    )
    table = pd.DataFrame(rows)
    shown = table.rename(columns={"classes": "classes explained", "ecgs": "ECGs explained"})
    return Table("experiments", caption, table, shown)


def _classes(sets: Sequence[Sequence[Finding]]) -> Table:
    """ECGs with each class that is explained, and how well the networks tell it."""
    rows = []
    for own in sets:
        # Labels of the explained ECGs come with curves alone.
        first = {explained(each): each for each in sorted(own, key=lambda each: bool(each.curves))}
        rows += [
            {"explained": name}
            | learned(finding)
            | {"ecgs": len(finding.about.records), "with_it": _with_it(finding)}
            | {"auroc": _lowest(finding, [name])}
            for name, finding in first.items()
        ]
    caption = (
        "Classes whose logit is explained: ECGs, those of them with the class (a dash where the "
        "run did not keep the labels), and the smallest AUROC of a network on the test part."
    )
    table = pd.DataFrame(rows, dtype=object)
    heads = {"explained": "class", "ecgs": "ECGs explained", "with_it": "with the class"}
    shown = table.rename(columns={**heads, "auroc": "smallest AUROC"})
    return Table("classes", caption, table, shown)


def _experiment(finding: Finding) -> str:
    return "perturbation" if finding.curves else finding.about.evaluation


def _with_it(finding: Finding) -> int | None:
    return int((finding.curves[0].y == 1).sum()) if finding.curves else None


def _lowest(finding: Finding, classes: Sequence[str]) -> float:
    """Smallest AUROC of these classes over networks; NaN where none is known."""
    about = finding.about
    facts = [about.facts(number) for number in range(len(about.networks))]
    aurocs = [metric(each, "auroc", name) for each in facts for name in classes]
    return min(filter(np.isfinite, aurocs), default=np.nan)


def _zeros(own: Sequence[Finding]) -> str:
    """Caution on samples at exactly 0 µV; "" where they are few or no ECG was kept."""
    kept: Mapping[str, np.ndarray] = {
        record: x
        for finding in own
        for curves in finding.curves[:1]
        for record, x in zip(curves.gallery.records, curves.gallery.x, strict=True)
    }
    share = float(np.mean([np.mean(x == 0) for x in kept.values()])) if kept else 0.0
    if share < TIED:
        return ""
    return (
        f"On {of_data(learned(own[0]))}: in the {len(kept)} ECGs that are drawn {percent(share)} "
        "of the samples are exactly 0 µV. Maps multiplied by the input are 0 there in every "
        "network: these ties raise ρ of their absolute maps (docs/sanity.md, “Zeros tie”)."
    )
