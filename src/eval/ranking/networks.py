"""The curves of several networks on the same ECGs, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..curves import Curves
from ..finding import Finding

# What can be ranked: the curves of one network, of several, or those of a finding.
Ranked = Curves | Sequence[Curves] | Finding


def curves_of(ranked: Ranked) -> tuple[Curves, ...]:
    """The curves of each network, as they were given."""
    if isinstance(ranked, Finding):
        return ranked.curves
    return (ranked,) if isinstance(ranked, Curves) else tuple(ranked)


def side_by_side(ranked: Ranked) -> tuple[Curves, ...]:
    """The curves of each network, for the methods that all of them have.

    Networks may differ in their noise seed. A method that was left out for one of them is left
    out. Raises ValueError for no curves, when they differ in protocol, records, patients, true
    values or controls, and when the control random is missing.
    """
    given = curves_of(ranked)
    if not given:
        raise ValueError("expected the curves of at least one network to rank, got none")
    first = given[0]
    if "random" not in first.controls:
        names = ", ".join(first.predictions) or "nothing"
        raise ValueError(f"expected the control random, got {names}")
    for other in given[1:]:
        wanted, found = comparable(first), comparable(other)
        if differing := [what for what in wanted if found[what] != wanted[what]]:
            raise ValueError(
                "expected networks under the same evaluation, got different "
                + " and ".join(differing)
            )
    names = [name for name in first.predictions if all(name in each.predictions for each in given)]
    left_out = {name: why for each in given for name, why in each.left_out.items()}
    return tuple(
        replace(
            each, predictions={name: each.predictions[name] for name in names}, left_out=left_out
        )
        for each in given
    )


def comparable(scores: Curves) -> Mapping[str, object]:
    """Facts that must be equal for networks to be compared."""
    return {
        "protocols": scores.protocol,
        "records": scores.records,
        "patients": scores.patients,
        "true values": scores.y.tobytes(),
        "controls": scores.controls,
    }
