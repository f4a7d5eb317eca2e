"""Attribution methods and their evaluation, as paragraphs for a paper."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..style import listed, style
from ..text.disturbance import disturbed
from ..text.numerals import counted
from ..text.sampled import seen
from ..text.words import auc_label, rules_words
from .manuscript import Manuscript
from .references import Citations


def methods(manuscript: Manuscript, cite: Citations) -> str:
    """Every method with its settings and sources, the controls, and what was left out."""
    settings = manuscript.settings.get("method", {})
    scores = [each.curves[0] for each in manuscript.ranked]
    names = list(dict.fromkeys([*settings, *(name for each in scores for name in each.methods)]))
    left_out = {name: why for each in scores for name, why in each.left_out.items()}
    used = [name for name in names if name not in left_out]
    sources: dict[str, Sequence[str]] = {}
    for finding in manuscript.findings:
        sources |= finding.about.method_cites
    text = ""
    if used:
        each = [f"{style(name).label}{_set(settings.get(name, {}))}{cite(*sources.get(name, ()))}"
                for name in used]  # fmt: skip
        text = f"Heatmaps were made by {counted(len(used), 'attribution method')}: "
        text += "; ".join(each) + "."
    controls = list(dict.fromkeys(name for each in scores for name in each.controls))
    if controls:
        plain = listed(controls).replace(" (control)", "").replace("Random", "random numbers")
        text += f" They were compared with maps that know nothing of the network ({plain})."
    for name, why in left_out.items():
        text += f" {style(name).label} was left out: {why}."
    return text.strip()


def evaluation(manuscript: Manuscript, cite: Citations) -> str:
    """The perturbation protocols, then the other experiments."""
    sentences = []
    for finding in manuscript.first_of_each_protocol:
        scores, protocol = finding.curves[0], finding.curves[0].protocol
        of = seen(len(scores.records), len({*scores.patients}), manuscript.facts, "test")
        sentences.append(
            f"Heatmaps of {of} were ranked by perturbation{cite(*finding.about.cites)}, "
            f"{rules_words(protocol.name)}: {disturbed(protocol)}; "
            f"{counted(protocol.draws, 'random draw')}. The score was the {auc_label(finding)}."
        )
    for finding in manuscript.others:
        if finding.reason:
            continue
        about = finding.about
        marks = cite(*about.cites)
        of = f"{counted(len(about.records), 'test ECG')}, {counted(len(about.networks), 'network')}"
        sentences.append(f"{about.question.rstrip('?')}{marks}? This was evaluated on {of}.")
    return " ".join(sentences)


def _set(settings: Mapping[str, Any]) -> str:
    """In brackets; what is left to the method, as a layer that it chooses, is not said."""
    given = {k: v for k, v in settings.items() if k != "_target_" and v is not None}
    said = [f"{key.replace('_', ' ')} {_said(value)}" for key, value in given.items()]
    return f" ({', '.join(said)})" if said else ""


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
