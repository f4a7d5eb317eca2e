"""Tests that a run may lack: how an answer names each, what it finds out, and what runs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...eval import GATES, LADDER_GATE, LINTER_GATE
from ...eval.evaluations.sanity import COPY_OF_X, ONE_MAP

WEIGHTS, LABELS = GATES["weights_verdict"], GATES["permuted_verdict"]


@dataclass(frozen=True)
class MissingTest:
    """`does` says what the next run finds out, "" where no run does.

    `gate` is the gate that the test decides, "" where the answer is whole without it; `note` says
    of a test that no command runs who can run it, or why nobody can.
    """

    does: str = ""
    gate: str = ""
    note: str = ""


# The cheapest first.
MISSING = {
    "ladder": MissingTest(
        "Compare each map with one that knows only where the target is measured.",
    ),
    "weights": MissingTest(
        "Test whether each map changes, as it has to, when the network’s weights are redrawn at "
        "random and when a network is trained on permuted labels (one run does both).",
        WEIGHTS,
    ),
    "labels": MissingTest(
        "Train the network on permuted labels that this run lacks (evaluate fits none), and test "
        "whether each map changes with it.",
        LABELS,
    ),
    # The user trained the network, or evaluated it from Python.
    "own labels": MissingTest(
        gate=LABELS,
        note="Such a network is yours to train: it is `permuted` of ecglens.evaluate.",
    ),
    # The network is a program or a function.
    "no weights": MissingTest(
        gate=WEIGHTS, note="The network has no weights that can be redrawn or trained."
    ),
    "no labels": MissingTest(gate=LABELS),
    "ecgs": MissingTest("Decide with more ECGs what is not decided with these."),
    "networks": MissingTest(
        "Train four more networks: a map that passes on one network may fail on the next.",
    ),
    "own networks": MissingTest(),  # no command trains the user's network again
    "region": MissingTest(),  # no command gives a target a region
}
# When a map has to change.
CHANGES = {
    WEIGHTS: "when the network’s weights are redrawn at random",
    LABELS: "when a network is trained on permuted labels",
}
COPIES = (COPY_OF_X, ONE_MAP)  # fail, whatever they keep
# What a map does that fails a gate.
FAULTS = {
    LINTER_GATE: "its method is not computed rightly here",
    LADDER_GATE: "its map was not above one that it has to be above",
    **{gate: f"it keeps more of itself than the limit {when}" for gate, when in CHANGES.items()},
}


def not_tested(untested: Sequence[str], undecided: Sequence[str]) -> str:
    """Sentences on the tests that are missing, and on the gates that are not decided; may be ""."""
    missing = [MISSING[name] for name in MISSING if name in untested]
    said = [
        f"{start}: whether {_asked(gates)}."
        for start, gates in (
            ("Not tested", [test.gate for test in missing if test.gate]),
            ("Not decided with these ECGs", undecided),
        )
        if gates
    ]
    # Where redrawn weights are missing too, one run makes both.
    notes = [] if "weights" in untested else [test.note for test in missing if test.note]
    return " ".join(said + notes)


def _asked(gates: Sequence[str]) -> str:
    """What these gates ask of a map."""
    changes = " and ".join(CHANGES[gate] for gate in gates if gate in CHANGES)
    others = [f"it {gate}" for gate in gates if gate not in CHANGES]
    return ", and whether ".join(others + ([f"the map changes {changes}"] if changes else []))


def failed(whys: Mapping[str, str]) -> str:
    """A sentence on the gates that a map failed, from what decided each."""
    # A copy fails both gates of what was learned, for one reason.
    said = list(dict.fromkeys(_fault(gate, why) for gate, why in whys.items()))
    return f"It failed {'a test' if len(said) == 1 else 'tests'}: {', and '.join(said)}."


def _fault(gate: str, why: str) -> str:
    if why in COPIES:
        return f"it is {why}"
    return why if why and gate == LADDER_GATE else FAULTS[gate]


def next_test(untested: Sequence[str]) -> str:
    """Name of the cheapest missing test that a run makes; "" for none."""
    found = (name for name, test in MISSING.items() if name in untested and test.does)
    return next(found, "")
