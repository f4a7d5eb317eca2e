"""Whether two protocols order the methods of the same networks alike."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from ..curves import Curves
from ..finding import Finding
from ..statistics.agreement import Agreement, agreement
from .aucs import areas, errors
from .networks import Ranked, side_by_side
from .outcome import usable


def agree(one: Ranked, other: Ranked) -> Agreement:
    """Kendall's τ-b between the methods' mean AUCs by two protocols, of one network or several.

    Of the methods and ECGs that both can judge; the interval speaks of other patients, of these
    methods and networks. Raises ValueError for other networks or ECGs, and for fewer than 2
    methods or patients in common.
    """
    first, second = side_by_side(one), side_by_side(other)
    a, b = first[0], second[0]
    if (a.records, a.patients) != (b.records, b.patients) or _keys(one) != _keys(other):
        raise ValueError("expected two protocols on the same networks and ECGs, got different ones")
    keep = usable(a) & usable(b)
    names = [name for name in a.methods if name in b.methods]
    patients = [patient for patient, kept in zip(a.patients, keep, strict=True) if kept]
    return agreement(
        _aucs(first, names, keep), _aucs(second, names, keep), patients, min(a.seed, b.seed)
    )


def _keys(ranked: Ranked) -> set[str]:
    return {*ranked.about.networks} if isinstance(ranked, Finding) else set()


def _aucs(
    each: Sequence[Curves], names: Sequence[str], keep: Bool[np.ndarray, " ecg"]
) -> Float[np.ndarray, "method kept"]:
    """AUCs of these methods on these ECGs, means over draws and networks."""
    scores = each[0]
    found = areas(errors(each), scores.protocol.until).mean(1)
    return found[[scores.methods.index(name) for name in names]][:, keep[usable(scores)]]
