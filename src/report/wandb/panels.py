"""Panels and summary of a run on W&B: a chart of all curves, tables, figures, ten values.

A key is the name of the evaluation and what is shown, such as default/curves: runs of other targets
and inputs have the same keys, so that one panel shows them side by side.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from io import BytesIO
from math import nan
from statistics import fmean
from typing import Any

import pandas as pd
from PIL import Image

from ...eval import Answer, Finding
from ..answer.tables import agreements_table
from ..answer.words import titles, words_of
from ..style import style
from ..text.facts import excluded_ecgs
from ..text.quality import fit_of, fit_of_class
from ..text.words import level_words
from ..views.perturbation import PerturbationView
from ..views.view import View
from ..views.views import RunViews

CHART, CHART_TABLE = "wandb/lineseries/v0", "Custom Chart Tables/{}/curves_table"
# A chart, the summary, names of ECGs, and what cautions say in words.
NOT_TABLES = ("curves", "quality", "excluded", "order", "maps")
OF_MANY = ("ranking", "ranks", "ladder")  # figures over many ECGs, as those of folds


def panels(run: RunViews) -> dict[str, Any]:
    """Everything to log but the ECGs, by its key.

    With ECGs that have to stay on this machine the curves are a picture.
    """
    stays, answers = run.stay, _answers(run)
    shown = {name: logged_table(table, stays) for name, table in answers.items()}
    seen = Counter[str]()
    for view in (*run.ranked, *run.others):
        name = view.finding.about.evaluation
        seen[name] += 1
        key = name if seen[name] == 1 else f"{name} {seen[name]}"
        found = _of_ranking(view, stays) if isinstance(view, PerturbationView) else _of_view(view)
        for name, each in found.items():
            table = isinstance(each, pd.DataFrame)
            shown[f"{key}/{name}"] = logged_table(each, stays) if table else each
    return shown


def _answers(run: RunViews) -> Mapping[str, pd.DataFrame]:
    """Tables over all views: answer for each method and evaluation, agreement, networks."""
    found = {
        "answer/methods": pd.DataFrame(_methods(run)),
        "answer/evaluations": pd.DataFrame(
            {"evaluation": view.title, "answer": view.sentence}
            for view in (*run.ranked, *run.others)
        ),
        "answer/agreements": agreements_table(run),
        "answer/networks": pd.DataFrame(_networks([*run.ranked, *run.others])),
    }
    return {name: table for name, table in found.items() if len(table)}


def _methods(run: RunViews) -> list[dict[str, str | None]]:
    every = [each.witness.verdict for answer in run.answers for each in answer.methods]
    measured, named = any(each != "not measured" for each in every), titles(run)
    return [
        {
            "of": named[answer],
            "method": style(name).label,
            "answer": words.use,
            "level": words.level or None,
            "specific to its ECG": answer.of[name].this_ecg.verdict,
            **({"measured effects": answer.of[name].witness.verdict} if measured else {}),
            "reason": words.reason,
            "next command": words.command,
        }
        for answer in run.answers
        for name, words in words_of(answer).items()
    ]


def _networks(views: Sequence[View]) -> list[dict[str, Any]]:
    """Errors of each network on the test part and on a second data set, each once."""
    rows = {}
    for view in views:
        about = view.finding.about
        for place, network in enumerate(about.networks):
            facts = about.facts(place)
            for where, one in (("test part", facts), ("external", facts.get("external", {}))):
                seed = facts.get("settings", {}).get("seed")
                if fit := fit_of(one):
                    row = {"network": network, "seed": seed, "ecgs": where, **fit}
                    rows[network, where] = row
    return [*rows.values()]


def _of_view(view: View) -> dict[str, Any]:
    """Everything in it is a mean over ECGs."""
    table = {"methods": view.finding.table} if len(view.finding.table) else {}
    return table | {name: _picture(each, view.title) for name, each in view.pictures.items()}


def _of_ranking(view: PerturbationView, stays: bool) -> dict[str, Any]:
    tables = {name: each for name, each in view.tables.items() if name not in NOT_TABLES}
    names = [name for name in (*OF_MANY, *view.folds) if name in view.figures]
    shown = ["curves", *names] if stays else names
    pictures = {f"figure-{name}": _picture(view.pictures[name], view.title) for name in shown}
    return tables | pictures | ({} if stays else {"curves": _curves(view)})


def _curves(view: PerturbationView) -> Any:
    """One CHART of the mean curves of all methods and controls, whose table is CHART_TABLE."""
    import wandb

    mean = view.curves.mean
    return wandb.plot.line_series(
        xs=list(range(max(len(curve) for curve in mean.values()))),
        ys=[[float(value) for value in curve] for curve in mean.values()],
        keys=[style(name).label for name in mean],
        title=view.curves.outcome,
        xname="step",
        split_table=True,
    )


def _picture(picture: bytes, caption: str) -> Any:
    import wandb

    return wandb.Image(Image.open(BytesIO(picture)), caption=caption)


def logged_table(table: pd.DataFrame, stays: bool) -> Any:
    """A table with printed names as W&B knows it, without pandas' own kinds of missing values.

    It is text where ECGs have to stay: W&B sends the full path of a table's file.
    """
    import wandb

    plain = table.astype(object).where(table.notna(), None)
    if "method" in plain:
        plain["method"] = [style(name).label for name in plain["method"]]
    if stays:
        text = plain.to_html(index=False, border=0, float_format="{:.6g}".format)
        return wandb.Html(text, inject=False)
    return wandb.Table(dataframe=plain)


NONE, UNTESTED = "none", "not tested"
# Methods above every rung of a level of the null ladder, by every protocol that decides.
BEAT = ("beat_random", "beat_target_prior", "beat_other_patients")
# The target is not among them: it is a tag and a setting, as are input, data and network.
SUMMARY = ("best", "use", "level", *BEAT, "fit_error", "ecgs", "excluded", "minutes")


def summary(run: RunViews, minutes: float) -> dict[str, Any]:
    """The values by name, NaN for a number that is not known.

    The findings are of networks that differ in their seed alone; `minutes` is the duration. ECGs
    and networks are those of the rankings: other evaluations may have fewer.
    """
    answer = next(iter(run.answers), None)
    first = max((view.finding for view in (*run.ranked, *run.others)), key=_size)
    about = first.about
    return {
        "best": best(run),
        "use": use(run),
        "level": _level(answer),
        **{name: _beaten(answer, number) for number, name in enumerate(BEAT, 1)},
        "fit_error": _fit_error(first),
        "ecgs": len(about.records),
        "excluded": len(excluded_ecgs(first)),
        "minutes": minutes,
    }


def _size(finding: Finding) -> tuple[bool, int, int]:
    """Whether it ranks; networks and ECGs."""
    return bool(finding.curves), len(finding.about.networks), len(finding.about.records)


def best(run: RunViews) -> str:
    """The strongest method to use, by its printed name."""
    named = run.answers[0].use[:1] if run.answers else ()
    return style(named[0]).label if named else use(run)


def use(run: RunViews) -> str:
    """The methods to use, strongest first, by their printed names."""
    if not run.answers:
        return UNTESTED
    return ", ".join(style(name).label for name in run.answers[0].use) or NONE


def _level(answer: Answer | None) -> str:
    """The highest level of the null ladder that a method reached."""
    if answer is None or not answer.tested:
        return UNTESTED
    highest = max((each.level for each in answer.methods), default=0)
    return level_words(highest, answer.target) or NONE


def _beaten(answer: Answer | None, level: int) -> float:
    """Number of methods above the rungs of this level, whatever they reach below."""
    if answer is None or level not in answer.tested:
        return nan
    return len(answer.above(level))


def _fit_error(finding: Finding) -> float:
    """Mean absolute error in the target's unit, or 1 − AUROC of a class; mean over networks."""
    about = finding.about
    fits = [fit_of_class(fit_of(each), about.target.explained) for each in about.fits]
    errors = [fit["mae"] if "mae" in fit else 1 - fit.get("auroc", nan) for fit in fits]
    return fmean(errors) if errors else nan
