"""ECGs, networks, methods and maps that a user brings, checked before anything is computed."""

from .ecgs import cautions, check_whole, ecgs_of, gathered, numbers
from .marks import found_marks
from .network import check_differ, methods_and_maps, methods_of, outputs_of, own_network, own_of

__all__ = [
    "cautions",
    "check_differ",
    "check_whole",
    "ecgs_of",
    "found_marks",
    "gathered",
    "methods_and_maps",
    "methods_of",
    "numbers",
    "outputs_of",
    "own_network",
    "own_of",
]
