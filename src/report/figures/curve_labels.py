"""Which curves have their name beside them, and at what height."""

from collections.abc import Collection, Mapping

import numpy as np

ALL = 12  # curves that can all be named: nine methods and three controls (Storås 2025)
BEST = 5  # of more than that these are named wherever they end


def named(
    area: Mapping[str, float],
    ends: Mapping[str, float],
    controls: Collection[str],
    least: float,
) -> list[str]:
    """All names of a few curves; of many those of the best, the controls, and those apart.

    Apart is a curve that ends at least `least` from the end of every curve with a name.
    """
    if len(area) <= ALL:
        return list(area)
    order = sorted((name for name in area if name not in controls), key=lambda name: -area[name])
    labelled = [*order[:BEST], *(name for name in area if name in controls)]
    for name in order[BEST:]:
        if all(abs(ends[name] - ends[other]) >= least for other in labelled):
            labelled.append(name)
    return labelled


def apart(ends: Mapping[str, float], least: float, within: tuple[float, float]) -> dict[str, float]:
    """Heights for the names: in the order of the curves' ends, at least `least` apart, and inside.

    Where there is no room for so many they keep their distance, from the lower end on.
    """
    names = sorted(ends, key=lambda name: ends[name])
    wanted = np.array([ends[name] for name in names])
    # Labels that would overlap form a block that is centred on its curves' mean; blocks that
    # meet are joined (pool adjacent violators).
    steps = np.arange(len(names)) * least
    blocks: list[tuple[float, int]] = []
    for value in wanted - steps:
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, n), (b, m) = blocks[-2], blocks[-1]
            blocks[-2:] = [((a * n + b * m) / (n + m), n + m)]
    heights = np.concatenate([np.full(count, value) for value, count in blocks]) + steps
    low, high = within
    heights = np.maximum(np.minimum(heights, high - steps[::-1]), low + steps)
    return dict(zip(names, heights.tolist(), strict=True))
