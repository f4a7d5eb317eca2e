"""The experiment of each claim, by its name."""

from collections.abc import Callable, Mapping

from ecglens.store import Store

from . import maps, removal
from .removal import Numbers
from .rules import Claim

# Numbers of one network by part; their mean is the network's.
EXPERIMENTS: Mapping[str, Callable[[Claim, int, Store], Numbers]] = {
    each.__name__: each
    for each in (
        removal.control_true,
        removal.control_false,
        removal.song2023,
        removal.timing2025,
        removal.baer2025,
        removal.f_fidelity2025,
        maps.haufe2024,
        removal.hooker2019,
        maps.adebayo2018,
        maps.erts2026,
        maps.convergence,
        maps.qtcnet2025,
    )
}
