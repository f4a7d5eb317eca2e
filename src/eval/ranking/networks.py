"""The scores of several networks on the same ECGs, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..curves import Result, Scores


def side_by_side(outcomes: Sequence[Scores | Result]) -> tuple[Scores, ...]:
    """The scores of each network, with the methods that all of them have.

    Networks may differ in their noise seed. A method that was left out for one of them is left
    out. Raises ValueError for none, for one network twice, when they differ in protocol, records,
    patients, true values or controls, and when the control random is missing.
    """
    keys = [each.network for each in outcomes if isinstance(each, Result)]
    if len({*keys}) < len(keys):
        raise ValueError("expected results of different networks, got one of them twice")
    given = [each.scores if isinstance(each, Result) else each for each in outcomes]
    if not given:
        raise ValueError("expected the scores of at least one network to rank, got none")
    first = given[0]
    if "random" not in first.controls:
        raise ValueError(f"expected the control random, got {', '.join(first.curves) or 'nothing'}")
    for other in given[1:]:
        wanted, found = asked(first), asked(other)
        if differing := [what for what in wanted if found[what] != wanted[what]]:
            raise ValueError(
                "expected scores of networks under the same question, got different "
                + " and ".join(differing)
            )
    names = [name for name in first.curves if all(name in each.curves for each in given)]
    left_out = {name: why for each in given for name, why in each.left_out.items()}
    return tuple(
        replace(each, curves={name: each.curves[name] for name in names}, left_out=left_out)
        for each in given
    )


def asked(scores: Scores) -> Mapping[str, object]:
    """What must be equal for networks to be compared."""
    return {
        "protocols": scores.protocol,
        "records": scores.records,
        "patients": scores.patients,
        "true values": scores.y.tobytes(),
        "controls": scores.controls,
    }
