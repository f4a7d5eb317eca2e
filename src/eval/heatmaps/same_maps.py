"""Methods whose maps are the same on a network, so that they are one method under two names."""

from collections.abc import Collection, Mapping

import numpy as np
from jaxtyping import Float

# Largest difference between maps that differ by rounding alone, as a share of an ECG's largest
# value: 1e-7 per operation in float32, through a deep network.
ROUNDING = 1e-4


def same_maps(
    maps: Mapping[str, Float[np.ndarray, "ecg lead time"]], controls: Collection[str] = ()
) -> tuple[str, ...]:
    """A note for each group of methods whose maps are equal, to rounding, in every ECG.

    A group of `controls` alone is none.
    """
    groups: list[list[str]] = []
    for name, each in maps.items():
        group = next((one for one in groups if _equal(maps[one[0]], each)), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return tuple(
        f"{', '.join(group[:-1])} and {group[-1]} give the same maps on this network, to rounding: "
        "they are one method here, not several that agree"
        for group in groups
        if len(group) > 1 and not {*group} <= {*controls}
    )


def _equal(
    one: Float[np.ndarray, "ecg lead time"], other: Float[np.ndarray, "ecg lead time"]
) -> bool:
    largest = np.maximum(abs(one), abs(other)).max((1, 2))
    return bool((abs(one - other).max((1, 2)) <= ROUNDING * largest).all())
