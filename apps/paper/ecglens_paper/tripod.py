"""Items of TRIPOD+AI that a run can answer, each with its source in the run.

tripod.csv has the items in short words, numbered as in the paper.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby

import pandas as pd
from ecglens.datamodules import ECGLENS, maker_words
from ecglens.report import limitations, printed
from ecglens.report.text import (
    METRICS,
    PROGRAMS,
    class_name,
    external_of,
    external_sentence,
    fit_of,
    fit_sentence,
    generated,
    number,
    rules_words,
    target_words,
)

from .flow import flow_chart
from .manuscript import Manuscript
from .text import begins, divided, given, leads_of

NOBODY = "The ECGs are generated, not recorded from patients."
AS_IT_IS = "Nothing was updated or recalibrated: the network was evaluated as it is."
UPDATED = "Updated: training on these ECGs began with the weights of another network (fit.start)."
Row = tuple[str, str, str, str]  # item, text, file, what is left


def _text(heading: str) -> str:
    return f"{{key}}.txt: {heading}"


def _settings(manuscript: Manuscript, part: str) -> str:
    return f"{{key}}-settings.csv: {part}" if manuscript.settings else "finding.json"


def _data(manuscript: Manuscript, texts: Mapping[str, str]) -> Iterator[Row]:
    """Items on data, participants, outcome and predictors."""
    facts, left_out = manuscript.facts, texts.get("Exclusions", "")
    shown = given(manuscript)
    nobody = NOBODY if generated(facts) else ""
    yield "5a", texts.get("Data", ""), _text("Data"), "kind of source, why it, how representative"
    for item in ("5b", "6a", "6c"):
        yield item, nobody, _text("Data"), ""
    learned = "" if facts.get("source") == "exact" else "approval for what their generator learned"
    yield "17", nobody, _text("Data"), learned
    yield "6b", left_out, _text("Exclusions"), "eligibility of the patients"
    alike = "" if nobody else "whether alike for all groups of people"
    prepared = f"The network was given {shown}. {left_out}".strip()
    yield "7", prepared, _text("Data, Exclusions"), alike
    yield "8a", texts.get("Outcome", ""), _text("Outcome"), "time horizon, when assessed, why it"
    yield "8b", _judged(manuscript), _text("Outcome"), ""
    if _trained(manuscript):
        alone = f"All samples of {shown}, without selection."
        yield "9a", alone, _settings(manuscript, "input"), ""
    measured = f"Samples of the leads {', '.join(leads_of(manuscript))} in µV."
    yield "9b", measured, _settings(manuscript, "network, versions"), "when recorded, blinding"
    yield "9c", "Samples are as recorded or generated: nobody judges them.", _text("Data"), ""
    size = _divided(manuscript)
    yield "10", size, _text("Data"), "why this size is enough"
    missing = manuscript.settings.get("data", {}).get("missing_lead")
    lead = f" ECGs with a missing lead: {missing}." if missing else ""
    yield "11", f"{left_out}{lead}".strip(), "{key}-exclusions.csv", ""
    yield "12a", size, _text("Data"), ""
    yield "16", _differences(manuscript, size), "finding.json", "difference of setting, eligibility"
    source = ", ".join(manuscript.data_sets)
    yield "18e", f"Source: {source}." if source else "", _text("Data"), "access"


def _network(manuscript: Manuscript, texts: Mapping[str, str]) -> Iterator[Row]:
    """Items on the network and its evaluation."""
    target, trained = manuscript.target, _trained(manuscript)
    classes, versions_at = target.kind == "binary", _settings(manuscript, "versions")
    of = f"{target_words(target)} ({target.unit})" if target.unit else target_words(target)
    elsewhere = "made elsewhere and evaluated here" if manuscript.settings else "evaluated"
    done = "developed and evaluated" if trained else elsewhere
    updated, done = (UPDATED, "updated and evaluated") if _updated(manuscript) else (AS_IT_IS, done)
    model_at = _settings(manuscript, "model, network")
    yield "1", f"A network for {of} was {done}.", model_at, "title, population"
    yield "4", f"A network was {done}.", model_at, "objectives"
    yield "12b", _scaled(manuscript) if trained else "", "finding.json", ""
    yield "12c", texts.get("Network", ""), _text("Network"), "why this type, how it was tuned"
    fits = [fit_of(each.facts) for each in manuscript.first_of_each_network]
    has = {key.split("/")[0] for fit in fits for key in fit}
    known = [words for name, words in METRICS.items() if name in has]
    network = f"Of the network: {', '.join(known)}." if known else ""
    measures = " ".join(filter(None, [network, texts.get("Evaluation"), texts.get("Statistics")]))
    yield "12e", measures, _text("Network, Evaluation, Statistics"), "why these, clinical utility"
    yield "12f", updated, _text("Network"), ""
    versions = manuscript.facts.get("versions", {})
    code = f"ECGLens {versions['ecglens']}" if "ecglens" in versions else "ECGLens"
    yield "12g", f"Output of the network for each ECG of the test part, by {code}.", versions_at, ""
    yield "13", _imbalance(manuscript), _text("Outcome, Network"), ""
    yield "15", _output(manuscript), _text("Outcome"), "thresholds for use" * classes
    every = ", with every setting of the run" * bool(manuscript.settings)
    yield "18f", f"{code}{every}.", versions_at, "where your code is"
    keys = dict.fromkeys(name for each in manuscript.findings for name in each.about.networks)
    model = f"{'Networks' if len(keys) > 1 else 'Network'} {', '.join(keys)}{every}."
    yield "22", model, _settings(manuscript, "all"), "where others get the weights, restrictions"


def _results(manuscript: Manuscript, texts: Mapping[str, str]) -> Iterator[Row]:
    """Items on results and their interpretation."""
    chart, facts = flow_chart(manuscript), manuscript.facts
    boxes = [*chart.read, *chart.usable, *chart.parts, chart.explained]
    counts = "; ".join(f"{each.words}: {', '.join(each.lines[1:])}" for each in boxes)
    yield "20a", f"{counts}.", "{key}-flow.png, {key}-exclusions.csv", "follow-up, if any"
    yield "20b", _labels(manuscript), "finding.json", "age, sex, dates and the rest"
    yield "20c", str(facts.get("ease", "")), "finding.json", "distributions of both parts"
    yield "21", f"{_divided(manuscript)} {_classes(manuscript)}".strip(), _text("Data"), ""
    read = [fit_sentence(each) for each in manuscript.first_of_each_network]
    yield "23a", " ".join(read), _text("Network"), "confidence intervals, subgroups"
    updated = (UPDATED, "how it read before") if _updated(manuscript) else (AS_IT_IS, "")
    yield "24", updated[0], _text("Network"), updated[1]
    said = [
        f"{rules_words(each.about.evaluation)}: {each.sentence}"
        for each in manuscript.findings
        if each.sentence
    ]
    names = {name for each in manuscript.findings for name in each.methods}
    answer = printed(" ".join(dict.fromkeys(said)), names)
    yield "25", answer, "report.html", "objectives, fairness, previous studies"
    limits = limitations(*(manuscript.first_of_each_network or manuscript.findings))
    yield "26", " ".join(limits), "report.html", "their effect, and what the run cannot know"


def _trained(manuscript: Manuscript) -> bool:
    """True if this run trained its networks, from the beginning or from another one's weights."""
    settings = manuscript.settings
    own, fit = settings.get("network", {}).get("_target_"), settings.get("fit", {})
    taken = begins(fit) and not fit["epochs"]
    return own is None and {"model", "fit"} <= settings.keys() and not taken


def _updated(manuscript: Manuscript) -> bool:
    """True if this run trained a network further."""
    return _trained(manuscript) and begins(manuscript.settings["fit"])


def _judged(manuscript: Manuscript) -> str:
    """Item on who judged the labels, where programs alone made them."""
    made = manuscript.facts.get("labels_by", {}).get(manuscript.target.explained, {})
    if made and {*made} <= {ECGLENS, *PROGRAMS}:
        return f"Nobody: the labels are {maker_words(made)}."
    return ""


def _divided(manuscript: Manuscript) -> str:
    parts = divided(manuscript)
    return f"ECGs were {parts}." if parts else ""


def _differences(manuscript: Manuscript, size: str) -> str:
    first = next(iter(manuscript.findings))
    learned = (f"{n} of {name}" for name, n in manuscript.facts.get("learned_from", {}).items())
    several = f"Training ECGs: {', '.join(learned)}." if "learned_from" in manuscript.facts else ""
    same = "The parts are of one source." if size and len(manuscript.data_sets) == 1 else several
    beside = f"External test set: {external_sentence(first)}." if external_of(first) else ""
    return " ".join(filter(None, [same, str(manuscript.facts.get("ease", "")), beside]))


def _scaled(manuscript: Manuscript) -> str:
    text = "ECGs were scaled from µV to mV, without an offset"
    # A network that began from another one may have its mean and SD.
    spread = "" if _updated(manuscript) else _spread(manuscript)
    return f"{text}; the outcome by the training labels ({spread})." if spread else f"{text}."


def _spread(manuscript: Manuscript) -> str:
    """Mean and SD of the labels of the training part, "" where there is no such number."""
    facts = manuscript.facts
    mean, sd = facts.get("y_mean"), facts.get("y_sd")
    if manuscript.target.kind == "binary" or not isinstance(mean, float) or sd is None:
        return ""
    return f"mean {number(mean)}, SD {number(sd)} {manuscript.target.unit}".rstrip()


def _imbalance(manuscript: Manuscript) -> str:
    if manuscript.target.kind != "binary":
        return "The outcome is a number: there are no classes."
    return "None: all classes and labels weigh the same." if _trained(manuscript) else ""


def _output(manuscript: Manuscript) -> str:
    if manuscript.target.kind != "binary":
        return f"A number{f' in {manuscript.target.unit}' if manuscript.target.unit else ''}."
    return "A logit per class, whose logistic function is the probability. Accuracy is at ½."


def _labels(manuscript: Manuscript) -> str:
    if spread := _spread(manuscript):
        return f"{target_words(manuscript.target)} of the training part: {spread}."
    return _classes(manuscript)


def _classes(manuscript: Manuscript) -> str:
    return " ".join(
        f"{class_name(name)}: {each['yes']} training ECGs with it, {each['no']} without, "
        f"{each['unknown']} unknown."
        for name, each in manuscript.facts.get("classes", {}).items()
    )


YOURS = "yours to write"
HEAD = ("| Item | Asks for | Here | Source |", "|---|---|---|---|")


@cache
def items() -> pd.DataFrame:
    """Number, section and short words of each item."""
    with (files(__package__ or "") / "tripod.csv").open(encoding="utf-8") as found:
        return pd.read_csv(found, dtype=str)


def checklist(manuscript: Manuscript, texts: Mapping[str, str], key: str) -> pd.DataFrame:
    """A row per item: what it asks, what this run says, where that is from, and what is yours.

    `texts` are the paragraphs of the methods text by heading, `key` names its files. An item that
    the run knows nothing of has no text.
    """
    found = {
        item: (text, source.format(key=key), yours)
        for part in (_data, _network, _results)
        for item, text, source, yours in part(manuscript, texts)
        if text
    }
    known = [found.get(number, ("", "", YOURS)) for number in items()["item"]]
    answers = pd.DataFrame(known).set_axis(["run", "source", "yours"], axis=1)
    return pd.concat([items(), answers], axis=1)


def markdown(table: pd.DataFrame, of: str, key: str) -> str:
    """The checklist as a document, a table per section; `of` is what it is about."""
    rows = table.to_dict("records")
    lines = [
        f"# TRIPOD+AI checklist: {of}",
        "",
        "Collins et al. 2024, BMJ 385:e078378, doi:10.1136/bmj-2023-078378. Numbers are those of "
        "the paper, the words of an item are short: the paper says what each asks in full.",
        "",
        f"{standing(table)} Check every answer. Marks such as [1] are the references of {key}.txt.",
    ]
    for section, group in groupby(rows, key=lambda row: row["section"]):
        lines += ["", f"## {section}", "", *HEAD, *map(_line, group)]
    return "\n".join([*lines, ""])


def standing(table: pd.DataFrame) -> str:
    """Numbers of items that are answered and that are left."""
    known, left = table["run"] != "", table["yours"] != ""
    return (
        f"This run answers {(known & ~left).sum()} of {len(table)} items, "
        f"{(known & left).sum()} in part; {(~known).sum()} are yours to write."
    )


def _line(row: Mapping[str, str]) -> str:
    left = {"": "", YOURS: f"*{YOURS}*"}.get(row["yours"], f"*Yours to write: {row['yours']}.*")
    cells = (row["item"], row["asks"], f"{row['run']} {left}".strip(), row["source"])
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
