"""Answer for each method: use, not shown or do not use, why, and the next command.

The rule, in this order:

1. A method that fails a gate is "do not use", whatever its level.
2. A method with a gate that was not tried or cannot be said is "not shown".
3. A method below `NEEDED` (`LEVELS[0]` for a target without a region) is "not shown": a map that
   knows only the ECG, or only where the target lies, was not ruled out.
4. Every other method is "use", for what its level says and no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ...eval import LADDER_LEVELS, PASSED, Overall
from .missing import MISSING, failed, next_test, not_tested

Use = Literal["use", "not shown", "do not use"]
USES: tuple[Use, ...] = get_args(Use)
LEVELS = tuple(level.name for level in LADDER_LEVELS)  # of the null ladder, lowest first
NEEDED = LEVELS[1]
FAILED, UNDECIDED = "do not use", "not decided"
ONE_NETWORK = {"networks", "own networks"}  # of MISSING, where there is one network
# Told apart by shape as well as by word and colour: a use, and the verdict of all gates.
SIGNS = {
    **dict(zip(USES, "●◐✕", strict=True)),
    **dict(zip((PASSED, UNDECIDED, FAILED), "●◐✕", strict=True)),
}


@dataclass(frozen=True)
class AnswerWords:
    """Answer and its reason in sentences.

    `lacks` says which tests are missing or not decided, `test` and `command` are the next test
    (from MISSING) and what runs it; each is "" for none.
    """

    use: Use
    reason: str
    lacks: str = ""
    test: str = ""
    command: str = ""


def answer_words(
    level: str | None,
    gate: str,
    untested: Sequence[str] = (),
    commands: Mapping[str, str] | None = None,
    verdicts: Mapping[str, str] | None = None,
    whys: Mapping[str, str] | None = None,
) -> AnswerWords:
    """Answer for one method.

    `level` is the highest of LEVELS it reached, None for none of them. `gate` is its verdict
    in `eval.gates`, `verdicts` that of each gate by its name there. `untested` names what was not
    tested, from MISSING ("ecgs" of a failed method: more ECGs may change that), `commands` are
    those of its tests. `whys` says what decided a gate, by its name. Raises ValueError for other
    names.
    """
    _check(level, gate, untested)
    known = verdicts or {}
    if gate == FAILED:
        failing = [name for name, verdict in known.items() if verdict == "fails"]
        fails = {name: (whys or {}).get(name, "") for name in failing}
        test = "ecgs" if "ecgs" in untested else ""  # nothing else can change the answer
        reason = failed(fails) if fails else "It failed a test."
        return AnswerWords("do not use", reason, test=test, command=(commands or {}).get(test, ""))
    test = next_test(untested)
    command = (commands or {}).get(test, "")
    undecided = [name for name, verdict in known.items() if verdict == "cannot be said"]
    lacks = not_tested(untested, undecided)
    if level is None:
        why = "It was not shown to find places that the network is sensitive to."
    elif level == LEVELS[0] and "region" not in untested:
        why = f"It finds places that the network is sensitive to, but {_unseen(untested)}."
    elif gate == UNDECIDED:
        why = f"It reached “{level}”. {lacks}".rstrip()
    else:
        return AnswerWords("use", _for_what(level, untested), lacks, test, command)
    return AnswerWords("not shown", why, lacks, test, command)


def _check(level: str | None, gate: str, untested: Sequence[str]) -> None:
    known = {"level": LEVELS, "gate": get_args(Overall), "untested": tuple(MISSING)}
    given = {"level": () if level is None else (level,), "gate": (gate,), "untested": untested}
    for name, values in given.items():
        if wrong := [value for value in values if value not in known[name]]:
            raise ValueError(f"expected {name} from {', '.join(known[name])}, got {wrong}")


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
    return f"{claim}, on one network." if ONE_NETWORK & {*untested} else f"{claim}."
