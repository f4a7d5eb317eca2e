"""Paragraphs for the methods of a paper, in the order of TRIPOD+AI; numbers are facts alone."""

from collections.abc import Mapping
from typing import Any

from ..text.facts import installed_versions
from ..text.numerals import counted, number
from ..text.quality import fit_sentence
from .analysis_text import evaluation, methods
from .data_text import data, exclusions, outcome
from .manuscript import Manuscript
from .references import Citations
from .statistics_text import statistics

GUIDELINE = "collins2024"  # TRIPOD+AI
SCHEDULES = {
    "one_cycle": "a one-cycle learning rate up to",
    "plateau": "a learning rate, halved when the validation loss stayed, of",
}


def paragraphs(manuscript: Manuscript, cite: Citations) -> list[tuple[str, str]]:
    """Headings and texts."""
    found = [
        ("Data", data(manuscript)),
        ("Outcome", outcome(manuscript)),
        ("Exclusions", exclusions(manuscript)),
        ("Network", network(manuscript)),
        ("Attribution methods", methods(manuscript, cite)),
        ("Evaluation", evaluation(manuscript, cite)),
        ("Statistics", statistics(manuscript, cite)),
        ("Software", software(manuscript, cite)),
    ]
    return [(heading, text) for heading, text in found if text]


def network(manuscript: Manuscript) -> str:
    """Which network, how it was trained, and how well it reads."""
    settings, firsts = manuscript.settings, manuscript.first_of_each_network
    read = [fit_sentence(each) for each in firsts]
    if len(firsts) > 1:
        read = [f"Network {n}: {text}" for n, text in enumerate(read, 1) if text]
    own = settings.get("network", {}).get("_target_")
    sentences = []
    if own is not None:
        sentences = [f"A network of our own ({own}) was explained as it is."]
    elif "model" in settings and "fit" in settings:
        sentences = [trained(manuscript, settings["model"], settings["fit"])]
    return " ".join(filter(None, [*sentences, *read]))


def trained(manuscript: Manuscript, model: Mapping[str, Any], fit: Mapping[str, Any]) -> str:
    """How the networks came to their weights."""
    kind, several = str(model["_target_"]).rpartition(".")[2], manuscript.networks > 1
    loss = (
        "cross-entropy"
        if manuscript.target.kind == "binary"
        else "squared error of the standardised outcome"
    )
    seeds = ", ".join(map(str, manuscript.seeds))
    schedule = SCHEDULES.get(str(fit["schedule"]), f"the schedule {fit['schedule']} with")
    what = f"{manuscript.networks} networks of type {kind} were" if several else f"A {kind} was"
    return (
        f"{what} trained on the mean {loss} by Adam for {counted(fit['epochs'], 'epoch')} in "
        f"batches of {fit['batch_size']}, with {schedule} {number(fit['lr'])} (random "
        f"seed{'s' if several else ''} {seeds}); the weights after the last epoch were kept."
    )


def software(manuscript: Manuscript, cite: Citations) -> str:
    """Versions, and the guideline whose checklist this run fills in part."""
    versions = manuscript.facts.get("versions") or installed_versions()
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{named}. A TRIPOD+AI checklist{cite(GUIDELINE)} is filled in part."
