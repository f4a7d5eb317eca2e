"""Claims about maps in numbers: a row each, and the ECGs that one which is not shown takes."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import isfinite, isnan
from typing import Any

from ...eval import AS_WELL, GAINS, Answer, Claim
from ...eval.statistics import MOST_ECGS
from ..next_run import Made, near, program
from ..style import joined
from ..text.numerals import NOTHING, fixed, percent
from ..text.words import rules_words, target_words
from .words import NULL_MAPS, RUNGS

# What each claim says of a map.
CLAIMS: Mapping[str, str] = {
    "network": "about this network",
    "target": "beats the {target} region itself",
    "other patients": "beats other patients’ maps",
    "this ECG": "specific to its ECG",
}
# Maps that a claim compares with, within a sentence.
OTHERS = {
    "redrawn": "the map with redrawn weights",
    "moved": "the map with a moved input",
    "labels": "the map with permuted labels",
    "mean_of_others": "the mean map of other patients",
    "another_patient": "the map of another patient",
    "mean_of_others_by_waves": "the mean map of other patients, laid by waves",
    "another_patient_by_waves": "the map of another patient, laid by waves",
}
HEADS = (
    *("Method", "Claim", "Shown", "Strongest null", "#% of own", "#95 % interval"),
    *(f"#Power for {percent(gain)}" for gain in GAINS),
    *(f"#ECGs for {percent(gain)}" for gain in GAINS),
    "Besides",
)


def takes(claim: Claim | None) -> str:
    """Clause on the ECGs that would show the largest open gain, or on there being none."""
    if claim and claim.plan:
        gain, ecgs = claim.plan
        return f"+{percent(gain)} takes {_number(ecgs)} ECGs"
    return f"gain below {percent(GAINS[0])}" if claim and claim.most < GAINS[0] else ""


def takes_sentence(claim: Claim | None, answer: Answer, made: Made | None) -> str:
    """Sentence of the same, of a plan with its command; "" where the clause is empty."""
    if claim and claim.plan:
        gain, ecgs = claim.plan
        command = plan_command(claim.about, answer, made, gain)
        return f"A gain of {percent(gain)} takes {_number(ecgs)} ECGs: {command}."
    said = takes(claim)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def plan_command(
    about: str, answer: Answer, made: Made | None = None, gain: float = GAINS[-1]
) -> str:
    """Command that plans a claim; RUN where the page does not know or withholds the folder."""
    start = ["ecglens", "plan", "--from", "RUN"]
    if made and answer.run.command:
        start = [program(), "plan", "--from", str(near(made.folder))]
    # The command's own default is the largest gain.
    more = [] if gain == GAINS[-1] else ["--gain", f"{gain:g}"]
    return shlex.join([*start, "--detect", about, *more])


def claim_rows(answer: Answer) -> Iterator[dict[str, Any]]:
    """Numbers of every claim about every method, as in a CSV."""
    for method, claims in answer.claims.items():
        for claim in claims:
            found = asdict(claim)
            each = {"power": found.pop("powers"), "ecgs": found.pop("ecgs")}
            found["contradicted"] = " ".join(claim.contradicted)
            planned = {
                f"{name}_{gain:g}": one
                for name, values in each.items()
                for gain, one in zip(GAINS, values, strict=True)
            }
            yield {"method": method, **found, **planned}


def claim_cells(answer: Answer) -> Iterator[tuple[str, ...]]:
    """Cells of every claim about every method, in the order of HEADS."""
    for method, claims in answer.claims.items():
        for claim in claims:
            share = percent(claim.share) or NOTHING
            ends = f"{percent(claim.low)} to {percent(claim.high)}"
            yield (
                method,
                CLAIMS[claim.about].format(target=target_words(answer.target)),
                claim.verdict,
                _null(claim.null, answer) + (f", {rules_words(claim.by)}" if claim.by else ""),
                share,
                ends if isfinite(claim.low) else NOTHING,
                *(fixed(each, 2) for each in claim.powers),
                *map(_number, claim.ecgs),
                _besides(claim, answer),
            )


def _besides(claim: Claim, answer: Answer) -> str:
    """Sentences on a null that does as well, protocols that contradict, and an excluded gain."""
    said = []
    if claim.as_well:
        alike = _null(claim.as_well, answer)
        said.append(f"{alike[:1].upper()}{alike[1:]} does as well, within {percent(AS_WELL)}.")
    if claim.contradicted:
        nulls = joined([_null(each, answer) for each in claim.contradicted])
        said.append(f"Protocols contradict each other on {nulls}.")
    if claim.verdict == "not shown" and claim.most < GAINS[-1]:
        said.append(f"At most {percent(claim.most)} gain." if claim.most > 0 else "No gain.")
    return " ".join(said)


def _null(name: str, answer: Answer) -> str:
    known = {**RUNGS, **OTHERS, **NULL_MAPS}
    return known.get(name, name).format(target=target_words(answer.target)).removesuffix(",")


def _number(ecgs: float) -> str:
    if isnan(ecgs):
        return NOTHING
    return f"{ecgs:.0f}" if isfinite(ecgs) else f"more than {MOST_ECGS}"
