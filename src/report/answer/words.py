"""Answer for each method: use, not shown or do not use, why, and the next command.

The rule, in this order:

1. A method that fails a gate is "do not use", whatever its level.
2. A method with a gate that was not tried or cannot be said is "not shown".
3. A method below `NEEDED` (`LEVELS[0]` for a target without a region) is "not shown": a map that
   knows only the ECG, or only where the target lies, was not ruled out.
4. Every other method is "use", for what its level says and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ...eval import LADDER_LEVELS, PASSED, Overall

Use = Literal["use", "not shown", "do not use"]
USES: tuple[Use, ...] = get_args(Use)
LEVELS = tuple(level.name for level in LADDER_LEVELS)  # of the null ladder, lowest first
NEEDED = LEVELS[1]
FAILED, UNDECIDED = "do not show", "not tested enough"
# Told apart by shape as well as by word and colour: a use, and the verdict of all gates.
SIGNS = {
    **dict(zip(USES, "●◐✕", strict=True)),
    **dict(zip((PASSED, UNDECIDED, FAILED), "●◐✕", strict=True)),
}
# What may be untested, the cheapest first, and the settings that test it. No command gives a target
# a region.
SETTINGS = {
    "ladder": "evaluation=perturbation",  # evaluates the null ladder by default
    "weights": "evaluation=[perturbation,weights]",
    "labels": "evaluation=[perturbation,weights]",
    "ecgs": "ecgs=160",  # intervals 0.63 times as wide as with 64, the default
    "networks": "'seed=[0,1,2,3,4]'",
    "region": "",
}


@dataclass(frozen=True)
class AnswerWords:
    """Answer, its reason as a sentence, and the command to run next ("" for none)."""

    use: Use
    reason: str
    command: str


def answer_words(
    level: str | None,
    gate: str,
    untested: Sequence[str] = (),
    run: str = "python train.py",
    failed: Sequence[str] = (),
) -> AnswerWords:
    """Answer for one method.

    `level` is the highest of LEVELS it reached, None for none of them. `gate` is its verdict
    in `eval.gates`. `untested` names what was not tested, from SETTINGS. `run` is the command
    that the next settings are added to, "" for none, and `failed` names
    the gates that failed. Raises ValueError for other names.
    """
    _check(level, gate, untested)
    if gate == FAILED:
        which = ", ".join(f"“{name}”" for name in failed) or "a test"
        return AnswerWords("do not use", f"It failed {which}.", "")
    command = _next(untested, run)
    if level is None:
        why = "It was not shown to find places that the network is sensitive to."
    elif level == LEVELS[0] and "region" not in untested:
        why = f"It finds places that the network is sensitive to, but {_unseen(untested)}."
    elif gate == UNDECIDED:
        why = f"It reached “{level}”, but a test was not run or is not decided."
    else:
        return AnswerWords("use", _for_what(level, untested), command)
    return AnswerWords("not shown", why, command)


def _check(level: str | None, gate: str, untested: Sequence[str]) -> None:
    known = {"level": LEVELS, "gate": get_args(Overall), "untested": tuple(SETTINGS)}
    given = {"level": () if level is None else (level,), "gate": (gate,), "untested": untested}
    for name, values in given.items():
        if wrong := [value for value in values if value not in known[name]]:
            raise ValueError(f"expected {name} from {', '.join(known[name])}, got {wrong}")


def _next(untested: Sequence[str], run: str) -> str:
    """Command for the cheapest test that was not run."""
    found = (settings for name, settings in SETTINGS.items() if name in untested and settings)
    settings = next(found, "")
    return f"{run} {settings}" if run and settings else ""


def _unseen(untested: Sequence[str]) -> str:
    if "ladder" in untested:
        return "was not compared with maps that know where the target lies"
    return "was not shown to say more than where the target lies"


def _for_what(level: str, untested: Sequence[str]) -> str:
    """What a map that passed may be used for, and for what it may not."""
    if level == LEVELS[-1]:
        claim = (
            "It passed these tests on these data and says more about an ECG than other patients’ "
            "maps do"
        )
    elif level == LEVELS[0]:
        claim = (
            "It passed these tests on these data as a map of sensitive places; the target has no "
            "region to compare with, and the map was not shown to be about this ECG"
        )
    else:
        claim = (
            "It passed these tests on these data as a map of what the network reacts to; it was "
            "not shown to be about this ECG"
        )
    return f"{claim}, on one network." if "networks" in untested else f"{claim}."
