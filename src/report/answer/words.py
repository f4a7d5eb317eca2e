"""Sentences on an answer of eval: why a method may be used or not, and what to run next."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import expit

from ...eval import (
    AS_WELL,
    GATES,
    LADDER_GATE,
    LADDER_LEVELS,
    LINTER_GATE,
    MOST_KEPT,
    TARGET_PRIOR,
    USES,
    Answer,
    MethodAnswer,
    Reading,
    overridden,
)
from ..next_run import command_of
from ..style import joined, listed
from ..text.numerals import counted, number, percent
from ..text.words import INPUTS, level_words, rules_words, target_words
from ..views.views import RunViews
from .statements import UNTRIED, own_ecgs, twins_sentence, with_witness, witness_sentences

# Uses are told apart by shape as well as by word and colour.
SIGNS = dict(zip(USES, "●◐✕", strict=True))
TOP = len(LADDER_LEVELS)  # level of a map above those of other patients
# Nulls of the return test, within a sentence.
NULL_MAPS = {
    "nearest": "the map of the patient with the nearest reading, laid on its waves,",
    "nearest_from_r": "the map of the patient with the nearest reading",
    "same_side": "the mean map of the patients on its side of the typical reading, laid on its "
    "waves,",
    "same_side_from_r": "the mean map of the patients on its side of the typical reading",
}
WEIGHTS, MOVED, LABELS = (GATES[f"{each}_verdict"] for each in ("redrawn", "moved", "labels"))
# Networks without the knowledge that a map has to show.
TWINS = {
    WEIGHTS: "one with redrawn weights",
    MOVED: "this network behind a moved input",
    LABELS: "one trained on permuted labels",
}
# Gates as heads of a table.
GATE_HEADS = {
    LINTER_GATE: "Valid here",
    LADDER_GATE: "Controls and region",
    WEIGHTS: "Redrawn weights",
    MOVED: "Moved input",
    LABELS: "Permuted labels",
}
# What a map does that fails a gate.
FAULTS = {
    LINTER_GATE: "the method is invalid on this network",
    LADDER_GATE: "it did not beat a required control",
    **{gate: f"the map of {twin} does nearly as well here" for gate, twin in TWINS.items()},
}
# Rungs of the gate, within a sentence.
RUNGS = {
    "random": "random numbers",
    "abs_x": "|x|",
    "abs_dx": "|dx/dt|",
    TARGET_PRIOR: "the {target} region",
}
# Whether a map is specific to its ECG (eval.answer.this_ecg).
ABOUT_ECG = {
    "shown": "It was shown to say what makes this ECG’s reading differ from the typical one.",
    "not shown": "It was not shown to be specific to this ECG.",
    "not tested": "Whether it is specific to this ECG was not tested.",
}
# Why a gate cannot be tried on a network, and who could.
NOTES = {
    "own labels": "Train such a network yourself; pass it as `permuted=`.",
    "no weights": "Its weights cannot be redrawn, and the network or the map does not follow a "
    "moved input.",
}
FAR = -100.0  # errors ten times the spread of the labels: how far below says nothing more
METRICS = {"r2": "R²", "auroc": "AUROC"}
ERRORS = {"r2": "its mean absolute error", "auroc": "the SD of its logit"}


@dataclass(frozen=True)
class AnswerWords:
    """Use and level of a method, their reason, and the next command; "" for none."""

    use: str
    level: str
    reason: str
    command: str


def words_of(answer: Answer) -> dict[str, AnswerWords]:
    """Words on each method of an answer."""
    return {each.name: _words(answer, each) for each in answer.methods}


def titles(run: RunViews) -> dict[Answer, str]:
    """Target and input of each answer, as in a heading, and what differs where two are alike."""
    plain = {answer: _title(answer) for answer in run.answers}
    alike = Counter(plain.values())
    return {
        answer: f"{plain[answer]} · {views[0].differing or views[0].network}"
        if alike[plain[answer]] > 1
        else plain[answer]
        for answer, views in run.groups
    }


def _title(answer: Answer) -> str:
    """Target and input, and the data set where there are several."""
    input_words = INPUTS.get(answer.input, answer.input)
    return " · ".join(filter(None, (target_words(answer.target), input_words, answer.data)))


def protocols(answer: Answer) -> list[str]:
    """The deciding protocols, as a title names them."""
    other = answer.judged and overridden(answer.judged.first.curves[0].protocol)
    return [rules_words(name) + ", other settings" * bool(other) for name in answer.protocols]


def banner(answer: Answer) -> str:
    """Sentences on a network that does not read its target; "" where it does or nobody tested."""
    reads = answer.reads
    if reads.verdict != "does not read":
        return ""
    who = "This network" if len(answer.networks) == 1 else "The worst of these networks"
    said = f"{who} {not_learned(answer)}: {_too_little(reads)}. Do not use its maps."
    return f"{said} {on_explained(answer)}".rstrip()


def not_learned(answer: Answer) -> str:
    """Clause on a network that does not read its target."""
    learned = "was not shown to have learned" if answer.reads.undecided else "has not learned"
    return f"{learned} {target_words(answer.target)}"


def _too_little(reads: Reading) -> str:
    """Clause on the number for which a network does not read its target, with its limit."""
    if reads.low > reads.limit:
        return (
            f"disturbing its ECGs moves the prediction by {percent(reads.moved)} of "
            f"{ERRORS[reads.metric]}, less than {percent(reads.least_moved)}"
        )
    found = f"{METRICS[reads.metric]} is {number(reads.value)} ({_interval(reads)})"
    return f"{found} on {_ecgs(reads)}, and its interval has to lie above {number(reads.limit)}"


def on_explained(answer: Answer) -> str:
    """Sentences where the explained ECGs alone would have decided otherwise; "" where not."""
    alone = answer.reads.explained
    if alone is None or alone.worst is None:
        return ""
    worst, read, y = alone.worst, alone.worst.read, number(alone.worst.y)
    unit = f"\u00a0{answer.target.unit}".rstrip()
    if alone.metric == "auroc":  # a probability of a logit
        read, unit = float(expit(read)), ""
    return (
        f"The {counted(alone.ecgs, 'explained ECG')} alone would decide otherwise: "
        f"{METRICS[alone.metric]} is {number(alone.value)} ({_interval(alone)}). Maps of misread "
        f"ECGs are explained too; the worst is {worst.record}, which is read as "
        f"{number(read)}{unit} where its label is {y}{unit}."
    )


def _ecgs(reads: Reading) -> str:
    """Number of the ECGs that R² or AUROC is of, and which they are."""
    return counted(reads.ecgs, "test ECG" if reads.test_part else "explained ECG")


def _interval(reads: Reading) -> str:
    """The interval; R² of a few labels that hardly differ has no size worth printing."""
    low, high = (
        number(each) if not each < FAR else f"below {number(FAR)}"
        for each in (reads.low, reads.high)
    )
    return f"95 % interval {low} to {high}"


def why_untested(reads: Reading) -> str:
    """Reason why a network was not tested on reading its target."""
    if not reads.ecgs:
        return "the ECGs have no labels"
    seen = f"on the {counted(reads.ecgs, 'labelled ECG')} "
    if reads.metric == "auroc":
        return f"{seen}fewer than 2 patients have the class, or fewer than 2 lack it"
    return f"{seen}the labels do not differ, or are of one patient"


def gates_in_words(answer: Answer) -> list[str]:
    """Sentences for a methods text: whether the network reads its target, and untested gates."""
    reads, target = answer.reads, target_words(answer.target)
    metric, error = METRICS[reads.metric], ERRORS[reads.metric]
    # Without an error there is no share of it.
    change = f", and the change was {percent(reads.moved)}" if math.isfinite(reads.moved) else ""
    sentences = [
        f"No heatmap is used where the network does not read {target}: the lower end of the 95 % "
        f"interval of {metric} has to lie above {number(reads.limit)}, and the mean change of the "
        "prediction over the steps of a score, by the map that changes it most, has to be at "
        f"least {percent(reads.least_moved)} of {error}.",
        f"This was not tested: {why_untested(reads)}."
        if reads.verdict == "not tested"
        else f"Here {metric} was {number(reads.value)} ({_interval(reads)}) on "
        f"{_ecgs(reads)}{change}. {on_explained(answer)}".rstrip(),
    ]
    untried = [
        TWINS[gate]
        for gate in (answer.methods[0].gates if answer.methods else ())
        if gate in TWINS and all(each.gates[gate] in UNTRIED for each in answer.methods)
    ]
    sentences += filter(None, [twins_sentence(answer), *witness_sentences(answer)])
    if untried:
        sentences.append(
            "Not tested: whether a heatmap says more about this network than that of "
            f"{' or '.join(untried)}."
        )
    return [*sentences, return_test_in_words(answer)]


def strongest_null(method: MethodAnswer) -> str:
    """Clause on the return by the strongest map of other patients; "" where none is known."""
    found = method.this_ecg
    if not found.null:
        return ""
    ends = f" ({percent(found.low)} to {percent(found.high)})" if math.isfinite(found.low) else ""
    return f"{NULL_MAPS[found.null]} returns {percent(found.share)}{ends} of what its own map does"


def template_sentence(method: MethodAnswer) -> str:
    """Sentence on the map of other patients that does as well; "" where none was shown to."""
    if not (name := method.this_ecg.template):
        return ""
    return f"A template explains it: {NULL_MAPS[name]} does as well, within {percent(AS_WELL)}."


def return_test_in_words(answer: Answer) -> str:
    """Sentence for a methods text on what decides whether a map is specific to its ECG."""
    tested = [each.name for each in answer.methods if each.this_ecg.verdict != "not tested"]
    if not tested:
        return "Whether a heatmap is specific to its ECG was not tested."
    shown = [each.name for each in answer.methods if each.this_ecg.verdict == "shown"]
    said = f"was shown for {listed(shown)}" if shown else "was shown for no method"
    if len(tested) < len(answer.methods):
        said = f"was tested for {listed(tested)} alone and {said}"
    return (
        "A heatmap is specific to its ECG where each of four maps of other patients returns the "
        f"reading less than {percent(MOST_KEPT)} as far to the typical reading as its own map "
        f"does; this {said}."
    )


def in_a_line(answer: Answer) -> str:
    """The answer in a sentence."""
    if answer.use:
        return f"Use {listed(answer.use)}."
    if answer.reads.verdict == "does not read":
        return f"None: the network {not_learned(answer)}."
    if answer.not_shown:
        return f"None yet: a test is missing or not decided for {listed(answer.not_shown)}."
    return "None: every method failed a test." if answer.methods else "None: no method was scored."


def across(answers: Sequence[Answer]) -> str:
    """The answers of several networks or targets in a sentence or two."""
    if len(answers) == 1:
        return in_a_line(answers[0])
    count, none = len(answers), sum(not each.use for each in answers)
    everywhere = [name for name in answers[0].use if all(name in each.use for each in answers)]
    text = f"No method is to be used in all {count} comparisons."
    if everywhere:
        text = f"Use {listed(everywhere)} in all {count} comparisons."
    if none == count:
        text = f"No method is to be used in any of the {count} comparisons."
    elif none:
        text += f" In {counted(none, 'comparison')} no method is."
    if _differs_by_target(answers):
        text += " The strongest method is not the same for every target."
    return (
        f"{text}{own_ecgs(answers)} Tests are corrected for the methods of each comparison, not "
        f"for the {count} comparisons: a result of only some of them may be chance."
    )


def _differs_by_target(answers: Sequence[Answer]) -> bool:
    """True if no method is best for every target, on one kind of input."""
    best: dict[str, dict[object, set[str]]] = {}
    for each in answers:
        if each.best is not None:
            best.setdefault(each.input, {}).setdefault(each.target, set()).add(each.best)
    return any(not set.intersection(*of.values()) for of in best.values())


def _words(answer: Answer, method: MethodAnswer) -> AnswerWords:
    lacks, name = _lacks(method), level_words(method.level, answer.target)
    if method.use == "do not use":
        reason = _failed(answer, method)
    elif method.use == "use":
        reason = f"{_for_what(method)} {lacks}".rstrip()
    elif answer.reads.verdict == "does not read":
        target = target_words(answer.target)
        reason = f"It explains a network that was not shown to have learned {target}."
    elif not method.level:
        reason = "It was not shown to find places that the network is sensitive to."
    elif method.level < answer.needed:
        unseen = "was not shown to beat"
        if "ladder" in method.missing:
            unseen = "was not compared with"
        unseen += f" the {target_words(answer.target)} region itself"
        reason = f"It finds places that the network is sensitive to, but {unseen}."
    else:
        reason = f"It {name}. {lacks}".rstrip()
    command = command_of(answer, method.next)
    return AnswerWords(method.use, name, with_witness(reason, method), command)


def _lacks(method: MethodAnswer) -> str:
    """Sentences on the gates that were not tried and those that are not decided; may be ""."""
    said = [
        f"{start}: whether {_asked([gate for gate in method.gates if method.gates[gate] in of])}."
        for start, of in (
            ("Not tested", UNTRIED),
            ("Not decided with these ECGs", ("cannot be said",)),
        )
        if any(verdict in of for verdict in method.gates.values())
    ]
    # Where redrawn weights are missing too, one run makes both.
    missing = () if "weights" in method.missing else method.missing
    return " ".join(said + [NOTES[name] for name in missing if name in NOTES])


def _asked(gates: Sequence[str]) -> str:
    """Demands of these gates on a map."""
    twins = " or ".join(TWINS[gate] for gate in gates if gate in TWINS)
    others = [f"it {gate}" for gate in gates if gate not in TWINS]
    more = [f"it says more about this network than the map of {twins}"] if twins else []
    return ", and whether ".join(others + more)


def _failed(answer: Answer, method: MethodAnswer) -> str:
    """A sentence on the gates that a map failed, from what decided each."""
    found = FAULTS | ({LADDER_GATE: why} if (why := _not_above(answer, method)) else {})
    for gate, protocol in method.no_better_than_random.items():
        found[gate] = f"its map scores no more than random numbers ({rules_words(protocol)})"
    said = ", and ".join(dict.fromkeys(found[gate] for gate in method.failed))
    tests = "a test" if len(method.failed) == 1 else "tests"
    if method.perhaps:
        return f"It failed {tests}, perhaps by chance: {said}. Run on more ECGs."
    return f"It failed {tests}: {said}."


def _not_above(answer: Answer, method: MethodAnswer) -> str:
    """Rungs that the map is not above, within a sentence; "" where it is above every rung."""
    if not method.failed_rungs:
        return ""
    target = target_words(answer.target)
    rungs = [words for rung, words in RUNGS.items() if rung in method.failed_rungs]
    maps = joined(rungs, "or").format(target=target)
    if LADDER_GATE in method.by_chance:
        return f"its map was not above {maps}"
    return f"its points move the prediction no more than {maps}"


def _for_what(method: MethodAnswer) -> str:
    """Uses that a map that passed allows, and those that it does not."""
    passed = "It passed these tests on these data"
    if method.level == TOP:
        claim = (
            f"{passed}, and its points move the prediction more than those of its maps of other "
            "patients."
        )
    elif method.level == 1:
        claim = (
            f"{passed}: it shows places that the network is sensitive to. The target has no region "
            "to compare with."
        )
    else:
        claim = f"{passed}: it shows what the network reacts to."
    claim = f"{claim} {ABOUT_ECG[method.this_ecg.verdict]} {template_sentence(method)}".rstrip()
    alone = {"networks", "own networks"} & {*method.missing}
    return f"{claim} One network was tested." if alone else claim
