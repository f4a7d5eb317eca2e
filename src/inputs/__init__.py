"""ECGs, networks, methods and maps that a user brings, checked before anything is computed."""

from .ecgs import cautions, ecgs_of, gathered, numbers
from .network import methods_and_maps, methods_of, outputs_of, own_network

__all__ = [
    "cautions",
    "ecgs_of",
    "gathered",
    "methods_and_maps",
    "methods_of",
    "numbers",
    "outputs_of",
    "own_network",
]
